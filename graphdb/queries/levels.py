"""Breadth-first walks over edges: one query per level, whatever the number of symbols in it.

A symbol is expanded once, at its least depth; edges back into an earlier level are dropped, except
those of the first level, so that a function that calls itself is its own caller.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphdb.queries.rows import Follow, reading_order, step
from graphdb.schema import NodeKind
from graphdb.symbols import Relation, Relations, surest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

MAX_DEPTH = 50
MAX_RELATIONS = 5_000


def walk(
    reader: GraphReader,
    roots: Sequence[Symbol],
    follow: Follow,
    *,
    depth: int | None = 1,
    stop_at: Iterable[NodeKind] = (NodeKind.EXTERNAL,),
    limit: int = MAX_RELATIONS,
) -> Relations:
    """Relations reached from `roots`, nearest first.

    depth: how many levels, None for all. stop_at: kinds that are reported and not expanded.
    """
    frontier, seen, found = list(roots), {root.uid for root in roots}, list[Relation]()
    stops = frozenset(stop_at)
    for level in range(1, (MAX_DEPTH if depth is None else depth) + 1):
        rows = step(reader, frontier, follow, level)
        rows = merge(row for row in rows if level == 1 or row.symbol.uid not in seen)
        found += rows
        if len(found) > limit:
            return Relations(tuple(found[:limit]), truncated=True)
        fresh = {row.symbol.uid: row.symbol for row in rows if row.symbol.uid not in seen}
        seen |= fresh.keys()
        frontier = [symbol for symbol in fresh.values() if symbol.kind not in stops]
        if not frontier:
            break
    return Relations(tuple(found))


def merge(relations: Iterable[Relation]) -> list[Relation]:
    """One relation per pair of symbols and file, with all sites, in reading order."""
    found: dict[tuple[str, str, str | None], Relation] = {}
    for relation in relations:
        key = (relation.symbol.uid, relation.via, relation.file_path)
        known = found.get(key)
        found[key] = relation if known is None else _joined(known, relation)
    return sorted(found.values(), key=reading_order)


def _joined(first: Relation, second: Relation) -> Relation:
    tier = surest(first.tier, second.tier)
    lead, other = (first, second) if tier == first.tier else (second, first)
    sites = tuple(sorted({*first.sites, *second.sites}))
    return replace(
        lead,
        sites=sites,
        reason=lead.reason or other.reason,
        kind=lead.kind or other.kind,
        access=lead.access or other.access,
    )
