"""Who calls a symbol, and what it calls.

Constructing a class counts as calling it: the callers of a class are those that make instances.
What a class calls is what its body and its own methods call, each named by `via`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.levels import walk
from graphdb.queries.rows import ALL_TIERS, Follow, step
from graphdb.schema import DEFAULT_TIERS, EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.schema import Tier
    from graphdb.store import GraphReader
    from graphdb.symbols import Relations, Symbol

CALL_EDGES = (EdgeKind.CALLS, EdgeKind.INSTANTIATES)
OWN = "(e.inherited IS NULL OR e.inherited = false)"


def incoming_calls(
    reader: GraphReader,
    symbol: Symbol,
    depth: int = 1,
    tiers: tuple[Tier, ...] = DEFAULT_TIERS,
) -> Relations:
    """The callers of a symbol, and theirs, up to `depth` levels."""
    return walk(reader, [symbol], Follow(CALL_EDGES, True, tiers), depth=depth)


def outgoing_calls(
    reader: GraphReader,
    symbol: Symbol,
    depth: int = 1,
    tiers: tuple[Tier, ...] = DEFAULT_TIERS,
) -> Relations:
    """What a symbol calls, and what that calls, up to `depth` levels."""
    roots = [symbol]
    if symbol.kind == NodeKind.CLASS:
        roots += own_members(reader, [symbol], (EdgeKind.HAS_METHOD,))
    return walk(reader, roots, Follow(CALL_EDGES, False, tiers), depth=depth)


def own_members(
    reader: GraphReader,
    classes: Sequence[Symbol],
    edges: tuple[EdgeKind, ...] = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD),
) -> list[Symbol]:
    """The members that classes define themselves, in order of file and line."""
    rows = step(reader, classes, Follow(edges, False, ALL_TIERS, condition=OWN))
    found = {row.symbol.uid: row.symbol for row in rows}
    return sorted(found.values(), key=lambda s: (s.file_path or "", s.start_line or 0, s.uid))
