"""`get_signature` and `get_body`: how a symbol is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.tool import Parameter, ToolResult
from agent.tools.lookup import (
    UnknownNameError,
    item_of,
    paged,
    symbol_called,
    symbols_called,
    whole_look,
)
from agent.tools.texts import Sources, dedented
from graphdb.queries.implementing import constructors
from graphdb.queries.traits import Traits, traits_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.tool import Item
    from agent.tools.texts import ReadFile
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

NAME = Parameter(
    "name", "string", "a name such as Class.method, package.f or path:line", is_required=True
)
OFFSET = Parameter("offset", "integer", "how many items to skip", default=0, maximum=100_000)


class GetSignature:
    """How something is called."""

    name = "get_signature"
    description = (
        "All signatures of a function, method or class by name: overloads, modifiers, thrown "
        "exceptions, decorators; of a class its constructors, too."
    )
    parameters = (NAME, OFFSET)
    budget = 200

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a signature."""
        try:
            found = symbols_called(self._reader, arguments["name"])
        except UnknownNameError as error:
            return error.result
        for symbol in tuple(found):
            if symbol.kind is NodeKind.CLASS:
                found += constructors(self._reader, symbol)
        traits = traits_of(self._reader, found)
        items = [item_of(s, signature(s, traits.get(s.uid, Traits()))) for s in found]
        return paged(items, arguments["offset"])


def signature(symbol: Symbol, traits: Traits) -> str:
    """A signature in one line, with what its text leaves out."""
    text = whole_look(symbol, f"{symbol.name}: {traits.type_name}" if traits.type_name else "")
    words = text.partition("(")[0].split()
    more = [word for word in traits.modifiers if word not in words and word != "constructor"]
    decorators = [f"@{decorator}" for decorator in traits.decorators]
    return " ".join([*decorators, *more, text])


class GetBody:
    """The source of something."""

    name = "get_body"
    description = (
        "The source text of a symbol by name, from line `offset` of it on; of a class all of it, "
        "of a module its file."
    )
    parameters = (
        NAME,
        Parameter("max_lines", "integer", "how many lines at most", default=60, maximum=400),
        Parameter("offset", "integer", "how many lines to skip", default=0, maximum=100_000),
    )
    budget = 600

    def __init__(self, reader: GraphReader, read_file: ReadFile | None = None) -> None:
        self._reader = reader
        self._sources = Sources(reader, read_file)

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a line."""
        try:
            symbol = symbol_called(self._reader, arguments["name"])
        except UnknownNameError as error:
            return error.result
        found = self._sources.of([symbol]).get(symbol.uid)
        if found is None:
            what = "lies outside the repository" if symbol.file_path is None else "has no text here"
            return ToolResult(error=f"{symbol.full_name} {what}")
        items: list[Item] = [
            item_of(symbol, text, found.start + number)
            for number, text in enumerate(dedented("\n".join(found.lines)))
        ]
        return paged(items, arguments["offset"], max(1, arguments["max_lines"]))
