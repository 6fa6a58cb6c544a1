"""The stores that the contract suite runs on, and what each test starts from."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.registry import StoreSettings, open_reader, open_writer
from tests.fixtures import graphs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphdb.delta import Edge, Node
    from graphdb.store import GraphReader, GraphWriter

STORES = ["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)]


def settings_of(
    store: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> StoreSettings:
    if store == "neo4j":
        return request.getfixturevalue("neo4j_settings")
    return StoreSettings(kind="embedded", repo="shop", index_dir=tmp_path_factory.mktemp("index"))


@pytest.fixture(params=STORES)
def store_settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> StoreSettings:
    """A store that a test may write."""
    return settings_of(request.param, request, tmp_path_factory)


@pytest.fixture(scope="module", params=STORES)
def shop(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphReader]:
    """A reader of the shop's graph; tests that use it must not write."""
    settings = settings_of(request.param, request, tmp_path_factory)
    load(settings, graphs.NODES, graphs.EDGES)
    reader = open_reader(settings)
    yield reader
    reader.close()


@pytest.fixture
def writer(store_settings: StoreSettings) -> Iterator[GraphWriter]:
    """A writer of a store that holds the shop's graph."""
    load(store_settings, graphs.NODES, graphs.EDGES)
    opened = open_writer(store_settings)
    yield opened
    opened.close()


@pytest.fixture
def other_settings(store_settings: StoreSettings) -> Iterator[Callable[[str], StoreSettings]]:
    """Settings of further repositories in the same store, emptied when the test is over."""
    made: list[StoreSettings] = []

    def make(name: str) -> StoreSettings:
        index_dir = store_settings.index_dir.with_name(f"{store_settings.index_dir.name}-{name}")
        settings = replace(
            store_settings, repo=f"{store_settings.repo}-{name}", index_dir=index_dir
        )
        made.append(settings)
        return settings

    yield make
    for settings in made:
        load(settings, (), ())


def load(
    settings: StoreSettings,
    nodes: tuple[Node, ...],
    edges: tuple[Edge, ...],
    generation: str = "1",
) -> None:
    """Replace a repository's graph."""
    opened = open_writer(settings)
    try:
        opened.replace(nodes, edges, graphs.meta(settings.repo, generation))
    finally:
        opened.close()


def content(reader: GraphReader) -> list[str]:
    """All code nodes and edges of the reader's repository, in an order of their own."""
    nodes = reader.query("MATCH (n {repo: $repo}) WHERE n.uid IS NOT NULL RETURN n", max_rows=None)
    edges = reader.query("MATCH (a {repo: $repo})-[r]->(b) RETURN a.uid, b.uid, r", max_rows=None)
    return bag([*nodes.rows, *edges.rows])


def bag(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows without their order, for comparison."""
    return sorted(json.dumps(row, sort_keys=True, ensure_ascii=False) for row in rows)
