"""What ranking reads: every symbol of one graph, its edges and its words, in flat columns.

Ranking looks at thousands of symbols and edges for one answer; through a store that would be
hundreds of queries. The corpus is derived from one graph generation, is the same for every store,
and is never written to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from graphdb.retrieval.lexical import Telling
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping

KINDS = tuple(NodeKind)
EDGES = tuple(EdgeKind)
DERIVED = 64
"""Added to the code of an edge that follows from others: inherited members, imported names."""

EDGE_CODE = {kind: number for number, kind in enumerate(EDGES)}
KIND_CODE = {kind: number for number, kind in enumerate(KINDS)}

EdgeKinds = tuple[EdgeKind, ...] | frozenset[EdgeKind]

CALLABLE = frozenset({NodeKind.FUNCTION, NodeKind.METHOD})


class Neighbour(NamedTuple):
    """The other end of an edge; `is_derived` as in `DERIVED`."""

    node: int
    edge: EdgeKind
    is_derived: bool


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Edges in one direction: those of node n are the slice `start[n]:start[n + 1]`."""

    start: array[int]
    node: array[int]
    code: array[int]

    def ends(self, number: int, codes: frozenset[int]) -> set[int]:
        """The other ends of one node's edges that have one of some codes."""
        first, last = self.start[number], self.start[number + 1]
        edges = zip(self.node[first:last], self.code[first:last], strict=True)
        return {node for node, code in edges if code in codes}

    def of(self, number: int) -> Iterator[Neighbour]:
        """The edges of one node."""
        for at in range(self.start[number], self.start[number + 1]):
            code = self.code[at]
            yield Neighbour(self.node[at], EDGES[code & (DERIVED - 1)], code >= DERIVED)


@dataclass(frozen=True, slots=True)
class Postings:
    """An inverted index: term -> (offset, length) of its numbers and saturated BM25 weights.

    count: how many symbols or files there are in all.
    """

    spans: Mapping[str, tuple[int, int]]
    nodes: array[int]
    weights: array[float]
    count: int


@dataclass(frozen=True)
class Corpus:
    """The columns. A symbol is its number; numbers follow path and line.

    path: number in `paths`, -1 for what lies outside. parent: number of the owner, -1 for none.
    is_test: by the file's path or the symbol's own label. outgoing, incoming: edges but candidates.
    """

    generation: str
    uid: list[str]
    name: list[str]
    full_name: list[str]
    signature: list[str]
    paths: list[str]
    path: array[int]
    kind: bytes
    start: array[int]
    end: array[int]
    parent: array[int]
    is_test: bytes
    outgoing: Adjacency
    incoming: Adjacency
    by_symbol: Postings
    by_file: Postings

    def __len__(self) -> int:
        """How many symbols there are."""
        return len(self.uid)

    def kind_of(self, number: int) -> NodeKind:
        """The primary label of a symbol."""
        return KINDS[self.kind[number]]

    def file_of(self, number: int) -> str | None:
        """Path of the file of a symbol; None for what lies outside."""
        at = self.path[number]
        return self.paths[at] if at >= 0 else None

    @cached_property
    def telling(self) -> Telling:
        """How telling each word of a name is."""
        return Telling(self.by_symbol)

    @cached_property
    def number_of(self) -> dict[str, int]:
        """Symbol number by uid."""
        return {uid: number for number, uid in enumerate(self.uid)}

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        """Numbers of code symbols by their last name in lower case."""
        found: dict[str, list[int]] = {}
        module = KIND_CODE[NodeKind.MODULE]
        for number, (name, path, kind) in enumerate(
            zip(self.name, self.path, self.kind, strict=True)
        ):
            if path >= 0:
                last = name.rpartition(".")[2] if kind == module else name
                found.setdefault(last.lower(), []).append(number)
        return found

    @cached_property
    def files_called(self) -> dict[str, list[int]]:
        """Numbers of files by the last part of their path in lower case."""
        found: dict[str, list[int]] = {}
        for number, path in enumerate(self.paths):
            found.setdefault(path.rpartition("/")[2].lower(), []).append(number)
        return found

    @cached_property
    def in_file(self) -> list[list[int]]:
        """Numbers of the symbols of each file, the module first."""
        found: list[list[int]] = [[] for _ in self.paths]
        for number, at in enumerate(self.path):
            if at >= 0:
                found[at].append(number)
        return found

    @cached_property
    def path_number(self) -> dict[str, int]:
        """File number by path."""
        return {path: number for number, path in enumerate(self.paths)}

    @cached_property
    def children(self) -> dict[int, list[int]]:
        """Numbers of what each symbol defines itself."""
        found: dict[int, list[int]] = {}
        for number, parent in enumerate(self.parent):
            if parent >= 0:
                found.setdefault(parent, []).append(number)
        return found

    def is_module(self, number: int) -> bool:
        """True for a module."""
        return KINDS[self.kind[number]] is NodeKind.MODULE

    def module_of(self, number: int) -> int | None:
        """The module of a symbol's file."""
        at = self.path[number]
        members = self.in_file[at] if at >= 0 else []
        return members[0] if members and self.is_module(members[0]) else None

    def owners(self, number: int) -> Iterator[int]:
        """The symbols around a symbol, innermost first."""
        parent = self.parent[number]
        while parent >= 0:
            yield parent
            parent = self.parent[parent]

    def targets(self, number: int, edges: EdgeKinds, *, derived: bool = False) -> set[int]:
        """Other ends of a symbol's outgoing edges of some types; `derived` takes those, too."""
        return self.outgoing.ends(number, _codes(edges, derived))

    def sources(self, number: int, edges: EdgeKinds) -> set[int]:
        """Other ends of a symbol's incoming edges of some types, derived ones left out."""
        return self.incoming.ends(number, _codes(edges, False))


@lru_cache(maxsize=64)
def _codes(edges: EdgeKinds, derived: bool) -> frozenset[int]:
    plain = [EDGE_CODE[edge] for edge in edges]
    return frozenset([*plain, *(code + DERIVED for code in plain)] if derived else plain)
