"""What is under the cursor: signature, documentation, how much it is used, where it is defined."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import NodeKind
from lsp.features.definition import symbols_at

if TYPE_CHECKING:
    from graphdb.symbols import Symbol
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_DOC_LINES = 40


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(params: types.HoverParams) -> types.Hover | None:
        work = partial(_hover, position=params.position, is_markdown=_takes_markdown(server))
        return await server.ask_softly(params.text_document.uri, work)


def _takes_markdown(server: GraphServer) -> bool:
    document = server.client_capabilities.text_document
    formats = document.hover.content_format if document and document.hover else None
    return formats is None or types.MarkupKind.Markdown in formats


def _hover(
    question: Question, position: types.Position, *, is_markdown: bool
) -> types.Hover | None:
    symbols = symbols_at(question, position)
    if not symbols:
        return None
    parts = [_about(question, symbol, is_markdown=is_markdown) for symbol in symbols[:3]]
    if len(symbols) > 3:
        parts.append(f"… and {len(symbols) - 3} more")
    if question.index.is_running:
        parts.append(f"codexgraph: {question.index.line()}")
    rule = "\n\n---\n\n" if is_markdown else "\n\n"
    kind = types.MarkupKind.Markdown if is_markdown else types.MarkupKind.PlainText
    return types.Hover(types.MarkupContent(kind, rule.join(parts)))


def _about(question: Question, symbol: Symbol, *, is_markdown: bool) -> str:
    head = symbol.signature or f"{symbol.kind.value.lower().replace('_', ' ')} {symbol.full_name}"
    lines = [f"```{_language(symbol)}\n{head}\n```" if is_markdown else head]
    if symbol.docstring:
        lines.append(_shortened(symbol.docstring))
    lines.append(_counts(question, symbol))
    if symbol.file_path in question.index.pending:
        lines.append("The file has changed since it was indexed.")
    return "\n\n".join(lines)


def _counts(question: Question, symbol: Symbol) -> str:
    """How often a symbol is used, and where it stands."""
    where = f"`{symbol.full_name}` · {symbol.location}"
    if not question.answers.is_indexed:
        return where
    counts = [counted(len(question.answers.references(symbol)), "reference")]
    if symbol.kind != NodeKind.EXTERNAL:
        if tests := len(question.answers.tests(symbol)):
            counts.append(counted(tests, "test"))
        if below := len(question.answers.subtypes(symbol)):
            noun = "subclass" if symbol.kind == NodeKind.CLASS else "override"
            counts.append(counted(below, noun))
    return f"{' · '.join(counts)}  \n{where}"


def counted(number: int, noun: str) -> str:
    """A number with its noun."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{number:,} {noun if number == 1 else plural}"


def _language(symbol: Symbol) -> str:
    """The language that begins a symbol's uid; outside names have none."""
    language, _, rest = symbol.uid.partition(":")
    return language if rest and symbol.file_path else ""


def _shortened(text: str) -> str:
    lines = text.strip().splitlines()
    if len(lines) <= MAX_DOC_LINES:
        return "\n".join(lines)
    return "\n".join([*lines[:MAX_DOC_LINES], "…"])
