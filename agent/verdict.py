"""What the checks of a draft come to, and what a model is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.draft import Status

if TYPE_CHECKING:
    from agent.draft import CheckResult, Draft

_FEEDBACK_TOKENS = 700
_DECIDING = ("compile", "tests")
"""Checks without which nobody knows whether code works; the others may have nothing to look at."""
CUT = "the reply was cut off before its end: say the whole with fewer words"
"""Of a reply that ran to its limit, went in circles or broke off; no check can mend that."""


class Verdict:
    """A draft with what its checks said; drafts that fail alike are told apart by score.

    said: what is wrong with the reply itself.
    """

    def __init__(self, draft: Draft | None, results: tuple[CheckResult, ...], said: str) -> None:
        self.draft = draft
        self.feedback = "\n".join(filter(None, (said, feedback(results))))
        self.is_passed = draft is not None and not said and not failed(results)
        self.skipped = tuple(
            f"{result.check}: {result.reason}"
            for result in results
            if result.status is Status.SKIPPED and result.check in _DECIDING
        )
        passes = sum(result.status is Status.PASSED for result in results)
        scores = sum(result.score for result in failed(results))
        self.rank = (draft is not None, self.is_passed, passes, scores)


def failed(results: tuple[CheckResult, ...]) -> list[CheckResult]:
    """The checks that a draft does not pass."""
    return [result for result in results if result.status is Status.FAILED]


def feedback(results: tuple[CheckResult, ...], tokens: int = _FEEDBACK_TOKENS) -> str:
    """What a model is told of failed checks, shortest problem first, within a budget."""
    lines: list[str] = []
    for result in failed(results):
        lines.append(f"{result.check} failed. {result.reason}".strip())
        lines += sorted({f"- {problem}" for problem in result.problems}, key=len)
    return "\n".join(lines)[: tokens * 4]
