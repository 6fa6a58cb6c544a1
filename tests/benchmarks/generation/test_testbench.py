"""TestBench's prompts, verdicts and formats, on a small Java project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.sandbox.local import open_sandbox
from agent.testing.measures import Bounds, Measures, Ratio
from agent.testing.measuring import Setup
from benchmarks.generation.testbench import (
    Judged,
    Verdict,
    coverage_rows,
    extent,
    measure,
    prompts,
    result_row,
    score,
    verdict,
)
from benchmarks.harness.suite import Record
from tests.agent.testing.java_world import cache, tools_or_skip
from tests.agent.testing.programs import JAVA, JAVA_CART, JAVA_TESTS, write

if TYPE_CHECKING:
    from pathlib import Path

METHOD = "public boolean add(int price, int count) {\n    return true;\n}\n"


@pytest.fixture
def record() -> Record:
    fields = {
        "file": JAVA_CART,
        "class_name": "Cart",
        "method_name": "add",
        "source_code": METHOD,
        "simple_context": "package shop;\n\npublic class Cart {\n    Sum sum();\n}\n",
        "full_context": JAVA[JAVA_CART],
    }
    return Record("shop/Cart.add", "shop", fields)


def test_prompts_differ_in_the_context_alone(record: Record) -> None:
    found = prompts(record, "Till uses Cart")
    assert list(found) == [
        "SourceCodeOnly",
        "SourceCode&Simple",
        "SourceCode&Full",
        "SourceCode&Graph",
    ]
    bare = found["SourceCodeOnly"]
    assert "CartTest in package shop for the method Cart.add" in bare
    assert METHOD.strip() in bare
    assert all(text.startswith(bare) for text in found.values())
    assert "Sum sum();" in found["SourceCode&Simple"]
    assert JAVA[JAVA_CART] in found["SourceCode&Full"]
    assert "SourceCode&Graph" not in prompts(record)
    assert extent(record).test == f"{JAVA_TESTS}/CartTest.java"


@pytest.mark.parametrize(
    ("measures", "said"),
    [
        (Measures(syntax=False, compiles=False), Verdict.SYNTAX),
        (Measures(syntax=True, compiles=False), Verdict.COMPILE),
        (Measures(syntax=True, compiles=True, passed=1, failed=1), Verdict.TEST),
        (Measures(syntax=True, compiles=True, passed=0), Verdict.TEST),
        (Measures(syntax=True, compiles=True, passed=1, failed=0), Verdict.ACCEPT),
        (Measures(), None),
    ],
)
def test_verdicts(measures: Measures, said: Verdict | None) -> None:
    assert verdict(measures) is said


def test_what_was_not_told_counts_for_nothing() -> None:
    shares = {"lines": 0.5, "branches": None, "mutants": 0.25}
    judged = [
        Judged(Verdict.ACCEPT, "", (), shares),
        Judged(Verdict.TEST, "", (), {"lines": 1.0}),
        Judged(Verdict.SYNTAX, "", ()),
        Judged(None, "", ()),
    ]
    found = score(judged)
    assert found["completions"] == 4
    assert found["not_told"] == 1
    assert (found["syntax"], found["compiles"], found["passes"]) == (66.7, 66.7, 33.3)
    assert (found["lines"], found["branches"], found["mutants"]) == (50.0, None, 25.0)


@pytest.mark.slow
def test_completions_are_repaired_measured_and_written_in_the_benchmarks_form(
    record: Record, tmp_path: Path
) -> None:
    tools_or_skip()
    folder = write(tmp_path / "shop", {JAVA_CART: JAVA[JAVA_CART]})
    setup = Setup(folder, cache(), bounds=Bounds(has_mutation=False))
    bare = "@Test\npublic void adds() {\n    assertTrue(new Cart(1).add(1, 1));\n}\n"
    wrong = bare.replace("assertTrue", "assertFalse")
    unknown = bare.replace("Cart", "Trolley")
    with open_sandbox(folder, accept_open=True) as sandbox:
        judged = [
            measure(record, f"```java\n{text}```\n", sandbox, setup)
            for text in (bare, wrong, unknown, bare.replace("new", "new new"))
        ]
    assert [one.verdict for one in judged] == [
        Verdict.ACCEPT,
        Verdict.TEST,
        Verdict.COMPILE,
        Verdict.SYNTAX,
    ]
    good = judged[0]
    assert good.repairs[0] == "line 1: markdown fence removed"
    assert good.code.startswith("package shop;\n")
    assert good.measures["lines"] == Ratio(8, 17).share
    row = result_row(record, {"SourceCodeOnly": judged})
    assert row["SourceCodeOnly"] == ["Accept", "Test Error", "Compile Error", "Syntax Error"]
    assert row["package"] == "shop"
    rows = coverage_rows(record, {"SourceCodeOnly": judged})
    assert [(r["class_metric"], r["pitest"], r["context"]) for r in rows] == [
        (47.06, -1, "SourceCodeOnly")
    ]
