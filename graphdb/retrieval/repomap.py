"""Ranks a whole repository: PageRank over the graph, the walk starting at what is no test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.retrieval.context import Scored
from graphdb.retrieval.features import USES
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from graphdb.retrieval.corpus import Corpus

_DAMPING = 0.85
_ROUNDS = 20
_FOLLOWED = (*sorted(USES), EdgeKind.INHERITS, EdgeKind.IMPLEMENTS)
_SHOWN = frozenset({NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD})


def rank_symbols(corpus: Corpus, limit: int | None = None) -> list[Scored]:
    """Classes, functions and methods by how much of the repository leads to them.

    A walk from a method also goes to its class, so that a class counts what its methods count.
    """
    sources = [n for n in range(len(corpus)) if not corpus.is_test[n]]
    if not sources:
        return []
    steps = [(node, found) for node in sources if (found := _steps(corpus, node))]
    start = 1 / len(sources)
    rest = [0.0] * len(corpus)
    for node in sources:
        rest[node] = (1 - _DAMPING) * start
    rank = [start] * len(corpus)
    for _ in range(_ROUNDS):
        fresh = rest.copy()
        for node, others in steps:
            share = _DAMPING * rank[node] / len(others)
            for other in others:
                fresh[other] += share
        rank = fresh
    shown = [n for n in sources if corpus.kind_of(n) in _SHOWN]
    shown.sort(key=lambda n: (-rank[n], n))
    return [Scored(n, round(rank[n] * len(sources), 4), _why(corpus, n)) for n in shown[:limit]]


def _steps(corpus: Corpus, node: int) -> list[int]:
    found = corpus.targets(node, _FOLLOWED)
    owner = corpus.parent[node]
    if owner >= 0 and not corpus.is_module(owner):
        found.add(owner)
    return sorted(n for n in found if not corpus.is_test[n])


def _why(corpus: Corpus, node: int) -> str:
    users = sum(1 for n in corpus.sources(node, _FOLLOWED) if not corpus.is_test[n])
    return f"used by {users}" if users else "uses much"
