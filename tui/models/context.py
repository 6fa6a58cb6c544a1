"""A symbol in its surroundings, as the column beside a conversation shows it.

Its neighbours stand in groups by the kind of edge and its way, each with its number, so that a
class with a hundred methods takes one line until somebody opens it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind
from tui.models.drawing import cut
from tui.models.neighbours import Side, View, read_ego

if TYPE_CHECKING:
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol
    from tui.models.neighbours import Neighbour

MAX_LINE = 160
MAX_OPEN = 6
"""Groups of at most so many are open at first."""

_WORDS = {
    EdgeKind.CALLS: ("called by", "calls"),
    EdgeKind.INSTANTIATES: ("made by", "makes"),
    EdgeKind.USES: ("used by", "uses"),
    EdgeKind.DECORATES: ("decorated by", "decorates"),
    EdgeKind.HAS_TYPE: ("type of", "has type"),
    EdgeKind.RETURNS_TYPE: ("returned by", "returns"),
    EdgeKind.INHERITS: ("subclasses", "inherits"),
    EdgeKind.IMPLEMENTS: ("implemented by", "implements"),
    EdgeKind.OVERRIDES: ("overridden by", "overrides"),
    EdgeKind.CONTAINS: ("in", "contains"),
    EdgeKind.HAS_METHOD: ("method of", "methods"),
    EdgeKind.HAS_FIELD: ("field of", "fields"),
    EdgeKind.IMPORTS: ("imported by", "imports"),
    EdgeKind.EXPORTS: ("exported by", "exports"),
    EdgeKind.TESTS: ("tested by", "tests"),
}


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbours by one kind of edge and one way."""

    title: str
    members: tuple[Neighbour, ...]
    is_open: bool


@dataclass(frozen=True, slots=True)
class Context:
    """A symbol, lines on it, and its neighbours. is_cut: there are more than were read."""

    symbol: Symbol
    lines: tuple[str, ...]
    groups: tuple[Group, ...]
    is_cut: bool


def read_context(reader: GraphReader, symbol: Symbol) -> Context:
    """What surrounds a symbol."""
    ego = read_ego(reader, View(symbol).whole())
    groups = [*_groups(ego.incoming, Side.IN), *_groups(ego.outgoing, Side.OUT)]
    return Context(symbol, tuple(_lines(symbol)), tuple(groups), ego.is_cut)


def _lines(symbol: Symbol) -> list[str]:
    first = (symbol.docstring or "").strip().partition("\n\n")[0]
    lines = [
        f"{symbol.kind.value.lower().replace('_', ' ')}  {symbol.location}",
        symbol.signature if symbol.signature != symbol.name else "",
        first,
    ]
    return [cut(" ".join(line.split()), MAX_LINE) for line in lines if line]


def _groups(neighbours: tuple[Neighbour, ...], side: Side) -> list[Group]:
    by_kind: dict[EdgeKind, list[Neighbour]] = {}
    for neighbour in neighbours:
        for kind in neighbour.edges:
            by_kind.setdefault(kind, []).append(neighbour)
    return [_group(kind, side, found) for kind, found in by_kind.items()]


def _group(kind: EdgeKind, side: Side, found: list[Neighbour]) -> Group:
    files = len({each.symbol.file_path for each in found})
    spread = f" in {files} files" if side is Side.IN and files > 1 else ""
    title = f"{_WORDS[kind][side is Side.OUT]} {len(found)}{spread}"
    return Group(title, tuple(found), len(found) <= MAX_OPEN)
