"""From a text, such as an issue with a traceback, to the files, classes and functions it is about.

Three kinds of evidence are weighed: the words (BM25, the first line counting apart), what the text
names, and what a random walk from both of these reaches over the graph's edges.
"""

from __future__ import annotations

from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from graphdb.retrieval.context import Scored
from graphdb.retrieval.evidence import Evidence, Sign

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphdb.retrieval.corpus import Corpus
    from graphdb.schema import NodeKind


class ScoredFile(NamedTuple):
    """A file of a corpus with its score and the reasons."""

    path: str
    score: float
    why: str


FILE_WEIGHTS: dict[Sign, float] = {
    Sign.WORDS: 1.4,
    Sign.TITLE: 1.8,
    Sign.NAMED: 0.7,
    Sign.WALK: 1.8,
    Sign.NAME_WORDS: 0.7,
    Sign.BEST: 1.1,
    Sign.BEST_TITLE: 1.1,
    Sign.IS_ASIDE: -1.2,
}
SYMBOL_WEIGHTS: dict[Sign, float] = {
    Sign.WORDS: 1.0,
    Sign.PROSE: 1.25,
    Sign.TITLE: 0.9,
    Sign.NAMED: 0.4,
    Sign.WALK: 2.3,
    Sign.NAME_WORDS: 0.6,
    Sign.AROUND: 0.6,
    Sign.SIZE: 1.5,
}
"""Weights of a softmax regression on development data; docs/benchmarks.md says which."""

FILE_SHARE = 0.5
"""What a symbol takes over of its file's score."""

TEST_COST = 1.0

_REASONS = {
    Sign.WORDS: "words of the text",
    Sign.PROSE: "words of the text",
    Sign.TITLE: "words of its first line",
    Sign.BEST: "words of the text in its symbols",
    Sign.BEST_TITLE: "words of its first line in a symbol",
    Sign.NAMED: "named in the text",
    Sign.WALK: "near what the text is about",
    Sign.NAME_WORDS: "name in the words of the text",
    Sign.AROUND: "its class is in the text",
}
_MAX_REASONS = 2


_BY_FILE = tuple(FILE_WEIGHTS.get(sign, 0.0) for sign in Sign)
_BY_SYMBOL = tuple(SYMBOL_WEIGHTS.get(sign, 0.0) for sign in Sign)
_SAID = tuple((int(sign), _REASONS[sign]) for sign in Sign if sign in _REASONS)


def locate_files(
    corpus: Corpus, text: str, limit: int | None = None, *, evidence: Evidence | None = None
) -> list[ScoredFile]:
    """Files that a text is about, best first, test files left out."""
    evidence = evidence or Evidence(corpus, text)
    rows = evidence.of_files
    found = [
        (round(sum(map(mul, _BY_FILE, row)), 4), corpus.paths[file], file)
        for file, row in rows.items()
        if not corpus.is_test[corpus.in_file[file][0]]
    ]
    found.sort(key=lambda item: (-item[0], item[1]))
    return [
        ScoredFile(path, score, _why(rows[file], _BY_FILE)) for score, path, file in found[:limit]
    ]


def locate_symbols(
    corpus: Corpus,
    text: str,
    kinds: Collection[NodeKind],
    limit: int | None = None,
    *,
    with_tests: bool = False,
    evidence: Evidence | None = None,
) -> list[Scored]:
    """Symbols of some kinds that a text is about, best first.

    with_tests: rank tests, too, below their equals.
    """
    evidence = evidence or Evidence(corpus, text)
    files = {file: sum(map(mul, _BY_FILE, row)) for file, row in evidence.of_files.items()}
    best_file = max(files.values(), default=0.0)
    rows: dict[int, list[float]] = {}
    found: list[tuple[float, int]] = []
    for number in evidence.symbols(kinds, with_tests=with_tests):
        row = rows[number] = evidence.of_symbol(number)
        score = sum(map(mul, _BY_SYMBOL, row)) - TEST_COST * corpus.is_test[number]
        score += FILE_SHARE * (files.get(corpus.path[number], 0.0) - best_file)
        found.append((round(score, 4), number))
    found.sort(key=lambda item: (-item[0], item[1]))
    named = evidence.named.why
    return [
        Scored(number, score, named.get(number) or _why(rows[number], _BY_SYMBOL))
        for score, number in found[:limit]
    ]


def _why(row: Sequence[float], weights: Sequence[float]) -> str:
    told = [
        (row[sign] * weights[sign], reason)
        for sign, reason in _SAID
        if weights[sign] and row[sign] > 0
    ]
    told.sort(key=lambda item: -item[0])
    return ", ".join(dict.fromkeys(reason for _, reason in told[:_MAX_REASONS]))
