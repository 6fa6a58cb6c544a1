"""Personalised PageRank by forward push (Andersen, Chung, Lang, FOCS 2006).

Only what the seeds reach is ever looked at, so the cost depends on the wanted precision and not on
the size of the graph; power iteration over a whole graph would cost a hundred times more.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from graphdb.retrieval.corpus import DERIVED, EDGE_CODE
from graphdb.schema import EdgeKind

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping, Sequence

    from graphdb.retrieval.corpus import Adjacency, Corpus

RESTART = 0.35
PRECISION = 2e-4
MAX_PUSHES = 1_500

_HUB = 400
"""A symbol with more edges than this is near everything, so the walk ends there."""

EDGE_WEIGHT: dict[EdgeKind, tuple[float, float]] = {
    EdgeKind.CALLS: (1.0, 0.5),
    EdgeKind.USES: (0.5, 0.3),
    EdgeKind.INSTANTIATES: (0.7, 0.3),
    EdgeKind.INHERITS: (0.7, 0.4),
    EdgeKind.IMPLEMENTS: (0.7, 0.4),
    EdgeKind.OVERRIDES: (0.5, 0.5),
    EdgeKind.HAS_METHOD: (0.2, 0.5),
    EdgeKind.HAS_FIELD: (0.1, 0.3),
    EdgeKind.CONTAINS: (0.1, 0.3),
    EdgeKind.IMPORTS: (0.1, 0.05),
    EdgeKind.DECORATES: (0.1, 0.2),
    EdgeKind.HAS_TYPE: (0.3, 0.1),
    EdgeKind.RETURNS_TYPE: (0.3, 0.1),
    EdgeKind.TESTS: (0.4, 0.0),
}
"""Weight of a step along an edge and against it; chosen on development data."""


def personalised_pagerank(corpus: Corpus, seeds: Mapping[int, float]) -> dict[int, float]:
    """The share of a random walk's time at each symbol, approximated from below.

    The walk starts at one of the seeds again and again.

    seeds: symbol -> weight; the weights are brought to a sum of 1.
    """
    total = sum(seeds.values())
    if total <= 0:
        return {}
    residue = {node: weight / total for node, weight in sorted(seeds.items())}
    known = residue.get
    rank: dict[int, float] = {}
    queue = deque(sorted(residue, key=lambda n: (-residue[n], n)))
    queued = set(queue)
    forward, backward = _weights(0), _weights(1)
    for _ in range(MAX_PUSHES):
        if not queue:
            break
        node = queue.popleft()
        queued.discard(node)
        mass = residue.pop(node, 0.0)
        if mass < PRECISION:
            continue
        rank[node] = rank.get(node, 0.0) + RESTART * mass
        if _degree(corpus, node) > _HUB:
            continue
        others, parts = _steps(corpus.outgoing, node, forward)
        sources, back = _steps(corpus.incoming, node, backward)
        others.extend(sources)
        parts += back
        weight = sum(parts)
        if not weight:
            continue
        share = (1 - RESTART) * mass / weight
        for other, part in zip(others, parts, strict=True):
            if part:
                residue[other] = found = known(other, 0.0) + share * part
                if found >= PRECISION and other not in queued:
                    queue.append(other)
                    queued.add(other)
    return rank


def _degree(corpus: Corpus, node: int) -> int:
    out, into = corpus.outgoing.start, corpus.incoming.start
    return out[node + 1] - out[node] + into[node + 1] - into[node]


def _weights(direction: int) -> list[float]:
    """The weight of a step by the code of its edge: 0 along it, 1 against it; 0.0 for no step."""
    found = [0.0] * (2 * DERIVED)
    for kind, weights in EDGE_WEIGHT.items():
        found[EDGE_CODE[kind]] = weights[direction]
    return found


def _steps(edges: Adjacency, node: int, weights: Sequence[float]) -> tuple[array[int], list[float]]:
    first, last = edges.start[node], edges.start[node + 1]
    return edges.node[first:last], [weights[code] for code in edges.code[first:last]]
