"""A question that was understood: the words in it, and what they mean in this repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.answers.phrases import KIND_WORDS
from agent.answers.subjects import UnclearNameError, find_subject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from agent.answers.ground import Ground
    from agent.answers.subjects import Subject
    from graphdb.schema import NodeKind


@dataclass(frozen=True, slots=True)
class Asked:
    """words: what stood in the holes of the pattern. meant: what names in holes surely mean."""

    ground: Ground
    question: str
    words: Mapping[str, str]
    meant: Mapping[str, Subject] = field(default_factory=dict["str", "Subject"])

    def word(self, hole: str) -> str:
        """The words in a hole, "" for none."""
        return self.words.get(hole, "")

    def subject(self, hole: str = "x", kinds: Collection[NodeKind] = ()) -> Subject:
        """What the name in a hole means. Raises UnclearNameError.

        kinds: those that the question is about, where the person named none.
        """
        if hole in self.meant:
            return self.meant[hole]
        named = self.word(f"{hole}_kind") or self.word(f"{hole}_like")
        kinds = KIND_WORDS.get(named.lower(), ()) or kinds
        try:
            return find_subject(self.ground, self.word(hole), kinds, self.word(f"{hole}_in"))
        except UnclearNameError as unclear:
            unclear.hole = hole
            raise
