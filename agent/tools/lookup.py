"""From a name that a model wrote to one symbol, or to an answer that says what may be meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.tool import Item, ToolResult
from graphdb.errors import AmbiguousNameError, CodexGraphError
from graphdb.queries.names import candidates, near_names
from graphdb.queries.traits import files_of_tests
from graphdb.retrieval.packing import signature_text
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

MAX_NAME = 400
_MAX_NEAR = 8
_INNER_BLANK = re.compile(r"(?<=[(\[]) |,? (?=[)\]])")


class UnknownNameError(Exception):
    """A name that stands for no single symbol; `result` is the answer to give."""

    def __init__(self, result: ToolResult) -> None:
        super().__init__(result.error)
        self.result = result


def symbols_called(
    reader: GraphReader, name: str, kinds: Collection[NodeKind] = ()
) -> list[Symbol]:
    """All symbols of one full name that a name stands for, such as overloads.

    What stands in test files counts only where nothing else fits. Raises UnknownNameError with near
    names when there is none, or several of different full names.
    """
    # What follows two blanks is the description that a list of candidates has behind a name.
    wanted = name.strip().partition("  ")[0]
    if not wanted or len(wanted) > MAX_NAME or not wanted.isprintable():
        error = f"a name is one line of 1 to {MAX_NAME} letters, such as package.Class.method"
        raise UnknownNameError(ToolResult(error=error))
    found = candidates(reader, wanted.replace("#", "."), kinds)
    if not found:
        near = tuple(near_names(reader, wanted))
        raise UnknownNameError(ToolResult(error=f"no symbol is called {wanted!r}", near=near))
    if _are_several(found):
        # A class and its constructors of the same name.
        owners = {f"{s.full_name}.{s.name}" for s in found if s.kind is NodeKind.CLASS}
        found = [s for s in found if s.full_name not in owners]
    if _are_several(found):
        tests = files_of_tests(reader, {s.file_path for s in found if s.file_path})
        found = [s for s in found if s.file_path not in tests] or found
    if _are_several(found):
        raise UnknownNameError(_ambiguous(wanted, found))
    return sorted(found, key=lambda s: (s.file_path or "~", s.start_line or 0))


def _are_several(found: Sequence[Symbol]) -> bool:
    return len({symbol.full_name for symbol in found}) > 1


def symbol_called(reader: GraphReader, name: str, kinds: Collection[NodeKind] = ()) -> Symbol:
    """The one symbol that a name stands for. Raises UnknownNameError."""
    found = symbols_called(reader, name, kinds)
    if len(found) > 1:
        raise UnknownNameError(_ambiguous(name, found))
    return found[0]


def _ambiguous(name: str, found: Sequence[Symbol]) -> ToolResult:
    """The candidates, each by what tells it from the others."""
    names = [symbol.full_name for symbol in found]
    is_telling = len(set(names)) == len(names)
    near = [
        f"{s.full_name}  {s.kind.value} {s.location}" if is_telling else f"{s.location}  {look(s)}"
        for s in found
    ]
    more = len(near) - _MAX_NEAR
    error = f"{name!r} fits {len(found)} symbols: give one of these instead"
    notes = (f"{more} more fit",) if more > 0 else ()
    return ToolResult(error=error, near=tuple(near[:_MAX_NEAR]), notes=notes)


def failure(error: CodexGraphError) -> ToolResult:
    """What the graph could not answer, as data."""
    lines = str(error).splitlines() or [type(error).__name__]
    near = error.candidates[:_MAX_NEAR] if isinstance(error, AmbiguousNameError) else ()
    return ToolResult(error=lines[0] if near else " ".join(lines), near=near)


def look(symbol: Symbol, code: str = "", *, has_summary: bool = False) -> str:
    """What a symbol looks like in one line, a long signature cut."""
    if symbol.kind is NodeKind.EXTERNAL:
        return f"{symbol.full_name} (outside)"
    return _tight(signature_text(symbol, code, has_summary=has_summary))


def whole_look(symbol: Symbol, code: str = "") -> str:
    """The same with the whole signature."""
    return _tight(" ".join(symbol.signature.split())) if symbol.signature else look(symbol, code)


def _tight(text: str) -> str:
    """A signature without the blanks that its own lines have left inside its brackets."""
    return _INNER_BLANK.sub("", text)


def item_of(symbol: Symbol, text: str, line: int | None = None) -> Item:
    """A symbol as an item; `line` where it is not the one of its name."""
    return Item(
        text=text,
        uid=symbol.uid,
        qname=symbol.full_name,
        kind=symbol.kind.value,
        file=symbol.file_path,
        line=line or symbol.name_line or symbol.start_line,
    )


def paged(
    items: Sequence[Item], offset: int, count: int | None = None, notes: Sequence[str] = ()
) -> ToolResult:
    """The items from an offset on, at most `count` of them."""
    end = len(items) if count is None else min(len(items), offset + count)
    shown = tuple(items[offset:end])
    past = (f"offset {offset} is past the end",) if items and not shown else ()
    return ToolResult(
        items=shown,
        total=len(items),
        next=end if shown and end < len(items) else None,
        notes=(*notes, *past),
    )
