"""The schema as a tree for whoever writes a query: labels, edges with their ends, properties."""

from __future__ import annotations

from dataclasses import dataclass

from graphdb.delta import GraphCounts
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, EdgeKind, ExtraLabel, NodeKind
from tui.models.completion import edge_help


@dataclass(frozen=True, slots=True)
class Part:
    """A row. insert: what it puts into a query, "" for nothing. note: beside it."""

    label: str
    insert: str = ""
    note: str = ""
    children: tuple[Part, ...] = ()


def schema_parts(counts: GraphCounts | None) -> tuple[Part, ...]:
    """The tree, with how many there are of each where that is known."""
    nodes, edges = (counts or GraphCounts()).nodes, (counts or GraphCounts()).edges
    labels = [kind.value for kind in NodeKind] + [label.value for label in ExtraLabel]
    return (
        Part("labels", children=tuple(Part(n, f":{n}", _note(nodes.get(n))) for n in labels)),
        Part("edges", children=tuple(_edge(kind, edges.get(kind.value)) for kind in EdgeKind)),
        Part("of a node", children=tuple(Part(name, f".{name}") for name in NODE_PROPERTIES)),
        Part("of an edge", children=tuple(Part(name, f".{name}") for name in EDGE_PROPERTIES)),
    )


def _edge(kind: EdgeKind, count: int | None) -> Part:
    source, _, target = edge_help(kind).partition(" -> ")
    ends = (Part(f"from {source}"), Part(f"to {target}"))
    return Part(kind.value, f":{kind.value}", _note(count), ends)


def _note(count: int | None) -> str:
    return "" if count is None else f"{count:,}"
