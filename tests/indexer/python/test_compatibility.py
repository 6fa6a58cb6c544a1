"""CodexGraph's schema on one small file: what its queries rely on, and ours beyond."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from graphdb.schema import LEGAL_ENDS, EdgeKind, NodeKind
from tests.indexer.python.linked import Linked

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''"""Counters."""

LIMIT = 10


class Counter:
    """Counts up."""

    def __init__(self, value):
        self.value = value

    def get_value(self):
        return self.value

    def add(self, amount):
        self.value = self.get_value() + amount


class Limited(Counter):
    """Counts up to the limit."""

    def add(self, amount):
        self.value = min(LIMIT, self.value + amount)

    def double(self):
        self.add(self.value)

    def label(self):
        return str(self.value)


def run(start):
    counter = Limited(start)
    counter.add(2)
    return counter.get_value()
'''

CODE = frozenset(
    {NodeKind.MODULE, NodeKind.CLASS, NodeKind.METHOD, NodeKind.FIELD, NodeKind.FUNCTION}
    | {NodeKind.GLOBAL_VARIABLE}
)


@pytest.fixture
def graph(tmp_path: Path) -> Linked:
    return Linked({"counters.py": SOURCE}, tmp_path)


def _edges(graph: Linked, kind: EdgeKind) -> set[tuple[str, str]]:
    prefix = "counters."
    return {
        (
            graph.name(e.key.source).removeprefix(prefix),
            graph.name(e.key.target).removeprefix(prefix),
        )
        for e in graph.edges["counters.py"]
        if e.key.kind == kind and e.key.source_kind != NodeKind.FILE
    }


def test_the_thirteen_nodes(graph: Linked) -> None:
    code = [node for node in graph.nodes.values() if node.kind in CODE]
    assert Counter(node.kind.value for node in code) == {
        "MODULE": 1,
        "CLASS": 2,
        "METHOD": 6,
        "FIELD": 2,
        "FUNCTION": 1,
        "GLOBAL_VARIABLE": 1,
    }
    by_name = {str(node.properties["full_name"]): node.properties for node in code}
    assert by_name["counters.Limited.value"]["class"] == "Limited"
    assert (
        by_name["counters.Limited.value"]["code"] == "self.value = min(LIMIT, self.value + amount)"
    )
    assert by_name["counters.LIMIT"]["code"] == "LIMIT = 10"
    assert by_name["counters.run"]["file_path"] == "counters.py"
    assert str(by_name["counters.Limited.add"]["code"]).startswith("def add(self, amount):")


def test_the_eighteen_edges(graph: Linked) -> None:
    assert _edges(graph, EdgeKind.CONTAINS) == {
        ("counters", name) for name in ("Counter", "Limited", "run", "LIMIT")
    }
    assert _edges(graph, EdgeKind.HAS_METHOD) == {
        ("Counter", "Counter.__init__"),
        ("Counter", "Counter.get_value"),
        ("Counter", "Counter.add"),
        ("Limited", "Limited.add"),
        ("Limited", "Limited.double"),
        ("Limited", "Limited.label"),
        ("Limited", "Counter.__init__"),
        ("Limited", "Counter.get_value"),
    }
    assert _edges(graph, EdgeKind.HAS_FIELD) == {
        ("Counter", "Counter.value"),
        ("Limited", "Limited.value"),
    }
    assert _edges(graph, EdgeKind.INHERITS) == {("Limited", "Counter")}
    assert _edges(graph, EdgeKind.USES) >= {
        ("Counter.__init__", "Counter.value"),
        ("Counter.add", "Counter.value"),
        ("Limited.add", "Limited.value"),
    }


def test_inherited_members_are_marked(graph: Linked) -> None:
    marks = {
        graph.name(e.key.target): (e.properties["inherited"], e.properties.get("depth"))
        for e in graph.edges["counters.py"]
        if e.key.kind == EdgeKind.HAS_METHOD and graph.name(e.key.source) == "counters.Limited"
    }
    assert marks["counters.Counter.get_value"] == (True, 1)
    assert marks["counters.Limited.add"] == (False, None)


def test_calls_reads_and_the_global_which_codexgraph_leaves_out(graph: Linked) -> None:
    assert _edges(graph, EdgeKind.CALLS) == {
        ("Counter.add", "Counter.get_value"),
        ("Limited.double", "Limited.add"),
        ("run", "Counter.__init__"),
        ("run", "Limited.add"),
        ("run", "Counter.get_value"),
    }
    access = {
        (graph.name(e.key.source), graph.name(e.key.target)): e.properties["access"]
        for e in graph.edges["counters.py"]
        if e.key.kind == EdgeKind.USES
    }
    assert access["counters.Limited.add", "counters.LIMIT"] == "read"
    assert access["counters.Limited.add", "counters.Limited.value"] == "readwrite"
    assert access["counters.Counter.get_value", "counters.Counter.value"] == "read"
    assert access["counters.Limited.label", "counters.Limited.value"] == "read"
    assert access["counters.Counter.__init__", "counters.Counter.value"] == "write"


def test_every_edge_has_the_ends_and_the_properties_of_its_type(graph: Linked) -> None:
    for edge in graph.edges["counters.py"]:
        sources, targets = LEGAL_ENDS[edge.key.kind]
        assert edge.key.source_kind in sources
        assert edge.key.target_kind in targets
        if edge.key.kind == EdgeKind.CONTAINS:
            assert edge.properties["association_type"] == edge.key.target_kind.value
            assert edge.properties["via"] == "definition"
        if edge.key.kind == EdgeKind.USES:
            assert edge.properties["source_association_type"] == edge.key.source_kind.value
            assert edge.properties["target_association_type"] == edge.key.target_kind.value
