"""The sample graph in a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.registry import StoreSettings, open_reader, open_writer
from tests.graphdb.queries import sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.store import GraphReader


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphReader]:
    """A reader of the sample in the embedded store."""
    root = tmp_path_factory.mktemp("sample")
    settings = StoreSettings("embedded", "sample", root / ".codexgraph")
    yield from _filled(settings, str(root))


@pytest.fixture(scope="session")
def neo4j_reader(neo4j_settings: StoreSettings) -> Iterator[GraphReader]:
    """A reader of the same sample in Neo4j."""
    yield from _filled(neo4j_settings, "/sample")


def _filled(settings: StoreSettings, root: str) -> Iterator[GraphReader]:
    writer = open_writer(settings)
    try:
        writer.replace(sample.nodes(), sample.edges(), sample.meta(root, settings.repo))
    finally:
        writer.close()
    reader = open_reader(settings)
    yield reader
    reader.close()
