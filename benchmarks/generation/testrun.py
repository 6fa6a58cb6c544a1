"""What tests said of one state of the code, in the same words for Maven and pytest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMED = 100
"""Tests that did not pass that are named in a report."""


class Result(StrEnum):
    """How one test ended. missing: it was asked for and there is none."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    MISSING = "missing"


class BrokenEnvironmentError(Exception):
    """The environment, never the code under test, is at fault; the message says how."""


@dataclass(frozen=True, slots=True)
class TestRun:
    """The tests of one task.

    compiled: None where nothing is compiled. official: the number of tests as the benchmark counts
    them. results: by test, as they were executed. trouble: the first lines of what went wrong.
    is_cut: stopped after the first failure, so that counts are of a part. output: of the run. note:
    what was done differently from what the benchmark says.
    """

    __test__ = False  # pytest takes the name for a class of tests

    compiled: bool | None
    official: int
    results: Mapping[str, Result] = field(default_factory=dict[str, Result])
    seconds: float = 0.0
    trouble: str = ""
    is_cut: bool = False
    output: str = ""
    note: str = ""

    def count(self, result: Result) -> int:
        """How many tests ended so."""
        return Counter(self.results.values())[result]

    @property
    def run(self) -> int:
        """Tests that were executed, skipped ones included."""
        return len(self.results) - self.count(Result.MISSING)

    @property
    def passed(self) -> int:
        """Tests that passed."""
        return self.count(Result.PASSED)

    @property
    def is_passed(self) -> bool:
        """True when there are tests and every one passed; one that skips itself tells nothing."""
        return bool(self.results) and self.passed == len(self.results)

    def to_json(self) -> dict[str, Any]:
        """Counts, seconds and trouble; of the tests that did not pass the first by name."""
        counts = {str(r): self.count(r) for r in Result if self.count(r)}
        return {
            "compiled": self.compiled,
            "official": self.official,
            "run": self.run,
            "passed": self.passed,
            **{name: count for name, count in counts.items() if name != Result.PASSED},
            "not_passed": sorted(n for n, r in self.results.items() if r is not Result.PASSED)[
                :_NAMED
            ],
            "is_passed": self.is_passed,
            "is_cut": self.is_cut,
            "seconds": round(self.seconds, 2),
            "trouble": self.trouble,
            "note": self.note,
        }
