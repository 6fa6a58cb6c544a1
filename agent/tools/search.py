"""`search_code` and `resolve_names`: from words and from names to symbols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.tool import Item, Parameter, ToolResult
from agent.tools.code import OFFSET
from agent.tools.lookup import MAX_NAME, item_of, look, paged
from graphdb.errors import NotFoundError
from graphdb.queries.names import find, near_names
from graphdb.queries.search import search
from graphdb.queries.source import sources_of
from graphdb.queries.symbols import search_symbols
from graphdb.retrieval.mentions import mentions_of
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_MAX_QUERY = 2_000
_MAX_FOUND = 50
_MAX_NAMES = 20
_PER_NAME = 3
"""Candidates shown for one name."""


class SearchCode:
    """Search by words, text and names at once."""

    name = "search_code"
    description = "Search classes, functions and variables by what they are about or called."
    parameters = (
        Parameter("query", "string", "words, names or a sentence", is_required=True),
        Parameter("kinds", "strings", f"only these: {', '.join(CODE_KINDS)}"),
        Parameter("k", "integer", "how many", default=5, maximum=_MAX_FOUND),
        OFFSET,
    )
    budget = 600

    def __init__(self, reader: GraphReader, retriever: Retriever | None = None) -> None:
        self._reader = reader
        self._retriever = retriever

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a symbol, best first."""
        query = str(arguments["query"])[:_MAX_QUERY].strip()
        if not query:
            return ToolResult(error="the query is empty")
        given = [str(kind).upper() for kind in arguments["kinds"] or ()]
        kinds = tuple(NodeKind(kind) for kind in given if kind in CODE_KINDS)
        if given and not kinds:
            return ToolResult(error="no such kind", near=tuple(CODE_KINDS))
        symbols = self._found(query, kinds or CODE_KINDS)
        codes = {s.symbol.uid: s.code or "" for s in sources_of(self._reader, symbols)}
        items = [item_of(s, look(s, codes[s.uid], has_summary=True)) for s in symbols]
        return paged(items, arguments["offset"], max(1, arguments["k"]))

    def _found(self, query: str, kinds: tuple[NodeKind, ...]) -> list[Symbol]:
        if self._retriever is not None:
            return [hit.symbol for hit in self._retriever.search(query, kinds, _MAX_FOUND)]
        return [hit.symbol for hit in search(self._reader, query, kinds, _MAX_FOUND)]


class ResolveNames:
    """What names stand for."""

    name = "resolve_names"
    description = (
        "What names stand for in this repository: give the names, or a text that has them; each "
        "with its candidates, spelt so or in another case."
    )
    parameters = (
        Parameter("names", "strings", "names, dotted or not"),
        Parameter("text", "string", "a text to take names from, such as a traceback"),
        OFFSET,
    )
    budget = 400

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a candidate; names without any are told in the notes."""
        text = str(arguments["text"] or "")[:_MAX_QUERY]
        written = [m.text for m in mentions_of(text) if m.path is None]
        given = [*(arguments["names"] or ()), *written]
        names = list(dict.fromkeys(n.strip() for n in given if 0 < len(n.strip()) <= MAX_NAME))
        if not names:
            return ToolResult(error="give names, or a text that names something")
        items: dict[str, Item] = {}
        notes: list[str] = []
        unknown: list[str] = []
        for name in names[:_MAX_NAMES]:
            found = self._candidates(name)
            items |= {s.uid: item_of(s, look(s)) for s in found[:_PER_NAME]}
            if len(found) > _PER_NAME:
                notes.append(f"{name}: {len(found) - _PER_NAME} more fit; give more of the name")
            if not found:
                unknown.append(name)
        if arguments["names"]:
            notes += [self._unknown(name) for name in unknown]
        notes += [f"only the first {_MAX_NAMES} names"] if len(names) > _MAX_NAMES else []
        return paged(list(items.values()), arguments["offset"], notes=notes)

    def _candidates(self, name: str) -> Sequence[Symbol]:
        try:
            found = find(self._reader, name)
        except NotFoundError:
            return ()
        if found or not name.isascii() or not name.replace(".", "").isidentifier():
            return found
        hits = search_symbols(self._reader, name, limit=_PER_NAME + 1)
        return [s for s in hits if f".{s.full_name}".lower().endswith(f".{name}".lower())]

    def _unknown(self, name: str) -> str:
        near = near_names(self._reader, name, 3)
        return f"nothing is called {name}" + (f"; near: {', '.join(near)}" if near else "")
