"""Runs tests on a draft in the sandbox: the score is the share that pass.

Where tests do not run the same tests are tried without the draft: what fails then as well is the
environment's fault and no failure of the draft.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.checks.results import skipped, timed
from agent.draft import CheckResult, Problem, Status
from agent.sandbox.projects import run_tests
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.checks.bench import Bench
    from agent.draft import Draft
    from agent.sandbox.projects import Project
    from agent.sandbox.ran import RunLimits
    from agent.sandbox.reports import Finished

FEEDBACK_TOKENS = 1_200
_NO_TESTS = 5
"""Pytest's exit code for having found none."""


class TestsCheck:
    """Tests pass: those given, by their ids, or with none those that the draft writes.

    path: a file of their project. tokens: what the problems may take of a prompt, all together.
    """

    __test__ = False  # pytest would collect it for its name
    name = "tests"

    def __init__(
        self,
        bench: Bench,
        tests: Sequence[str],
        limits: RunLimits,
        path: str = "",
        tokens: int = FEEDBACK_TOKENS,
    ) -> None:
        self._bench = bench
        self._path = path
        self._tests = tuple(tests)
        self._limits = limits
        self._room = tokens * CHARACTERS_PER_TOKEN
        self._baseline: bool | None = None

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return timed(self.name, lambda: self._run(draft))

    def _run(self, draft: Draft) -> CheckResult:
        tests = self._tests or _tests_in(draft)
        path = self._path or (tests[0].partition("::")[0] if self._tests else _first_path(draft))
        if not tests:
            return skipped(self.name, "no tests were given, and the draft writes none")
        project = self._bench.project(path)
        if project is None:
            return skipped(self.name, f"how {path} is tested is not known")
        with self._bench.laid(draft.edits, is_run=True) as sandbox:
            run = run_tests(sandbox, project, tests, self._limits)
        notes = (*run.run.open, *run.notes)
        cases = run.cases
        passed, total = len(cases.passed) + len(cases.skipped), len(list(cases.names()))
        if run.is_passed:
            return CheckResult(self.name, Status.PASSED, (), f"{passed} passed", 1.0, notes)
        broken = (*cases.errors, *cases.failed)
        if not self._tests and project.kind == "pytest" and run.run.exit_code == _NO_TESTS:
            problem = Problem("there is no test in it: write functions whose names begin with test")
            return CheckResult(self.name, Status.FAILED, (problem,), run.reason, 0.0, notes)
        is_known = run.ran or bool(broken) or bool(run.compile_problems)
        if not is_known and not (self._tests and self._runs_without(project)):
            return skipped(self.name, run.reason, notes)
        problems = [*run.compile_problems, *self._shown(broken)] or [Problem(run.reason)]
        score = passed / max(total, len(tests)) if run.ran else 0.0
        reason = run.reason or f"{passed} of {total} passed"
        return CheckResult(self.name, Status.FAILED, tuple(problems), reason, score, notes)

    def _runs_without(self, project: Project) -> bool:
        """True when the same tests run without the draft: then it is the draft that stops them."""
        if self._baseline is None:
            with self._bench.laid((), is_run=True) as sandbox:
                self._baseline = run_tests(sandbox, project, self._tests, self._limits).ran
        return self._baseline

    def _shown(self, broken: Sequence[Finished]) -> list[Problem]:
        """The shortest failures first, until the room is taken; the last one may be cut."""
        found: list[Problem] = []
        room = self._room
        texts = [f"{case.name} failed: {case.text or case.message}" for case in broken]
        for text in sorted(texts, key=len):
            if room <= 0:
                found.append(Problem(f"and {len(texts) - len(found)} more tests failed"))
                break
            found.append(Problem(text if len(text) <= room else _end(text, room)))
            room -= len(text)
        return found


def _tests_in(draft: Draft) -> tuple[str, ...]:
    """The tests of the files that a draft writes, as pytest and the build tools name them."""
    paths = [PurePosixPath(edit.path) for edit in draft.edits]
    return tuple(path.stem if path.suffix == ".java" else str(path) for path in paths)


def _first_path(draft: Draft) -> str:
    return draft.edits[0].path if draft.edits else ""


def _end(text: str, room: int) -> str:
    """A failure's first line and the end of its traceback, which says what went wrong."""
    first, _, rest = text.partition("\n")
    first = first[:room]
    tail = rest[-max(0, room - len(first) - 6) :]
    return f"{first}\n[...]\n{tail}" if rest and len(tail) > 1 else first
