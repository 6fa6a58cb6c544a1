"""The embedded store's loader of columns: it writes what statements would, or says why not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphdb.delta import GraphDelta
from graphdb.errors import StoreError
from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.schema import EdgeKind, NodeKind
from tests.contracts.conftest import content, load
from tests.fixtures import graphs
from tests.graphdb.test_embedded import run_child

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.delta import Edge, Node


@pytest.fixture
def settings(tmp_path: Path) -> StoreSettings:
    return StoreSettings(kind="embedded", repo="shop", index_dir=tmp_path)


def stored(settings: StoreSettings) -> object:
    reader = open_reader(settings)
    try:
        return content(reader)
    finally:
        reader.close()


def test_columns_are_stored_as_statements_store_them(settings: StoreSettings) -> None:
    load(settings, (), ())
    writer = open_writer(settings)
    delta = GraphDelta(nodes=graphs.NODES, edges=graphs.EDGES)
    writer.apply(delta, graphs.meta(settings.repo))
    writer.close()
    by_statements = stored(settings)
    load(settings, graphs.NODES, graphs.EDGES)
    assert stored(settings) == by_statements


def test_many_nodes_of_two_labels_keep_their_edges(settings: StoreSettings) -> None:
    classes = [graphs.node(NodeKind.CLASS, "a.py", f"C{n}") for n in range(2_500)]
    methods = [graphs.node(NodeKind.METHOD, "a.py", f"C{n}.m") for n in range(2_500)]
    mixed = tuple(node for pair in zip(classes, methods, strict=True) for node in pair)
    pairs = zip(classes, methods, strict=True)
    edges = tuple(graphs.edge(c, EdgeKind.HAS_METHOD, m, tier="exact") for c, m in pairs)
    load(settings, mixed, edges)
    reader = open_reader(settings)
    text = "MATCH (c:CLASS)-[:HAS_METHOD]->(m:METHOD) WHERE m.uid = c.uid + '.m' RETURN count(*)"
    assert reader.query(text).rows == ((2_500,),)
    assert reader.counts().nodes == {"CLASS": 2_500, "METHOD": 2_500}
    reader.close()


def test_nodes_that_come_later_are_others(settings: StoreSettings) -> None:
    load(settings, graphs.NODES, graphs.EDGES)
    writer = open_writer(settings)
    later = tuple(graphs.node(NodeKind.METHOD, "later.py", f"C.m{n}") for n in range(5))
    writer.apply(GraphDelta(nodes=later), graphs.meta(settings.repo, "2"))
    writer.close()
    reader = open_reader(settings)
    text = "MATCH (n) WHERE n.uid IS NOT NULL RETURN count(DISTINCT id(n)), count(n)"
    assert reader.query(text).rows == ((len(graphs.NODES) + 5,) * 2,)
    reader.close()


def refused(settings: StoreSettings, nodes: tuple[Node, ...], edges: tuple[Edge, ...]) -> str:
    load(settings, graphs.NODES, graphs.EDGES)
    before = stored(settings)
    writer = open_writer(settings)
    with pytest.raises(StoreError) as caught:
        writer.replace(nodes, edges, graphs.meta(settings.repo, "2"))
    writer.close()
    assert stored(settings) == before
    return str(caught.value)


def test_a_value_of_another_type_is_refused(settings: StoreSettings) -> None:
    """The engine would store null in its place."""
    wrong = replace(graphs.BOOK, properties={**graphs.BOOK.properties, "start_line": "3"})
    assert "start_line is str in place of int" in refused(settings, (wrong,), ())


def test_two_nodes_of_one_uid_are_refused(settings: StoreSettings) -> None:
    assert "CLASS nodes cannot be written" in refused(settings, (graphs.BOOK, graphs.BOOK), ())


def test_an_end_of_another_label_is_missing(settings: StoreSettings) -> None:
    """The engine would make up the node."""
    function = graphs.node(NodeKind.FUNCTION, graphs.MODELS, "Book")
    assert function.uid == graphs.BOOK.uid
    wrong = graphs.edge(graphs.CHECKOUT, EdgeKind.CALLS, function)
    assert graphs.BOOK.uid in refused(settings, graphs.NODES, (wrong,))


def test_a_property_that_the_schema_lacks_is_refused(settings: StoreSettings) -> None:
    wrong = graphs.edge(graphs.CHECKOUT, EdgeKind.USES, graphs.RATE, colour="red")
    assert "colour" in refused(settings, graphs.NODES, (wrong,))


def test_counting_what_was_just_written_says_nothing(settings: StoreSettings) -> None:
    """The engine would warn of labels that the graph lacks; a process of its own has not heard."""
    code = (
        "import sys; from pathlib import Path; from graphdb.registry import *;"
        "from tests.fixtures import graphs;"
        "writer = open_writer(StoreSettings('embedded', 'shop', Path(sys.argv[1])));"
        "writer.replace(graphs.NODES[:1], (), graphs.meta('shop'));"
        "print(sum(writer.counts().nodes.values()))"
    )
    done = run_child(code, str(settings.index_dir))
    assert (done.stdout.strip(), done.stderr) == ("1", "")
