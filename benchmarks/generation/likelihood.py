"""Does context make the gold line more likely? Mean log-likelihood per token, paired by record.

The one figure of a small model that means something: it writes nothing, so it needs no skill. All
contexts of a record have the same number of the model's own tokens, cut and never filled up, and
stand before the same code. Records of one repository are alike, so intervals draw repositories.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from math import fsum
from statistics import fmean
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RESAMPLES = 10_000
LEVEL = 0.95
_SEED = 20_240_903


class Scored(Protocol):
    """How likely a text is."""

    @property
    def mean(self) -> float:
        """Natural logarithm of the probability, mean over its tokens."""
        ...

    @property
    def tokens(self) -> int:
        """How many it has."""
        ...


class Judge(Protocol):
    """A language model that tells how likely a text is. All may raise ModelUnavailableError."""

    def tokens(self, text: str, *, is_start: bool = True) -> Sequence[int]:
        """A text as its tokens. is_start: with the one that opens every text, if any."""
        ...

    def text(self, tokens: Sequence[int]) -> str:
        """Tokens as text."""
        ...

    def mean_log_likelihood(self, prefix: str, continuation: str) -> Scored:
        """How likely a continuation is after a prefix."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """A line to be predicted. before: the code of its file up to it. gold: the line."""

    before: str
    gold: str


@dataclass(frozen=True, slots=True)
class Paired:
    """The change of the mean from one context to another over n records of so many repositories.

    low, high: the bootstrap interval. wins: records with a higher likelihood.
    """

    n: int
    repositories: int
    change: float
    low: float
    high: float
    wins: int

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {
            "n": self.n,
            "repositories": self.repositories,
            "change": round(self.change, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "wins": self.wins,
        }


def equal_length(contexts: Mapping[str, str], limit: int, judge: Judge) -> dict[str, str] | None:
    """The beginnings of contexts, of as many tokens as the shortest has, at most `limit`.

    None when one of them is empty: a comparison of equal length is then not possible.
    """
    cut = {name: judge.tokens(text, is_start=False) for name, text in contexts.items()}
    size = min([limit, *map(len, cut.values())])
    return {name: judge.text(found[:size]) for name, found in cut.items()} if size > 0 else None


def code_before(before: str, limit: int, judge: Judge) -> str:
    """The last whole lines of the code before a cursor, at most `limit` tokens.

    Of a last line that alone is longer, its end.
    """
    tokens = judge.tokens(before, is_start=False)
    if len(tokens) <= limit:
        return before
    code = judge.text(tokens[-limit:])
    _, _, whole_lines = code.partition("\n")
    return whole_lines or code


def score_point(
    point: Point, contexts: Mapping[str, str], judge: Judge, limits: tuple[int, int]
) -> dict[str, Any] | None:
    """Likelihood of a point's gold line under no context and each of equal length.

    limits: tokens of context and of code. None when no equal length is possible.
    """
    cut = equal_length(contexts, limits[0], judge)
    if cut is None:
        return None
    code = code_before(point.before, limits[1], judge)
    prompts = {"none": code} | {n: f"{text.rstrip()}\n\n{code}" for n, text in cut.items()}
    scored = {n: judge.mean_log_likelihood(text, point.gold) for n, text in prompts.items()}
    return {
        "means": {name: round(found.mean, 6) for name, found in scored.items()},
        "tokens": scored["none"].tokens,
        "prompt_tokens": {name: len(judge.tokens(text)) for name, text in prompts.items()},
        "verbatim": [name for name, text in cut.items() if _has(text, point.gold)],
    }


def _has(context: str, gold: str) -> bool:
    """Whether a line stands in a context as it is, but for spaces."""
    return " ".join(gold.split()) in " ".join(context.split())


def compare(rows: Sequence[Mapping[str, Any]], first: str, second: str) -> Paired | None:
    """How much likelier the gold lines are under `second` than under `first`; None of no rows."""
    changes: dict[str, list[float]] = {}
    for row in rows:
        change = row["means"][second] - row["means"][first]
        changes.setdefault(row["repository"], []).append(change)
    if not changes:
        return None
    every = [change for group in changes.values() for change in group]
    low, high = bootstrap(list(changes.values()))
    wins = sum(change > 0 for change in every)
    return Paired(len(every), len(changes), fmean(every), low, high, wins)


def bootstrap(
    groups: Sequence[Sequence[float]], resamples: int = RESAMPLES, level: float = LEVEL
) -> tuple[float, float]:
    """The percentile interval of the mean of paired changes, groups drawn with replacement.

    Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13, with whole groups as the
    units (Cameron, Gelbach and Miller 2008, doi:10.1162/rest.90.3.414); the changes of a single
    group are drawn one by one. Fewer than ten groups give an interval that is too narrow. The
    draws are seeded, so that the same changes give the same interval.
    """
    draw = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    units = groups if len(groups) > 1 else [[change] for group in groups for change in group]
    sums = sorted((fsum(unit), len(unit)) for unit in units)
    means = sorted(_mean(draw.choices(sums, k=len(sums))) for _ in range(resamples))
    edge = (1 - level) / 2
    last = len(means) - 1
    return means[round(edge * last)], means[round((1 - edge) * last)]


def _mean(drawn: Iterable[tuple[float, int]]) -> float:
    sums, sizes = zip(*drawn, strict=True)
    return fsum(sums) / sum(sizes)
