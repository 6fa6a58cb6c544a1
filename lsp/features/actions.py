"""What a language model would write: shown, and disabled with the reason while there is none."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.queries.names import innermost
from graphdb.schema import NodeKind
from lsp.features.writing import ABOUT_SYMBOLS, CLASS, EXPLAIN
from lsp.text import index_of
from lsp.writing import NO_MODEL, WRITE

if TYPE_CHECKING:
    from graphdb.symbols import Symbol
    from lsp.server import GraphServer
    from lsp.session import Question

_WRITTEN = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
_REWRITE = types.CodeActionKind.RefactorRewrite
GENERATE_CLASS = "Generate class"
NOTHING_SELECTED = "select the description of the class first"


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    options = types.CodeActionOptions(code_action_kinds=[_REWRITE])

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    async def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        """Disabled actions go only to editors that show them as such."""
        uri = params.text_document.uri
        located = server.session.locate(uri)
        if located is None or located[0].author is None:
            found = _all_disabled()
        else:
            work = partial(_actions, uri=uri, span=params.range)
            found = await server.ask_softly(uri, work) or []
        document, only = server.client_capabilities.text_document, params.context.only
        support = document.code_action if document else None
        shows_disabled = bool(support and support.disabled_support)
        return [
            action
            for action in found
            if (only is None or action.kind in only) and (action.disabled is None or shows_disabled)
        ]


def _title(text: str) -> str:
    return f"codexgraph: {text}"


def _all_disabled() -> list[types.CodeAction]:
    """What could be written if there were a model."""
    reason = types.CodeActionDisabled(NO_MODEL)
    jobs = {CLASS: GENERATE_CLASS, **ABOUT_SYMBOLS}
    return [
        types.CodeAction(_title(words.removesuffix(" for")), _kind(job), disabled=reason)
        for job, words in jobs.items()
    ]


def _kind(job: str) -> types.CodeActionKind:
    """An explanation changes nothing."""
    return types.CodeActionKind.Empty if job == EXPLAIN else _REWRITE


def _actions(question: Question, uri: str, span: types.Range) -> list[types.CodeAction]:
    """What can be written about the definition around a selection, and for its text."""
    found = [_class_action(question, uri, span)]
    symbol = _around(question, span)
    for job, words in ABOUT_SYMBOLS.items() if symbol else ():
        if symbol is None or (job == "test" and symbol.is_test):
            continue
        title = _title(f"{words} {symbol.name}")
        kind = _kind(job)
        asked = {"job": job, "uri": uri, "uid": symbol.uid}
        found.append(
            types.CodeAction(title, kind, command=types.Command(title, WRITE, arguments=[asked]))
        )
    return found


def _around(question: Question, span: types.Range) -> Symbol | None:
    if not question.answers.is_indexed:
        return None
    symbols = [s for s in question.answers.content(question.path).symbols if s.kind in _WRITTEN]
    return innermost(symbols, span.start.line + 1)


def _class_action(question: Question, uri: str, span: types.Range) -> types.CodeAction:
    title = _title(GENERATE_CLASS)
    text = _selected(question, span).strip()
    if not text:
        disabled = types.CodeActionDisabled(NOTHING_SELECTED)
        return types.CodeAction(title, _REWRITE, disabled=disabled)
    asked = {"job": CLASS, "uri": uri, "text": text}
    return types.CodeAction(title, _REWRITE, command=types.Command(title, WRITE, arguments=[asked]))


def _selected(question: Question, span: types.Range) -> str:
    """The text of a selection in an open document."""
    lines = question.document.lines if question.document else []
    if not lines or span.start.line >= len(lines):
        return ""
    encoding = question.convert.encoding
    last = min(span.end.line, len(lines) - 1)
    chosen = lines[span.start.line : last + 1]
    if last == span.end.line:
        chosen[-1] = chosen[-1][: index_of(chosen[-1], span.end.character, encoding)]
    chosen[0] = chosen[0][index_of(chosen[0], span.start.character, encoding) :]
    return "".join(chosen)
