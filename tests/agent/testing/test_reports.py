"""Reports of tools as data, hostile ones included."""

from __future__ import annotations

import json

import pytest

from agent.testing.measures import Ratio, Survivor, Tally
from agent.testing.reports import (
    MutmutFiles,
    UnreadableReportError,
    compiler_errors,
    coverage_of,
    jacoco_counters,
    junit_cases,
    last_line,
    mutmut_mutants,
    mutmut_patterns,
    pit_mutants,
)

BOMB = '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><testsuite>&b;</testsuite>'


@pytest.mark.parametrize("read", [junit_cases, jacoco_counters, pit_mutants])
@pytest.mark.parametrize("text", [BOMB, "", "no xml", "<a>"])
def test_what_is_no_report_is_refused(read, text: str) -> None:
    with pytest.raises(UnreadableReportError):
        read(text)


@pytest.mark.parametrize("text", ["", "[]", "{", "null"])
def test_what_is_no_json_report_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReportError):
        coverage_of(text, "a.py", "")


def test_the_four_outcomes_of_a_test() -> None:
    cases = junit_cases(
        "<testsuites><testsuite><testcase classname='a' name='ok'/>"
        "<testcase classname='a' name='no'><failure message='one&#10;two'>at X</failure></testcase>"
        "<testcase classname='a' name='bad'><error type='E'/></testcase>"
        "<testcase classname='a' name='later'><skipped/></testcase></testsuite></testsuites>"
    )
    assert [(c.name, c.outcome, c.message) for c in cases] == [
        ("ok", "passed", ""),
        ("no", "failed", "one"),
        ("bad", "error", "E"),
        ("later", "skipped", "skipped"),
    ]


def test_jacoco_counts_of_the_whole_report_alone() -> None:
    text = (
        "<!DOCTYPE report PUBLIC '-//JACOCO//DTD' 'report.dtd'><report name='x'><package name='p'>"
        "<counter type='LINE' missed='9' covered='9'/></package>"
        "<counter type='LINE' missed='1' covered='3'/></report>"
    )
    assert jacoco_counters(text) == {"LINE": Ratio(3, 4)}
    assert Ratio(3, 4).share == 0.75
    assert Ratio(0, 0).share is None


def test_coverage_of_a_name_that_is_not_there() -> None:
    summary = {"covered_lines": 1, "num_statements": 2}
    file = {"summary": summary, "classes": {"A": {"summary": summary}}, "functions": {}}
    text = json.dumps({"files": {"a.py": file}})
    assert coverage_of(text, "a.py", "A") == (Ratio(1, 2), Ratio(0, 0))
    assert coverage_of(text, "a.py", "B") is None
    assert coverage_of(text, "b.py", "") is None


def test_mutants_of_a_class_a_method_and_a_function() -> None:
    codes = {
        "m.xǁAǁf__mutmut_1": 1,
        "m.xǁAǁf__mutmut_2": 0,
        "m.xǁAǁg__mutmut_1": 33,
        "m.xǁABǁf__mutmut_1": 36,
        "m.x_A__mutmut_1": 34,
        "m.x_h__mutmut_1": None,
    }
    files = MutmutFiles(json.dumps({"exit_code_by_key": codes}), "", "{}", "")
    counts = {name: mutmut_mutants(files, name)[0] for name in ("", "A", "A.f", "h", "z")}
    assert counts == {
        "": Ratio(2, 5),
        "A": Ratio(1, 3),
        "A.f": Ratio(1, 2),
        "h": Ratio(0, 1),
        "z": Ratio(0, 0),
    }
    assert mutmut_mutants(files, "A.f")[1] == (Survivor("A.f", None),)
    assert mutmut_patterns("A.f") == ("*.xǁAǁf__mutmut_*",)
    assert mutmut_patterns("") == ()


def test_errors_of_javac_and_of_maven() -> None:
    output = (
        "src/A.java:3: error: ';' expected\n  x\n"
        "[ERROR] /repo/src/B.java:[4,9] cannot find symbol\n"
        "[ERROR] /repo/src/B.java:[4,9] cannot find symbol\n[INFO] done\n"
    )
    assert compiler_errors(output) == [
        ("src/A.java", 3, "';' expected"),
        ("/repo/src/B.java", 4, "cannot find symbol"),
    ]
    assert last_line("\r⠋ Working\r⠙ It broke\n\n  ----\n") == "⠙ It broke"
    assert last_line("") == "it said nothing"


def test_the_first_reason_stands() -> None:
    tally = Tally()
    tally.skip("first", "pass")
    tally.skip("second", "pass", "coverage")
    tally.note("a", "b")
    tally.note("a")
    assert tally.measures.skipped == {"pass": "first", "coverage": "second"}
    assert tally.measures.notes == ("a", "b")
