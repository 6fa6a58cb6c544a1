"""Proposed changes as hunks that a person accepts or rejects one by one, applied and taken back.

Nothing is accepted by itself. A file is written only while it is what the proposal was made from.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from tui.models.files import write_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from agent.draft import Edit

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Hunk:
    """A part of a change. number: among all hunks of a review, from 0. lines: as in a diff.

    old, new: the lines that it replaces and puts, as ranges from 0, without their context.
    """

    number: int
    path: str
    lines: tuple[str, ...]
    old: tuple[int, int]
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Review:
    """Some changes and which of their hunks are accepted."""

    edits: tuple[Edit, ...]
    hunks: tuple[Hunk, ...]
    accepted: frozenset[int] = frozenset()

    def toggled(self, number: int) -> Review:
        """With one hunk accepted, or rejected again."""
        return replace(self, accepted=self.accepted ^ {number})

    def with_all(self, *, is_accepted: bool) -> Review:
        """With all hunks accepted, or none."""
        numbers = frozenset(hunk.number for hunk in self.hunks)
        return replace(self, accepted=numbers if is_accepted else frozenset())

    def result(self, edit: Edit) -> str | None:
        """The text of a file with its accepted hunks; None where it stays as it is."""
        chosen = [h for h in self.hunks if h.path == edit.path and h.number in self.accepted]
        if not chosen:
            return None
        before, after = _lines(edit.before or ""), _lines(edit.after)
        for hunk in sorted(chosen, key=lambda hunk: -hunk.old[0]):
            before[slice(*hunk.old)] = after[slice(*hunk.new)]
        return "".join(before)


@dataclass(frozen=True, slots=True)
class Applied:
    """Files that were written: path, text before (None for a new file), and text after."""

    files: tuple[tuple[str, str | None, str], ...]


def review_of(edits: Sequence[Edit]) -> Review:
    """The hunks of some changes, none accepted."""
    hunks: list[Hunk] = []
    for edit in edits:
        hunks += _hunks(edit, len(hunks))
    return Review(tuple(edits), tuple(hunks))


def apply(root: Path, review: Review) -> Applied:
    """Write the accepted hunks, all files or none.

    Raises CodexGraphError when nothing is accepted, a file has changed meanwhile or lies outside.
    """
    planned = [(edit, text) for edit in review.edits if (text := review.result(edit)) is not None]
    if not planned:
        raise CodexGraphError("no hunk is accepted: /diff shows them, space accepts one")
    for edit, _ in planned:
        _expect(root, edit.path, edit.before)
    done: list[tuple[str, str | None, str]] = []
    try:
        for edit, text in planned:
            _write(root, edit.path, text)
            done.append((edit.path, edit.before, text))
    except CodexGraphError:
        undo(root, Applied(tuple(done)))
        raise
    return Applied(tuple(done))


def undo(root: Path, applied: Applied) -> None:
    """Put back what was there. Raises CodexGraphError when a file has changed since."""
    for path, _, after in applied.files:
        _expect(root, path, after)
    for path, before, _ in applied.files:
        if before is None:
            _inside(root, path).unlink(missing_ok=True)
        else:
            _write(root, path, before)


def unified(edit: Edit) -> str:
    """A change as a unified diff."""
    name = "/dev/null" if edit.before is None else f"a/{edit.path}"
    before, after = _lines(edit.before or ""), _lines(edit.after)
    return "".join(difflib.unified_diff(before, after, name, f"b/{edit.path}"))


def _hunks(edit: Edit, first: int) -> list[Hunk]:
    before, after = _lines(edit.before or ""), _lines(edit.after)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found: list[Hunk] = []
    for group in matcher.get_grouped_opcodes(CONTEXT):
        shown: list[str] = []
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                shown += [f" {line}" for line in before[i1:i2]]
            else:
                shown += [f"-{line}" for line in before[i1:i2]]
                shown += [f"+{line}" for line in after[j1:j2]]
        changed = [code for code in group if code[0] != "equal"]
        old = (changed[0][1], changed[-1][2])
        new = (changed[0][3], changed[-1][4])
        lines = tuple(line.rstrip("\r\n") for line in shown)
        found.append(Hunk(first + len(found), edit.path, lines, old, new))
    return found


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _inside(root: Path, path: str) -> Path:
    file = (root / path).resolve()
    if not file.is_relative_to(root.resolve()) or file.is_dir():
        raise CodexGraphError(f"{path} is no file of the repository")
    return file


def _expect(root: Path, path: str, text: str | None) -> None:
    try:
        found = _inside(root, path).read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        found = None
    except OSError as error:
        raise CodexGraphError(f"{path} cannot be read: {error.strerror}") from error
    if found != text:
        raise CodexGraphError(f"{path} has changed meanwhile: ask again")


def _write(root: Path, path: str, text: str) -> None:
    file = _inside(root, path)
    write_text(file, text, is_private=False)
