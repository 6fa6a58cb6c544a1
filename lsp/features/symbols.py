"""The symbols of a document, as it is being edited, and those of the repository by name."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.queries.symbols import match_rank
from graphdb.schema import NodeKind
from lsp.convert import symbol_kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.symbols import Symbol
    from lsp.convert import Converter
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_SYMBOLS = 200


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def document_symbols(
        params: types.DocumentSymbolParams,
    ) -> list[types.DocumentSymbol] | list[types.SymbolInformation] | None:
        work = _tree if _takes_tree(server) else _flat
        return await server.ask_softly(params.text_document.uri, work)

    @server.feature(types.WORKSPACE_SYMBOL)
    async def workspace_symbols(
        params: types.WorkspaceSymbolParams,
    ) -> list[types.WorkspaceSymbol]:
        found = await server.ask_each(partial(_named, text=params.query))
        ranked = sorted((row for rows in found for row in rows), key=lambda row: row[0])
        return [row[1] for row in ranked[:MAX_SYMBOLS]]


def _takes_tree(server: GraphServer) -> bool:
    document = server.client_capabilities.text_document
    symbol = document.document_symbol if document else None
    return bool(symbol and symbol.hierarchical_document_symbol_support)


def _own(question: Question) -> list[Symbol]:
    content = question.answers.content(question.path)
    return [symbol for symbol in content.symbols if symbol.kind != NodeKind.MODULE]


def _flat(question: Question) -> list[types.SymbolInformation]:
    found: list[types.SymbolInformation] = []
    for symbol in _own(question):
        location = types.Location(
            question.convert.uri(question.path), question.convert.name_range(symbol)
        )
        owner = symbol.full_name.rpartition(".")[0]
        found.append(
            types.SymbolInformation(location, symbol.name, symbol_kind(symbol), None, None, owner)
        )
    return found


def _tree(question: Question) -> list[types.DocumentSymbol]:
    return tree(question.convert, _own(question))


def tree(convert: Converter, symbols: Sequence[Symbol]) -> list[types.DocumentSymbol]:
    """Symbols of one file, outermost first, nested by their lines."""
    roots: list[types.DocumentSymbol] = []
    around: list[tuple[Symbol, list[types.DocumentSymbol]]] = []
    for symbol in symbols:
        children: list[types.DocumentSymbol] = []
        row = types.DocumentSymbol(
            name=symbol.name,
            kind=symbol_kind(symbol),
            range=convert.full_range(symbol),
            selection_range=convert.name_range(symbol),
            detail=symbol.signature,
            children=children,
        )
        while around and not _is_inside(symbol, around[-1][0]):
            around.pop()
        (around[-1][1] if around else roots).append(row)
        around.append((symbol, children))
    return roots


def _is_inside(symbol: Symbol, owner: Symbol) -> bool:
    """True for what is defined within the lines of a class or function."""
    if owner.kind in (NodeKind.FIELD, NodeKind.GLOBAL_VARIABLE):
        return False
    return (owner.start_line or 0) <= (symbol.start_line or 0) <= (owner.end_line or 0)


def _named(
    question: Question, text: str
) -> list[tuple[tuple[int, int, str, str], types.WorkspaceSymbol]]:
    """Symbols that fit a text with their rank; open documents say where theirs are now."""
    found: list[tuple[tuple[int, int, str, str], types.WorkspaceSymbol]] = []
    reader = question.answers.reader
    symbols = question.answers.project.names(reader).search(reader, text, MAX_SYMBOLS)
    for position, symbol in enumerate(symbols):
        now = question.answers.now(symbol)
        location = question.convert.symbol_location(now)
        if location is None:
            continue
        rank = match_rank(text, now.full_name if "." in text else now.name, dotted="." in text)
        row = types.WorkspaceSymbol(
            location=location,
            name=now.name,
            kind=symbol_kind(now),
            container_name=now.full_name.rpartition(".")[0] or None,
        )
        found.append(((rank, position, now.full_name, now.uid), row))
    return found
