"""A toy language, complete: what CONTRIBUTING.md says on adding one is tried on it.

A file is a module. `use shapes.circle as c` imports one, `fn area(r)` … `end` defines a function,
`let unit = 1` a variable; `c.area(unit)` calls, comments begin with `#`. There is no more to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages import LANGUAGES, SUFFIXES, Registry
from tests.indexer.toy.extract import extract, lines

if TYPE_CHECKING:
    from indexer.language import Extracted, LinkSettings
    from indexer.project import Project
    from tests.indexer.toy.link import ToyLinker


class Toy:
    """The toy as a language of the indexer."""

    name = "toy"
    version = 1

    def extract(self, path: str, text: bytes) -> Extracted:
        """Facts of one file."""
        return extract(path, text)

    def parse(self, text: bytes) -> object:
        """The lines: there is no tree."""
        return list(lines(text))

    def linker(self, project: Project, settings: LinkSettings) -> ToyLinker:
        """A linker over all toy files."""
        from tests.indexer.toy.link import ToyLinker

        del settings
        return ToyLinker(project)


TOY = Toy()

REGISTRY = Registry(
    {**LANGUAGES, "toy": "tests.indexer.toy.language:TOY"}, {**SUFFIXES, ".toy": "toy"}
)
"""The languages of the product and the toy; one of the product stands in the tables themselves."""
