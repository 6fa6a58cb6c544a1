"""The measures of Python tests are what pytest, coverage.py and mutmut say by themselves."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from agent.sandbox.local import open_sandbox
from agent.sandbox.projects import Tools
from agent.sandbox.ran import RunLimits
from agent.testing.measures import Bounds, Measures, Ratio, Target
from agent.testing.python_measures import interpreter_of, measure_python
from tests.agent.testing.programs import PYTHON, PYTHON_CART, write

pytestmark = pytest.mark.slow

CART = Target(PYTHON_CART, "Cart")
QUICK = Bounds(has_mutation=False)


def measured(
    folder: Path, test: str, target: Target = CART, bounds: Bounds | None = None
) -> Measures:
    interpreter = interpreter_of(folder, Tools(python=Path(sys.executable)))
    # The programs of these tests need none of the plugins that are installed for ours.
    interpreter = replace(interpreter, environment={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    with open_sandbox(folder, accept_open=True) as sandbox:
        return measure_python(sandbox, interpreter, target, test, bounds or Bounds())


def said_by(folder: Path, *arguments: str) -> str:
    """What a tool prints when it is run by hand."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": str(folder),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    return done.stdout + done.stderr


def summary(output: str) -> dict[str, int]:
    """`1 failed, 2 passed in 0.1s` as numbers."""
    return {
        word: int(count) for count, word in re.findall(r"(\d+) (passed|failed|skipped)", output)
    }


def coverage_said(folder: Path, test: str) -> tuple[Ratio, Ratio]:
    """Lines and branches of the module by coverage.py's XML, which is another of its reports."""
    run = ["run", "--branch", f"--include={PYTHON_CART}", "-m", "pytest", "-q", test]
    said_by(folder, "-m", "coverage", *run)
    said_by(folder, "-m", "coverage", "xml", "-o", "own.xml")
    text = (folder / "own.xml").read_text()
    numbers = {
        name: int(re.findall(rf'{name}="(\d+)"', text)[0])
        for name in ("lines-covered", "lines-valid", "branches-covered", "branches-valid")
    }
    lines = Ratio(numbers["lines-covered"], numbers["lines-valid"])
    return lines, Ratio(numbers["branches-covered"], numbers["branches-valid"])


def coverage_of_class_said(folder: Path, test: str, name: str) -> tuple[Ratio, Ratio]:
    """Lines and branches between a class's first and last line in the tool's XML.

    The line of `class` itself runs when the module is imported and is none of the class's.
    """
    coverage_said(folder, test)
    tree = ast.parse((folder / PYTHON_CART).read_text())
    node = next(n for n in ast.walk(tree) if isinstance(n, ast.ClassDef) and n.name == name)
    inside = [one for f in node.body if isinstance(f, ast.FunctionDef) for one in f.body]
    spans = [range(one.lineno, (one.end_lineno or one.lineno) + 1) for one in inside]
    text = (folder / "own.xml").read_text()
    found = re.findall(r'<line number="(\d+)" hits="(\d+)"([^>]*)/>', text)
    own = [(hits, rest) for number, hits, rest in found if any(int(number) in s for s in spans)]
    taken = [re.search(r"\((\d+)/(\d+)\)", rest) for _, rest in own]
    branches = [(int(match[1]), int(match[2])) for match in taken if match]
    lines = Ratio(sum(hits != "0" for hits, _ in own), len(own))
    return lines, Ratio(sum(part for part, _ in branches), sum(whole for _, whole in branches))


def mutmut_said(folder: Path, *tests: str, pattern: str = "*") -> Ratio:
    """The tool's own summary of a run of its own: killed of all that it tried."""
    chosen = "".join(f"\n  {test}" for test in tests)
    settings = f"source_paths=shop\nonly_mutate={PYTHON_CART}\n"
    settings += f"pytest_add_cli_args_test_selection=\n  {chosen}\n"
    write(folder, {**PYTHON, "setup.cfg": f"[mutmut]\n{settings}"})
    mutmut = ["-c", "from mutmut.__main__ import cli; cli()"]
    said_by(folder, *mutmut, "run", "--max-children", "1", pattern)
    said_by(folder, *mutmut, "export-cicd-stats")
    said = json.loads((folder / "mutants/mutmut-cicd-stats.json").read_text())
    tried = sum(said[name] for name in ("killed", "survived", "no_tests", "timeout"))
    return Ratio(said["killed"] + said["timeout"], tried)


def test_a_whole_module_as_the_tools_measure_it(tmp_path: Path) -> None:
    test = "tests/test_good.py"
    folder = write(tmp_path / "ours", PYTHON)
    found = measured(folder, test, Target(PYTHON_CART, ""))
    own = summary(said_by(folder, "-m", "pytest", "-q", test))
    assert (found.syntax, found.compiles, found.skipped) == (True, True, {})
    assert (found.passed, found.failed) == (own["passed"], 0)
    assert (found.lines, found.branches) == coverage_said(folder, test)
    assert found.mutants == mutmut_said(tmp_path / "own", test)
    assert found.mutants is not None
    assert found.mutants.whole > 15


def test_a_test_without_assertions_reaches_much_and_detects_little(tmp_path: Path) -> None:
    test = "tests/test_weak.py"
    folder = write(tmp_path / "ours", PYTHON)
    found = measured(folder, test)
    assert (found.passed, found.failed, found.skipped) == (1, 0, {})
    assert (found.lines, found.branches) == (Ratio(6, 12), Ratio(2, 6))
    assert (found.lines, found.branches) == coverage_of_class_said(folder, test, "Cart")
    assert found.mutants == mutmut_said(tmp_path / "own", test, pattern="*Cart*")
    assert found.mutants is not None
    assert 0 < found.mutants.part < found.mutants.whole / 3
    changed = {(survivor.what, survivor.line) for survivor in found.survivors}
    assert ("Cart.add: return True -> return False", 17) in changed


def test_failures_count_and_only_what_passes_looks_for_defects(tmp_path: Path) -> None:
    test = "tests/test_failing.py"
    folder = write(tmp_path / "ours", PYTHON)
    found = measured(folder, test)
    own = summary(said_by(folder, "-m", "pytest", "-q", test))
    assert {"passed": found.passed, "failed": found.failed, "skipped": 1} == own
    assert (found.lines, found.branches) == coverage_of_class_said(folder, test, "Cart")
    assert [(p.line, p.message.partition(":")[0]) for p in found.problems] == [
        (12, "test_wrong"),
        (16, "test_thrown"),
    ]
    passing = [f"{test}::TestCart::test_right[{price}]" for price in (1, 2)]
    said = mutmut_said(tmp_path / "own", *passing, pattern="*Cart*")
    assert found.mutants == said
    assert 0 < said.part < said.whole
    assert "defects are looked for by the tests that pass" in found.notes


def test_what_cannot_be_imported_or_parsed_has_no_figures(tmp_path: Path) -> None:
    folder = write(tmp_path, PYTHON)
    unknown = measured(folder, "tests/test_unknown.py")
    assert (unknown.syntax, unknown.compiles) == (True, False)
    assert "cannot import name 'Trolley'" in unknown.problems[0].message
    assert unknown.problems[0].line == 1
    broken = measured(folder, "tests/test_broken.py")
    assert (broken.syntax, broken.compiles) == (False, False)
    assert [p.line for p in broken.problems] == [5]
    for found in (unknown, broken):
        assert (found.passed, found.lines, found.mutants) == (None, None, None)
        assert set(found.skipped) >= {"pass", "coverage", "mutation"}


def test_a_test_that_reaches_nothing_kills_nothing(tmp_path: Path) -> None:
    test = "tests/test_unreached.py"
    folder = write(tmp_path / "ours", PYTHON)
    found = measured(folder, test)
    assert (found.passed, found.lines) == (1, Ratio(0, 12))
    assert (found.lines, found.branches) == coverage_of_class_said(folder, test, "Cart")
    # The tool ends early when no test reaches a mutant; how many there are it says of another test.
    said = mutmut_said(tmp_path / "own", "tests/test_weak.py", pattern="*Cart*")
    assert found.mutants == Ratio(0, said.whole)


def test_settings_of_the_project_are_set_aside_and_src_is_found(tmp_path: Path) -> None:
    files = {f"src/{p}" if p.startswith("shop") else p: text for p, text in PYTHON.items()}
    files["setup.cfg"] = "[mutmut]\nsource_paths=nowhere\n"
    files["pyproject.toml"] = '[tool.mutmut]\nsource_paths = ["nowhere"]\n'
    files[".coveragerc"] = "[report]\nfail_under = 100\n[run]\nomit = src/*\n"
    target = Target(f"src/{PYTHON_CART}", "discount")
    found = measured(write(tmp_path, files), "tests/test_good.py", target)
    assert found.skipped == {}
    assert found.lines == Ratio(2, 3)
    assert found.branches == Ratio(1, 2)
    assert found.mutants is not None
    assert found.mutants.part < found.mutants.whole


def test_an_endless_test_is_ended_and_told(tmp_path: Path) -> None:
    folder = write(tmp_path, {**PYTHON, "tests/test_end.py": "def test_it():\n    while 1: pass\n"})
    bounds = Bounds(tests=RunLimits(seconds=3))
    found = measured(folder, "tests/test_end.py", bounds=bounds)
    assert (found.syntax, found.compiles, found.passed) == (True, None, 0)
    assert "did not end" in found.problems[0].message
    assert "did not end" in found.skipped["mutation"]


def test_missing_tools_and_places_are_reasons(tmp_path: Path) -> None:
    folder = write(tmp_path / "one", PYTHON)
    found = measured(folder, "tests/test_weak.py", bounds=QUICK)
    assert found.skipped == {"mutation": "not asked for"}
    files = {f"lib/{p}" if p.startswith("shop") else p: text for p, text in PYTHON.items()}
    target = Target(f"lib/{PYTHON_CART}", "Cart")
    found = measured(write(tmp_path / "two", files), "tests/test_weak.py", target)
    assert found.passed == 1
    assert "not at lib" in found.skipped["mutation"]


def test_an_interpreter_without_the_tools_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path / "one", PYTHON)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    tools = Tools(python=tmp_path / "bare/bin/python")
    with open_sandbox(folder, accept_open=True) as sandbox:
        bare = interpreter_of(folder, tools)
        found = measure_python(sandbox, bare, CART, "tests/test_weak.py", Bounds())
    assert found.syntax is True
    assert "coverage is not installed for" in found.skipped["coverage"]
    assert "No module named pytest" in found.skipped["pass"]
