"""The likelihood measure on a scorer whose answers can be counted."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.generation.likelihood import (
    Point,
    bootstrap,
    code_before,
    compare,
    equal_length,
    score_point,
)
from benchmarks.generation.likelihood_run import random_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

POINT = Point("import money\n\nprice = ", "money.of(3)")


class Score(NamedTuple):
    mean: float
    tokens: int


class Counting:
    """A model whose tokens are characters, and to which known words make a text likelier."""

    def __init__(self) -> None:
        self.prefixes: list[str] = []

    def tokens(self, text: str, *, is_start: bool = True) -> list[int]:
        return [1] * is_start + [ord(character) for character in text]

    def text(self, tokens: Sequence[int]) -> str:
        return "".join(map(chr, tokens))

    def mean_log_likelihood(self, prefix: str, continuation: str) -> Score:
        """Likelier by one for each word of the continuation that the prefix has."""
        self.prefixes.append(prefix)
        words = ("money", "of")
        return Score(-5.0 + sum(word in prefix for word in words), len(continuation))


JUDGE = Counting()


def test_contexts_are_cut_to_the_shortest_and_never_filled() -> None:
    cut = equal_length({"graph": "def of(cents): ...", "bm25": "def"}, 100, JUDGE)
    assert cut == {"graph": "def", "bm25": "def"}
    assert equal_length({"graph": "abcdef", "bm25": "uvwxyz"}, 4, JUDGE) == {
        "graph": "abcd",
        "bm25": "uvwx",
    }
    assert equal_length({"graph": "abc", "bm25": ""}, 4, JUDGE) is None


@given(st.dictionaries(st.sampled_from("abc"), st.text(max_size=20), min_size=1), st.integers(1, 9))
def test_cut_contexts_have_one_length_and_are_beginnings(
    contexts: dict[str, str], limit: int
) -> None:
    cut = equal_length(contexts, limit, JUDGE)
    if cut is None:
        assert not all(contexts.values())
        return
    assert len({len(JUDGE.tokens(text)) for text in cut.values()}) == 1
    assert all(contexts[name].startswith(text) and text for name, text in cut.items())


def test_what_stays_of_the_code_is_nearest_to_the_line_and_of_whole_lines() -> None:
    assert code_before("one\ntwo\nthree\n", 100, JUDGE) == "one\ntwo\nthree\n"
    assert code_before("one\ntwo\nthree\n", 12, JUDGE) == "two\nthree\n"
    assert code_before("one\ntwo\nthree\n", 8, JUDGE) == "three\n"
    assert code_before("a line without an end", 6, JUDGE) == "an end"
    assert code_before("a long line\n", 6, JUDGE) == " line\n"


def test_a_point_is_scored_under_each_context() -> None:
    judge = Counting()
    row = score_point(POINT, {"graph": "def of(x)", "bm25": "nothing 123"}, judge, (100, 100))
    assert row is not None
    assert row["means"] == {"none": -4.0, "graph": -3.0, "bm25": -4.0}
    sizes = row["prompt_tokens"]
    assert sizes["graph"] == sizes["bm25"] == sizes["none"] + len("def of(x)\n\n")
    assert all(prefix.endswith(POINT.before) for prefix in judge.prefixes)
    assert score_point(POINT, {"graph": "", "bm25": "x"}, judge, (100, 100)) is None


def test_a_gold_line_that_stands_in_a_context_is_told() -> None:
    contexts = {"graph": "x =  money.of(3)  # so", "bm25": "y = money.of( 3), never"}
    row = score_point(POINT, contexts, JUDGE, (100, 100))
    assert row is not None
    assert row["verbatim"] == ["graph"]


def test_changes_are_paired_by_record() -> None:
    values = (("a", -1.0), ("b", -1.5), ("b", -2.5))
    rows = [{"repository": r, "means": {"none": -2.0, "graph": g}} for r, g in values]
    paired = compare(rows, "none", "graph")
    assert paired is not None
    assert paired.change == pytest.approx((1.0 + 0.5 - 0.5) / 3)
    assert (paired.n, paired.repositories, paired.wins) == (3, 2, 2)
    assert paired.low <= paired.change <= paired.high
    assert compare([], "none", "graph") is None


def test_the_interval_holds_the_mean_as_often_as_it_says() -> None:
    # A standard normal sample's 95 % interval of the mean of 400 is about +-1.96 / 20.
    from random import Random

    draw = Random(7)
    changes = [draw.gauss(0.0, 1.0) for _ in range(400)]
    low, high = bootstrap([changes], resamples=2_000)
    assert high - low == pytest.approx(2 * 1.96 / 20, rel=0.15)
    assert low < fmean(changes) < high


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=20), st.randoms())
def test_the_interval_is_the_same_in_any_order(changes: list[float], order: object) -> None:
    turned = sorted(changes, key=lambda _: order.random())  # pyright: ignore[reportAttributeAccessIssue]
    low, high = bootstrap([changes], resamples=200)
    assert (low, high) == bootstrap([turned], resamples=200)
    assert min(changes) - 1e-9 <= low <= high <= max(changes) + 1e-9


def test_records_of_one_repository_count_as_one_draw() -> None:
    # Twenty repositories whose records are all the same say no more than twenty records do.
    from random import Random

    draw = Random(7)
    changes = [draw.gauss(0.0, 1.0) for _ in range(20)]
    once = bootstrap([[change] for change in changes], resamples=2_000)
    often = bootstrap([[change] * 10 for change in changes], resamples=2_000)
    assert often == pytest.approx(once)
    alone = bootstrap([[change for change in changes for _ in range(10)]], resamples=2_000)
    assert alone[1] - alone[0] < (once[1] - once[0]) / 2


def test_windows_at_random_are_of_other_files_and_the_same_again() -> None:
    files = {f"pkg/{n}.py": f"value_{n} = {n}\n".encode() * 50 for n in range(9)}
    found = random_windows(files, "pkg/3.py", "a record", 16)
    assert found == random_windows(files, "pkg/3.py", "a record", 16)
    assert found != random_windows(files, "pkg/3.py", "another", 16)
    assert "value_3" not in found
    assert len(found) > 256
    assert random_windows({"pkg/3.py": b"x"}, "pkg/3.py", "a", 16) == ""
