"""What checks found, as text for a model: the shortest and surest first, each beside its line.

One fault is often found by several checks; it is told once, by the first that names its line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.draft import Status
from agent.edits import lines_of
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from agent.draft import CheckResult, Draft, Problem

_ORDER = (
    *("compile", "parse", "imports", "names", "screen", "docstring_only", "same_signature"),
    *("citations", "pyright", "lint", "tests"),
)
_SAME_FAULT = frozenset({"compile", "parse", "imports", "names", "pyright", "lint"})
"""Checks that find the same fault of a line, each in its own words."""

_MAX_SOURCE = 160


def feedback(results: Iterable[CheckResult], tokens: int, draft: Draft | None = None) -> str:
    """The problems of failed checks in at most so many tokens; empty when there is none.

    draft: whose texts the lines are quoted from.
    """
    failed = [result for result in results if result.status is Status.FAILED]
    failed.sort(key=lambda result: _rank(result.check))
    texts = {edit.path: lines_of(edit.after) for edit in draft.edits} if draft else {}
    shown = [_shown(check, problem, texts) for check, problem in _once(failed)]
    return _bounded(shown, tokens * CHARACTERS_PER_TOKEN)


def _rank(check: str) -> int:
    return _ORDER.index(check) if check in _ORDER else len(_ORDER)


def _once(failed: Sequence[CheckResult]) -> Iterator[tuple[str, Problem]]:
    told: set[tuple[str | None, int]] = set()
    for result in failed:
        lines: set[tuple[str | None, int]] = set()
        # The shortest says most in least room; a tie keeps the order of the text.
        for problem in sorted(result.problems, key=lambda p: (len(str(p)), p.line or 0)):
            place = (problem.path, problem.line) if problem.line else None
            if place and place in told and result.check in _SAME_FAULT:
                continue
            if place and result.check in _SAME_FAULT:
                lines.add(place)
            yield result.check, problem
        told |= lines


def _shown(check: str, problem: Problem, texts: dict[str, list[str]]) -> str:
    said = f"- [{check}] {problem}"
    lines = texts.get(problem.path or "", [])
    if problem.line is None or not 1 <= problem.line <= len(lines):
        return said
    source = lines[problem.line - 1].strip()
    if not source:
        return said
    return f"{said}\n    {source if len(source) <= _MAX_SOURCE else source[:_MAX_SOURCE] + '...'}"


def _bounded(shown: list[str], room: int) -> str:
    """As many as fit, whole ones; how many were left out is told where that fits too."""
    kept: list[str] = []
    for number, text in enumerate(shown):
        more = len(shown) - number - 1
        ending = f"\n- and {more} more" if more else ""
        if len("\n".join([*kept, text])) + len(ending) > room:
            rest = f"- and {len(shown) - number} more" if kept else text[: max(0, room)]
            whole = "\n".join([*kept, rest])
            return whole if len(whole) <= room else "\n".join(kept)
        kept.append(text)
    return "\n".join(kept)
