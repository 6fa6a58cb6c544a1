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


def rank_symbols(corpus: Corpus) -> list[Scored]:
    """Classes, functions and methods by how much of the repository leads to them.

    A walk from a method also goes to its class, so that a class counts what its methods count.
    """
    steps = [_steps(corpus, node) for node in range(len(corpus))]
    sources = [n for n in range(len(corpus)) if not corpus.is_test[n]]
    if not sources:
        return []
    start = 1 / len(sources)
    rank = [0.0] * len(corpus)
    for node in sources:
        rank[node] = start
    for _ in range(_ROUNDS):
        fresh = [0.0] * len(corpus)
        for node in sources:
            fresh[node] = (1 - _DAMPING) * start
        for node, value in enumerate(rank):
            if value and steps[node]:
                share = _DAMPING * value / len(steps[node])
                for other in steps[node]:
                    fresh[other] += share
        rank = fresh
    shown = [n for n in sources if corpus.kind_of(n) in _SHOWN]
    shown.sort(key=lambda n: (-rank[n], n))
    return [Scored(n, round(rank[n] * len(sources), 4), _why(corpus, n)) for n in shown]


def _steps(corpus: Corpus, node: int) -> list[int]:
    found = corpus.targets(node, _FOLLOWED)
    owner = corpus.parent[node]
    if owner >= 0 and not corpus.is_module(owner):
        found.add(owner)
    return sorted(n for n in found if not corpus.is_test[n])


def _why(corpus: Corpus, node: int) -> str:
    users = sum(1 for n in corpus.sources(node, _FOLLOWED) if not corpus.is_test[n])
    return f"used by {users}" if users else "uses much"
