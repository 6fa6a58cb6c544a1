"""What the graph mode shows: a symbol, what leads to it and what it leads to, opened step by step.

A neighbour stands once on each side, whatever the number of edges; its own neighbours stand below
it on the same side. Edges are filtered by groups, because fifteen switches are too many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from graphdb.queries.neighbourhood import neighbourhood
from graphdb.schema import EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.queries.neighbourhood import DrawnEdge, Neighbourhood
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

MAX_NODES = 400
MAX_ROWS = 12
"""Neighbours of one kind of edge that are shown before somebody asks for all."""

GROUPS: dict[str, tuple[EdgeKind, ...]] = {
    "calls": (EdgeKind.CALLS, EdgeKind.INSTANTIATES),
    "uses": (EdgeKind.USES, EdgeKind.DECORATES, EdgeKind.HAS_TYPE, EdgeKind.RETURNS_TYPE),
    "types": (EdgeKind.INHERITS, EdgeKind.IMPLEMENTS, EdgeKind.OVERRIDES),
    "members": (EdgeKind.CONTAINS, EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD),
    "imports": (EdgeKind.IMPORTS, EdgeKind.EXPORTS),
    "tests": (EdgeKind.TESTS,),
}
_ORDER = {kind: number for number, kind in enumerate(k for g in GROUPS.values() for k in g)}
_TIERS = tuple(Tier)


class Side(StrEnum):
    """Where a neighbour stands."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A symbol beside another. edges: between the two. tier: the surest of them.

    more: how many further ones were left out here; the symbol is then none of them.
    """

    symbol: Symbol
    edges: tuple[EdgeKind, ...]
    tier: Tier
    children: tuple[Neighbour, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Ego:
    """A symbol with its neighbours."""

    centre: Symbol
    incoming: tuple[Neighbour, ...]
    outgoing: tuple[Neighbour, ...]
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """What is asked for. expanded: uids by side. past: centres of before, the newest last.

    is_whole: no neighbours are left out for their number.
    """

    centre: Symbol
    groups: frozenset[str] = frozenset(GROUPS)
    tiers: tuple[Tier, ...] = _TIERS
    expanded: frozenset[tuple[Side, str]] = frozenset()
    past: tuple[Symbol, ...] = ()
    is_whole: bool = False

    def recentred(self, symbol: Symbol) -> View:
        """Around another symbol."""
        if symbol.uid == self.centre.uid:
            return self
        past = (*self.past, self.centre)
        return replace(self, centre=symbol, past=past, expanded=frozenset(), is_whole=False)

    def back(self) -> View:
        """Around the symbol of before; the same where there is none."""
        if not self.past:
            return self
        return replace(self, centre=self.past[-1], past=self.past[:-1], expanded=frozenset())

    def toggled(self, side: Side, symbol: Symbol) -> View:
        """With the neighbours of a neighbour shown, or hidden again."""
        return replace(self, expanded=self.expanded ^ {(side, symbol.uid)})

    def with_group(self, group: str) -> View:
        """With a group of edges shown, or hidden; never without any."""
        groups = self.groups ^ {group}
        return replace(self, groups=groups) if groups else self

    def with_next_tiers(self) -> View:
        """All tiers, then those that are sure, then exact ones only."""
        count = len(self.tiers) - 1 or len(_TIERS)
        return replace(self, tiers=_TIERS[:count])

    def whole(self) -> View:
        """With all neighbours."""
        return replace(self, is_whole=True)

    @property
    def edges(self) -> tuple[EdgeKind, ...]:
        """The kinds of edges that are asked for."""
        return tuple(
            kind for group, kinds in GROUPS.items() if group in self.groups for kind in kinds
        )


def read_ego(reader: GraphReader, view: View) -> Ego:
    """The neighbours that a view asks for."""
    near = neighbourhood(reader, [view.centre], edges=view.edges, limit=MAX_NODES)
    known = {symbol.uid: symbol for symbol in near.nodes}
    roots = [known[uid] for _, uid in sorted(view.expanded) if uid in known]
    more = neighbourhood(reader, roots, edges=view.edges, limit=MAX_NODES) if roots else None
    return arranged(view, [near] if more is None else [near, more])


def arranged(view: View, found: Sequence[Neighbourhood]) -> Ego:
    """What was read, each neighbour in its place."""
    builder = _Builder(view, found)
    return Ego(
        view.centre,
        builder.neighbours(view.centre, Side.IN, frozenset()),
        builder.neighbours(view.centre, Side.OUT, frozenset()),
        any(part.truncated for part in found),
    )


class _Builder:
    """Puts edges in their places."""

    def __init__(self, view: View, parts: Iterable[Neighbourhood]) -> None:
        self._view = view
        self._symbols: dict[str, Symbol] = {}
        self._edges: dict[DrawnEdge, None] = {}
        for part in parts:
            self._symbols |= {symbol.uid: symbol for symbol in part.nodes}
            self._edges |= {edge: None for edge in part.edges if edge.tier in view.tiers}

    def neighbours(
        self, symbol: Symbol, side: Side, above: frozenset[str]
    ) -> tuple[Neighbour, ...]:
        """Those of one symbol on one side, without what stands above it."""
        above |= {symbol.uid}
        by_uid: dict[str, list[DrawnEdge]] = {}
        for edge in self._edges:
            near, far = edge.source, edge.target
            if side is Side.IN:
                near, far = far, near
            is_loop = far == symbol.uid and len(above) == 1
            if near == symbol.uid and far in self._symbols and (far not in above or is_loop):
                by_uid.setdefault(far, []).append(edge)
        rows = [self._row(uid, edges, side, above) for uid, edges in by_uid.items()]
        rows.sort(key=_row_order)
        return tuple(rows) if self._view.is_whole else tuple(_shortened(rows))

    def _row(
        self, uid: str, edges: list[DrawnEdge], side: Side, above: frozenset[str]
    ) -> Neighbour:
        symbol = self._symbols[uid]
        is_open = (side, uid) in self._view.expanded and uid not in above
        kinds = sorted({edge.edge for edge in edges}, key=_ORDER.__getitem__)
        return Neighbour(
            symbol,
            tuple(kinds),
            min((edge.tier for edge in edges), key=_TIERS.index),
            self.neighbours(symbol, side, above) if is_open else (),
        )


def _row_order(row: Neighbour) -> tuple[int, bool, str, int, str]:
    symbol = row.symbol
    outside = symbol.kind == NodeKind.EXTERNAL
    place = (symbol.file_path or "", symbol.start_line or 0)
    return (_ORDER[row.edges[0]], outside, *place, symbol.full_name)


def _shortened(rows: list[Neighbour]) -> list[Neighbour]:
    """At most `MAX_ROWS` of each first kind of edge, and a row that tells of the rest."""
    by_kind: dict[EdgeKind, list[Neighbour]] = {}
    for row in rows:
        by_kind.setdefault(row.edges[0], []).append(row)
    found: list[Neighbour] = []
    for kind, same in by_kind.items():
        if len(same) <= MAX_ROWS + 1:
            found += same
            continue
        found += same[:MAX_ROWS]
        rest = len(same) - MAX_ROWS
        found.append(Neighbour(same[MAX_ROWS].symbol, (kind,), Tier.EXACT, more=rest))
    return found
