"""Answers that show things: where something is, what it is, and what a file or folder holds."""

from __future__ import annotations

import re
from dataclasses import replace
from inspect import cleandoc
from typing import TYPE_CHECKING

from agent.answers.answer import Code, GraphAnswer, Row, Section, code_of, counted, inline, listed
from agent.answers.relations import look, member_sections, test_uids
from agent.answers.repository import folder_answer, is_folder
from agent.answers.subjects import Subject, find_subject, kind_name, short_name
from agent.tools.texts import dedented
from graphdb.queries.call_hierarchy import incoming_calls, outgoing_calls
from graphdb.queries.impact import symbols_at
from graphdb.queries.names import normal_path
from graphdb.queries.references import find_references
from graphdb.queries.rows import Follow, step
from graphdb.queries.source import source_of, sources_of
from graphdb.queries.type_hierarchy import subtypes, supertypes
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from agent.answers.asked import Asked
    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol

_PATH_LINE = re.compile(r"[`'\"]?(?P<path>[^`'\":]+\.\w+):(?P<line>\d+)[`'\"]?")
_FEW = 6
_CALLABLES = (NodeKind.FUNCTION, NodeKind.METHOD)


def where(asked: Asked) -> GraphAnswer:
    """Where something is defined."""
    subject = asked.subject()
    sections = [
        Section(
            "", rows=(Row(s.full_name, _place(s), kind_name(s)),), codes=(_head(asked.ground, s),)
        )
        for s in subject.symbols
    ]
    if subject.aside:
        rows = tuple(Row(s.full_name, s.location, kind_name(s)) for s in subject.aside[:_FEW])
        left = max(0, len(subject.aside) - _FEW)
        sections.append(Section("Also of this name, in tests", rows=rows, left_out=left))
    if subject.first.kind is NodeKind.EXTERNAL:
        sections = [_outside(asked.ground, subject.first)]
    return GraphAnswer(f"Where {subject.name} is", tuple(sections))


def explain(asked: Asked) -> GraphAnswer:
    """What something is: signature, words of its author, source, and what it is joined to."""
    name = asked.word("x")
    if match := _PATH_LINE.fullmatch(name):
        return _at_line(asked.ground, match["path"], int(match["line"]))
    if not asked.word("x_in") and is_folder(asked.ground, name):
        return folder_answer(asked.ground, name)
    return explain_subject(asked.ground, asked.subject())


def contents(asked: Asked) -> GraphAnswer:
    """What a folder, file, module or class holds."""
    name = asked.word("x")
    if is_folder(asked.ground, name):
        return folder_answer(asked.ground, name)
    subject = asked.subject(kinds=(NodeKind.MODULE, NodeKind.CLASS))
    sections = member_sections(asked.ground, subject.first, limit=100)
    origin = Section("", rows=(_origin(subject.first),))
    return GraphAnswer(f"What is in {subject.name}", (origin, *sections), is_found=bool(sections))


def explain_subject(ground: Ground, subject: Subject) -> GraphAnswer:
    """All about one symbol on a page."""
    symbol = subject.first
    title = f"{subject.name}, {_article(kind_name(symbol))}"
    if symbol.kind is NodeKind.EXTERNAL:
        return GraphAnswer(title, (_outside(ground, symbol),))
    if len(subject.symbols) > 1:
        return GraphAnswer(f"{subject.name}, overloaded", tuple(_overloads(ground, subject)))
    sections = [Section("", rows=(_origin(symbol),), codes=_texts(ground, symbol))]
    if symbol.kind in (NodeKind.CLASS, NodeKind.MODULE):
        sections += member_sections(ground, symbol, limit=30)
    if symbol.kind in _CALLABLES:
        calls = [row.symbol for row in outgoing_calls(ground.reader, symbol).items]
        sections += _names("Calls", calls)
    sections += _around(ground, symbol)
    return GraphAnswer(title, tuple(sections))


def _around(ground: Ground, symbol: Symbol) -> list[Section]:
    """Who has to do with a symbol, a few of each."""
    sections: list[Section] = []
    if symbol.kind in (NodeKind.CLASS, NodeKind.METHOD, NodeKind.FIELD):
        is_class = symbol.kind is NodeKind.CLASS
        up = [row.symbol for row in supertypes(ground.reader, symbol).items]
        down = [row.symbol for row in subtypes(ground.reader, symbol).items]
        sections += _names("Base classes" if is_class else "Overrides", up)
        sections += _names("Derived classes" if is_class else "Overridden by", down)
    if symbol.kind in (*_CALLABLES, NodeKind.CLASS):
        rows = incoming_calls(ground.reader, symbol).items
        heading = "Made by" if symbol.kind is NodeKind.CLASS else "Called by"
    else:
        rows = find_references(ground.reader, symbol).items
        heading = "Used by"
    users = {row.symbol.uid: row for row in reversed(rows)}
    in_tests = test_uids(ground, (row.symbol for row in rows))
    first = [row for row in rows if users[row.symbol.uid] is row and row.symbol.uid not in in_tests]
    if first:
        sections.append(listed(heading, first, ground.relation_row, _FEW))
    tests = step(ground.reader, [symbol], Follow((EdgeKind.TESTS,), incoming=True))
    sections += _names("Tests that call it", [row.symbol for row in tests])
    return sections


def _names(heading: str, symbols: Iterable[Symbol]) -> list[Section]:
    found = list({symbol.uid: symbol for symbol in symbols}.values())
    if not found:
        return []
    rows = tuple(Row(short_name(s), _place(s)) for s in found[:_FEW])
    return [Section(f"{heading} ({len(found)})", rows=rows, left_out=max(0, len(found) - _FEW))]


def _overloads(ground: Ground, subject: Subject) -> Iterable[Section]:
    """All signatures, then the beginning of each."""
    rows = tuple(map(_origin, subject.symbols))
    yield Section("", ("Ask for one of them by its `path:line`.",), rows)
    for source in sources_of(ground.reader, subject.symbols):
        symbol = source.symbol
        doc = cleandoc(symbol.docstring) if symbol.docstring else ""
        codes = [replace(code_of(doc, None, _FEW), language="text")] if doc else []
        code = code_of("\n".join(dedented(source.code or "")), symbol.location, 2 * _FEW)
        yield Section("", codes=(*codes, code))


def _texts(ground: Ground, symbol: Symbol) -> tuple[Code, ...]:
    """What the author says, and the source; of a class or module what its author says will do."""
    doc = cleandoc(symbol.docstring) if symbol.docstring else ""
    if symbol.kind in (NodeKind.CLASS, NodeKind.MODULE):
        return (replace(code_of(doc, None, 30), language="text"),) if doc else ()
    code = "\n".join(dedented(source_of(ground.reader, symbol).code or ""))
    is_inside = bool(doc) and doc.partition("\n")[0] in code
    shown = [replace(code_of(doc, None, 30), language="text")] if doc and not is_inside else []
    # The place is told by the row above.
    return (
        (*shown, replace(code_of(code, symbol.location), location=None)) if code else tuple(shown)
    )


def _head(ground: Ground, symbol: Symbol) -> Code:
    """The first lines of a definition, up to the end of its signature."""
    if symbol.kind is NodeKind.MODULE:
        first = (symbol.docstring or "").strip().partition("\n")[0]
        return Code(first or symbol.full_name, language="text")
    if symbol.signature:
        return replace(code_of(look(symbol), symbol.location), location=None)
    code = dedented(source_of(ground.reader, symbol).code or symbol.name)
    return replace(code_of("\n".join(code), symbol.location, 3), location=None)


def _origin(symbol: Symbol) -> Row:
    return Row(look(symbol), _place(symbol), kind_name(symbol))


def _place(symbol: Symbol) -> str | None:
    return None if symbol.kind is NodeKind.EXTERNAL else symbol.location


def _outside(ground: Ground, symbol: Symbol) -> Section:
    found = find_references(ground.reader, symbol).items
    users = {row.symbol.uid: row for row in found}
    rows = tuple(Row(r.symbol.full_name, r.location) for r in list(users.values())[:_FEW])
    text = (
        f"{inline(symbol.full_name)} lies outside the repository, which names it in "
        f"{counted(len(users), 'place')}."
    )
    return Section("", (text,), rows, left_out=max(0, len(users) - _FEW))


def _at_line(ground: Ground, path: str, line: int) -> GraphAnswer:
    """The symbol around a line."""
    path = normal_path(ground.reader, path)
    found: Sequence[Symbol] = symbols_at(ground.reader, {path: [range(line, line + 1)]})
    if not found:
        subject = find_subject(ground, f"{path}:{line}")
        return explain_subject(ground, subject)
    answer = explain_subject(ground, certain(found[0]))
    row = Row("", f"{path}:{line}", "the line asked about", ground.line(path, line))
    return replace(answer, sections=(Section("", rows=(row,)), *answer.sections))


def certain(symbol: Symbol) -> Subject:
    """A symbol that is known for certain as the subject of a question."""
    return Subject((symbol,))


def _article(noun: str) -> str:
    if noun == "outside the repository":
        return noun
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
