"""A small indexed repository in two languages, and what the checks look at it with."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codexgraph.wiring_analysis import GraphAnalyst
from graphdb.registry import StoreSettings, open_reader
from indexer.overlay import Overlay
from indexer.pipeline import IndexRequest, run_index
from tests.indexer.indexes import SILENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.store import GraphReader

FIXTURES = Path(__file__).parents[2] / "fixtures" / "overlay"


@dataclass(frozen=True)
class Shop:
    """The repository of the overlay's fixtures with its graph."""

    root: Path
    reader: GraphReader
    analyst: GraphAnalyst

    def text(self, path: str) -> str:
        """A file as it was indexed."""
        return (self.root / path).read_text()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    root = folder / "repository"
    for language in ("python", "java"):
        shutil.copytree(FIXTURES / language, root, dirs_exist_ok=True)
    settings = StoreSettings("embedded", "shop", folder / "index")
    request = IndexRequest(root, settings, jobs=1, full=False)
    run_index(request, SILENT)
    reader = open_reader(settings)
    yield Shop(root, reader, GraphAnalyst(Overlay(request), reader))
    reader.close()
