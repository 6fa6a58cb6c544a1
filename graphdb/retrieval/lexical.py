"""Full-text scores over a corpus: BM25 with the weights that the index holds already.

Long texts are cut to their most telling words, so that an issue with a log in it costs what a
sentence costs.
"""

from __future__ import annotations

from collections import Counter
from heapq import nlargest
from math import log, log1p
from typing import TYPE_CHECKING

from graphdb.retrieval.words import terms

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphdb.retrieval.corpus import Postings

MAX_TERMS = 60

_COMMON, _AFFORDABLE = 0.1, 3_000
"""A word that more symbols have than this part of all, and this number, tells next to nothing and
costs most of the time."""


_NOISE = 1e-9
"""What may be left of a score when all its words are taken back; no word weighs so little."""


def idf(postings: Postings, term: str) -> float:
    """How telling a word is; 0 for one that nothing has."""
    span = postings.spans.get(term)
    if span is None:
        return 0.0
    return log(1 + (postings.count - span[1] + 0.5) / (span[1] + 0.5))


class Telling(dict[str, float]):
    """How telling each word is, 1 for one that nothing has; looked up once for each word."""

    def __init__(self, postings: Postings) -> None:
        super().__init__()
        self._postings = postings

    def __missing__(self, word: str) -> float:
        """Look a word up when it is first asked for."""
        found = self[word] = idf(self._postings, word) or 1.0
        return found


def query_weights(postings: Postings, text: str) -> dict[str, float]:
    """The words of a text that the index has, with their weight in it, heaviest first."""
    return weighted_terms(postings, Counter(terms(text)))


def weighted_terms(postings: Postings, counts: Mapping[str, int]) -> dict[str, float]:
    """The words that the index has, by how often a text says each; as `query_weights`."""
    weighted = {
        term: idf(postings, term) * (1 + log1p(count - 1))
        for term, count in counts.items()
        if term in postings.spans
    }
    limit = max(_AFFORDABLE, _COMMON * postings.count)
    rare = {t: w for t, w in weighted.items() if postings.spans[t][1] <= limit}
    best = sorted((rare or weighted).items(), key=lambda item: (-item[1], item[0]))
    return dict(best[:MAX_TERMS])


def scores(postings: Postings, weights: Mapping[str, float]) -> dict[int, float]:
    """BM25 scores of everything that has a word of the query."""
    found: dict[int, float] = {}
    known = found.get
    for term, weight in weights.items():
        offset, length = postings.spans[term]
        numbers = postings.nodes[offset : offset + length]
        for number, value in zip(numbers, postings.weights[offset : offset + length], strict=True):
            found[number] = known(number, 0.0) + weight * value
    return found


def largest(found: Mapping[int, float], count: int) -> list[int]:
    """Numbers of the highest scores, best first, the lower number first of equals."""
    if len(found) > count:
        least = nlargest(count, found.values())[-1]
        kept = [number for number, score in found.items() if score >= least]
    else:
        kept = list(found)
    return sorted(kept, key=lambda number: (-found[number], number))[:count]


class Rescored:
    """Scores of a query that is nearly another one: only what differs is computed.

    scores: of the other query. best: its best, best first. changed: those that differ now; 0 for
    what has no word any longer.
    """

    def __init__(
        self, scores: Mapping[int, float], best: Sequence[int], changed: Mapping[int, float]
    ) -> None:
        self._scores = scores
        self._best = best
        self._changed = changed

    def __getitem__(self, number: int) -> float:
        """The score of a symbol; 0 for one that has no word of the query."""
        known = self._changed.get(number)
        return self._scores.get(number, 0.0) if known is None else known

    def largest(self, count: int, hidden: Collection[int]) -> list[int]:
        """As the function of that name, without some numbers."""
        changed, scores = self._changed, self._scores
        same = [n for n in self._best if n not in changed and n not in hidden][:count]
        if len(same) < count and len(scores) > len(self._best):
            same = [n for n in scores if n not in changed and n not in hidden]
        found = {n: scores[n] for n in same}
        found |= {n: score for n, score in changed.items() if score and n not in hidden}
        return largest(found, count)


def rescored(
    postings: Postings,
    scores: Mapping[int, float],
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> dict[int, float]:
    """The scores that differ when the words of a query weigh otherwise than before."""
    changed: dict[int, float] = {}
    known = changed.get
    for term in {**before, **after}:
        more = after.get(term, 0.0) - before.get(term, 0.0)
        if more:
            offset, length = postings.spans[term]
            span = slice(offset, offset + length)
            for number, value in zip(postings.nodes[span], postings.weights[span], strict=True):
                score = known(number)
                if score is None:
                    score = scores.get(number, 0.0)
                changed[number] = score + more * value
    return {number: score if score > _NOISE else 0.0 for number, score in changed.items()}
