"""Small sums that every suite needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def mean_percent(values: Iterable[float]) -> float | None:
    """The mean of shares in percent, one decimal; None of nothing."""
    found = list(values)
    return round(100 * sum(found) / len(found), 1) if found else None


def accuracy_at(ranked: Sequence[str], gold: Sequence[str], k: int) -> bool:
    """LocAgent's Acc@k: every gold item, cut to k of them, is among the first k."""
    first = set(ranked[:k])
    return bool(gold) and all(item in first for item in gold[:k])


def reciprocal_rank(ranked: Sequence[str], gold: Sequence[str]) -> float:
    """One over the rank of the first gold item; 0 when there is none."""
    wanted = set(gold)
    return next((1 / rank for rank, item in enumerate(ranked, start=1) if item in wanted), 0.0)


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below which a share of the values lie, nearest rank; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]
