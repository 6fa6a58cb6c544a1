"""Where what is under the cursor is defined, declared, typed or implemented."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from lsprotocol import types

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.symbols import Symbol
    from lsp.at_hand import AtHand
    from lsp.convert import Converter
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_LOCATIONS = 500

Places = list[types.Location]


class AtPosition(Protocol):
    """Parameters of a request about a position."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    async def places(
        params: AtPosition,
        find: Callable[[Question, list[Symbol]], list[Symbol]],
    ) -> Places | None:
        work = partial(_places, position=params.position, find=find)
        return await server.ask(params.text_document.uri, work)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(params: types.DefinitionParams) -> Places | None:
        work = partial(_definitions, position=params.position)
        return await server.ask(params.text_document.uri, work)

    def definition_at_hand(params: types.DefinitionParams) -> Places:
        work = partial(_definitions_at_hand, position=params.position)
        return server.session.ask_at_hand(params.text_document.uri, work)

    server.at_hand[types.TEXT_DOCUMENT_DEFINITION] = definition_at_hand

    @server.feature(types.TEXT_DOCUMENT_DECLARATION)
    async def declaration(params: types.DeclarationParams) -> Places | None:
        return await places(params, _declarations)

    @server.feature(types.TEXT_DOCUMENT_TYPE_DEFINITION)
    async def type_definition(params: types.TypeDefinitionParams) -> Places | None:
        return await places(params, _types)

    @server.feature(types.TEXT_DOCUMENT_IMPLEMENTATION)
    async def implementation(params: types.ImplementationParams) -> Places | None:
        return await places(params, _implementations)


def symbols_at(question: Question, position: types.Position) -> list[Symbol]:
    """The symbols under a position, the surest first."""
    line, column = question.convert.place(question.path, position)
    return question.answers.at(question.path, line, column)


def _places(
    question: Question,
    position: types.Position,
    find: Callable[[Question, list[Symbol]], list[Symbol]],
) -> Places:
    symbols = symbols_at(question, position)
    if not symbols and not question.answers.is_indexed:
        question.answers.reader.meta()  # says why there is no answer
    return question.convert.symbol_locations(find(question, symbols))[:MAX_LOCATIONS]


def _definitions(question: Question, position: types.Position) -> Places:
    """Where symbols are defined, or where a local variable is bound first."""
    found = _places(question, position, lambda _, symbols: symbols)
    if found:
        return found
    line, column = question.convert.place(question.path, position)
    site = question.answers.bare_name(question.path, line, column).local
    return [question.convert.location(question.path, site)] if site else []


def _definitions_at_hand(
    at_hand: AtHand, convert: Converter, path: str, position: types.Position
) -> Places:
    line, column = convert.place(path, position)
    return convert.symbol_locations(at_hand.at(path, line, column))[:MAX_LOCATIONS]


def _declarations(question: Question, symbols: list[Symbol]) -> list[Symbol]:
    """The member that is overridden furthest up; anything else is its own declaration."""
    found: list[Symbol] = []
    for symbol in symbols:
        is_member = symbol.kind in (NodeKind.METHOD, NodeKind.FIELD)
        above = question.answers.supertypes(symbol, None) if is_member else []
        deepest = max((r.depth for r in above), default=0)
        found += [r.symbol for r in above if r.depth == deepest] or [symbol]
    return found


def _types(question: Question, symbols: list[Symbol]) -> list[Symbol]:
    found: list[Symbol] = []
    for symbol in symbols:
        is_class = symbol.kind == NodeKind.CLASS
        found += [symbol] if is_class else question.answers.types(symbol)
    return found


def _implementations(question: Question, symbols: list[Symbol]) -> list[Symbol]:
    """Derived classes and overriding members; what has none implements itself."""
    found: list[Symbol] = []
    for symbol in symbols:
        below = [r.symbol for r in question.answers.subtypes(symbol, None)]
        found += below or [symbol]
    return found
