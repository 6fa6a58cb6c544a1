"""What the agent proposes: files before and after, and what the checks say of them.

An edit holds whole texts, because a diff of a text that has changed meanwhile must be noticed and
not applied by luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Edit:
    """One file of the repository. path: relative, `/`. before: None for a new file."""

    path: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal. text: what the model wrote, for people. edits: what it would change.

    notes: what a person should know of it, such as what was repaired or left out, a line each.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that a check found. line: 1-based in the file after the edit, None for no line."""

    message: str
    path: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.path and self.line else ""
        return f"{place or (self.path + ': ' if self.path else '')}{self.message}"


class Status(StrEnum):
    """How a check ended. skipped: it could not run, which is never a failure of the draft."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check says. reason: of a skip, or what it did, in one line.

    score: 0 to 1, how much of it held (share of tests passed); orders candidates that fail alike.
    notes: what a person should know, such as what the sandbox does not isolate.
    """

    check: str
    status: Status
    problems: tuple[Problem, ...] = ()
    reason: str = ""
    score: float = 0.0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


class Check(Protocol):
    """Something that a draft must pass."""

    name: str

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft. Never raises for what the draft holds."""
        ...
