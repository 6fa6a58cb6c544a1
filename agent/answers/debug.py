"""What the graph says to a stack trace or an issue: places, callers, changes. Never a diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.answers.answer import (
    Code,
    GraphAnswer,
    Row,
    Section,
    code_of,
    counted,
    inline,
    listed,
    rows_section,
)
from agent.answers.frames import FrameResolver
from agent.answers.relations import look, test_uids
from agent.answers.search import found_sections
from agent.answers.subjects import kind_name, short_name
from agent.answers.traces import read_traces
from agent.edits import bare_lines
from graphdb.queries.call_hierarchy import incoming_calls
from graphdb.queries.rows import Follow, fetch_symbols, reading_order, step
from graphdb.queries.type_hierarchy import supertypes
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.frames import Resolved
    from agent.answers.ground import Ground
    from agent.answers.traces import Thrown
    from graphdb.symbols import Relation, Symbol

_AROUND = 3
"""Lines shown before and after the one that failed."""

_MAX_OUTSIDE = 3
_MAX_HUNKS = 6
_MAX_CALLERS = 8
_RAISING = ((EdgeKind.INSTANTIATES, EdgeKind.CALLS), (EdgeKind.USES,))
"""Edges to an exception's class, those of code that makes one first."""

_TITLE = 90


def debug(ground: Ground, text: str) -> GraphAnswer:
    """What there is to a pasted trace, or to the text of an issue."""
    traces = read_traces(text)
    resolver = FrameResolver(ground) if traces else None
    if resolver is None:
        return _issue(ground, text)
    resolved = [[resolver.resolve(frame) for frame in thrown.frames] for thrown in traces]
    sections: list[Section] = []
    for thrown, places in zip(traces, resolved, strict=True):
        sections += _thrown(ground, thrown, places)
    first = next((p for places in resolved for p in reversed(places) if p and p.symbol), None)
    if first is not None and first.symbol is not None:
        sections += _callers(ground, first.symbol)
    sections += _changes(ground, [p for places in resolved for p in reversed(places) if p])
    is_found = any(place for places in resolved for place in places)
    if not is_found:
        note = "None of its frames is in this repository; this is what its words are about."
        sections.append(Section("Search", (note,)))
        sections += _located(ground, text)
    title = f"Trace: {inline(_said(traces[0]))}" if traces[0].name else "Trace"
    return GraphAnswer(title, tuple(sections), is_found=is_found)


def _said(thrown: Thrown) -> str:
    text = f"{thrown.name}: {thrown.text}" if thrown.text else thrown.name
    return text if len(text) <= _TITLE else f"{text[: _TITLE - 1]}…"


def _thrown(ground: Ground, thrown: Thrown, places: Sequence[Resolved | None]) -> list[Section]:
    """One exception: where it came up, the way there, and what the exception is."""
    sections: list[Section] = []
    here = [place for place in places if place is not None]
    if thrown.link:
        sections.append(Section(f"{inline(_said(thrown))} ({thrown.link})"))
    if here:
        sections.append(_innermost(ground, thrown, here[-1], places))
        rows = [_frame_row(ground, place) for place in here]
        outside = len(places) - len(here)
        left = f"{counted(outside, 'further frame')} outside the repository." if outside else ""
        sections.append(rows_section("The way there, outermost first", rows, *filter(None, [left])))
    else:
        sections.append(Section("", ("All its frames are outside the repository.",)))
    sections += _exception(ground, thrown.name)
    return sections


def _innermost(
    ground: Ground, thrown: Thrown, place: Resolved, places: Sequence[Resolved | None]
) -> Section:
    """The last frame of the repository with its lines."""
    after = len(places) - 1 - max(number for number, p in enumerate(places) if p is place)
    paragraphs: list[str] = []
    if after:
        further = ", then ".join(
            inline(frame.name) for frame in thrown.frames[-after:][:_MAX_OUTSIDE]
        )
        more = " and further" if after > _MAX_OUTSIDE else ""
        paragraphs.append(f"From here it went outside the repository: {further}{more}.")
    if place.is_moved and place.symbol is not None:
        paragraphs.append(
            f"The trace is of another version of the file: there it was line {place.frame.line}."
        )
    symbol = place.symbol
    rows = (Row(look(symbol), symbol.location, kind_name(symbol)),) if symbol else ()
    code = _window(ground, place.path, place.line)
    return Section("Where it came up", tuple(paragraphs), rows, (code,) if code else ())


def _frame_row(ground: Ground, place: Resolved) -> Row:
    name = short_name(place.symbol) if place.symbol else place.frame.name
    note = f"line {place.frame.line} in the trace" if place.is_moved else ""
    return Row(name, place.location, note, ground.line(place.path, place.line))


def _window(ground: Ground, path: str, line: int | None) -> Code | None:
    """Lines around one, numbered, with a mark at it."""
    lines = bare_lines(ground.read_file(path) or "")
    if not line or line > len(lines):
        return None
    start = max(1, line - _AROUND)
    shown = [
        f"{'>' if number == line else ' '} {number:>4}  {text}"
        for number, text in enumerate(lines[start - 1 : line + _AROUND], start)
    ]
    return code_of("\n".join(shown), f"{path}:{line}")


def _exception(ground: Ground, name: str) -> list[Section]:
    """The exception's class, where it is the repository's, and what raises it."""
    simple = name.replace("$", ".").rpartition(".")[2]
    if not simple:
        return []
    found = fetch_symbols(ground.reader, "n.name = $name", {"name": simple}, (NodeKind.CLASS,))
    exact = [s for s in found if s.full_name == name.replace("$", ".")]
    classes = exact or ([] if "." in name else found)
    # A re-exported class is written with the package that people import it from.
    classes = classes or (found if len(found) == 1 else [])
    sections: list[Section] = []
    for symbol in classes[:2]:
        bases = [short_name(row.symbol) for row in supertypes(ground.reader, symbol).items]
        text = f"Its bases: {', '.join(map(inline, dict.fromkeys(bases)))}." if bases else ""
        summary = (symbol.docstring or "").strip().partition("\n")[0]
        codes = (Code(summary, language="text"),) if summary else ()
        row = Row(look(symbol), symbol.location, kind_name(symbol))
        paragraphs = tuple(filter(None, [text]))
        sections.append(Section("The exception is this repository's", paragraphs, (row,), codes))
        if raising := _raising(ground, symbol):
            sections.append(listed("Made or named in", raising, ground.relation_row, 12))
    return sections


def _raising(ground: Ground, symbol: Symbol) -> list[Relation]:
    """Where an exception is made; where it is named, if nothing here makes one."""
    for edges in _RAISING:
        rows = step(ground.reader, [symbol], Follow(edges, incoming=True))
        in_tests = test_uids(ground, (row.symbol for row in rows))
        found = [row for row in sorted(rows, key=reading_order) if row.symbol.uid not in in_tests]
        if found:
            return list({row.symbol.uid: row for row in reversed(found)}.values())[::-1]
    return []


def _callers(ground: Ground, symbol: Symbol) -> list[Section]:
    if symbol.kind not in (NodeKind.FUNCTION, NodeKind.METHOD):
        return []
    found = incoming_calls(ground.reader, symbol).items
    in_tests = test_uids(ground, (row.symbol for row in found))
    product = [row for row in found if row.symbol.uid not in in_tests]
    if not product:
        return []
    title = f"All callers of {inline(symbol.name)}"
    return [listed(title, product, ground.relation_row, _MAX_CALLERS)]


def _changes(ground: Ground, places: Sequence[Resolved]) -> list[Section]:
    """Recent changes of the functions on the way, innermost first."""
    if ground.changes is None:
        return []
    seen: set[str] = set()
    found: list[Section] = []
    for place in places:
        symbol = place.symbol
        if symbol is None or symbol.kind is NodeKind.MODULE or symbol.uid in seen:
            continue
        seen.add(symbol.uid)
        first, last = symbol.start_line or 1, symbol.end_line or symbol.start_line or 1
        for hunk in ground.changes(place.path, first, last):
            if len(found) < _MAX_HUNKS:
                code = Code(hunk.text, f"{hunk.path}:{hunk.line}", "diff")
                found.append(Section(f"Changed: {inline(symbol.name)}, {hunk.what}", codes=(code,)))
    return found


def _issue(ground: Ground, text: str) -> GraphAnswer:
    """The places that the text of an issue is about."""
    first = next((line.strip(" #") for line in text.splitlines() if line.strip()), "")
    title = first if len(first) <= _TITLE else f"{first[: _TITLE - 1]}…"
    sections = _located(ground, text)
    if not sections:
        nothing = Section("", ("Nothing in the repository fits these words.",))
        return GraphAnswer(f"Issue: {inline(title)}", (nothing,), is_found=False)
    note = (
        "No stack trace is in this text; these are the places that it is about, with the reasons."
    )
    return GraphAnswer(f"Issue: {inline(title)}", (Section("", (note,)), *sections))


def _located(ground: Ground, text: str) -> list[Section]:
    found = ground.retriever().locate(text)
    files = [Row("", item.path, item.why) for item in found.files]
    sections = [rows_section("Files", files)] if files else []
    return [*sections, *found_sections(found.functions, found.classes, 10)]
