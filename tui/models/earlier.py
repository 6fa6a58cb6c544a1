"""What was said before a question, in brief, so that a model knows what "it" is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.models.conversation import OWN_LABEL, TurnState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.models.conversation import Turn

MAX_TURNS = 3
MAX_QUESTION, MAX_ANSWER = 300, 500
"""Characters of each; all together are a tenth of what a question may cost."""


def earlier(turns: Sequence[Turn]) -> str:
    """The last answered turns, oldest first; "" for none."""
    answered = [turn for turn in turns if turn.state is TurnState.DONE and turn.label != OWN_LABEL]
    parts = [
        f"Asked before: {_short(turn.question, MAX_QUESTION)}\n"
        f"Answered: {_short(turn.answer, MAX_ANSWER)}"
        for turn in answered[-MAX_TURNS:]
    ]
    return "\n\n".join(parts)


def _short(text: str, limit: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
