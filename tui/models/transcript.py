"""A conversation as Markdown or JSON for other people and programs."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agent.edits import unified_diff
from graphdb.errors import CodexGraphError
from tui.models.conversation import stale_line, turn_line
from tui.models.files import write_text

if TYPE_CHECKING:
    from tui.models.conversation import Conversation, Step, Turn

EXPORT_SCHEMA = 1
_TICKS = re.compile("`{3,}")


def export(conversation: Conversation, name: str) -> Path:
    """Write it as Markdown, or as JSON where the name says so; where it is.

    Raises CodexGraphError, also when the file is there already.
    """
    path = Path(name or f"conversation-{conversation.id}.md").expanduser()
    if path.exists():
        raise CodexGraphError(f"{path} is there already: give another name")
    write_text(path, (as_json if path.suffix == ".json" else as_markdown)(conversation))
    return path


def as_markdown(conversation: Conversation) -> str:
    """The whole conversation."""
    head = f"# {conversation.title}\n\n{conversation.repo}, {conversation.began_at}\n"
    return head + "".join(f"\n{turn_markdown(turn)}" for turn in conversation.turns)


def as_json(conversation: Conversation) -> str:
    """The whole conversation as one JSON object."""
    value = {"schema": EXPORT_SCHEMA, **asdict(conversation)}
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def turn_markdown(turn: Turn) -> str:
    """A turn: question, answer, changes, steps and what it took."""
    question = "\n".join(f"> {line}" for line in turn.question.splitlines())
    parts = [f"## {turn.job}\n\n{question}", turn.answer.strip()]
    if turn.error:
        parts.append(f"**Error:** {turn.error}")
    parts += [_diff(turn)] if turn.edits else []
    if warning := stale_line(turn):
        parts.append(f"**Note:** {warning}")
    parts += [_step(number, step) for number, step in enumerate(turn.steps, start=1)]
    parts.append(f"*{turn_line(turn)}*")
    return "\n\n".join(part for part in parts if part) + "\n"


def _diff(turn: Turn) -> str:
    """In a fence that no line of the changes ends."""
    text = unified_diff(turn.edits).rstrip()
    fence = "`" * max([3, *(len(ticks) + 1 for ticks in _TICKS.findall(text))])
    return f"{fence}diff\n{text}\n{fence}"


def _step(number: int, step: Step) -> str:
    took = "" if step.seconds is None else f" · {step.seconds:.2f} s"
    head = f"{number}. {step.title}{took}"
    if not step.body:
        return head
    fence = "~~~~" if "~~~" in step.body else "~~~"
    return f"{head}\n\n{fence}\n{step.body}\n{fence}"
