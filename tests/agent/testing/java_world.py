"""Java's tools for tests: fetched once into a cache, skipped where there is no JDK."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
import pytest

from agent.testing.java_tools import JavaToolsError, java_tools

if TYPE_CHECKING:
    from agent.testing.java_tools import JavaTools


def cache() -> Path:
    named = os.environ.get("CODEXGRAPH_TEST_CACHE")
    return Path(named) if named else platformdirs.user_cache_path("codexgraph-tests")


def tools_or_skip() -> JavaTools:
    """In continuous integration nothing is skipped: what is missing there is a failure."""
    try:
        return java_tools(cache())
    except JavaToolsError as error:
        return _unavailable(str(error))


def maven_or_skip() -> None:
    if shutil.which("mvn") is None:
        _unavailable("tests on Maven projects need Maven, 3.8 or newer, on the PATH")


def _unavailable(reason: str) -> JavaTools:
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(reason)
    pytest.skip(reason)
