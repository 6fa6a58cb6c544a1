"""Full-text scores over a corpus: BM25 with the weights that the index holds already.

Long texts are cut to their most telling words, so that an issue with a log in it costs what a
sentence costs.
"""

from __future__ import annotations

from collections import Counter
from math import log, log1p
from typing import TYPE_CHECKING

from graphdb.retrieval.words import terms

if TYPE_CHECKING:
    from graphdb.retrieval.corpus import Postings

MAX_TERMS = 60

_COMMON, _AFFORDABLE = 0.1, 3_000
"""A word that more symbols have than this part of all, and this number, tells next to nothing and
costs most of the time."""


def idf(postings: Postings, term: str) -> float:
    """How telling a word is; 0 for one that nothing has."""
    span = postings.spans.get(term)
    if span is None:
        return 0.0
    return log(1 + (postings.count - span[1] + 0.5) / (span[1] + 0.5))


def query_weights(postings: Postings, text: str) -> dict[str, float]:
    """The words of a text that the index has, with their weight in it, heaviest first."""
    counts = Counter(terms(text))
    weighted = {
        term: idf(postings, term) * (1 + log1p(count - 1))
        for term, count in counts.items()
        if term in postings.spans
    }
    limit = max(_AFFORDABLE, _COMMON * postings.count)
    rare = {t: w for t, w in weighted.items() if postings.spans[t][1] <= limit}
    best = sorted((rare or weighted).items(), key=lambda item: (-item[1], item[0]))
    return dict(best[:MAX_TERMS])


def scores(postings: Postings, weights: dict[str, float]) -> dict[int, float]:
    """BM25 scores of everything that has a word of the query."""
    found: dict[int, float] = {}
    known = found.get
    for term, weight in weights.items():
        offset, length = postings.spans[term]
        numbers = postings.nodes[offset : offset + length]
        for number, value in zip(numbers, postings.weights[offset : offset + length], strict=True):
            found[number] = known(number, 0.0) + weight * value
    return found
