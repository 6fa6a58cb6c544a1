"""All that an answer without a model is drawn from, as ports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agent.answers.answer import Row
from agent.answers.subjects import short_name
from agent.edits import bare_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.analysis import Analyst
    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader
    from graphdb.symbols import Relation


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines of one file that were changed lately.

    what: when, and in which commit, in a few words. text: as a diff. line: the first changed one,
    1-based, in the file after the change.
    """

    path: str
    line: int
    what: str
    text: str


class Changes(Protocol):
    """Tells what changed lately; `agent.answers.hunks.GitChanges` asks git."""

    def __call__(self, path: str, first: int, last: int) -> Sequence[Hunk]:
        """Recent changes of lines `first` to `last` of a file, newest first; few of them."""
        ...


@dataclass(frozen=True, slots=True)
class Ground:
    """What the graph's answers stand on.

    retriever: opens one when it is first needed, because its corpus takes time to read. read_file:
    text of a file of the repository by its path, None for what is none. analyst: reads texts that
    are not in the graph, for completion of them. changes: None where there is no history.
    """

    reader: GraphReader
    retriever: Callable[[], Retriever]
    read_file: Callable[[str], str | None]
    analyst: Analyst | None = None
    changes: Changes | None = None

    def line(self, path: str | None, number: int | None) -> str:
        """One line of a file, without its indentation; "" where there is none."""
        text = self.read_file(path) if path and number else None
        lines = bare_lines(text or "")
        return lines[number - 1].strip() if number and 0 < number <= len(lines) else ""

    def quote(self, relation: Relation) -> str:
        """The line of the first site of a relation."""
        return self.line(relation.file_path, relation.sites[0].line) if relation.sites else ""

    def relation_row(self, relation: Relation) -> Row:
        """The symbol at the other end of a relation, with the line of its first site."""
        name = short_name(relation.symbol)
        return Row(name, relation.location, quote=self.quote(relation))
