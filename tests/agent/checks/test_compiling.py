"""Compiling, linting and screening drafts of Python; nothing of them is run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.checks.chosen import Means, checks_for
from agent.checks.linting import LintCheck, find_tool
from agent.checks.python_source import PythonSource
from agent.draft import Draft, Edit, Status
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from pathlib import Path

    from agent.draft import CheckResult


def run(root: Path, name: str, *edits: Edit) -> CheckResult:
    (check,) = checks_for([name], Means(root))
    return check.run(Draft("", edits))


def test_python_that_compiles_passes_and_is_not_run(tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    text = f"open({str(witness)!r}, 'w')\n"
    assert run(tmp_path, "compile", Edit("a.py", None, text)).status is Status.PASSED
    assert not witness.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\ndef f(:\n", "a.py:2: SyntaxError: "),
        ("x = 1\nreturn x\n", "a.py:2: SyntaxError: 'return' outside function"),
        ("def f():\n  x\n y\n", "a.py:3: IndentationError: "),
        ("x = '\0'\n", "ValueError: source code"),
        ("(" * 3000, "SyntaxError: too many nested parentheses"),
    ],
)
def test_python_that_does_not_compile_is_told_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    result = run(tmp_path, "compile", Edit("a.py", None, text))
    assert result.status is Status.FAILED
    assert message in str(result.problems[0]) or "null bytes" in str(result.problems[0])


def test_a_file_that_did_not_compile_before_is_not_charged(tmp_path: Path) -> None:
    edit = Edit("a.py", "print 'old'\n", "# note\nprint 'old'\n")
    assert run(tmp_path, "compile", edit).status is Status.PASSED


def test_modules_beside_it_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ast.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert PythonSource().faults(["x = 1\n"], "a.py") == [None]


def test_an_interpreter_that_does_not_answer_is_a_skip(tmp_path: Path) -> None:
    with pytest.raises(CodexGraphError, match="no-python cannot be asked about the text"):
        PythonSource(tmp_path / "no-python").faults([""], "a.py")
    (check,) = checks_for(["compile"], Means(tmp_path, python=tmp_path / "no-python"))
    result = check.run(Draft("", (Edit("a.py", None, ""),)))
    assert result.status is Status.SKIPPED
    assert "cannot be asked" in result.reason


@pytest.fixture
def lint() -> LintCheck:
    ruff = find_tool("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    return LintCheck(ruff)


def test_ruff_tells_errors_that_are_new(lint: LintCheck, tmp_path: Path) -> None:
    before = "def f():\n    return old\n"
    after = "import os\n\n\ndef f():\n    return old\n\n\ndef g():\n    return new, '%d' % ()\n"
    result = lint.run(Draft("", (Edit("a.py", before, after),)))
    assert result.status is Status.FAILED
    assert sorted((p.line, p.message.rpartition("(")[2]) for p in result.problems) == [
        (9, "F507)"),
        (9, "F821)"),
    ]
    # Rules of the repository are not asked.
    (tmp_path / "ruff.toml").write_text("not toml [\n")
    assert lint.run(Draft("", (Edit("a.py", None, "x = 1\n"),))).status is Status.PASSED


def test_lint_without_ruff_is_skipped() -> None:
    result = LintCheck(None).run(Draft("", (Edit("a.py", None, ""),)))
    assert (result.status, result.reason) == (Status.SKIPPED, "ruff is not installed")


def test_what_is_refused_fails_and_what_is_odd_is_told(tmp_path: Path) -> None:
    text = "import os\nimport socket\n\nos.remove('/etc/passwd')\n"
    result = run(tmp_path, "screen", Edit("a.py", None, text))
    assert result.status is Status.FAILED
    assert all(problem.path == "a.py" and problem.line for problem in result.problems)
    clean = run(tmp_path, "screen", Edit("a.py", None, "x = 1\n"))
    assert (clean.status, clean.problems) == (Status.PASSED, ())
    assert run(tmp_path, "screen", Edit("notes.md", None, "x")).status is Status.SKIPPED
