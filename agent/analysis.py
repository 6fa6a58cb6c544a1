"""The port to the indexer: what a text says once it is laid over the graph.

The agent may not parse; whoever wires it passes an `Analyst` that reads a draft by the same code
that indexes files, so that "resolves" means the same for a draft as for the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agent.draft import Problem
    from graphdb.symbols import Symbol


class Missing(StrEnum):
    """What kind of use denotes nothing."""

    IMPORT = "import"
    NAME = "name"
    MEMBER = "member"


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A use that denotes nothing in the repository, the language or its library.

    name: as written, with dots. line: 1-based. owner: full name of the class that lacks a member.
    """

    name: str
    kind: Missing
    line: int
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """What one text says. symbols: its definitions in order, positions in this text.

    uses: symbols of the repository that it names, each once, in order of first use.
    """

    path: str
    symbols: tuple[Symbol, ...]
    uses: tuple[Symbol, ...]
    parse_problems: tuple[Problem, ...]
    unresolved: tuple[Unresolved, ...]


class Analyst(Protocol):
    """Reads texts as the indexer would."""

    def analyse(self, path: str, text: str) -> FileAnalysis:
        """What a file would say if it had this text; other files are as indexed.

        The path need not exist. A file of no indexed language gives an empty analysis.
        """
        ...
