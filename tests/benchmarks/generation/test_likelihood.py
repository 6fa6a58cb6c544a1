"""The likelihood measure on a scorer whose answers can be counted."""

from __future__ import annotations

from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.generation.likelihood import (
    Point,
    Scored,
    bootstrap,
    compare,
    equal_length,
    prompt_of,
    score_point,
)

POINT = Point("1", "shop", "import money\n\nprice = ", "money.of(3)")


def counting(prefix: str, continuation: str) -> Scored:
    """Likelier by one for each word of the continuation that the prefix has."""
    words = ("money", "of")
    return Scored(-5.0 + sum(word in prefix for word in words), len(continuation))


def test_contexts_are_cut_to_the_shortest_and_never_filled() -> None:
    cut = equal_length({"graph": "def of(cents): ...", "bm25": "def"}, 100)
    assert cut == {"graph": "def", "bm25": "def"}
    assert equal_length({"graph": "abcdef", "bm25": "uvwxyz"}, 4) == {
        "graph": "abcd",
        "bm25": "uvwx",
    }
    assert equal_length({"graph": "abc", "bm25": ""}, 4) is None


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=20), min_size=1), st.integers(1, 9))
def test_cut_contexts_have_one_length_and_are_beginnings(
    contexts: dict[str, str], limit: int
) -> None:
    cut = equal_length(contexts, limit)
    if cut is None:
        assert not all(contexts.values())
        return
    assert len({len(text) for text in cut.values()}) == 1
    assert all(contexts[name].startswith(text) and text for name, text in cut.items())


def test_the_code_before_the_line_is_the_same_under_every_context() -> None:
    assert prompt_of("", "abcdef", 3) == "def"
    assert prompt_of("context\n", "abcdef", 3) == "context\n\ndef"


def test_a_point_is_scored_under_each_context() -> None:
    row = score_point(POINT, {"graph": "def of(x)", "bm25": "nothing 123"}, counting, (100, 100))
    assert row is not None
    assert row["means"] == {"none": -4.0, "graph": -3.0, "bm25": -4.0}
    assert row["characters"] == len("def of(x)")
    assert score_point(POINT, {"graph": "", "bm25": "x"}, counting, (100, 100)) is None


def test_changes_are_paired_by_record() -> None:
    rows = [{"means": {"none": -2.0, "graph": g}} for g in (-1.0, -1.5, -2.5)]
    paired = compare(rows, "none", "graph")
    assert paired is not None
    assert paired.change == pytest.approx((1.0 + 0.5 - 0.5) / 3)
    assert (paired.n, paired.wins) == (3, 2)
    assert paired.low <= paired.change <= paired.high
    assert compare([], "none", "graph") is None


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    # A standard normal sample's 95 % interval of the mean of 400 is about +-1.96 / 20.
    from random import Random

    draw = Random(7)
    changes = [draw.gauss(0.0, 1.0) for _ in range(400)]
    low, high = bootstrap(changes, resamples=2_000)
    assert high - low == pytest.approx(2 * 1.96 / 20, rel=0.15)
    assert low < fmean(changes) < high


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20), st.randoms())
def test_the_interval_is_the_same_in_any_order(changes: list[float], order: object) -> None:
    turned = sorted(changes, key=lambda _: order.random())  # pyright: ignore[reportAttributeAccessIssue]
    low, high = bootstrap(changes, resamples=200)
    assert (low, high) == bootstrap(turned, resamples=200)
    assert min(changes) - 1e-9 <= low <= high <= max(changes) + 1e-9
