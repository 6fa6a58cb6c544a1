"""The shortest way from one symbol to another over edges: one query per level, on any store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.call_hierarchy import CALL_EDGES
from graphdb.queries.rows import Follow, reading_order, step
from graphdb.schema import DEFAULT_TIERS, EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.schema import Tier
    from graphdb.store import GraphReader
    from graphdb.symbols import Relation, Symbol

USE_EDGES = (*CALL_EDGES, EdgeKind.USES)
MAX_STEPS = 12
MAX_REACHED = 20_000


def shortest_path(
    reader: GraphReader,
    sources: Sequence[Symbol],
    targets: Sequence[Symbol],
    *,
    edges: tuple[EdgeKind, ...] = CALL_EDGES,
    tiers: tuple[Tier, ...] = DEFAULT_TIERS,
    max_steps: int = MAX_STEPS,
) -> tuple[Relation, ...] | None:
    """The edges of a shortest way from any of `sources` to any of `targets`, first step first.

    Each relation's symbol is where its step leads, `via` where it starts. Empty when a source is a
    target; None when there is no way of at most `max_steps` edges. Of several ways as short, the
    one that stands first in the source is taken, so that the answer is the same on every store.
    """
    goals = {symbol.uid for symbol in targets}
    before: dict[str, Relation] = {}
    known = {symbol.uid for symbol in sources}
    if known & goals:
        return ()
    frontier = list(sources)
    for level in range(1, max_steps + 1):
        fresh: dict[str, Symbol] = {}
        rows = step(reader, frontier, Follow(edges, incoming=False, tiers=tiers), level)
        for row in sorted(rows, key=reading_order):
            if row.symbol.uid not in known:
                known.add(row.symbol.uid)
                before[row.symbol.uid] = row
                fresh[row.symbol.uid] = row.symbol
        reached = next((uid for uid in fresh if uid in goals), None)
        if reached is not None:
            return _way_to(before, reached)
        frontier = [s for s in fresh.values() if s.kind is not NodeKind.EXTERNAL]
        if not frontier or len(known) > MAX_REACHED:
            break
    return None


def _way_to(before: dict[str, Relation], uid: str) -> tuple[Relation, ...]:
    way: list[Relation] = []
    while uid in before:
        way.append(before[uid])
        uid = before[uid].via
    return tuple(reversed(way))
