"""Members behind a dot, and names that the file has; further knowledge is the language's server's.

Only what is certain is offered: where the receiver is not known there are no members.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import EdgeKind
from lsp.convert import completion_kind
from lsp.nearby import Nearby, chain_before, top_level, word_before
from lsp.text import index_of, index_of_byte

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from graphdb.queries.mentions import FileContent
    from graphdb.symbols import Symbol
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_ITEMS = 300


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    options = types.CompletionOptions(trigger_characters=["."], resolve_provider=True)

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, options)
    async def completion(params: types.CompletionParams) -> types.CompletionList | None:
        uri = params.text_document.uri
        return await server.ask_softly(uri, partial(_complete, position=params.position))

    @server.feature(types.COMPLETION_ITEM_RESOLVE)
    async def resolve(item: types.CompletionItem) -> types.CompletionItem:
        if isinstance(item.data, list) and len(item.data) == 2:  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            uid, uri = map(str, item.data)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
            text = await server.ask_softly(uri, partial(_documentation, uid=uid))
            if text:
                item.documentation = types.MarkupContent(types.MarkupKind.PlainText, text)
        return item


def _documentation(question: Question, uid: str) -> str | None:
    symbol = question.answers.by_uid(uid)
    return symbol.docstring or symbol.location if symbol else None


def _complete(question: Question, position: types.Position) -> types.CompletionList | None:
    document = question.document
    if document is None or position.line >= len(document.lines) or not question.answers.is_indexed:
        return None
    line = document.lines[position.line]
    before = line[: index_of(line, position.character, question.convert.encoding)]
    word = word_before(before)
    before = before[: len(before) - len(word)]
    content = question.answers.content(question.path)
    nearby = Nearby(question.answers, content, document.lines, position.line + 1)
    if before.endswith("."):
        named = {symbol.name: symbol for symbol in _behind_dot(nearby, before[:-1])}
    else:
        named = _names(content, document.lines)
    return _list(named.items(), word, question.convert.uri(question.path))


def _behind_dot(nearby: Nearby, before: str) -> list[Symbol]:
    """The members of what a text ends with."""
    if before.endswith(")"):
        start = _opening(before)
        chain = chain_before(before[:start]) if start is not None else ""
        return nearby.members(chain, is_called=True) if chain else []
    chain = chain_before(before)
    return nearby.members(chain) if chain else []


def _opening(text: str) -> int | None:
    """The index of the bracket that the last one of a text closes."""
    depth = 0
    for index in range(len(text) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return None


def _names(content: FileContent, lines: Sequence[str]) -> dict[str, Symbol]:
    """Names of the file's own top level and of what it imports, as it calls them."""
    found: dict[str, Symbol] = {}
    for mention in content.mentions:
        if mention.edge == EdgeKind.IMPORTS and mention.site.line <= len(lines):
            line = lines[mention.site.line - 1]
            start = index_of_byte(line, mention.site.column)
            text = line[start : index_of_byte(line, mention.site.column + mention.site.length)]
            if text.isidentifier():
                found[text] = mention.target
    found |= {symbol.name: symbol for symbol in top_level(content)}
    return found


def _list(named: Iterable[tuple[str, Symbol]], word: str, uri: str) -> types.CompletionList:
    low = word.lower()
    fitting = [(name, symbol) for name, symbol in named if low in name.lower()]
    fitting.sort(key=lambda item: _rank(item[0], word))
    items = [
        types.CompletionItem(
            label=name,
            kind=completion_kind(symbol),
            detail=symbol.signature or symbol.full_name,
            sort_text=f"{position:04}",
            data=[symbol.uid, uri],
        )
        for position, (name, symbol) in enumerate(fitting[:MAX_ITEMS])
    ]
    return types.CompletionList(is_incomplete=len(fitting) > MAX_ITEMS, items=items)


def _rank(name: str, word: str) -> tuple[bool, bool, bool, str]:
    """Those that begin as typed first; those that begin with underscores last."""
    return (
        not name.startswith(word),
        not name.lower().startswith(word.lower()),
        name.startswith("_") and not word.startswith("_"),
        name.lower(),
    )
