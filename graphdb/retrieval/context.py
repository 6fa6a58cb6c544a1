"""Ranks what matters for a place in the code: the facts about each candidate, weighed and added."""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from graphdb.retrieval.features import MEANINGS, Fact, Facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.retrieval.asked import Asked
    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.features import Place

_MAX_REASONS = 3
_WEIGHTS = tuple(MEANINGS[fact].weight for fact in Fact)
_SAID = tuple((fact, MEANINGS[fact]) for fact in Fact if MEANINGS[fact].reason)


class Scored(NamedTuple):
    """A symbol of a corpus with its score, comparable within one answer, and the reasons."""

    node: int
    score: float
    why: str


def rank_context(
    corpus: Corpus, place: Place, limit: int | None = None, *, asked: Asked | None = None
) -> list[Scored]:
    """What a reader or writer of a place needs to know, best first; the place itself left out.

    asked: the place's text, where it has been asked of this corpus before.
    """
    rows = Facts(corpus, place, asked).collect()
    found = [(sum(map(mul, _WEIGHTS, row)), node) for node, row in rows.items()]
    found.sort(key=lambda item: (-item[0], item[1]))
    return [Scored(node, round(score, 4), reasons(rows[node])) for score, node in found[:limit]]


def reasons(row: Sequence[float]) -> str:
    """The facts that weigh most, in words."""
    told = [(row[fact] * said.weight, said.reason) for fact, said in _SAID if row[fact]]
    told.sort(key=lambda item: -item[0])
    return ", ".join(reason for _, reason in told[:_MAX_REASONS])
