"""Ranks what matters for a place in the code: the facts about each candidate, weighed and added."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphdb.retrieval.features import MEANINGS, Fact, Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.features import Place

_MAX_REASONS = 3
_WEIGHTS = tuple(MEANINGS[fact].weight for fact in Fact)


class Scored(NamedTuple):
    """A symbol of a corpus with its score, comparable within one answer, and the reasons."""

    node: int
    score: float
    why: str


def rank_context(corpus: Corpus, place: Place, limit: int | None = None) -> list[Scored]:
    """What a reader or writer of a place needs to know, best first; the place itself left out."""
    rows = Facts(corpus, place).collect()
    found = [
        (sum(w * value for w, value in zip(_WEIGHTS, row, strict=True)), node)
        for node, row in rows.items()
    ]
    found.sort(key=lambda item: (-item[0], item[1]))
    return [Scored(node, round(score, 4), reasons(rows[node])) for score, node in found[:limit]]


def reasons(row: Sequence[float]) -> str:
    """The facts that weigh most, in words."""
    told = [
        (value * MEANINGS[fact].weight, MEANINGS[fact].reason)
        for fact, value in zip(Fact, row, strict=True)
        if value and MEANINGS[fact].reason
    ]
    told.sort(key=lambda item: -item[0])
    return ", ".join(reason for _, reason in told[:_MAX_REASONS])
