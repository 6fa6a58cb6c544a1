"""The registry of languages: a new one is a line in each table and a module of its own.

Modules are named by strings, so that knowing the suffixes loads no grammar.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from indexer.language import Language

LANGUAGES = {"python": "indexer.languages.python.language:PYTHON"}
"""Language name -> `module:object`, a `Language`."""

SUFFIXES = {".py": "python", ".pyi": "python"}
"""File suffix in lower case -> language name."""

GRAMMARS = {"python": "tree-sitter-python"}
"""Language name -> distribution that carries its grammar."""


def language(name: str) -> Language:
    """The language of that name. Raises KeyError for one that is not registered."""
    module, _, attribute = LANGUAGES[name].partition(":")
    return cast("Language", getattr(import_module(module), attribute))


def load_grammars() -> list[str]:
    """Load and try every grammar; names with versions. Raises what a broken grammar raises."""
    from importlib.metadata import version

    for name in LANGUAGES:
        language(name).extract("x", b"")
    return [f"{name} ({package} {version(package)})" for name, package in GRAMMARS.items()]
