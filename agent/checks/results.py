"""How checks answer: results of each kind, timed, and only what an edit brings in counts.

A file may have had problems before; a draft is charged with those that its text adds.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.draft import CheckResult, Problem, Status
from agent.edits import line_before
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.draft import Draft, Edit

_MAX_REASON = 300


def timed(name: str, look: Callable[[], CheckResult]) -> CheckResult:
    """What a check finds and how long it took; one that cannot run is skipped with its reason."""
    start = time.monotonic()
    try:
        result = look()
    except (CodexGraphError, OSError) as error:
        result = skipped(name, " ".join(str(error).split()))
    return replace(result, seconds=time.monotonic() - start)


def skipped(name: str, reason: str, notes: tuple[str, ...] = ()) -> CheckResult:
    """The check could not run."""
    return CheckResult(name, Status.SKIPPED, reason=reason[:_MAX_REASON], notes=notes)


def judged(
    name: str, problems: Iterable[Problem], reason: str = "", notes: tuple[str, ...] = ()
) -> CheckResult:
    """Passed where there is no problem; the fewer there are, the better the score."""
    found = tuple(dict.fromkeys(problems))
    status = Status.FAILED if found else Status.PASSED
    return CheckResult(name, status, found, reason[:_MAX_REASON], 1 / (1 + len(found)), notes)


def each_edit(
    name: str, draft: Draft, problems_of: Callable[[Edit], Iterable[Problem]]
) -> CheckResult:
    """The problems of all edits of a draft together; skipped for a draft that changes no file."""
    if not draft.edits:
        return skipped(name, "the draft changes no file")
    return timed(name, lambda: judged(name, [p for e in draft.edits for p in problems_of(e)]))


def new_problems(
    edit: Edit, after: Iterable[Problem], before: Iterable[Problem]
) -> tuple[Problem, ...]:
    """The problems after an edit that were not there before it, on the same line of text."""
    was = line_before(edit)
    had = {(problem.line, problem.message) for problem in before}
    return tuple(p for p in after if (was.get(p.line, 0) if p.line else None, p.message) not in had)
