"""Conversations on disk: one file each, saved whole after every change.

A file is named for when its conversation began, so the newest is the last by name.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any

from agent.draft import Edit
from agent.messages import Usage
from graphdb.errors import CodexGraphError, NotFoundError
from tui.models.conversation import Conversation, Step, StepKind, Turn, TurnState
from tui.models.files import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

VERSION = 1
MAX_LISTED = 50
_UNSAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True)
class Saved:
    """A conversation that can be gone on with."""

    id: str
    title: str
    began_at: str
    turns: int


class Sessions:
    """The conversations of one repository."""

    def __init__(self, data_dir: Path, repo: str, now: Callable[[], datetime]) -> None:
        self._folder = data_dir / "sessions" / _UNSAFE.sub("_", repo)
        self._repo = repo
        self._now = now

    def begin(self) -> Conversation:
        """A new one, which has no file before it is saved."""
        now = self._now()
        stem = now.strftime("%Y%m%d-%H%M%S")
        taken = {path.stem for path in self._folder.glob(f"{stem}*.json")}
        number = next(n for n in range(1, len(taken) + 2) if _id(stem, n) not in taken)
        return Conversation(_id(stem, number), self._repo, now.isoformat(timespec="seconds"))

    def save(self, conversation: Conversation) -> None:
        """Write it; an empty one leaves no file. Raises CodexGraphError."""
        if conversation.turns or conversation.unsent.strip():
            value = asdict(conversation)
            write_json(self._path(conversation.id), VERSION, value)

    def load(self, wanted: str) -> Conversation:
        """One by its id or name. Raises NotFoundError or CodexGraphError."""
        path = self._path(wanted)
        if not path.exists():
            named = [saved.id for saved in self.list()[0] if saved.title == wanted]
            if not named:
                raise NotFoundError(f"no conversation is called {wanted!r}: /resume lists them")
            path = self._path(named[0])
        return self._read(path)

    def list(self) -> tuple[list[Saved], list[str]]:
        """Those that can be read, newest first; and a line for each that cannot."""
        found: list[Saved] = []
        troubles: list[str] = []
        for path in sorted(self._folder.glob("*.json"), reverse=True)[:MAX_LISTED]:
            try:
                read = self._read(path)
            except CodexGraphError as error:
                troubles.append(str(error))
                continue
            found.append(_saved(read))
        return found, troubles

    def latest(self) -> Saved | None:
        """The newest that can be read, None where there is none."""
        for path in sorted(self._folder.glob("*.json"), reverse=True)[:MAX_LISTED]:
            with suppress(CodexGraphError):
                return _saved(self._read(path))
        return None

    def _path(self, name: str) -> Path:
        return self._folder / f"{_UNSAFE.sub('_', name)}.json"

    def _read(self, path: Path) -> Conversation:
        value = read_json(path, VERSION)
        try:
            return conversation_of(value or {})
        except (KeyError, TypeError, ValueError) as error:
            raise CodexGraphError(f"{path} is damaged: move it away to begin anew") from error


def conversation_of(value: dict[str, Any]) -> Conversation:
    """From plain values; a turn that was running was broken off. Raises KeyError or TypeError."""
    given = _known(Conversation, value)
    turns = tuple(_turn(turn) for turn in given.pop("turns", ()))
    return Conversation(**given, turns=turns)


def _turn(value: dict[str, Any]) -> Turn:
    given = _known(Turn, value)
    given["state"] = TurnState(given.get("state", TurnState.DONE))
    if given["state"] is TurnState.RUNNING:
        given |= {"state": TurnState.CANCELLED, "error": "the application ended meanwhile"}
    given["steps"] = tuple(_step(step) for step in given.get("steps", ()))
    given["edits"] = tuple(Edit(**_known(Edit, edit)) for edit in given.get("edits", ()))
    given["usage"] = Usage(**_known(Usage, given.get("usage", {})))
    for name in ("files", "stale"):
        given[name] = tuple(str(path) for path in given.get(name, ()))
    return Turn(**given)


def _step(value: dict[str, Any]) -> Step:
    given = _known(Step, value)
    kind = StepKind(given.pop("kind"))
    return Step(kind, **given)


def _known(kind: type, value: dict[str, Any]) -> dict[str, Any]:
    """The values that a class has fields for."""
    return {field.name: value[field.name] for field in fields(kind) if field.name in value}


def _saved(read: Conversation) -> Saved:
    return Saved(read.id, read.title, read.began_at, len(read.turns))


def _id(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"
