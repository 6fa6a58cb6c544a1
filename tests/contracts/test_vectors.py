"""What a store promises of vectors: exact, of present texts only, and in no other answer."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from math import cos, sin
from typing import TYPE_CHECKING

import pytest

from graphdb.delta import GraphDelta, Node, NodeRef, NodeVector
from graphdb.errors import StoreError
from graphdb.registry import open_reader, open_writer
from graphdb.schema import NodeKind
from tests.contracts.conftest import content, load
from tests.fixtures import graphs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader, GraphWriter


def hashed(node: Node, text: str = "1") -> Node:
    return replace(node, properties={**node.properties, "content_hash": text})


NODES = tuple(
    hashed(node) if node in (graphs.ITEM, graphs.CHECKOUT, graphs.ITEM_PRICE) else node
    for node in graphs.NODES
)
ITEM, CHECKOUT, PRICE = (
    NodeRef(node.uid, node.kind) for node in (graphs.ITEM, graphs.CHECKOUT, graphs.ITEM_PRICE)
)
VECTORS = [
    NodeVector(ITEM, [1.0, 0.0, 0.0]),
    NodeVector(CHECKOUT, [0.0, 2.0, 0.0]),
    NodeVector(PRICE, [3.0, 3.0, 0.0]),
]


@pytest.fixture
def writer(store_settings: StoreSettings) -> Iterator[GraphWriter]:
    load(store_settings, NODES, graphs.EDGES)
    opened = open_writer(store_settings)
    yield opened
    opened.close()


@pytest.fixture
def reader(writer: GraphWriter, store_settings: StoreSettings) -> Iterator[GraphReader]:
    opened = open_reader(store_settings)
    yield opened
    opened.close()


def found(reader: GraphReader, vector: list[float], *kinds: NodeKind, limit: int = 20) -> list[str]:
    return [hit.uid for hit in reader.search_vector(vector, kinds, limit)]


def test_a_graph_without_vectors_finds_nothing(reader: GraphReader) -> None:
    assert reader.search_vector([1.0, 0.0]) == []


def test_the_nodes_of_the_largest_cosines_come_first(
    writer: GraphWriter, reader: GraphReader
) -> None:
    assert writer.lacking_vectors() == sorted((ITEM, CHECKOUT, PRICE), key=lambda node: node.uid)
    writer.set_vectors(VECTORS)
    assert writer.lacking_vectors() == []
    hits = reader.search_vector([1.0, 0.1, 0.0])
    assert [hit.uid for hit in hits] == [ITEM.uid, PRICE.uid, CHECKOUT.uid]
    assert [hit.score for hit in hits] == pytest.approx([0.99504, 0.77396, 0.09950], abs=1e-4)
    assert found(reader, [1.0, 0.1, 0.0], limit=1) == [ITEM.uid]
    assert found(reader, [1.0, 0.1, 0.0], limit=0) == []
    kinds = (NodeKind.METHOD, NodeKind.FUNCTION, NodeKind.FIELD)
    assert found(reader, [1.0, 0.1, 0.0], *kinds) == [PRICE.uid, CHECKOUT.uid]
    assert found(reader, [1.0, 0.1, 0.0], NodeKind.FIELD) == []


def test_equals_are_in_order_of_their_uids(writer: GraphWriter, reader: GraphReader) -> None:
    writer.set_vectors([NodeVector(node, [1.0, 1.0]) for node in (PRICE, CHECKOUT, ITEM)])
    assert found(reader, [1.0, 1.0]) == sorted(node.uid for node in (PRICE, CHECKOUT, ITEM))


def test_a_vector_of_zeros_is_like_nothing(writer: GraphWriter, reader: GraphReader) -> None:
    writer.set_vectors([*VECTORS[:2], NodeVector(PRICE, [0.0, 0.0, 0.0])])
    hits = reader.search_vector([1.0, 0.1, 0.0])
    assert [hit.uid for hit in hits if hit.score > 0] == [ITEM.uid, CHECKOUT.uid]
    assert not [hit for hit in reader.search_vector([0.0, 0.0, 0.0]) if hit.score > 0]


def test_vectors_survive_a_new_process(
    store_settings: StoreSettings, writer: GraphWriter, reader: GraphReader
) -> None:
    writer.set_vectors(VECTORS[:1])
    writer.close()
    later = open_writer(store_settings)
    try:
        assert ITEM not in later.lacking_vectors()
        later.set_vectors(VECTORS[1:])
    finally:
        later.close()
    assert set(found(reader, [1.0, 0.0, 0.0])) == {ITEM.uid, CHECKOUT.uid, PRICE.uid}


def test_a_vector_can_be_set_again(writer: GraphWriter, reader: GraphReader) -> None:
    writer.set_vectors(VECTORS)
    writer.set_vectors([NodeVector(CHECKOUT, [1.0, 0.0, 0.0]), NodeVector(ITEM, [0.0, 0.0, 1.0])])
    assert found(reader, [1.0, 0.0, 0.0])[0] == CHECKOUT.uid


def test_a_change_drops_the_vectors_of_what_it_changes_only(
    writer: GraphWriter, reader: GraphReader
) -> None:
    writer.set_vectors(VECTORS)
    delta = GraphDelta(nodes=(hashed(graphs.ITEM, "2"),), removed_nodes=(CHECKOUT,))
    writer.apply(delta, graphs.meta(writer.repo, "2"))
    assert found(reader, [1.0, 1.0, 1.0]) == [PRICE.uid]
    assert writer.lacking_vectors() == [ITEM]
    writer.set_vectors(VECTORS[:1])
    assert set(found(reader, [1.0, 1.0, 1.0])) == {PRICE.uid, ITEM.uid}


def test_every_node_keeps_its_own_vector_through_many_runs(store_settings: StoreSettings) -> None:
    load(store_settings, NODES, graphs.EDGES)
    reader = open_reader(store_settings)
    made = [
        hashed(graphs.node(NodeKind.FUNCTION, graphs.VIEWS, f"made_{number}"))
        for number in range(10)
    ]
    alive: dict[str, list[float]] = {}
    # What each run adds, and what it takes away.
    for turn, (added, gone) in enumerate([((0, 6), ()), ((6, 7), (3, 4)), ((7, 10), (0,))]):
        nodes = made[slice(*added)]
        removed = tuple(NodeRef(made[number].uid, NodeKind.FUNCTION) for number in gone)
        writer = open_writer(store_settings)
        meta = graphs.meta(writer.repo, f"turn {turn}")
        writer.apply(GraphDelta(nodes=tuple(nodes), removed_nodes=removed), meta)
        vectors = {
            node.uid: [cos(made.index(node) / 9), sin(made.index(node) / 9)] for node in nodes
        }
        writer.set_vectors(
            [NodeVector(NodeRef(uid, NodeKind.FUNCTION), vector) for uid, vector in vectors.items()]
        )
        writer.close()
        alive = {
            uid: vector
            for uid, vector in (alive | vectors).items()
            if uid not in {node.uid for node in removed}
        }
        for uid, vector in alive.items():
            hits = reader.search_vector(vector)
            assert (hits[0].uid, len(hits)) == (uid, len(alive))
            assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    reader.close()


def test_a_new_graph_has_no_vectors(writer: GraphWriter, reader: GraphReader) -> None:
    writer.set_vectors(VECTORS)
    writer.replace(NODES, graphs.EDGES, graphs.meta(writer.repo, "2"))
    assert reader.search_vector([1.0, 0.0, 0.0]) == []
    assert len(writer.lacking_vectors()) == 3
    writer.set_vectors([NodeVector(ITEM, [1.0])])
    assert found(reader, [1.0]) == [ITEM.uid]


def test_another_length_is_refused(writer: GraphWriter, reader: GraphReader) -> None:
    with pytest.raises(StoreError, match=r"length|numbers"):
        writer.set_vectors([NodeVector(ITEM, [1.0]), NodeVector(PRICE, [1.0, 2.0])])
    assert reader.search_vector([1.0]) == []
    writer.set_vectors(VECTORS)
    with pytest.raises(StoreError, match=r"3 numbers, not of 2: codexgraph index --full"):
        reader.search_vector([1.0, 0.0])
    with pytest.raises(StoreError, match=r"3 numbers, not of 2: codexgraph index --full"):
        writer.set_vectors([NodeVector(ITEM, [1.0, 0.0])])
    assert found(reader, [1.0, 0.0, 0.0])[0] == ITEM.uid


@pytest.mark.parametrize(
    "node",
    [
        NodeRef("nobody", NodeKind.CLASS),
        NodeRef(graphs.SHELF.uid, NodeKind.CLASS),
        NodeRef(graphs.RATE.uid, NodeKind.GLOBAL_VARIABLE),
    ],
    ids=["not there", "no text", "another kind"],
)
def test_only_nodes_with_a_text_have_a_vector(
    writer: GraphWriter, reader: GraphReader, node: NodeRef
) -> None:
    with pytest.raises(StoreError, match="no vector"):
        writer.set_vectors([VECTORS[0], NodeVector(node, [1.0, 0.0, 0.0])])
    assert reader.search_vector([1.0, 0.0, 0.0]) == []


def test_no_answer_shows_a_vector(writer: GraphWriter, reader: GraphReader) -> None:
    texts = (
        "MATCH (n:CLASS) WHERE n.repo = $repo RETURN properties(n) AS p ORDER BY n.uid",
        "MATCH (n:CLASS)-[:HAS_METHOD]->(m) WHERE n.repo = $repo RETURN n {.*}, m, [n, m] AS both "
        "ORDER BY n.uid, m.uid",
        "MATCH p = (n:CLASS)-[:HAS_METHOD]->(m) WHERE n.repo = $repo RETURN p ORDER BY m.uid",
    )
    before = [content(reader), *(reader.query(text).rows for text in texts)]
    counts = reader.counts()
    writer.set_vectors(VECTORS)
    assert [content(reader), *(reader.query(text).rows for text in texts)] == before
    assert reader.counts() == counts


def test_threads_share_a_reader(writer: GraphWriter, reader: GraphReader) -> None:
    writer.set_vectors(VECTORS)
    with ThreadPoolExecutor(8) as pool:
        every = list(pool.map(lambda _: found(reader, [1.0, 0.1, 0.0]), range(64)))
    assert every == [[ITEM.uid, PRICE.uid, CHECKOUT.uid]] * 64


def test_repositories_do_not_share_vectors(
    writer: GraphWriter,
    reader: GraphReader,
    other_settings: Callable[[str], StoreSettings],
) -> None:
    settings = other_settings("vectors")
    load(settings, NODES, graphs.EDGES)
    other = open_writer(settings)
    try:
        other.set_vectors([NodeVector(PRICE, [1.0, 0.0])])
        writer.set_vectors(VECTORS[:1])
        assert PRICE not in other.lacking_vectors()
        assert PRICE in writer.lacking_vectors()
    finally:
        other.close()
    assert found(reader, [1.0, 0.0, 0.0]) == [ITEM.uid]
