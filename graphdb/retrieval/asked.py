"""A text as one corpus understands it: its words, what they score, and what it names.

An answer to an issue asks for the context of several places with the same text; what depends on the
text alone is computed when it is first needed, and once.
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from graphdb.retrieval.lexical import Rescored, largest, rescored, scores, weighted_terms
from graphdb.retrieval.mentions import find_mentions
from graphdb.retrieval.words import fold, parts, terms

if TYPE_CHECKING:
    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.mentions import Named

TOP = 1_000
"""How many of the best symbols by words are looked at for anything but their score."""


class Asked:
    """One text, asked of one corpus."""

    def __init__(self, corpus: Corpus, text: str) -> None:
        self.corpus = corpus
        self.text = text

    @cached_property
    def weights(self) -> dict[str, float]:
        """The words that the index has, with their weight in the text, heaviest first."""
        return weighted_terms(self.corpus.by_symbol, self._counts)

    @cached_property
    def scores(self) -> dict[int, float]:
        """BM25 scores of the symbols that have a word of the text."""
        return scores(self.corpus.by_symbol, self.weights)

    @cached_property
    def best(self) -> list[int]:
        """The symbols of the highest scores, best first."""
        return largest(self.scores, TOP)

    @cached_property
    def named(self) -> Named:
        """The symbols and files that the text names."""
        return find_mentions(self.corpus, self.text)

    @cached_property
    def words(self) -> set[str]:
        """The words of the text, in parts and folded."""
        return {fold(part) for word in self.text.split() for part in parts(word)}

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(terms(self.text))

    def scores_with(self, name: str) -> Rescored:
        """BM25 scores for the text with a name before it."""
        index = self.corpus.by_symbol
        weights = weighted_terms(index, self._counts + Counter(terms(name)))
        changed = rescored(index, self.scores, self.weights, weights)
        return Rescored(self.scores, self.best, changed)
