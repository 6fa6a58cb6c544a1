"""What running a suite gives: its cases, and what had to be left out with the reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from benchmarks.accuracy.score import Case


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a suite found. skipped: records that could not be used, each with why."""

    cases: list[Case]
    skipped: list[str] = field(default_factory=list[str])
    extra: dict[str, Any] = field(default_factory=dict[str, Any])


class NoSourcesError(CodexGraphError):
    """The repository that a truth speaks of is not where it was looked for."""


def run_each(data: list[Path], repos: Path, case: Callable[[Path, Path], Case]) -> Outcome:
    """A case for each file of data; one whose repository is missing is skipped."""
    outcome = Outcome([])
    for path in data:
        try:
            outcome.cases.append(case(path, repos))
        except NoSourcesError as error:
            outcome.skipped.append(str(error))
    return outcome
