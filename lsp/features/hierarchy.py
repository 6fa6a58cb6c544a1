"""Who calls what, and what derives from what, one level a request.

An item carries its symbol's uid, which an edit does not change, so that a tree that is open in the
editor stays valid while the text moves.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import NodeKind
from lsp.convert import symbol_kind
from lsp.features.definition import symbols_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphdb.symbols import Relation, Symbol
    from lsp.convert import Converter
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_ITEMS = 500

_CALLABLE = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
_TYPED = (NodeKind.CLASS, NodeKind.METHOD, NodeKind.FIELD)


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    _register_calls(server)
    _register_types(server)


def _register_calls(server: GraphServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_PREPARE_CALL_HIERARCHY)
    async def prepare(
        params: types.CallHierarchyPrepareParams,
    ) -> list[types.CallHierarchyItem] | None:
        work = partial(_call_roots, position=params.position)
        return await server.ask(params.text_document.uri, work)

    @server.feature(types.CALL_HIERARCHY_INCOMING_CALLS)
    async def incoming(
        params: types.CallHierarchyIncomingCallsParams,
    ) -> list[types.CallHierarchyIncomingCall] | None:
        return await server.ask(params.item.uri, partial(_incoming, uid=str(params.item.data)))

    @server.feature(types.CALL_HIERARCHY_OUTGOING_CALLS)
    async def outgoing(
        params: types.CallHierarchyOutgoingCallsParams,
    ) -> list[types.CallHierarchyOutgoingCall] | None:
        return await server.ask(params.item.uri, partial(_outgoing, uid=str(params.item.data)))


def _register_types(server: GraphServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_PREPARE_TYPE_HIERARCHY)
    async def prepare(
        params: types.TypeHierarchyPrepareParams,
    ) -> list[types.TypeHierarchyItem] | None:
        work = partial(_type_roots, position=params.position)
        return await server.ask(params.text_document.uri, work)

    @server.feature(types.TYPE_HIERARCHY_SUPERTYPES)
    async def supertypes(
        params: types.TypeHierarchySupertypesParams,
    ) -> list[types.TypeHierarchyItem] | None:
        return await server.ask(params.item.uri, partial(_supertypes, uid=str(params.item.data)))

    @server.feature(types.TYPE_HIERARCHY_SUBTYPES)
    async def subtypes(
        params: types.TypeHierarchySubtypesParams,
    ) -> list[types.TypeHierarchyItem] | None:
        return await server.ask(params.item.uri, partial(_subtypes, uid=str(params.item.data)))


def _call_roots(question: Question, position: types.Position) -> list[types.CallHierarchyItem]:
    found = (_call_item(question.convert, s) for s in _roots(question, position, _CALLABLE))
    return [item for item in found if item]


def _type_roots(question: Question, position: types.Position) -> list[types.TypeHierarchyItem]:
    return _type_items(question.convert, _roots(question, position, _TYPED))


def _roots(
    question: Question, position: types.Position, kinds: tuple[NodeKind, ...]
) -> list[Symbol]:
    """What stands at a position, or the definition that the position lies in."""
    question.answers.reader.meta()  # says why there is no answer
    found = [s for s in symbols_at(question, position) if s.kind in kinds]
    if found:
        return found
    line = position.line + 1
    symbols = question.answers.content(question.path).symbols
    around = [s for s in symbols if s.kind in kinds and _covers(s, line)]
    return around[-1:]


def _covers(symbol: Symbol, line: int) -> bool:
    return (symbol.start_line or 0) <= line <= (symbol.end_line or 0)


def _incoming(question: Question, uid: str) -> list[types.CallHierarchyIncomingCall]:
    symbol = question.answers.by_uid(uid)
    if symbol is None:
        return []
    found: list[types.CallHierarchyIncomingCall] = []
    for other, relations in _grouped(question.answers.callers(symbol)):
        item = _call_item(question.convert, other)
        if item is not None:
            found.append(types.CallHierarchyIncomingCall(item, _ranges(question, relations)))
    return found[:MAX_ITEMS]


def _outgoing(question: Question, uid: str) -> list[types.CallHierarchyOutgoingCall]:
    symbol = question.answers.by_uid(uid)
    if symbol is None:
        return []
    found: list[types.CallHierarchyOutgoingCall] = []
    for other, relations in _grouped(question.answers.callees(symbol)):
        item = _call_item(question.convert, other)
        if item is not None:
            found.append(types.CallHierarchyOutgoingCall(item, _ranges(question, relations)))
    return found[:MAX_ITEMS]


def _grouped(relations: Iterable[Relation]) -> list[tuple[Symbol, list[Relation]]]:
    """Relations by the symbol at their other end, in order of their first site."""
    found: dict[str, list[Relation]] = {}
    for relation in relations:
        found.setdefault(relation.symbol.uid, []).append(relation)
    groups = sorted(
        found.values(), key=lambda rows: min((r.file_path or "", r.sites) for r in rows)
    )
    return [(rows[0].symbol, rows) for rows in groups]


def _ranges(question: Question, relations: list[Relation]) -> list[types.Range]:
    places = sorted({(r.file_path or "", site) for r in relations for site in r.sites})
    return [question.convert.range(path, site) for path, site in places]


def _call_item(convert: Converter, symbol: Symbol) -> types.CallHierarchyItem | None:
    if symbol.file_path is None:
        return None
    name = convert.name_range(symbol)
    return types.CallHierarchyItem(
        name=symbol.name,
        kind=symbol_kind(symbol),
        uri=convert.uri(symbol.file_path),
        range=convert.full_range(symbol),
        selection_range=name,
        detail=symbol.full_name.rpartition(".")[0],
        data=symbol.uid,
    )


def _supertypes(question: Question, uid: str) -> list[types.TypeHierarchyItem]:
    symbol = question.answers.by_uid(uid)
    rows = question.answers.supertypes(symbol) if symbol else []
    return _type_items(question.convert, [row.symbol for row in rows])


def _subtypes(question: Question, uid: str) -> list[types.TypeHierarchyItem]:
    symbol = question.answers.by_uid(uid)
    rows = question.answers.subtypes(symbol) if symbol else []
    return _type_items(question.convert, [row.symbol for row in rows])


def _type_items(convert: Converter, symbols: Iterable[Symbol]) -> list[types.TypeHierarchyItem]:
    found: dict[str, types.TypeHierarchyItem] = {}
    for symbol in symbols:
        if symbol.file_path is not None:
            found[symbol.uid] = types.TypeHierarchyItem(
                name=symbol.name,
                kind=symbol_kind(symbol),
                uri=convert.uri(symbol.file_path),
                range=convert.full_range(symbol),
                selection_range=convert.name_range(symbol),
                detail=symbol.full_name.rpartition(".")[0],
                data=symbol.uid,
            )
    return list(found.values())[:MAX_ITEMS]
