"""What a model is told of failed checks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.checks.feedback import feedback
from agent.draft import CheckResult, Draft, Edit, Problem, Status

DRAFT = Draft("", (Edit("a.py", None, "import os\n\nx = undefined + 1\nvery = 'long'\n"),))


def failed(check: str, *problems: Problem) -> CheckResult:
    return CheckResult(check, Status.FAILED, problems)


def test_problems_stand_beside_their_lines_the_surest_check_first() -> None:
    results = [
        failed("tests", Problem("test_a failed: AssertionError")),
        failed("names", Problem("undefined is not defined", "a.py", 3)),
        CheckResult("parse", Status.PASSED),
        CheckResult("pyright", Status.SKIPPED, (Problem("never told"),), "not installed"),
    ]
    assert feedback(results, 500, DRAFT) == (
        "- [names] a.py:3: undefined is not defined\n"
        "    x = undefined + 1\n"
        "- [tests] test_a failed: AssertionError"
    )


def test_a_fault_that_several_checks_find_is_told_once() -> None:
    results = [
        failed("lint", Problem("Undefined name `undefined` (F821)", "a.py", 3)),
        failed("names", Problem("undefined is not defined", "a.py", 3)),
        failed("screen", Problem("'x' reads what is secret", "a.py", 3)),
    ]
    text = feedback(results, 500, DRAFT)
    assert text.count("a.py:3") == 2
    assert "F821" not in text


def test_the_shortest_problem_of_a_check_comes_first() -> None:
    results = [failed("tests", Problem("b" * 50), Problem("a"))]
    assert feedback(results, 500) == f"- [tests] a\n- [tests] {'b' * 50}"


def test_what_does_not_fit_is_counted() -> None:
    results = [failed("names", *(Problem(f"problem {n}", "a.py", n) for n in range(5, 30)))]
    text = feedback(results, 40)
    assert len(text) <= 160
    told = text.count("problem")
    assert text.endswith(f"- and {25 - told} more")


def test_nothing_failed_is_nothing_to_say() -> None:
    assert feedback([CheckResult("parse", Status.PASSED)], 100) == ""


_PROBLEM = st.builds(
    Problem,
    st.text(max_size=60),
    st.sampled_from(["a.py", None]),
    st.one_of(st.none(), st.integers(-1, 9)),
)


@given(st.lists(_PROBLEM, max_size=8), st.integers(0, 120))
def test_it_keeps_to_its_budget(problems: list[Problem], tokens: int) -> None:
    assert len(feedback([failed("names", *problems)], tokens, DRAFT)) <= tokens * 4
