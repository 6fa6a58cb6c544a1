"""The shop indexed into the embedded store and, for the tests that ask for it, into Neo4j."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.registry import StoreSettings, open_reader
from graphdb.retrieval.corpus_build import build_corpus
from indexer.pipeline import IndexRequest, run_index
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader


class Quiet:
    def phase(self, name: str, total: int | None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        pass


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        target = root / path
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    return root


def indexed(shop: Path, settings: StoreSettings) -> Iterator[GraphReader]:
    run_index(IndexRequest(shop, settings, jobs=1, full=True), Quiet())
    reader = open_reader(settings)
    yield reader
    reader.close()


@pytest.fixture(scope="session")
def reader(shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphReader]:
    settings = StoreSettings("embedded", "shop", tmp_path_factory.mktemp("index"))
    yield from indexed(shop, settings)


@pytest.fixture(scope="session")
def neo4j_reader(shop: Path, neo4j_settings: StoreSettings) -> Iterator[GraphReader]:
    yield from indexed(shop, neo4j_settings)


@pytest.fixture(scope="session")
def corpus(reader: GraphReader) -> Corpus:
    return build_corpus(reader, lambda path: FILES[path].encode())
