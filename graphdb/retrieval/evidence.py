"""All that a text says about a corpus: its words, what it names, and what lies near both.

Scores by words exist for a good part of a large repository; only the best of them are looked at
further, so that the cost of an answer hardly grows with the repository.
"""

from __future__ import annotations

import re
from collections import defaultdict
from enum import IntEnum
from functools import cached_property
from math import log1p
from typing import TYPE_CHECKING

from graphdb.retrieval.asked import TOP, Asked
from graphdb.retrieval.corpus import KIND_CODE
from graphdb.retrieval.lexical import largest, query_weights, scores
from graphdb.retrieval.walks import personalised_pagerank
from graphdb.retrieval.words import parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.mentions import Named
    from graphdb.schema import NodeKind

_SEEDS = 20
"""How many of the best matches by words start the walk, beside all that the text names."""

_WORD_SEED = 0.3


_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LINK = re.compile(r"https?://\S+")
_ASIDE_FOLDERS = frozenset(
    {"doc", "docs", "example", "examples", "benchmark", "benchmarks", "script", "scripts", "tools"}
)
_ASIDE_FILES = frozenset({"setup.py", "conf.py"})

_FILES, _SYMBOLS = 200, 300
"""How many of the best by words are candidates, beside what is named and what the walk reaches."""


class Sign(IntEnum):
    """Position of each number in a symbol's or file's list; all are about 0 to 1."""

    WORDS = 0
    PROSE = 1
    TITLE = 2
    NAMED = 3
    WALK = 4
    NAME_WORDS = 5
    AROUND = 6
    BEST = 7
    BEST_TITLE = 8
    SIZE = 9
    IS_ASIDE = 10


class Evidence:
    """All that a text says about a corpus."""

    def __init__(self, corpus: Corpus, text: str) -> None:
        self.corpus = corpus
        text = _COMMENT.sub(" ", text)
        title = next((line for line in text.splitlines() if line.strip()), "")
        prose = _LINK.sub(" ", _FENCED.sub(" ", text))
        self.asked = Asked(corpus, text)
        self.words = _Scaled(self.asked.scores)
        self.title = self._others(title, text)
        self.prose = self._others(prose, text)
        files = corpus.by_file
        self.file_words = _Scaled(scores(files, query_weights(files, text)))
        self.file_title = _Scaled(scores(files, query_weights(files, title)))
        self._best = {n: self.words[n] for n in self.asked.best}
        self.named: Named = self.asked.named
        self.walk = _scaled(personalised_pagerank(corpus, self._seeds()))

    def _others(self, part: str, text: str) -> _Scaled:
        """Scores by a part of the text; those of the text where the part is all of it."""
        if part.split() == text.split():
            return self.words
        index = self.corpus.by_symbol
        return _Scaled(scores(index, query_weights(index, part)))

    def _seeds(self) -> dict[int, float]:
        corpus, title = self.corpus, self.title
        seeds = dict(self.named.symbols)
        both = {n: v + title[n] for n, v in self._best.items()}
        best = [n for n in largest(both, 3 * _SEEDS) if not corpus.is_test[n]][:_SEEDS]
        for number in best:
            seeds[number] = seeds.get(number, 0.0) + _WORD_SEED * both[number]
        return seeds

    def symbols(self, kinds: Collection[NodeKind], *, with_tests: bool = False) -> list[int]:
        """The symbols of some kinds that most speaks for."""
        kind, is_test = self.corpus.kind, self.corpus.is_test
        codes = {KIND_CODE[wanted] for wanted in kinds}

        def wanted(found: Mapping[int, float]) -> dict[int, float]:
            every = {n: value for n, value in found.items() if kind[n] in codes}
            return every if with_tests else {n: v for n, v in every.items() if not is_test[n]}

        # The best of all are in order: those of the wanted kinds among them are their best.
        said = [*wanted(self._best)][:_SYMBOLS]
        if len(said) < _SYMBOLS:
            said = largest(wanted(self.words.found), _SYMBOLS)
        return sorted({*said, *wanted(self.named.symbols), *wanted(self.walk)})

    def of_symbol(self, number: int) -> list[float]:
        """The signs of a symbol, in the order of `Sign`; those of its file are not among them."""
        corpus = self.corpus
        name = corpus.name[number]
        owner = corpus.parent[number]
        row = [0.0] * len(Sign)
        row[Sign.WORDS] = self.words[number]
        row[Sign.TITLE] = self.title[number]
        row[Sign.PROSE] = self.prose[number]
        row[Sign.NAMED] = self.named.symbols.get(number, 0.0)
        row[Sign.WALK] = self.walk.get(number, 0.0) ** 0.5
        row[Sign.NAME_WORDS] = self._said_share(parts(name))
        if owner >= 0:
            around = (self.words[owner], self.named.symbols.get(owner, 0.0))
            row[Sign.AROUND] = max(around)
        row[Sign.SIZE] = log1p(corpus.end[number] - corpus.start[number]) / 6
        return row

    @cached_property
    def of_files(self) -> dict[int, list[float]]:
        """File number -> its signs, for the files that most speaks for."""
        corpus = self.corpus
        words = self._tops(self._best)
        titles = self._tops({n: self.title[n] for n in self.title.largest(TOP)})
        named, walk = self._tops(self.named.symbols), self._tops(self.walk)
        files = {*self.file_words.largest(_FILES), *self.file_title.largest(_FILES)}
        files |= {*named, *walk, *self.named.files}
        rows: dict[int, list[float]] = {}
        for file in sorted(files):
            path = corpus.paths[file]
            row = [0.0] * len(Sign)
            row[Sign.WORDS] = self.file_words[file]
            row[Sign.TITLE] = self.file_title[file]
            row[Sign.BEST] = sum(words.get(file, ())[:3]) / 3
            row[Sign.BEST_TITLE] = max(titles.get(file, (0.0,)))
            row[Sign.NAMED] = max(named.get(file, [0.0])[0], self.named.files.get(file, 0.0))
            row[Sign.WALK] = min(1.0, sum(walk.get(file, ()))) ** 0.5
            name = path.rpartition("/")[2].partition(".")[0]
            row[Sign.NAME_WORDS] = self._said_share(parts(name))
            row[Sign.IS_ASIDE] = float(_is_aside(path))
            rows[file] = row
        return rows

    def _tops(self, found: Mapping[int, float]) -> dict[int, list[float]]:
        """Scores of each file's symbols, best first."""
        result: defaultdict[int, list[float]] = defaultdict(list)
        for number, score in found.items():
            result[self.corpus.path[number]].append(score)
        for values in result.values():
            values.sort(reverse=True)
        return result

    def _said_share(self, words: Iterable[str]) -> float:
        """The share of some words, by how telling they are, that the text has."""
        every, weights = dict.fromkeys(words), self.asked.weights
        said = [word for word in every if word in weights]
        if not said:
            return 0.0
        telling = self.corpus.telling
        return sum([telling[word] for word in said]) / sum([telling[word] for word in every])


class _Scaled:
    """Scores brought to a maximum of 1 where they are looked at, which few of many are."""

    def __init__(self, found: dict[int, float]) -> None:
        self.found = found
        self._top = max(found.values(), default=1.0)

    def __getitem__(self, number: int) -> float:
        """The score of a number; 0 for one that has none."""
        return self.found.get(number, 0.0) / self._top

    def largest(self, count: int) -> list[int]:
        """As the function of that name."""
        return largest(self.found, count)


def _scaled(found: dict[int, float]) -> dict[int, float]:
    """Scores brought to a maximum of 1."""
    top = max(found.values(), default=0.0)
    return {number: score / top for number, score in found.items()} if top > 0 else {}


def _is_aside(path: str) -> bool:
    """True for what is shipped beside the software: documentation, examples, set-up."""
    *folders, name = path.split("/")
    return name in _ASIDE_FILES or not _ASIDE_FOLDERS.isdisjoint(folders)
