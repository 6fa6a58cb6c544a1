"""Precision and recall of predicted edges against a truth, by tier, kind, category and step.

Right or wrong is said per prediction by the suite, because a truth may be silent about some: what a
test run never reached is neither.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from graphdb.schema import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Pair = tuple[str, str]
"""Who, and whom: (caller, callee) by the names of the truth."""

TIERS = (Tier.EXACT, Tier.INFERRED, Tier.CANDIDATE)
LEVELS = {"exact": TIERS[:1], "inferred": TIERS[:2], "all": TIERS}
"""Figure -> the tiers that it counts: each includes the surer ones."""

IMPLICIT = frozenset({"property", "operator", "decorator"})
"""Kinds of calls that no call expression shows, and that a truth may leave out."""


class Wanted(NamedTuple):
    """An edge of the truth. where: for people, a file and line or a name."""

    pair: Pair
    category: str
    where: str


class Prediction(NamedTuple):
    """An edge of the graph, or one site of it. is_right: None where the truth cannot tell."""

    pair: Pair
    tier: Tier
    kind: str
    reason: str
    category: str
    where: str
    is_right: bool | None


@dataclass(frozen=True, slots=True)
class Case:
    """One program or repository: what its truth asks for and what the graph says.

    listed: caller -> the call sites that the graph itself lists as unresolved.
    """

    name: str
    wanted: tuple[Wanted, ...]
    predictions: tuple[Prediction, ...]
    listed: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


@dataclass(slots=True)
class Counts:
    """How many predictions were judged and right, and how much of the truth was found."""

    right: int = 0
    judged: int = 0
    found: int = 0
    wanted: int = 0

    @property
    def precision(self) -> float | None:
        """Share of the judged predictions that are right; None when none was judged."""
        return self.right / self.judged if self.judged else None

    @property
    def recall(self) -> float | None:
        """Share of the truth that was found; None when it asks for nothing."""
        return self.found / self.wanted if self.wanted else None

    def add(self, other: Counts) -> None:
        """Pool with the counts of another case."""
        self.right += other.right
        self.judged += other.judged
        self.found += other.found
        self.wanted += other.wanted

    def to_json(self) -> dict[str, Any]:
        """`precision` and `recall` as shares, and the counts they come from."""
        return {
            "precision": _rounded(self.precision),
            "recall": _rounded(self.recall),
            "right": self.right,
            "judged": self.judged,
            "found": self.found,
            "wanted": self.wanted,
        }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one suite; `levels` and `with_implicit` by the names of `LEVELS`."""

    cases: int
    levels: dict[str, Counts]
    with_implicit: dict[str, Counts]
    by_category: dict[str, Counts]
    by_kind: dict[str, Counts]
    sound: int
    complete: int
    sound_by_category: dict[str, tuple[int, int]] = field(
        default_factory=dict[str, tuple[int, int]]
    )

    def to_json(self) -> dict[str, Any]:
        """The `metrics` object of a suite."""
        shares: dict[str, Any] = {name: c.to_json() for name, c in self.levels.items()}
        return {
            "all": shares["all"],
            "exact": shares["exact"],
            "inferred": shares["inferred"],
            "with_implicit": {name: c.to_json() for name, c in self.with_implicit.items()},
            "sound_share": _rounded(self.sound / self.cases) if self.cases else None,
            "complete_share": _rounded(self.complete / self.cases) if self.cases else None,
            "by_category": {
                name: counts.to_json() | self._sound_in(name)
                for name, counts in sorted(self.by_category.items())
            },
            "by_kind": {name: counts.to_json() for name, counts in sorted(self.by_kind.items())},
        }

    def _sound_in(self, category: str) -> dict[str, Any]:
        sound, cases = self.sound_by_category.get(category, (0, 0))
        return {"cases": cases, "sound": sound} if cases else {}


def tiers_kept(tiers: Sequence[Tier]) -> Callable[[Prediction], bool]:
    """A filter that lets these tiers through."""
    return lambda prediction: prediction.tier in tiers


def count(
    wanted: Iterable[Wanted], predictions: Iterable[Prediction], *, implicit_apart: bool = False
) -> Counts:
    """Pool one case.

    implicit_apart: an implicit call that the truth does not have is not judged; one that it has
    counts as any other.
    """
    pairs = {row.pair for row in wanted}
    said: set[Pair] = set()
    judged: dict[tuple[Pair, str], bool] = {}
    for row in predictions:
        said.add(row.pair)
        if row.is_right is None or (implicit_apart and not row.is_right and row.kind in IMPLICIT):
            continue
        judged[row.pair, row.where] = row.is_right
    return Counts(sum(judged.values()), len(judged), len(pairs & said), len(pairs))


def count_all(
    cases: Iterable[Case],
    keep: Callable[[Prediction], bool],
    want: Callable[[Wanted], bool] = lambda _: True,
    *,
    implicit_apart: bool = False,
) -> Counts:
    """Pool several cases over the predictions and wanted edges that two filters let through."""
    total = Counts()
    for case in cases:
        total.add(
            count(
                filter(want, case.wanted),
                filter(keep, case.predictions),
                implicit_apart=implicit_apart,
            )
        )
    return total


def score(cases: Sequence[Case], *, implicit_apart: bool = False) -> Scores:
    """All figures of a suite.

    implicit_apart: `levels` leave out wrong implicit calls; `with_implicit` never does.
    """
    by_level = {
        name: count_all(cases, tiers_kept(tiers), implicit_apart=implicit_apart)
        for name, tiers in LEVELS.items()
    }
    with_implicit = {name: count_all(cases, tiers_kept(t)) for name, t in LEVELS.items()}
    categories = {row.category for case in cases for row in (*case.wanted, *case.predictions)}
    kinds = {row.kind for case in cases for row in case.predictions}
    sound = [_is_sound(case) for case in cases]
    complete = [all(p.is_right is not False for p in case.predictions) for case in cases]
    return Scores(
        cases=len(cases),
        levels=by_level,
        with_implicit=with_implicit,
        by_category={
            name: count_all(
                cases, _in_category(name), _in_category(name), implicit_apart=implicit_apart
            )
            for name in categories
        },
        by_kind={name: count_all(cases, _of_kind(name)) for name in kinds},
        sound=sum(sound),
        complete=sum(complete),
        sound_by_category=_sound_by_category(cases, sound),
    )


def levels(cases: Sequence[Case]) -> dict[str, Any]:
    """Precision and recall by tier alone, of what a suite measures beside its main edges."""
    return {name: count_all(cases, tiers_kept(tiers)).to_json() for name, tiers in LEVELS.items()}


def _is_sound(case: Case) -> bool:
    said = {row.pair for row in case.predictions}
    return all(row.pair in said for row in case.wanted)


def _sound_by_category(cases: Sequence[Case], sound: Sequence[bool]) -> dict[str, tuple[int, int]]:
    """For each category that whole cases belong to: how many of them are sound."""
    found: dict[str, list[bool]] = defaultdict(list)
    for case, is_sound in zip(cases, sound, strict=True):
        categories = {row.category for row in (*case.wanted, *case.predictions)}
        if len(categories) == 1:
            found[categories.pop()].append(is_sound)
    return {name: (sum(values), len(values)) for name, values in found.items()}


def _in_category(name: str) -> Callable[[Wanted | Prediction], bool]:
    return lambda row: row.category == name


def _of_kind(name: str) -> Callable[[Prediction], bool]:
    return lambda row: row.kind == name
