"""The five measures of a Python test file: the interpreter, pytest, coverage.py and mutmut 3.

They run with the interpreter of the project under test, which must have them; what it lacks is a
reason and not a failure. mutmut tells mutants by the path of their module, so it is run where the
module's import path begins, or in the folder above a `src`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.draft import Edit, Problem
from agent.sandbox.python_project import find_python_project
from agent.testing.measures import (
    AFTER_COMPILE,
    AFTER_SYNTAX,
    WORK,
    Bounds,
    Measures,
    Tally,
    Target,
    read_text,
)
from agent.testing.reports import (
    Case,
    MutmutFiles,
    UnreadableReportError,
    coverage_of,
    junit_cases,
    last_line,
    mutmut_mutants,
    mutmut_patterns,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.projects import Tools
    from agent.sandbox.ran import Ran, RunLimits

_PARSE = "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')"
_HAS = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
_MUTMUT = "from mutmut.__main__ import cli; cli()"
_MUTMUT_ROOTS = ("src", "source")
_UNREACHED = "could not find any test case for any mutant"
_COLLECTION = "collection failure"
_NO_TESTS = 5
"""Pytest's exit code where it collected nothing."""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What runs the tests of a project. readable: folders outside the copy that it needs.

    environment: what tests of the project need in it.
    """

    python: str
    readable: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


def interpreter_of(root: Path, tools: Tools) -> Interpreter:
    """The project's own interpreter, or the one that is set. Raises SandboxError."""
    found = find_python_project(root, tools)
    return Interpreter(str(found.interpreter), found.readable)


def measure_python(
    sandbox: LocalSandbox, interpreter: Interpreter, target: Target, test: str, bounds: Bounds
) -> Measures:
    """The measures of one test file; both files are in the sandbox already.

    test: path of the test file.
    """
    return _Run(sandbox, interpreter, target, test, bounds).measure()


class _Run:
    def __init__(
        self,
        sandbox: LocalSandbox,
        interpreter: Interpreter,
        target: Target,
        test: str,
        bounds: Bounds,
    ) -> None:
        self.sandbox = sandbox
        self.interpreter = interpreter
        self.target = target
        self.test = test
        self.bounds = bounds
        self.tally = Tally()
        self.root = import_root(sandbox, target.path)

    def measure(self) -> Measures:
        # Reports of a measure before would be taken for those of this one.
        for folder in (WORK, "mutants"):
            self.sandbox.remove(folder)
        if self._parses():
            cases = self._tests()
            if cases is not None:
                self._coverage()
                self._mutation(cases)
        return self.tally.measures

    def _python(self, limits: RunLimits, *arguments: str) -> Ran:
        # Relative, for the copy stands in two places, and a file must not be imported from both.
        paths = {"PYTHONPATH": self.root or "."}
        ran = self.sandbox.run(
            [self.interpreter.python, *arguments],
            limits,
            environment={**self.interpreter.environment, **paths},
            readable=self.interpreter.readable,
        )
        self.tally.note(*ran.open)
        return ran

    def _parses(self) -> bool:
        ran = self._python(self.bounds.build, "-c", _PARSE, self.test)
        if ran.exit_code is None:
            self.tally.skip(f"the interpreter did not end: {ran.end}", "syntax", *AFTER_SYNTAX)
            return False
        self.tally.set(syntax=ran.is_ok)
        if not ran.is_ok:
            self.tally.skip("the test has a syntax error", *AFTER_SYNTAX[1:])
            self.tally.set(compiles=False)
            places = re.findall(r'File "[^"]*", line (\d+)', ran.output)
            line = int(places[-1]) if places else None
            self.tally.add(Problem(last_line(ran.output), self.test, line))
        return ran.is_ok

    def _has(self, module: str) -> bool:
        return self._python(self.bounds.build, "-c", _HAS, module).is_ok

    def _tests(self) -> list[Case] | None:
        """The tests that ran, under coverage where it is installed; None when none could."""
        has_coverage = self._has("coverage")
        if not has_coverage:
            self.tally.skip(f"coverage is not installed for {self.interpreter.python}", "coverage")
        report = f"{WORK}/junit.xml"
        pytest = ["-m", "pytest", self.test, "-q", f"--junitxml={report}", "-p", "no:cacheprovider"]
        if has_coverage:
            # Without the project's settings, which may leave lines out or fail below a share.
            settings = ["--rcfile=/dev/null", f"--data-file={WORK}/coverage", "--branch"]
            pytest = ["-m", "coverage", "run", *settings, f"--include={self.target.path}", *pytest]
        self.sandbox.apply([Edit(f"{WORK}/.gitignore", None, "*\n")])
        ran = self._python(self.bounds.tests, *pytest)
        text = read_text(self.sandbox, report)
        if text is None:
            self._no_report(ran)
            return None
        try:
            cases = junit_cases(text)
        except UnreadableReportError as error:
            self.tally.skip(f"pytest's report: {error}", *AFTER_SYNTAX)
            return None
        return self._judge(cases, ran)

    def _no_report(self, ran: Ran) -> None:
        if ran.exit_code is None:
            self.tally.set(passed=0)
            self.tally.add(Problem(f"the tests did not end: {ran.end}", self.test))
            self.tally.skip(f"the tests did not end: {ran.end}", *AFTER_SYNTAX)
            return
        # A test file that ends the interpreter, or a project that pytest cannot start in.
        self.tally.skip(f"pytest gave no report: {last_line(ran.output)}", *AFTER_SYNTAX)

    def _judge(self, cases: list[Case], ran: Ran) -> list[Case] | None:
        broken = [c for c in cases if c.outcome == "error" and c.message == _COLLECTION]
        self.tally.set(compiles=not broken)
        if broken:
            self.tally.skip("the test cannot be imported", *AFTER_COMPILE)
            self.tally.add(*(self._problem(c, _reason(c)) for c in broken))
            return None
        passed = [c for c in cases if c.outcome == "passed"]
        failed = [c for c in cases if c.outcome in ("failed", "error")]
        self.tally.set(passed=len(passed), failed=len(failed))
        self.tally.add(*(self._problem(c, f"{c.name}: {c.message}") for c in failed))
        if ran.exit_code == _NO_TESTS or not cases:
            self.tally.add(Problem("there is no test in it", self.test))
        return cases

    def _problem(self, case: Case, message: str) -> Problem:
        places = re.findall(rf"^{re.escape(self.test)}:(\d+):", case.detail, re.MULTILINE)
        return Problem(message, self.test, int(places[-1]) if places else None)

    def _coverage(self) -> None:
        if "coverage" in self.tally.measures.skipped:
            return
        report = f"{WORK}/coverage.json"
        files = [f"--data-file={WORK}/coverage", "--rcfile=/dev/null", "-o", report]
        ran = self._python(self.bounds.build, "-m", "coverage", "json", *files)
        text = read_text(self.sandbox, report)
        try:
            found = coverage_of(text, self.target.path, self.target.name) if text else None
        except UnreadableReportError as error:
            self.tally.skip(f"coverage's report: {error}", "coverage")
            return
        if found is not None:
            self.tally.set(lines=found[0], branches=found[1])
            return
        what = f"{self.target.path} was not imported" if not text else "the target is not in it"
        self.tally.skip(f"no coverage: {what}: {last_line(ran.output)}", "coverage")

    def _mutation(self, cases: Sequence[Case]) -> None:
        passed = [case for case in cases if case.outcome == "passed"]
        reason = self._no_mutation(passed)
        if reason:
            self.tally.skip(reason, "mutation")
            return
        chosen = _node_ids(self.test, passed) if len(passed) < len(cases) else [self.test]
        if len(passed) < len(cases):
            self.tally.note("defects are looked for by the tests that pass")
        settings = self._settings(chosen)
        self.sandbox.apply(settings)
        ran = self._mutmut()
        # The copy is measured again, and a section that stands twice is an error.
        self.sandbox.apply(Edit(e.path, e.after, e.before or "") for e in settings)
        self._judge_mutants(ran)

    def _mutmut(self) -> Ran:
        patterns = mutmut_patterns(self.target.name)
        run = ["-c", _MUTMUT, "run", "--max-children", "1", *patterns]
        return self._python(self.bounds.mutation, *run)

    def _judge_mutants(self, ran: Ran) -> None:
        path = f"mutants/{self.target.path}"
        parts = [read_text(self.sandbox, path + end) for end in (".meta", "", ".spans")]
        is_told = ran.is_ok or _UNREACHED in ran.output
        if not is_told or any(part is None for part in parts):
            why = ran.end if ran.exit_code is None else last_line(ran.output)
            self.tally.skip(f"mutmut: {why}", "mutation")
            return
        source = read_text(self.sandbox, self.target.path) or ""
        files = MutmutFiles(parts[0] or "", parts[1] or "", parts[2] or "", source)
        mutants, survivors = mutmut_mutants(files, self.target.name)
        self.tally.set(mutants=mutants, survivors=survivors)

    def _no_mutation(self, passed: Sequence[Case]) -> str:
        """Why defects cannot be looked for; "" when they can."""
        if not self.bounds.has_mutation:
            return "not asked for"
        if not passed:
            return "no test passes"
        if self.root not in ("", *_MUTMUT_ROOTS):
            return f"mutmut needs imports to begin at the repository or at src, not at {self.root}"
        if not self._has("mutmut"):
            return f"mutmut is not installed for {self.interpreter.python}"
        return ""

    def _settings(self, chosen: Sequence[str]) -> list[Edit]:
        """Mutmut's settings in the copy, its own ones of the project set aside."""
        top = PurePosixPath(self.target.path).parts[0]
        skipped = {WORK, "mutants", ".git", top}
        names = sorted(set(self.sandbox.names(".")) - skipped)
        copied = [name for name in names if "pyvenv.cfg" not in self.sandbox.names(name)]
        lines = {
            "source_paths": [top],
            "only_mutate": [self.target.path],
            "also_copy": copied,
            "pytest_add_cli_args_test_selection": list(chosen),
            "use_setproctitle": ["false"],
            "use_git_change_detection": ["false"],
        }
        section = "\n[mutmut]\n" + "".join(
            f"{key}=\n" + "".join(f"  {value.replace('%', '%%')}\n" for value in values)
            if len(values) != 1
            else f"{key}={values[0].replace('%', '%%')}\n"
            for key, values in lines.items()
        )
        edits: list[Edit] = []
        for name, own, more in (
            ("setup.cfg", "[mutmut]", section),
            ("pyproject.toml", "[tool.mutmut]", ""),
        ):
            before = read_text(self.sandbox, name)
            after = (before or "").replace(own, f"{own[:-1]}-of-the-project]") + more
            if after != (before or ""):
                edits.append(Edit(name, before, after))
        return edits


def import_root(sandbox: LocalSandbox, path: str) -> str:
    """The folder that imports of a module begin at: the first one above it that is no package."""
    folder = PurePosixPath(path).parent
    while folder.name and sandbox.read(f"{folder}/__init__.py") is not None:
        folder = folder.parent
    return "" if str(folder) == "." else str(folder)


def _reason(case: Case) -> str:
    """What pytest says of a file that it cannot import."""
    lines = [line[1:].strip() for line in case.detail.splitlines() if line.startswith("E ")]
    return lines[0] if lines else last_line(case.detail)


def _node_ids(test: str, cases: Sequence[Case]) -> list[str]:
    """Pytest's names of tests in one file: their report has the module's dotted name instead."""
    module = test.removesuffix(".py").replace("/", ".")
    found: list[str] = []
    for case in cases:
        # Relative to pytest's root, which may lie below or above the copy's.
        owner = case.owner.removeprefix(module) if case.owner.startswith(module) else ""
        classes = [part for part in owner.split(".") if part]
        found.append("::".join([test, *classes, case.name]))
    return found
