"""`suggest_imports`: import statements for the names of a text that denote nothing.

A statement is ranked by how many files of the repository import the same thing from the same place,
because that is the convention that a reader of the new text expects.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from agent.analysis import Missing
from agent.tool import Item, Parameter, ToolResult
from agent.tools.code import OFFSET
from agent.tools.lookup import paged
from agent.tools.texts import inside
from graphdb.queries.importable import importables, language_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.analysis import Analyst
    from graphdb.queries.importable import Importable
    from graphdb.store import GraphReader

_MAX_NAMES = 20
_PER_NAME = 3
"""Statements offered for one name."""

FILE_TEXT = Parameter("file_text", "string", "the whole text of the file", is_required=True)
PATH = Parameter("path", "string", "where it stands or will stand", is_required=True)


class SuggestImports:
    """Imports that a text lacks."""

    name = "suggest_imports"
    description = (
        "For each name of a file's text that denotes nothing: import statements for it, the most "
        "usual in this repository first."
    )
    parameters = (FILE_TEXT, PATH, OFFSET)
    budget = 300

    def __init__(self, reader: GraphReader, analyst: Analyst) -> None:
        self._reader = reader
        self._analyst = analyst

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a statement, the best of each name first."""
        path = inside(str(arguments["path"]))
        suffix = PurePosixPath(path).suffix
        statement = _STATEMENTS.get(language_of(self._reader, suffix) or "" if suffix else "")
        if statement is None:
            return ToolResult(error=f"import statements of {suffix or 'such'} files are not known")
        analysis = self._analyst.analyse(path, arguments["file_text"])
        lines: dict[str, int] = {}
        for missing in analysis.unresolved:
            first, last = missing.name.partition(".")[0], missing.name.rpartition(".")[2]
            if missing.kind is not Missing.MEMBER:
                lines.setdefault(first if missing.kind is Missing.NAME else last, missing.line)
        ranked: list[tuple[int, Item]] = []
        unknown: list[str] = []
        for name, line in list(lines.items())[:_MAX_NAMES]:
            found = self._statements(name, suffix, statement)
            items = [_item(name, line, text, which) for text, which in found.items()]
            ranked += enumerate(items)
            if not found:
                unknown.append(f"{name} (line {line})")
        items = [item for _, item in sorted(ranked, key=lambda pair: pair[0])]
        notes = [f"nothing to import is called {', '.join(unknown)}"] if unknown else []
        notes += ["all names denote something"] if not lines else []
        notes += [f"only the first {_MAX_NAMES} names"] if len(lines) > _MAX_NAMES else []
        return paged(items, arguments["offset"], notes=notes)

    def _statements(
        self, name: str, suffix: str, statement: Callable[[Importable], str | None]
    ) -> dict[str, Importable]:
        found: dict[str, Importable] = {}
        for candidate in importables(self._reader, name, suffix):
            text = statement(candidate)
            if text is not None and len(found) < _PER_NAME:
                found.setdefault(text, candidate)
        return found


def import_statements(reader: GraphReader, name: str, path: str) -> list[str]:
    """Statements that would bring a simple name into a file, the most usual first."""
    suffix = PurePosixPath(path).suffix
    statement = _STATEMENTS.get(language_of(reader, suffix) or "" if suffix else "")
    if statement is None:
        return []
    texts = (statement(candidate) for candidate in importables(reader, name, suffix))
    return list(dict.fromkeys(text for text in texts if text is not None))[:_PER_NAME]


def _item(name: str, line: int, text: str, which: Importable) -> Item:
    symbol = which.symbol
    used = f"; so in {which.importers} files" if which.importers > 1 else ""
    place = f"  # {name}, line {line}: {symbol.location}{used}"
    return Item(
        text=text + place,
        qname=symbol.full_name,
        kind=symbol.kind.value,
        file=symbol.file_path,
        line=symbol.name_line,
    )


def _python(candidate: Importable) -> str | None:
    symbol, owner = candidate.symbol, candidate.owner
    if symbol.kind is NodeKind.MODULE:
        owner, _, name = symbol.full_name.rpartition(".")
        return f"from {owner} import {name}" if owner else f"import {name}"
    if not owner:
        return f"import {symbol.full_name}"
    # A class inside a class is reached through the outer one, not imported.
    is_nested = symbol.kind is NodeKind.CLASS and candidate.is_nested
    return None if is_nested else f"from {owner} import {symbol.name}"


def _java(candidate: Importable) -> str | None:
    symbol = candidate.symbol
    owner, _, name = symbol.full_name.rpartition(".")
    if symbol.kind not in (NodeKind.CLASS, NodeKind.EXTERNAL) or not owner:
        return None
    # What no class declares here is known by its name alone: members are not spelt like types.
    is_member = owner.rpartition(".")[2][:1].isupper() and (name[:1].islower() or name.isupper())
    return f"import {'static ' if is_member else ''}{symbol.full_name};"


_STATEMENTS: Mapping[str, Callable[[Importable], str | None]] = {"python": _python, "java": _java}
