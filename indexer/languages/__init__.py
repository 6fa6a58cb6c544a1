"""The registry of languages: a new one is a line in each table and a folder of its own.

Modules are named by strings, so that knowing the suffixes loads no grammar.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from indexer.language import Language

LANGUAGES = {
    "python": "indexer.languages.python.language:PYTHON",
    "java": "indexer.languages.java.language:JAVA",
}
"""Language name -> `module:object`, a `Language`."""

SUFFIXES = {".py": "python", ".pyi": "python", ".java": "java"}
"""File suffix in lower case -> language name."""

GRAMMARS = {"python": "tree-sitter-python", "java": "tree-sitter-java"}
"""Language name -> distribution that carries its grammar."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Languages by name and by suffix, as in `LANGUAGES` and `SUFFIXES`.

    A run is given one (`IndexRequest.registry`), so that a language can be tried from outside.
    """

    languages: Mapping[str, str]
    suffixes: Mapping[str, str]

    def language(self, name: str) -> Language:
        """The language of that name. Raises KeyError for one that is not registered."""
        module, _, attribute = self.languages[name].partition(":")
        return cast("Language", getattr(import_module(module), attribute))


REGISTRY = Registry(LANGUAGES, SUFFIXES)
"""The languages of the product."""


def language(name: str) -> Language:
    """The product's language of that name. Raises KeyError for one that is not registered."""
    return REGISTRY.language(name)


def load_grammars() -> list[str]:
    """Load and try every grammar; names with versions. Raises what a broken grammar raises."""
    from importlib.metadata import version

    for name in LANGUAGES:
        language(name).extract("x", b"")
    return [f"{name} ({package} {version(package)})" for name, package in GRAMMARS.items()]
