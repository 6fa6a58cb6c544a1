"""The graph around some symbols, as nodes and edges that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.rows import ALL_TIERS, Follow, step
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.schema import Tier
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

MAX_NODES = 200


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """An edge between two nodes of a neighbourhood, by their uids."""

    source: str
    target: str
    edge: EdgeKind
    tier: Tier


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Symbols with the edges between them; those asked about first, then the nearest."""

    nodes: tuple[Symbol, ...]
    edges: tuple[DrawnEdge, ...]
    truncated: bool = False


def neighbourhood(
    reader: GraphReader,
    symbols: Sequence[Symbol],
    *,
    depth: int = 1,
    edges: tuple[EdgeKind, ...] = tuple(EdgeKind),
    limit: int = MAX_NODES,
) -> Neighbourhood:
    """All symbols within `depth` edges of some, in either direction, at most `limit` of them."""
    nodes = {symbol.uid: symbol for symbol in symbols}
    drawn: dict[tuple[str, str, EdgeKind], DrawnEdge] = {}
    frontier, is_cut = list(symbols), False
    for _ in range(depth):
        fresh: dict[str, Symbol] = {}
        for incoming in (False, True):
            for row in step(reader, frontier, Follow(edges, incoming, ALL_TIERS)):
                other = row.symbol
                is_known = other.uid in nodes or other.uid in fresh
                if other.kind == NodeKind.FILE:
                    continue
                if not is_known and len(nodes) + len(fresh) >= limit:
                    is_cut = True
                    continue
                if not is_known:
                    fresh[other.uid] = other
                ends = (other.uid, row.via) if incoming else (row.via, other.uid)
                drawn[*ends, row.edge] = DrawnEdge(*ends, row.edge, row.tier)
        nodes |= fresh
        frontier = [symbol for symbol in fresh.values() if symbol.kind != NodeKind.EXTERNAL]
    return Neighbourhood(tuple(nodes.values()), tuple(drawn.values()), is_cut)
