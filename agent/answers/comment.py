"""Docstring skeletons: inserted where a definition has none; one that is there is never touched."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answers.answer import TEMPLATE, Code, GraphAnswer, Section, counted, inline
from agent.answers.docstyles import (
    Part,
    javadoc_lines,
    prevailing_style,
    python_lines,
    raises_in,
)
from agent.answers.java_docs import java_gaps
from agent.answers.python_docs import Gap, python_gaps
from agent.answers.subjects import UnclearNameError, find_subject, short_name
from agent.answers.units import qualified_name
from agent.draft import Edit
from agent.edits import lines_of
from graphdb.errors import CodexGraphError
from graphdb.queries.call_hierarchy import CALL_EDGES
from graphdb.queries.names import symbols_of_file
from graphdb.queries.rows import Follow, step
from graphdb.queries.traits import traits_of
from graphdb.schema import NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol

_KINDS = (NodeKind.MODULE, NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
_OVERRIDES = ("Override", "override")


def skeleton_docstrings(ground: Ground, name: str) -> GraphAnswer:
    """Docstrings for a symbol, or for all that is public and undocumented in a file."""
    try:
        subject = find_subject(ground, name, _KINDS)
    except UnclearNameError as unclear:
        return unclear.answer
    symbol = subject.first
    path = symbol.file_path or ""
    title = f"Docstrings for {subject.name}"
    text = ground.read_file(path) if path.endswith((".py", ".java")) else None
    if text is None:
        return _nothing(title, f"{path or subject.name} cannot be read, or its language has none.")
    is_file = symbol.kind is NodeKind.MODULE
    wanted = _public(ground, path) if is_file else list(subject.symbols)
    try:
        gaps = _gaps(ground, wanted, text)
    except SyntaxError as error:
        return _nothing(title, f"{path}:{error.lineno or 1} does not parse: {error.msg}.")
    if not gaps:
        said = "All that is public in it has one" if is_file else "It has one"
        return _nothing(title, f"{said} already; a docstring that is there is never replaced.")
    return _answer(ground, title, path, text, gaps)


def gaps_of_file(ground: Ground, path: str, text: str) -> list[Gap]:
    """What is public in a file and has no docstring, where there is a place for one, in order.

    Raises CodexGraphError for a text that does not parse.
    """
    try:
        gaps = _gaps(ground, _public(ground, path), text)
    except SyntaxError as error:
        raise CodexGraphError(f"{path}:{error.lineno or 1}: does not parse: {error.msg}") from error
    return sorted((gap for gap in gaps if gap.line is not None), key=lambda gap: gap.start)


def _answer(ground: Ground, title: str, path: str, text: str, gaps: Sequence[Gap]) -> GraphAnswer:
    is_python = path.endswith(".py")
    placed = [gap for gap in gaps if gap.line is not None]
    style = prevailing_style(ground.reader) if is_python else None
    written = {
        gap.name: python_lines(gap.doc, style) if style else javadoc_lines(gap.doc)
        for gap in placed
    }
    after = with_comments(text, placed, written)
    paragraphs: list[str] = []
    if placed:
        how = f"in the {style} style that prevails here" if style else "as Javadoc"
        paragraphs.append(
            f"{counted(len(placed), 'docstring')} {how}; `…` stands for what only a person can say."
        )
    if left := [inline(gap.name) for gap in gaps if gap.line is None]:
        why = "written in one line" if is_python else "not where the index has it: index again"
        paragraphs.append(f"Left out: {', '.join(left)} ({why}).")
    sections = [Section("", tuple(paragraphs))]
    language = "python" if is_python else "java"
    for gap in placed:
        shown = Code("\n".join(written[gap.name]), f"{path}:{gap.line}", language)
        sections.append(Section(inline(gap.name), codes=(shown,)))
    edits = (Edit(path, text, after),) if placed else ()
    return GraphAnswer(title, tuple(sections), edits, TEMPLATE, is_found=bool(placed))


def _nothing(title: str, text: str) -> GraphAnswer:
    return GraphAnswer(title, (Section("", (text,)),), label=TEMPLATE, is_found=False)


def _public(ground: Ground, path: str) -> list[Symbol]:
    """What of a file others see, tests and overriding methods left out."""
    found = [s for s in symbols_of_file(ground.reader, path) if s.kind in _KINDS[1:]]
    traits = traits_of(ground.reader, found)

    def is_wanted(symbol: Symbol) -> bool:
        of = traits[symbol.uid]
        names = qualified_name(symbol).split(".")
        is_hidden = any(name.startswith(("_", "$")) for name in names) or symbol.is_test
        is_inside = symbol.kind is NodeKind.FUNCTION and len(names) > 1
        is_seen = of.visibility in ("public", "protected", None)
        is_override = any(d.rpartition(".")[2] in _OVERRIDES for d in of.decorators)
        return is_seen and not is_hidden and not is_inside and not is_override

    return [symbol for symbol in found if is_wanted(symbol)]


def _gaps(ground: Ground, wanted: Sequence[Symbol], text: str) -> list[Gap]:
    path = wanted[0].file_path or "" if wanted else ""
    if path.endswith(".java"):
        return list(java_gaps(ground.reader, wanted, text))
    names = {qualified_name(symbol): symbol for symbol in wanted}
    gaps = [gap for gap in python_gaps(text) if gap.name in names]
    callables = [names[gap.name] for gap in gaps if names[gap.name].kind is not NodeKind.CLASS]
    passed_on = _raised_by_callees(ground, callables)
    return [_with_raises(gap, passed_on.get(names[gap.name].uid, {})) for gap in gaps]


def _raised_by_callees(ground: Ground, symbols: Sequence[Symbol]) -> dict[str, dict[str, str]]:
    """Symbol -> exceptions that what it surely calls says it raises -> who says so."""
    rows = step(ground.reader, symbols, Follow(CALL_EDGES, False, (Tier.EXACT,)))
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        for name in raises_in(row.symbol.docstring or ""):
            found.setdefault(row.via, {}).setdefault(name, short_name(row.symbol))
    return found


def _with_raises(gap: Gap, passed_on: dict[str, str]) -> Gap:
    known = {part.name.rpartition(".")[2] for part in gap.doc.raises}
    more = tuple(
        Part(name, text=f"From {by}.")
        for name, by in passed_on.items()
        if name.rpartition(".")[2] not in known
    )
    return replace(gap, doc=replace(gap.doc, raises=(*gap.doc.raises, *more)))


def with_comments(text: str, gaps: Sequence[Gap], written: dict[str, list[str]]) -> str:
    """The text with docstrings before their lines, the last first so that lines stay true."""
    lines = lines_of(text)
    end = "\r\n" if "\r\n" in text else "\n"
    for gap in sorted(gaps, key=lambda g: g.line or 0, reverse=True):
        new = [f"{gap.indent}{line}".rstrip() + end for line in written[gap.name]]
        at = (gap.line or 1) - 1
        lines[at:at] = new
    return "".join(lines)
