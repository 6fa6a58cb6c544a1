"""What a draft has no business doing, as a check: refusals fail it, warnings are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.checks.results import judged, skipped, timed
from agent.draft import Problem
from agent.screen import Severity, screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agent.draft import CheckResult, Draft, Edit
    from agent.screen import Screening


class ScreenCheck:
    """Nothing in the edits is to be refused. look: finds what is in them."""

    name = "screen"

    def __init__(self, look: Callable[[Iterable[Edit]], tuple[Screening, ...]] = screen) -> None:
        self._look = look

    def run(self, draft: Draft) -> CheckResult:
        """Look at a draft."""
        return timed(self.name, lambda: self._run(draft))

    def _run(self, draft: Draft) -> CheckResult:
        screened = [each for each in self._look(draft.edits) if each.is_screened]
        if not screened:
            return skipped(self.name, "no file of the draft is in a language that is screened")
        problems = [
            Problem(f"{finding.what} {finding.why}", each.path, finding.line)
            for each in screened
            for finding in each.findings
            if finding.severity is Severity.REFUSE
        ]
        notes = [
            f"{each.path}:{finding}"
            for each in screened
            for finding in each.findings
            if finding.severity is not Severity.REFUSE
        ]
        return judged(self.name, problems, notes=tuple(notes))
