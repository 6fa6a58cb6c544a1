"""Skeleton tests stand where tests are kept, resolve, and fail until they are written."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import TEMPLATE, markdown
from agent.answers.places_of_tests import path_of_test
from agent.answers.unit_test import skeleton_tests
from agent.sandbox.reports import Cases, read_junit_xml
from tests.agent.answers.conftest import ground_of
from tests.agent.answers.mill import FILES
from tests.agent.tools.conftest import write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.answers.ground import Ground


def written(ground: Ground, name: str) -> str:
    (edit,) = skeleton_tests(ground, name).edits
    return edit.after
