"""The mill on disk, indexed, and the ground of answers over it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from agent.answers.ground import Ground
from agent.tools.texts import repository_files
from graphdb.registry import StoreSettings
from tests.agent.answers.mill import FILES
from tests.agent.tools.conftest import indexed, retriever_of, write

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def mill(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("mill")
    write(root, FILES)
    return root


@pytest.fixture(scope="session")
def ground(mill: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    yield from ground_of(mill, tmp_path_factory.mktemp("index"))


def ground_of(root: Path, index: Path) -> Generator[Ground]:
    reader = indexed(root, StoreSettings("embedded", root.name, index))
    try:
        yield Ground(reader, partial(retriever_of, reader, root), repository_files(root))
    finally:
        reader.close()
