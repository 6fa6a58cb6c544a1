"""What each resolution step brings: the figures with the edges of the steps up to it.

An edge carries the step that found it first (`reason`), so a row shows what would be there if the
linker had stopped after that step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.score import TIERS, Case, Prediction, Wanted, count_all
from graphdb.schema import Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STEPS: tuple[tuple[str, frozenset[str]], ...] = (
    ("names", frozenset({"scope", "import", "__all__", "base", "annotation", ""})),
    ("hierarchy", frozenset({"self", "this", "super", "class", "hierarchy"})),
    ("types", frozenset({"type", "overload"})),
    ("value flow", frozenset({"value", "flow"})),
    ("protocols", frozenset({"protocol"})),
)
"""Steps in the order in which they build on each other, with the reasons that each one gives."""

CANDIDATES = "override candidates"
OTHERS = "other reasons"


def step_of(prediction: Prediction) -> str:
    """The step that an edge comes from; candidates are a step of their own."""
    if prediction.tier == Tier.CANDIDATE:
        return CANDIDATES
    return next((name for name, reasons in STEPS if prediction.reason in reasons), OTHERS)


def ablation(cases: Sequence[Case], *, implicit_apart: bool) -> list[dict[str, Any]]:
    """A row a step: its name, and precision and recall with all edges up to it."""
    rows: list[dict[str, Any]] = []
    kept: set[str] = set()
    present = {step_of(row) for case in cases for row in case.predictions}
    for name in (*(name for name, _ in STEPS), OTHERS, CANDIDATES):
        if name == OTHERS and name not in present:
            continue
        kept.add(name)
        counts = count_all(cases, _among(frozenset(kept)), implicit_apart=implicit_apart)
        rows.append({"step": name, **counts.to_json()})
    return rows


def _among(steps: frozenset[str]) -> Callable[[Prediction], bool]:
    return lambda prediction: step_of(prediction) in steps


def misses(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Every missing and every wrong edge: case, category, where, and what the graph says of it."""
    rows: list[dict[str, Any]] = []
    for case in cases:
        said = {row.pair for row in case.predictions}
        rows += [_missing(case, row) for row in case.wanted if row.pair not in said]
        wrong = [row for row in case.predictions if row.is_right is False]
        rows += [_wrong(case, row) for row in sorted(wrong, key=_by_tier)]
    return rows


def _missing(case: Case, row: Wanted) -> dict[str, Any]:
    return {
        "miss": "missing",
        "case": case.name,
        "category": row.category,
        "caller": row.pair[0],
        "callee": row.pair[1],
        "where": row.where,
        "unresolved": list(case.listed.get(row.pair[0], ())),
    }


def _wrong(case: Case, row: Prediction) -> dict[str, Any]:
    return {
        "miss": "wrong",
        "case": case.name,
        "category": row.category,
        "caller": row.pair[0],
        "callee": row.pair[1],
        "where": row.where,
        "tier": row.tier.value,
        "reason": row.reason,
        "kind": row.kind,
    }


def _by_tier(row: Prediction) -> tuple[int, str]:
    return TIERS.index(row.tier), row.where
