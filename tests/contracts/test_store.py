"""What a reader and a writer promise, on every store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.delta import EdgeGroups, GraphCounts, GraphDelta, Node, NodeRef, edge_groups
from graphdb.errors import (
    IndexLockedError,
    NoIndexError,
    StoreError,
)
from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.schema import SCHEMA_VERSION, EdgeKind, NodeKind
from graphdb.store import GraphReader, GraphWriter
from tests.contracts.conftest import content, load
from tests.fixtures import graphs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphdb.delta import Edge


def test_reader_and_writer_are_what_the_protocols_say(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    reader = open_reader(store_settings)
    assert isinstance(reader, GraphReader)
    assert isinstance(writer, GraphWriter)
    assert (reader.repo, writer.repo) == (store_settings.repo, store_settings.repo)
    reader.close()


def test_meta_round_trip(writer: GraphWriter) -> None:
    written = graphs.meta(writer.repo, "älter-1", commit=None, branch="fix/😀", files=7)
    writer.replace(graphs.NODES, graphs.EDGES, written)
    assert writer.meta() == written


def test_what_is_forgotten_is_still_stored(writer: GraphWriter) -> None:
    before = writer.counts()
    writer.forget()
    assert writer.meta() == graphs.meta(writer.repo)
    assert writer.counts() == before
    writer.forget()
    writer.apply(GraphDelta(), graphs.meta(writer.repo, "2"))
    assert writer.counts() == before


def test_reader_sees_what_was_written(store_settings: StoreSettings, writer: GraphWriter) -> None:
    reader = open_reader(store_settings)
    assert reader.meta() == graphs.meta(writer.repo)
    assert reader.counts() == writer.counts()
    later = graphs.meta(writer.repo, "2", commit="beef")
    writer.apply(GraphDelta(), later)
    assert reader.meta() == later
    reader.close()
    reader.close()


def test_nothing_indexed(
    tmp_path_factory: pytest.TempPathFactory, store_settings: StoreSettings
) -> None:
    unknown = replace(store_settings, repo="nobody", index_dir=tmp_path_factory.mktemp("none"))
    with pytest.raises(NoIndexError, match="codexgraph index"):
        open_reader(unknown)


def test_a_graph_of_another_schema_is_no_index(store_settings: StoreSettings) -> None:
    other = graphs.meta(store_settings.repo, schema_version=SCHEMA_VERSION + 1)
    writer = open_writer(store_settings)
    writer.replace(graphs.NODES, graphs.EDGES, other)
    writer.close()
    with pytest.raises(NoIndexError, match="codexgraph index"):
        open_reader(store_settings)
    writer = open_writer(store_settings)
    try:
        assert writer.meta() is None
        with pytest.raises(StoreError, match="--full"):
            writer.apply(GraphDelta(), graphs.meta(store_settings.repo))
        writer.replace(graphs.NODES, graphs.EDGES, graphs.meta(store_settings.repo))
        assert writer.meta() == graphs.meta(store_settings.repo)
    finally:
        writer.close()


def test_empty_graph(store_settings: StoreSettings) -> None:
    load(store_settings, (), ())
    reader = open_reader(store_settings)
    assert reader.counts() == GraphCounts()
    assert reader.query("MATCH (n:CLASS {name: 'Item'}) RETURN n.name").rows == ()
    assert reader.query("MATCH (n:CLASS)-[:CALLS]->(m) RETURN count(*)").rows == ((0,),)
    assert reader.search_text("item") == []
    reader.close()


def test_replace_leaves_nothing_of_the_graph_before(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    writer.replace((graphs.RATE,), (), graphs.meta(writer.repo, "2"))
    assert writer.counts() == GraphCounts({"GLOBAL_VARIABLE": 1}, {})
    reader = open_reader(store_settings)
    assert reader.query("MATCH (n {repo: $repo}) WHERE n.uid IS NOT NULL RETURN n.name").rows == (
        ("RATE",),
    )
    reader.close()


def test_a_second_writer_is_told_who_writes(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    with pytest.raises(IndexLockedError) as caught:
        open_writer(store_settings)
    assert "\n" not in str(caught.value)
    writer.close()
    writer.close()
    open_writer(store_settings).close()


def test_readers_read_while_a_writer_is_open(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    reader = open_reader(store_settings)
    assert reader.counts() == writer.counts()
    reader.close()


class BrokenError(Exception):
    """Raised in the middle of a stream of rows."""


def broken(rows: tuple[Any, ...], after: int) -> Iterator[Any]:
    yield from rows[:after]
    raise BrokenError


def test_edges_by_columns_are_the_edges(store_settings: StoreSettings, writer: GraphWriter) -> None:
    reader = open_reader(store_settings)
    before = content(reader)
    # Each edge is a group of its own, so that groups of one shape have to be put together.
    columns = EdgeGroups([*edge_groups(graphs.EDGES)])
    assert sorted(columns) == sorted(graphs.EDGES)
    writer.replace(graphs.NODES, columns, graphs.meta(writer.repo, "2"))
    assert reader.meta().generation == "2"
    assert content(reader) == before
    reader.close()


@pytest.mark.parametrize("where", ["nodes", "edges"])
def test_a_replace_that_fails_leaves_the_graph_as_it_was(
    store_settings: StoreSettings, writer: GraphWriter, where: str
) -> None:
    reader = open_reader(store_settings)
    before = content(reader)
    nodes = broken(graphs.NODES, 5) if where == "nodes" else graphs.NODES
    edges = broken(graphs.EDGES, 5) if where == "edges" else graphs.EDGES
    with pytest.raises(BrokenError):
        writer.replace(nodes, edges, graphs.meta(writer.repo, "2"))
    assert content(reader) == before
    assert reader.meta() == graphs.meta(writer.repo)
    assert writer.meta() == graphs.meta(writer.repo)
    writer.replace(graphs.NODES, graphs.EDGES, graphs.meta(writer.repo, "3"))
    assert content(reader) == before
    assert reader.meta().generation == "3"
    reader.close()


def test_an_edge_without_an_end_is_an_error(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    reader = open_reader(store_settings)
    before = content(reader)
    nobody = graphs.node(NodeKind.CLASS, graphs.MODELS, "Nobody")
    dangling = graphs.edge(graphs.BOOK, EdgeKind.INHERITS, nobody)
    with pytest.raises(StoreError):
        writer.replace(graphs.NODES, (*graphs.EDGES, dangling), graphs.meta(writer.repo, "2"))
    with pytest.raises(StoreError):
        writer.apply(GraphDelta(edges=(dangling,)), graphs.meta(writer.repo, "2"))
    assert content(reader) == before
    assert reader.meta().generation == "1"
    reader.close()


def test_a_property_outside_the_schema_is_an_error(writer: GraphWriter) -> None:
    odd = Node("python:x:y", NodeKind.CLASS, ("CLASS",), {"name": "y", "colour": "red"})
    with pytest.raises(StoreError, match="colour"):
        writer.replace((odd,), (), graphs.meta(writer.repo, "2"))


def applied(settings: StoreSettings, writer: GraphWriter, delta: GraphDelta) -> GraphReader:
    writer.apply(delta, graphs.meta(writer.repo, "2"))
    reader = open_reader(settings)
    assert reader.meta().generation == "2"
    return reader


def test_apply_replaces_the_whole_property_set_and_the_labels(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    changed = Node(
        graphs.SHELF.uid,
        NodeKind.CLASS,
        ("CLASS", "ENUM"),
        {"name": "Shelf", "full_name": "shop.models.Shelf", "decorators": ["final"]},
    )
    reader = applied(store_settings, writer, GraphDelta(nodes=(changed,)))
    ((node,),) = reader.query("MATCH (c:CLASS {name: 'Shelf'}) RETURN c").rows
    assert node == {
        "_labels": ["CLASS", "ENUM"],
        "uid": graphs.SHELF.uid,
        "repo": writer.repo,
        **changed.properties,
    }
    kept = reader.query("MATCH (:CLASS {name: 'Shelf'})-[r]-(n) RETURN type(r), n.name").rows
    assert sorted(kept) == [
        ("CONTAINS", "shop.models"),
        ("HAS_FIELD", "items"),
        ("HAS_METHOD", "add"),
        ("INHERITS", "Protocol"),
    ]
    reader.close()


def test_apply_replaces_the_whole_property_set_of_an_edge(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    call = graphs.edge(graphs.CHECKOUT, EdgeKind.CALLS, graphs.TOTAL, count=1, sites="7:4:5")
    reader = applied(store_settings, writer, GraphDelta(edges=(call,)))
    text = "MATCH ({name: 'checkout'})-[r:CALLS]->({name: 'total'}) RETURN r"
    assert reader.query(text).rows == (({"_type": "CALLS", "count": 1, "sites": "7:4:5"},),)
    reader.close()


def test_apply_adds_and_removes(store_settings: StoreSettings, writer: GraphWriter) -> None:
    comic = graphs.node(NodeKind.CLASS, graphs.MODELS, "Comic", signature="class Comic(Book)")
    gone = graphs.BOOK
    removed_call = next(
        edge.key
        for edge in graphs.EDGES
        if (edge.key.source, edge.key.target) == (graphs.CHECKOUT.uid, graphs.TOTAL.uid)
    )
    delta = GraphDelta(
        nodes=(comic,),
        edges=(graphs.edge(comic, EdgeKind.INHERITS, graphs.ITEM, count=1),),
        removed_nodes=(NodeRef(gone.uid, gone.kind), NodeRef("python:no:where", NodeKind.METHOD)),
        removed_edges=(removed_call,),
    )
    reader = applied(store_settings, writer, delta)
    classes = reader.query("MATCH (c:CLASS) RETURN c.name AS name ORDER BY name").rows
    assert classes == (("Base",), ("Comic",), ("Item",), ("Shelf",))
    derived = reader.query("MATCH (c)-[:INHERITS]->(:CLASS {name: 'Item'}) RETURN c.name").rows
    assert derived == (("Comic",),)
    assert reader.query("MATCH ({name: 'checkout'})-[:CALLS]->(m) RETURN m.name").rows == (
        ("save",),
    )
    reader.close()


def test_apply_twice_is_apply_once(store_settings: StoreSettings, writer: GraphWriter) -> None:
    reader = open_reader(store_settings)
    before = content(reader)
    everything = GraphDelta(nodes=graphs.NODES, edges=graphs.EDGES)
    writer.apply(everything, graphs.meta(writer.repo))
    writer.apply(everything, graphs.meta(writer.repo))
    assert content(reader) == before
    reader.close()


def test_a_node_may_change_its_kind(store_settings: StoreSettings, writer: GraphWriter) -> None:
    constant = Node(
        graphs.TOTAL.uid, NodeKind.GLOBAL_VARIABLE, ("GLOBAL_VARIABLE",), {"name": "total"}
    )
    delta = GraphDelta(
        nodes=(constant,), removed_nodes=(NodeRef(graphs.TOTAL.uid, NodeKind.FUNCTION),)
    )
    reader = applied(store_settings, writer, delta)
    found = reader.query("MATCH (n {uid: $uid}) RETURN labels(n)", {"uid": graphs.TOTAL.uid})
    assert found.rows == ((["GLOBAL_VARIABLE"],),)
    reader.close()


def test_repositories_do_not_touch_each_other(
    store_settings: StoreSettings,
    writer: GraphWriter,
    other_settings: Callable[[str], StoreSettings],
) -> None:
    reader = open_reader(store_settings)
    before = content(reader)
    second = other_settings("second")
    load(second, graphs.DJANGO_NODES, graphs.DJANGO_EDGES)
    other = open_reader(second)
    assert content(reader) == before
    assert reader.counts() == writer.counts()
    assert other.counts().nodes["CLASS"] == 10
    text = "MATCH (c:CLASS {repo: $repo}) RETURN count(c)"
    assert (reader.query(text).rows, other.query(text).rows) == (((4,),), ((10,),))
    assert reader.query(text, {"repo": second.repo}).rows == ((4,),), "$repo is bound by the store"
    load(second, (), ())
    assert content(reader) == before
    reader.close()
    other.close()


def test_edges_of_a_removed_node_are_gone(
    store_settings: StoreSettings, writer: GraphWriter
) -> None:
    refs = tuple(NodeRef(node.uid, node.kind) for node in graphs.NODES)
    reader = applied(store_settings, writer, GraphDelta(removed_nodes=refs))
    assert reader.counts() == GraphCounts()
    reader.close()


def test_every_edge_kind_and_node_kind_can_be_stored(store_settings: StoreSettings) -> None:
    nodes = tuple(graphs.node(kind, f"{kind}.py", "x.y") for kind in NodeKind)
    edges: tuple[Edge, ...] = tuple(graphs.edge(nodes[0], kind, nodes[1]) for kind in EdgeKind)
    load(store_settings, nodes, edges)
    reader = open_reader(store_settings)
    assert reader.counts() == GraphCounts(dict.fromkeys(NodeKind, 1), dict.fromkeys(EdgeKind, 1))
    reader.close()
