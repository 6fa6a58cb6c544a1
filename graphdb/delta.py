"""The write unit between the indexer and a store; nothing else ever changes a graph.

A full build is a stream of nodes followed by a stream of edges; an update is one `GraphDelta`. The
surprising choice: a delta is a difference of rows (keyed by `uid`, and by source, type and target),
not "drop the file and add it again", so that edges of unchanged files into a changed one survive.
Edges are named tuples, three times cheaper to make than dataclasses: a build makes them by the
hundred thousand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Value = str | int | float | bool | list[str] | None


@dataclass(frozen=True, slots=True)
class Node:
    """A node as written.

    labels: the kind's first, then the extra ones. properties: what is not null of
    `schema.NODE_PROPERTIES`, without uid and repo.
    """

    uid: str
    kind: NodeKind
    labels: tuple[str, ...]
    properties: Mapping[str, Value]


class EdgeKey(NamedTuple):
    """What identifies an edge: there is one per source, type and target."""

    source: str
    source_kind: NodeKind
    kind: EdgeKind
    target: str
    target_kind: NodeKind


class Edge(NamedTuple):
    """An edge as written: `properties` holds what it has of `schema.EDGE_PROPERTIES`."""

    key: EdgeKey
    properties: Mapping[str, Value]


EdgeShape = tuple[str, ...]
"""Type, label of the source, label of the target, then the names of all properties."""


class EdgeGroup(NamedTuple):
    """Edges of one shape by columns: uids of the sources, of the targets, then each property."""

    shape: EdgeShape
    columns: list[list[Any]]


@dataclass(frozen=True, slots=True)
class EdgeGroups:
    """Edges that were made by columns, for a store that loads columns; one by one for others."""

    groups: Iterable[EdgeGroup]

    def __iter__(self) -> Iterator[Edge]:
        """Each edge by itself."""
        for shape, columns in self.groups:
            kind, source_kind, target_kind = EdgeKind(shape[0]), *map(NodeKind, shape[1:3])
            for source, target, *values in zip(*columns, strict=True):
                key = EdgeKey(source, source_kind, kind, target, target_kind)
                yield Edge(key, dict(zip(shape[3:], values, strict=True)))


def edge_groups(edges: Iterable[Edge]) -> Iterable[EdgeGroup]:
    """Edges by columns, as a store loads them; one that comes by itself is a group of its own."""
    return edges.groups if isinstance(edges, EdgeGroups) else map(_group, edges)


def _group(edge: Edge) -> EdgeGroup:
    key, properties = edge
    shape = (key.kind, key.source_kind, key.target_kind, *properties)
    return EdgeGroup(shape, [[each] for each in (key.source, key.target, *properties.values())])


@dataclass(frozen=True, slots=True)
class NodeRef:
    """A node to delete, with its edges."""

    uid: str
    kind: NodeKind


@dataclass(frozen=True, slots=True)
class NodeVector:
    """What a node's text means, as numbers whose cosine with another's tells how alike both are."""

    node: NodeRef
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class IndexMeta:
    """What a stored graph says of itself.

    repo: scope name of the repository. root: its folder when indexed. generation: counts the
    writes, so that a reader can tell that the graph was replaced. commit: git's HEAD when indexed,
    or null. indexed_at: ISO 8601, UTC. tool_version: of codexgraph. files: how many are in the
    graph.
    """

    repo: str
    root: str
    generation: str
    schema_version: int
    tool_version: str
    indexed_at: str
    commit: str | None = None
    branch: str | None = None
    files: int = 0


@dataclass(frozen=True, slots=True)
class GraphDelta:
    """A change of a stored graph, applied whole or not at all.

    `nodes` and `edges` are created, or replaced with their whole property set where the key exists.
    Removing a node removes its edges; `removed_edges` need not name those.
    """

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    removed_nodes: tuple[NodeRef, ...] = ()
    removed_edges: tuple[EdgeKey, ...] = ()

    def is_empty(self) -> bool:
        """True when applying it would change nothing."""
        return not (self.nodes or self.edges or self.removed_nodes or self.removed_edges)


@dataclass(frozen=True, slots=True)
class GraphCounts:
    """How many nodes carry each label and how many edges have each type."""

    nodes: Mapping[str, int] = field(default_factory=dict[str, int])
    edges: Mapping[str, int] = field(default_factory=dict[str, int])
