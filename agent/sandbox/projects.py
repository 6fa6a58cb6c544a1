"""How a file's project is compiled and tested: found by looking, given as commands, read as data.

A test counts as run only when a report names it: build tools end well also when they ran nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from agent.sandbox.ran import End
from agent.sandbox.reports import Cases, read_problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.draft import Problem
    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.ran import Ran, RunLimits

WORK = ".codexgraph-run"
"""A folder of the copy for what our own commands write."""
_TOOK = re.compile(r" in \d+(?:\.\d+)? ?m?s(?:econds)?\b")


@dataclass(frozen=True, slots=True)
class Tools:
    """What a person has set. python: an interpreter. classpath: jars and folders for plain javac.

    maven_repository: None takes the one in the home folder.
    """

    python: Path | None = None
    classpath: tuple[Path, ...] = ()
    maven_repository: Path | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One command. cwd: relative to the copy. readable: what it needs to see outside of it."""

    command: tuple[str, ...]
    cwd: str = ""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    readable: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class TestRun:
    """What compiling or testing came to.

    ran: the tests that were asked for have a result each, or with none asked for, any has. reason:
    why not, in one line. run: the last command, for its output and what kept it apart.
    """

    __test__ = False  # pytest would collect it for its name

    cases: Cases
    compile_failed: bool
    compile_problems: tuple[Problem, ...]
    ran: bool
    reason: str
    run: Ran
    notes: tuple[str, ...] = ()

    @property
    def is_passed(self) -> bool:
        """True when all that was asked for ran and nothing failed."""
        return self.ran and not (self.cases.failed or self.cases.errors or self.compile_failed)


class Project(Protocol):
    """A way to compile and test."""

    @property
    def kind(self) -> str:
        """Its name: pytest, maven, gradle, javac."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of how it runs."""
        ...

    def compile_steps(self, paths: Sequence[str]) -> tuple[Step, ...]:
        """Compile these files, or for a build tool the project around them."""
        ...

    def test_steps(self, tests: Sequence[str]) -> tuple[Step, ...]:
        """Compile and run tests: ids of pytest, `Class` or `Class#method`; none for all."""
        ...

    def clear(self, sandbox: LocalSandbox) -> None:
        """Remove reports of runs before."""
        ...

    def read(self, sandbox: LocalSandbox, run: Ran) -> tuple[Cases, tuple[str, ...]]:
        """What the reports say, and a line for each that cannot be read."""
        ...

    def missing(self, tests: Sequence[str], cases: Cases) -> tuple[str, ...]:
        """Tests that were asked for and have no result."""
        ...


def find_project(root: Path, path: str, tools: Tools) -> Project | None:
    """The project that a file belongs to, None for a language that is not compiled here."""
    from agent.sandbox.java_projects import find_java_project
    from agent.sandbox.python_project import find_python_project

    if path.endswith(".py"):
        return find_python_project(root, tools)
    if path.endswith(".java"):
        return find_java_project(root, path, tools)
    return None


def compile_files(
    sandbox: LocalSandbox, project: Project, paths: Sequence[str], limits: RunLimits
) -> TestRun:
    """Compile files of a sandbox. Raises SandboxError when a command cannot be given to it."""
    project.clear(sandbox)
    ran, _, _ = _run(sandbox, project, project.compile_steps(paths), limits)
    return _result(sandbox, project, ran, (Cases(), ()), ())


def run_tests(
    sandbox: LocalSandbox, project: Project, tests: Sequence[str], limits: RunLimits
) -> TestRun:
    """Compile and run tests in a sandbox. Raises SandboxError as `compile_files` does."""
    project.clear(sandbox)
    ran, cases, bad = _run(sandbox, project, project.test_steps(tests), limits)
    return _result(sandbox, project, ran, (cases, bad), tests)


def _run(
    sandbox: LocalSandbox, project: Project, steps: Sequence[Step], limits: RunLimits
) -> tuple[Ran, Cases, tuple[str, ...]]:
    """Run steps until one fails without the result of a test; what all of them gave."""
    cases, bad = Cases(), ()
    ran = None
    for step in steps:
        ran = sandbox.run(
            step.command,
            limits,
            cwd=step.cwd,
            environment=step.environment,
            readable=step.readable,
        )
        more, unread = project.read(sandbox, ran)
        cases, bad = cases + more, (*bad, *unread)
        if not ran.is_ok and more == Cases():
            break
    if ran is None:
        raise ValueError("a project has at least one step")
    return ran, cases, bad


def _result(
    sandbox: LocalSandbox,
    project: Project,
    ran: Ran,
    reports: tuple[Cases, tuple[str, ...]],
    tests: Sequence[str],
) -> TestRun:
    cases, bad = reports
    problems = () if ran.is_ok else read_problems(ran.output, sandbox.roots)
    missing = project.missing(tests, cases)
    is_some = bool(list(cases.names()))
    has_run = ran.end is End.EXITED and is_some and not missing
    reason = "" if has_run else _why(ran, problems, missing, bad)
    return TestRun(cases, bool(problems), problems, has_run, reason, ran, (*project.notes, *bad))


def _why(ran: Ran, problems: Sequence[Problem], missing: Sequence[str], bad: Sequence[str]) -> str:
    if problems:
        return f"it does not compile: {problems[0]}"
    if ran.end is not End.EXITED:
        return f"{ran.command[0]} was ended: {ran.end}"
    if bad:
        return bad[0]
    if ran.is_ok and missing:
        return f"no result for {', '.join(missing[:3])}"
    lines = [line.strip() for line in ran.output.splitlines() if line.strip()]
    said = next(
        (line for line in lines if "ERROR" in line or "rror:" in line), lines[-1] if lines else ""
    )
    # How long it took says nothing, and would make the same answer look like another one.
    said = _TOOK.sub("", said) or "it said nothing"
    return f"{ran.command[0]} exited with {ran.exit_code}: {said}"
