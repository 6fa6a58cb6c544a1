"""The plain retrievers that every figure stands beside; none of them uses an edge of a use.

bm25: definitions as documents of name, signature and docstring. interleaved: the members of the
class, the names that the file imports and the definitions of the file, in turn, then bm25. files:
whole files as documents, for localization. window: RepoCoder's windows of 20 lines by Jaccard.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, zip_longest
from math import log
from typing import TYPE_CHECKING

from graphdb.retrieval.words import STOP_WORDS, parts
from graphdb.retrieval.words import identifiers as identifiers_of
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphdb.retrieval.corpus import Corpus

K1, B = 1.5, 0.75
"""The usual parameters, as in rank-bm25 and bm25s."""

WINDOW, STRIDE = 20, 10


def plain_words(text: str) -> list[str]:
    """Words in lower case, identifiers in parts, function words left out."""
    found = (part for word in identifiers_of(text) for part in parts(word))
    return [part for part in found if part not in STOP_WORDS]


class Bm25:
    """Okapi BM25 over documents that are lists of words."""

    def __init__(self, documents: Sequence[Sequence[str]]) -> None:
        self._counts = [Counter(document) for document in documents]
        self._lengths = [len(document) for document in documents]
        self._mean = sum(self._lengths) / max(1, len(documents)) or 1.0
        self._having: dict[str, list[int]] = {}
        for number, counts in enumerate(self._counts):
            for word in counts:
                self._having.setdefault(word, []).append(number)

    def scores(self, query: Iterable[str]) -> dict[int, float]:
        """Score of every document that has a word of the query."""
        found: dict[int, float] = {}
        for word, times in Counter(query).items():
            having = self._having.get(word, ())
            weight = log(1 + (len(self._counts) - len(having) + 0.5) / (len(having) + 0.5)) * times
            for number in having:
                count = self._counts[number][word]
                length = self._lengths[number] / self._mean
                part = count * (K1 + 1) / (count + K1 * (1 - B + B * length))
                found[number] = found.get(number, 0.0) + weight * part
        return found

    def ranked(self, query: Iterable[str]) -> list[int]:
        """Documents that have a word of the query, best first."""
        found = self.scores(query)
        return sorted(found, key=lambda number: (-found[number], number))


def definitions_bm25(
    corpus: Corpus, docstrings: Mapping[str, str], text: str, hidden: frozenset[int]
) -> list[int]:
    """Symbols by BM25 over name, signature and docstring; tests are no candidates."""
    numbers = [n for n in range(len(corpus)) if n not in hidden and not corpus.is_test[n]]
    documents = [
        plain_words(f"{corpus.name[n]} {corpus.signature[n]} {docstrings.get(corpus.uid[n], '')}")
        for n in numbers
    ]
    return [numbers[i] for i in Bm25(documents).ranked(plain_words(text))]


def interleaved(corpus: Corpus, node: int, ranked: Sequence[int]) -> list[int]:
    """Class members, imported names and the file's definitions in turn, then `ranked`."""
    around = next((n for n in corpus.owners(node) if corpus.kind_of(n) is NodeKind.CLASS), None)
    module = corpus.module_of(node)
    members = list(corpus.children.get(around, ())) if around is not None else []
    imported: list[int] = []
    own: list[int] = []
    if module is not None:
        imported = sorted(corpus.targets(module, (EdgeKind.IMPORTS,)))
        own = [n for n in corpus.in_file[corpus.path[node]] if n != module]
    turns = chain.from_iterable(zip_longest(members, imported, own))
    found = dict.fromkeys(n for n in (*turns, *ranked) if n is not None and n != node)
    return list(found)


def files_bm25(files: Mapping[str, str], text: str) -> list[str]:
    """Paths by BM25 over whole files."""
    paths = sorted(files)
    index = Bm25([plain_words(f"{path} {files[path]}") for path in paths])
    return [paths[number] for number in index.ranked(plain_words(text))]


class Windows:
    """All windows of some files; their words are taken once for many queries.

    Windows are RepoCoder's (arXiv 2303.12570): 20 lines, a stride of 10.
    """

    def __init__(self, files: Mapping[str, str]) -> None:
        self._texts: list[tuple[str, int, str]] = []
        for path in sorted(files):
            lines = files[path].splitlines()
            for start in range(0, max(1, len(lines)), STRIDE):
                self._texts.append((path, start + 1, "\n".join(lines[start : start + WINDOW])))
        words = [plain_words(text) for _, _, text in self._texts]
        self._sets = [frozenset(found) for found in words]
        self._bm25 = Bm25(words)

    def by_bm25(self, text: str, hidden: str) -> list[tuple[str, int, str]]:
        """Windows (path, first line, text) best first, those of the file `hidden` left out."""
        return self._kept(self._bm25.ranked(plain_words(text)), hidden)

    def by_jaccard(self, text: str, hidden: str) -> list[tuple[str, int, str]]:
        """The same by Jaccard similarity of the sets of words."""
        query = frozenset(plain_words(text))
        likeness = [len(words & query) / len(words | query or {""}) for words in self._sets]
        ranked = sorted(range(len(likeness)), key=lambda number: (-likeness[number], number))
        return self._kept(ranked, hidden)

    def _kept(self, ranked: Iterable[int], hidden: str) -> list[tuple[str, int, str]]:
        return [self._texts[n] for n in ranked if self._texts[n][0] != hidden]
