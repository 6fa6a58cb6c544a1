"""Does context make the gold line more likely? Mean log-likelihood per token, paired by record.

The one figure of a small model that means something: it writes nothing, so it needs no skill. All
contexts of a record have the same number of characters, cut and never filled up, and stand before
the same piece of code; a record whose shortest context is empty is left out, not padded. The change
from one context to another is told with a paired bootstrap interval over records.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RESAMPLES = 10_000
LEVEL = 0.95
_SEED = 20_240_903


class Scored(NamedTuple):
    """mean: natural logarithm per token of the continuation. tokens: how many it has."""

    mean: float
    tokens: int


Score = Callable[[str, str], Scored]
"""(prefix, continuation) -> how likely the continuation is. May raise ModelUnavailableError."""


class Contexts(Protocol):
    """Where a record's contexts come from: name -> text, best first."""

    def __call__(self, record_id: str) -> Mapping[str, str]:
        """The contexts of a record, longest possible."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """A line to be predicted. before: the code of its file up to it. gold: the line."""

    id: str
    repository: str
    before: str
    gold: str


@dataclass(frozen=True, slots=True)
class Paired:
    """The change of the mean from one context to another over n records.

    low, high: the bootstrap interval. wins: records with a higher likelihood.
    """

    n: int
    change: float
    low: float
    high: float
    wins: int

    def to_json(self) -> dict[str, Any]:
        """Rounded."""
        return {
            "n": self.n,
            "change": round(self.change, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
            "wins": self.wins,
        }


def equal_length(contexts: Mapping[str, str], limit: int) -> dict[str, str] | None:
    """The contexts cut to the length of the shortest, at most `limit` characters.

    None when one of them is empty: a comparison of equal length is then not possible.
    """
    size = min([limit, *(len(text) for text in contexts.values())])
    return {name: text[:size] for name, text in contexts.items()} if size > 0 else None


def prompt_of(context: str, before: str, limit: int) -> str:
    """What stands before the gold line: the context, then the last `limit` characters of code."""
    code = before[-limit:]
    return f"{context.rstrip()}\n\n{code}" if context else code


def score_point(
    point: Point, contexts: Mapping[str, str], score: Score, limits: tuple[int, int]
) -> dict[str, Any] | None:
    """Likelihood of a point's gold line under no context and each of equal length.

    limits: characters of context and of code. None when no equal length is possible.
    """
    cut = equal_length(contexts, limits[0])
    if cut is None:
        return None
    found: dict[str, Any] = {}
    tokens = 0
    for name, text in {"none": "", **cut}.items():
        mean, tokens = score(prompt_of(text, point.before, limits[1]), point.gold)
        found[name] = round(mean, 6)
    length = len(next(iter(cut.values())))
    return {
        "id": point.id,
        "repository": point.repository,
        "means": found,
        "tokens": tokens,
        "characters": length,
    }


def compare(rows: Sequence[Mapping[str, Any]], first: str, second: str) -> Paired | None:
    """How much likelier the gold lines are under `second` than under `first`; None of no rows."""
    changes = [row["means"][second] - row["means"][first] for row in rows]
    if not changes:
        return None
    low, high = bootstrap(changes)
    wins = sum(change > 0 for change in changes)
    return Paired(len(changes), fmean(changes), low, high, wins)


def bootstrap(
    changes: Sequence[float], resamples: int = RESAMPLES, level: float = LEVEL
) -> tuple[float, float]:
    """The percentile interval of the mean of paired changes, records drawn with replacement.

    Efron and Tibshirani, An Introduction to the Bootstrap, chapter 13. The draws are seeded, so
    that the same changes give the same interval.
    """
    draw = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    size = len(changes)
    ordered = sorted(changes)
    means = sorted(fmean(draw.choices(ordered, k=size)) for _ in range(resamples))
    edge = (1 - level) / 2
    last = len(means) - 1
    return means[round(edge * last)], means[round((1 - edge) * last)]
