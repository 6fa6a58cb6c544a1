"""What the tools have answered in one run, newest first, within a bound of tokens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from agent.events import ToolAnswered


class Evidence:
    """Answers as a model is shown them: whole ones, as many as fit."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def add(self, answer: ToolAnswered) -> None:
        """Keep a tool's answer."""
        arguments = answer.call.arguments
        shown = arguments if isinstance(arguments, str) else json.dumps(dict(arguments))
        self._parts.append(f"{answer.call.name} {shown[:300]}\n{answer.text}")

    def note(self, text: str) -> None:
        """Keep a remark."""
        self._parts.append(text)

    def text(self, tokens: int) -> str:
        """The newest answers that fit, in the order in which they came."""
        room = tokens * CHARACTERS_PER_TOKEN
        kept: list[str] = []
        for part in reversed(self._parts):
            if len(part) + 2 > room:
                break
            room -= len(part) + 2
            kept.append(part)
        left_out = len(self._parts) - len(kept)
        note = [f"({left_out} earlier answers are not shown)"] if left_out else []
        return "\n\n".join([*note, *reversed(kept)])
