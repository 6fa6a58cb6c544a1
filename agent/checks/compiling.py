"""Checks that a draft compiles: Python in its interpreter, Java by the project's own build.

Nothing of the draft is run for it, but a build tool runs what the project tells it to, so that is
done in the sandbox.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.results import judged, new_problems, skipped, timed
from agent.draft import Problem
from agent.sandbox.projects import compile_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.checks.bench import Bench
    from agent.checks.python_source import PythonSource
    from agent.draft import CheckResult, Draft, Edit
    from agent.sandbox.projects import Project, TestRun
    from agent.sandbox.ran import RunLimits


class CompileCheck:
    """The edited files compile. bench: for languages that need a build; None leaves these out."""

    name = "compile"

    def __init__(self, python: PythonSource, bench: Bench | None, limits: RunLimits) -> None:
        self._python = python
        self._bench = bench
        self._limits = limits
        self._baseline: dict[tuple[str, ...], TestRun] = {}

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return timed(self.name, lambda: self._run(draft))

    def _run(self, draft: Draft) -> CheckResult:
        python = [edit for edit in draft.edits if edit.path.endswith((".py", ".pyi"))]
        java = [edit for edit in draft.edits if edit.path.endswith(".java")]
        if not python and not java:
            return skipped(self.name, "no file of the draft is one that is compiled here")
        problems = [problem for edit in python for problem in self._of_python(edit)]
        if problems or not java:
            return judged(self.name, problems)
        return self._of_java(draft, java)

    def _of_python(self, edit: Edit) -> Iterator[Problem]:
        fault, had = self._python.faults([edit.after, edit.before or ""], edit.path)
        if fault is not None and (had is None or had[1] != fault[1]):
            yield Problem(fault[1], edit.path, fault[0])

    def _of_java(self, draft: Draft, edits: list[Edit]) -> CheckResult:
        bench = self._bench
        project = bench.project(edits[0].path) if bench is not None else None
        if bench is None or project is None:
            return skipped(self.name, "nothing here compiles Java")
        paths = tuple(edit.path for edit in edits)
        with bench.laid(draft.edits, is_run=False) as sandbox:
            run = compile_files(sandbox, project, paths, self._limits)
        notes = (*run.run.open, *run.notes)
        if run.run.is_ok:
            return judged(self.name, (), f"{project.kind} compiled it", notes)
        before = self._before(bench, project, edits)
        had = before.compile_problems if before else ()
        fresh = _fresh(edits, run.compile_problems, had)
        if fresh:
            return judged(self.name, fresh, f"{project.kind} was run", notes)
        if run.compile_problems and before is not None and not before.run.is_ok:
            return judged(self.name, (), "it has only the problems that were there before", notes)
        return skipped(self.name, run.reason, notes)

    def _before(self, bench: Bench, project: Project, edits: list[Edit]) -> TestRun | None:
        """How the files compiled that were there before, asked once."""
        paths = tuple(edit.path for edit in edits if edit.before is not None)
        if not paths:
            return None
        if paths not in self._baseline:
            with bench.laid((), is_run=False) as sandbox:
                run = compile_files(sandbox, project, paths, self._limits)
            self._baseline[paths] = run
        return self._baseline[paths]


def _fresh(
    edits: list[Edit], after: tuple[Problem, ...], before: tuple[Problem, ...]
) -> list[Problem]:
    """The problems that the edits bring in: in their own files by lines, elsewhere by text."""
    by_path = {edit.path: edit for edit in edits}
    found = [p for p in after if p.path not in by_path and p not in before]
    for path, edit in by_path.items():
        own = [p for p in after if p.path == path]
        found += new_problems(edit, own, [p for p in before if p.path == path])
    return found
