"""Scores against sums done by hand, and what must hold of any input."""

from __future__ import annotations

from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.generation.metrics import (
    code_lines,
    edit_similarity,
    filled_similarity,
    identifiers,
    macro_mean,
    match,
    one_statement,
    parses,
    pass_at_k,
    recall_at_k,
    without_comments,
)

CODE = st.text(alphabet="abxy_ =().,;{}'\n#1", max_size=40)
NAMES = st.sets(st.sampled_from("abcdef"), max_size=6)


def test_pass_at_k_by_hand() -> None:
    # Five samples, two right: pairs without a right one are 3 of 10.
    assert pass_at_k(5, 2, 1) == pytest.approx(0.4)
    assert pass_at_k(5, 2, 2) == pytest.approx(0.7)
    assert pass_at_k(5, 2, 4) == 1.0
    assert pass_at_k(1, 0, 1) == 0.0


@pytest.mark.parametrize(("n", "correct", "k"), [(3, 4, 1), (3, -1, 1), (3, 1, 0), (3, 1, 4)])
def test_pass_at_k_refuses_what_is_not_defined(n: int, correct: int, k: int) -> None:
    with pytest.raises(ValueError, match="not defined"):
        pass_at_k(n, correct, k)


@given(st.integers(1, 40), st.data())
def test_pass_at_k_is_a_chance_that_grows_with_k(n: int, data: st.DataObject) -> None:
    correct = data.draw(st.integers(0, n))
    values = [pass_at_k(n, correct, k) for k in range(1, n + 1)]
    assert all(0.0 <= value <= 1.0 for value in values)
    assert all(a <= b + 1e-12 for a, b in pairwise(values))
    assert isclose(values[0], correct / n)
    assert values[-1] == float(correct > 0)


def test_recall_at_k_takes_the_best_completion_whole() -> None:
    # The union of both completions would have all three; the best single one has two.
    found = [{"a"}, {"b", "c", "x"}]
    assert recall_at_k(["a", "b", "c"], found, 1) == pytest.approx(1 / 3)
    assert recall_at_k(["a", "b", "c"], found, 2) == pytest.approx(2 / 3)
    assert recall_at_k(["a"], [], 3) == 0.0
    with pytest.raises(ValueError, match="no recall"):
        recall_at_k([], found, 1)


@given(NAMES.filter(bool), st.lists(NAMES, max_size=5))
def test_recall_grows_with_k_and_repetition_is_nothing(
    wanted: set[str], found: list[set[str]]
) -> None:
    values = [recall_at_k(wanted, found, k) for k in range(1, len(found) + 2)]
    assert values == sorted(values)
    assert all(0.0 <= value <= 1.0 for value in values)
    assert recall_at_k([*wanted, *wanted], found, 1) == values[0]


def test_edit_similarity_by_hand() -> None:
    # "abcd" and "abxd" share "abd": 200 * 3 / 8.
    assert edit_similarity("abcd", "abxd") == 75
    assert edit_similarity(" ab ", "ab") == 100
    assert edit_similarity("", "ab") == 0
    assert edit_similarity("", "") == 100


def test_similarity_of_gaps_leaves_out_what_the_benchmark_does() -> None:
    with_text = '"""What it\n\nis for."""\na = 1\n\n\nb = 2\n'
    assert filled_similarity(with_text, "a = 1\nb = 2") == 100
    assert filled_similarity("# abcd", "# abxd") == round(200 * 5 / 12)


@given(CODE, CODE)
def test_edit_similarity_is_symmetric_and_bounded(first: str, second: str) -> None:
    assert edit_similarity(first, second) == edit_similarity(second, first)
    assert 0 <= edit_similarity(first, second) <= 100
    assert edit_similarity(first, first) == 100


def test_comments_and_blank_lines_do_not_count() -> None:
    assert without_comments("a = 1  # one\nb(); // two") == "a = 1  \nb(); "
    assert code_lines("  a = 1\n\n  b\n") == ["a = 1", "b"]


def test_identifiers_have_no_strings_and_no_keywords() -> None:
    assert identifiers("return foo(bar, 'not this', foo) if True", "python") == [
        "foo",
        "bar",
        "foo",
        "True",
    ]
    assert identifiers('final String name = "x y";', "java") == ["String", "name"]


def test_a_python_statement_ends_where_all_parses() -> None:
    prompt = "def f():\n"
    assert one_statement(prompt, "    g(1,\n      2)\n    h()\n", "python") == "    g(1,\n      2)"
    assert one_statement(prompt, "    ((", "python") == "    (("
    assert one_statement("", "a.b(1); c();", "java") == "a.b(1);"
    assert one_statement("", "if (x) { y(); }", "java") == "if (x) {"


def test_a_match_by_hand() -> None:
    found = match("def f(a):\n", "    return a.size + 1\n", "    return a.length", "python")
    assert (found.em, found.id_em) == (0, 0)
    assert found.id_precision == 0.5
    assert found.id_recall == 0.5
    assert found.id_f1 == 0.5
    # "return a.size + 1" and "return a.length": 17 and 15 characters, "return a.e" in common.
    assert found.es == round(200 * 10 / 32)
    same = match("def f(a):\n", "    return a  # so\n    other()\n", "    return a", "python")
    assert (same.em, same.es, same.id_em, same.id_f1) == (1, 100, 1, 1.0)


@given(CODE.filter(lambda text: bool(text.strip())))
def test_the_gold_itself_scores_full_marks(gold: str) -> None:
    line = gold.replace("\n", " ").replace("#", " ").replace(";", " ").replace("{", "(")
    line = line.replace("}", ")")
    found = match("", line, line, "python")
    assert (found.em, found.es, found.id_em) == (1, 100, 1)


def test_identifiers_agree_exactly_as_lists_and_else_as_sets() -> None:
    found = match("", "f(a, b)", "f(b, a)", "java")
    assert found.id_em == 0
    assert found.id_f1 == 1.0


def test_what_parses() -> None:
    assert parses("def f():\n    return 1\n", "python")
    assert not parses("def f(:\n", "python")
    assert parses("class A { }", "java")


def test_a_large_repository_does_not_decide() -> None:
    assert macro_mean({"large": [1.0] * 98, "small": [0.0, 0.0]}) == 0.5
    assert macro_mean({"empty": []}) is None


@given(st.dictionaries(st.sampled_from("abc"), st.lists(st.floats(0, 1), min_size=1)))
def test_the_macro_mean_needs_no_order(groups: dict[str, list[float]]) -> None:
    turned = {name: values[::-1] for name, values in reversed(groups.items())}
    first, second = macro_mean(groups), macro_mean(turned)
    assert first == second or isclose(first or 0, second or 0, abs_tol=1e-9)
