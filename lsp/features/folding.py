"""Classes and functions that can be folded, as the text is now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from lsp.server import GraphServer
    from lsp.session import Question

_FOLDED = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    @server.feature(types.TEXT_DOCUMENT_FOLDING_RANGE)
    async def folding(params: types.FoldingRangeParams) -> list[types.FoldingRange] | None:
        return await server.ask_softly(params.text_document.uri, _ranges)


def _ranges(question: Question) -> list[types.FoldingRange]:
    spans = {
        (symbol.name_line or symbol.start_line or 1, symbol.end_line or 0)
        for symbol in question.answers.content(question.path).symbols
        if symbol.kind in _FOLDED
    }
    kind = types.FoldingRangeKind.Region
    return [types.FoldingRange(a - 1, b - 1, kind=kind) for a, b in sorted(spans) if b > a]
