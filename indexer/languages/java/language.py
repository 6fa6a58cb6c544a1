"""Java as a language of the indexer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.java.extract import extract
from indexer.languages.java.grammar import parse

if TYPE_CHECKING:
    from indexer.language import Extracted, LinkSettings
    from indexer.languages.java.link import JavaLinker
    from indexer.project import Project


class Java:
    """Java up to 21, every syntax that the grammar knows."""

    name = "java"
    version = 3

    def extract(self, path: str, text: bytes) -> Extracted:
        """Facts of one file."""
        return extract(path, text)

    def parse(self, text: bytes) -> object:
        """The bare syntax tree."""
        return parse(text)

    def linker(self, project: Project, settings: LinkSettings) -> JavaLinker:
        """A linker over all Java files."""
        from indexer.languages.java.link import JavaLinker

        return JavaLinker(project, inherited=settings.inherited)


JAVA = Java()
