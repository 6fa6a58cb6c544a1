"""The five measures of a generated test class, and what they are taken of.

After TestBench (arXiv 2409.17561): syntax, compilation, passing, coverage and defect detection. A
measure that could not be taken is never a zero: it is None, and `skipped` says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agent.sandbox.ran import RunLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.draft import Problem
    from agent.sandbox.local import LocalSandbox

WORK = "codexgraph-measures"
"""Folder below the copy of the repository where the tools write their reports."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is tested. path: its file. name: in that file, with dots.

    In Java a class, "" for that of the file's name; in Python a class, function or method, "" for
    all of the module.
    """

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the measures may take. build, tests, mutation: bounds of each run.

    has_mutation: False to leave defect detection out, which takes longer than all the rest.
    """

    build: RunLimits = field(default_factory=lambda: RunLimits(seconds=180, memory_mb=4_096))
    tests: RunLimits = field(default_factory=lambda: RunLimits(seconds=120, memory_mb=4_096))
    mutation: RunLimits = field(
        default_factory=lambda: RunLimits(seconds=300, cpu_seconds=600, memory_mb=4_096)
    )
    has_mutation: bool = True


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many of how many."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        """0 to 1; None of nothing."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change of the target that no test noticed. line: in the target's file."""

    what: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured of one test file.

    compiles: for Python, that its module can be imported. passed, failed: tests; an error counts as
    a failure, an ignored test as neither. lines, branches: of the target that the tests reach.
    mutants: killed of all. skipped: measure -> why it was not taken. problems: what a writer of the
    test should mend, in its file.
    """

    syntax: bool | None = None
    compiles: bool | None = None
    passed: int | None = None
    failed: int | None = None
    lines: Ratio | None = None
    branches: Ratio | None = None
    mutants: Ratio | None = None
    survivors: tuple[Survivor, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: Mapping[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()


class Tally:
    """Measures while they are taken."""

    def __init__(self) -> None:
        self.measures = Measures()

    def set(self, **values: Any) -> None:
        """Take measures, by the names of their fields."""
        self.measures = replace(self.measures, **values)

    def skip(self, reason: str, *measures: str) -> None:
        """Say why measures are not taken; the first reason stands."""
        new = dict.fromkeys(measures, reason)
        self.set(skipped={**new, **self.measures.skipped})

    def add(self, *problems: Problem) -> None:
        """Add what a writer of the test should mend."""
        self.set(problems=(*self.measures.problems, *problems))

    def note(self, *notes: str) -> None:
        """Add what a reader of the measures should know, once."""
        self.set(notes=tuple(dict.fromkeys((*self.measures.notes, *notes))))


AFTER_SYNTAX = ("compile", "pass", "coverage", "mutation")
AFTER_COMPILE = ("pass", "coverage", "mutation")


def read_text(sandbox: LocalSandbox, path: str) -> str | None:
    """A file of the copy, None where there is none."""
    content = sandbox.read(path)
    return None if content is None else content.decode("utf-8", "replace")
