"""What a language model is asked to write, and what its drafts change in the texts of an editor."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, Protocol

from lsp.text import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from threading import Event

    from agent.draft import Edit
    from agent.events import Observer
    from agent.task import Outcome
    from graphdb.store import GraphReader
    from lsp.documents import Document

WRITE = "codexgraph.write"
"""The command that has a job done."""

NO_MODEL = "no language model is set up"


@dataclass(frozen=True, slots=True)
class Wanted:
    """One job. job, text, where: as `agent.tasks.jobs.task` takes them.

    texts: the documents that are open, by path. is_quick: one draft, for somebody who is typing.
    """

    job: str
    text: str
    where: str = ""
    texts: Mapping[str, str] = field(default_factory=dict[str, str])
    is_quick: bool = False


class Author(Protocol):
    """Writes code for one repository with the model that is set; may be called in any thread."""

    def write(self, reader: GraphReader, wanted: Wanted, observer: Observer) -> Outcome:
        """Do a job. Raises CodexGraphError for one that cannot be begun."""
        ...

    def close(self) -> None:
        """Release the model."""
        ...


def heed(given_up: Event, event: object) -> None:
    """Observe a run that nobody may wait for any more. Raises Interrupted then."""
    from agent.events import Interrupted

    del event
    if given_up.is_set():
        raise Interrupted


def texts_of(documents: Mapping[str, Document]) -> dict[str, str]:
    """Open documents as texts, by path."""
    return {path: "".join(document.lines) for path, document in documents.items()}


class Region(NamedTuple):
    """Lines of a text, 0-based and without the last, and the text that takes their place."""

    first: int
    last: int
    text: str


def changed_region(before: str, after: str) -> Region | None:
    """The lines that differ, between those that are the same at both ends; None for none."""
    if before == after:
        return None
    old, new = split_lines(before), split_lines(after)
    head = _common(zip(old, new, strict=False))
    room = min(len(old), len(new)) - head
    tail = min(room, _common(zip(reversed(old), reversed(new), strict=False)))
    return Region(head, len(old) - tail, "".join(new[head : len(new) - tail]))


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def inserted(edit: Edit, at: int) -> str | None:
    """What an edit puts in at an index of the text; None where it changes anything else."""
    before, after = edit.before or "", edit.after
    added = len(after) - len(before)
    if added <= 0 or after[:at] != before[:at] or after[at + added :] != before[at:]:
        return None
    return after[at : at + added]
