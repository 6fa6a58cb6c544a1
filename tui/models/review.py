"""Proposed changes as hunks that a person accepts or rejects one by one; pure.

Nothing is accepted by itself. What is accepted is written, and taken back, by `agent.apply`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agent.edits import accepted, hunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.draft import Edit


@dataclass(frozen=True, slots=True)
class Part:
    """What is accepted or rejected as one. path, line: where it begins. text: as in a diff.

    edit: the number of its edit. hunk: its number there; None for a whole new file that is empty.
    """

    edit: int
    hunk: int | None
    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """Some changes, and the numbers of those of their parts that are accepted."""

    edits: tuple[Edit, ...]
    parts: tuple[Part, ...]
    accepted: frozenset[int] = frozenset()

    def toggled(self, number: int) -> Review:
        """With one part accepted, or rejected again."""
        return replace(self, accepted=self.accepted ^ {number})

    def with_all(self, *, is_accepted: bool) -> Review:
        """With all parts accepted, or none."""
        return replace(self, accepted=frozenset(range(len(self.parts)) if is_accepted else ()))

    @property
    def chosen(self) -> tuple[Edit, ...]:
        """The edits, each with its accepted parts alone."""
        found = [self._chosen_of(number) for number in range(len(self.edits))]
        return tuple(edit for edit in found if edit is not None)

    def _chosen_of(self, number: int) -> Edit | None:
        parts = [p for n, p in enumerate(self.parts) if n in self.accepted and p.edit == number]
        if not parts:
            return None
        return accepted(self.edits[number], [p.hunk for p in parts if p.hunk is not None])


def review_of(edits: Sequence[Edit]) -> Review:
    """The parts of some changes, none accepted."""
    return Review(tuple(edits), tuple(p for n, edit in enumerate(edits) for p in _parts(n, edit)))


def _parts(number: int, edit: Edit) -> list[Part]:
    found = [
        Part(number, hunk.number, edit.path, max(hunk.start_after, 1), hunk.text)
        for hunk in hunks(edit)
    ]
    if not found and edit.before is None:
        return [Part(number, None, edit.path, 1, "a new file, empty\n")]
    return found
