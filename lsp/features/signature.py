"""The signature of the call that is being written, and which parameter the cursor is at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.queries.members import parameters, receiver_name
from graphdb.schema import NodeKind
from lsp.nearby import Nearby, chain_before
from lsp.text import byte_of, index_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.symbols import Symbol
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_LINES = 50
"""How far above the cursor the opening bracket is looked for."""

_OPENING, _CLOSING = "([{", ")]}"


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    options = types.SignatureHelpOptions(trigger_characters=["(", ","])

    @server.feature(types.TEXT_DOCUMENT_SIGNATURE_HELP, options)
    async def signature_help(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        work = partial(_help, position=params.position)
        return await server.ask_softly(params.text_document.uri, work)


def _help(question: Question, position: types.Position) -> types.SignatureHelp | None:
    document = question.document
    if document is None or position.line >= len(document.lines) or not question.answers.is_indexed:
        return None
    lines = document.lines
    index = index_of(lines[position.line], position.character, question.convert.encoding)
    call = open_call(lines, position.line, index)
    if call is None:
        return None
    row, end, commas = call
    content = question.answers.content(question.path)
    nearby = Nearby(question.answers, content, lines, row + 1)
    called = nearby.signatures(_callee(question, nearby, lines[row][:end]))
    if not called:
        return None
    found = [_information(question, symbol) for symbol in called]
    return types.SignatureHelp(found, active_signature=0, active_parameter=commas)


def _callee(question: Question, nearby: Nearby, before: str) -> list[Symbol]:
    """What is called at the end of a text: by what is resolved there, else as elsewhere."""
    before = before.rstrip()
    chain = chain_before(before)
    if not chain:
        return []
    owner, _, name = chain.rpartition(".")
    named = nearby.named(chain)
    if not named and owner:
        named = [symbol for symbol in nearby.members(owner) if symbol.name == name]
    if named:
        return named
    column = byte_of(before, len(before) - len(name))
    return question.answers.at(question.path, nearby.line, column)


def open_call(lines: Sequence[str], row: int, index: int) -> tuple[int, int, int] | None:
    """Line and index of the bracket that is open at a place, and how many commas are behind it.

    Brackets and commas in strings are counted too: no more is known of a language here.
    """
    depth = commas = 0
    for number in range(row, max(-1, row - MAX_LINES), -1):
        text = lines[number] if number < row else lines[number][:index]
        for at in range(len(text) - 1, -1, -1):
            letter = text[at]
            if letter in _CLOSING:
                depth += 1
            elif letter in _OPENING and depth:
                depth -= 1
            elif letter == "(" and chain_before(text[:at].rstrip()):
                return number, at, commas
            elif letter in _OPENING:
                commas = 0
            elif letter == "," and not depth:
                commas += 1
    return None


def _information(question: Question, symbol: Symbol) -> types.SignatureInformation:
    label = symbol.signature or symbol.name
    texts = parameters(label)
    if symbol.kind == NodeKind.METHOD and texts:
        language = symbol.uid.partition(":")[0]
        if texts[0] == receiver_name(question.answers.reader, language):
            texts = texts[1:]
    found = [types.ParameterInformation(text) for text in texts]
    return types.SignatureInformation(label, symbol.docstring or None, found)
