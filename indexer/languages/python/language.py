"""Python as a language of the indexer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.python.extract import extract
from indexer.languages.python.grammar import parse

if TYPE_CHECKING:
    from indexer.language import Extracted, LinkSettings
    from indexer.languages.python.link import PythonLinker
    from indexer.project import Project


class Python:
    """Python 3, every syntax that the grammar knows."""

    name = "python"
    version = 9

    def extract(self, path: str, text: bytes) -> Extracted:
        """Facts of one file."""
        return extract(path, text)

    def parse(self, text: bytes) -> object:
        """The bare syntax tree."""
        return parse(text)

    def linker(self, project: Project, settings: LinkSettings) -> PythonLinker:
        """A linker over all Python files."""
        from indexer.languages.python.link import PythonLinker

        return PythonLinker(project, inherited=settings.inherited, imported=settings.imported)


PYTHON = Python()
