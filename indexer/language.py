"""What the indexer needs to know of a language; everything else about it is the language's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from array import array
    from collections.abc import Mapping

    from indexer.facts import FileFacts
    from indexer.links import Linker
    from indexer.project import Project


class Extracted(NamedTuple):
    """What extraction returns: the interface of a file, its sites (six integers each), mentions.

    mentions: how often each stands there, see `indexer.mentions`; None for a language whose linking
    never asks back.
    """

    facts: FileFacts
    sites: array[int]
    mentions: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """Choices that change which edges there are.

    inherited: HAS_METHOD and HAS_FIELD reach inherited members. imported: CONTAINS reaches what a
    module imports by name.
    """

    inherited: bool = True
    imported: bool = True


class Language(Protocol):
    """One language: from bytes to facts, and from the facts of all files to links."""

    name: str
    version: int
    """Raised whenever its facts or links change for the same text; indexes are then rebuilt."""

    def extract(self, path: str, text: bytes) -> Extracted:
        """Facts of one file's UTF-8 text; pure, and never raises for the content."""
        ...

    def parse(self, text: bytes) -> object:
        """The bare syntax tree, which measurements compare everything else with."""
        ...

    def linker(self, project: Project, settings: LinkSettings) -> Linker:
        """A linker over the project's files of this language."""
        ...
