"""Every place that names what is under the cursor: in the repository, and in this file."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.schema import EdgeKind, NodeKind, Site
from lsp.features.definition import symbols_at

if TYPE_CHECKING:
    from lsp.server import GraphServer
    from lsp.session import Question

MAX_REFERENCES = 10_000


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    async def references(params: types.ReferenceParams) -> list[types.Location] | None:
        work = partial(
            _references,
            position=params.position,
            has_declaration=params.context.include_declaration,
        )
        return await server.ask(params.text_document.uri, work)

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    async def highlight(
        params: types.DocumentHighlightParams,
    ) -> list[types.DocumentHighlight] | None:
        work = partial(_highlights, position=params.position)
        return await server.ask_softly(params.text_document.uri, work)


def _references(
    question: Question, position: types.Position, *, has_declaration: bool
) -> list[types.Location]:
    symbols = symbols_at(question, position)
    if not symbols and not question.answers.is_indexed:
        question.answers.reader.meta()  # says why there is no answer
    answers = (question.answers.references(symbol, is_exact=True) for symbol in symbols)
    found = question.convert.locations(set[tuple[str, Site]]().union(*answers))
    if has_declaration:
        defined = question.convert.symbol_locations(symbols)
        found = [*defined, *(place for place in found if place not in defined)]
    return found[:MAX_REFERENCES]


def _highlights(question: Question, position: types.Position) -> list[types.DocumentHighlight]:
    line, column = question.convert.place(question.path, position)
    symbols = question.answers.at(question.path, line, column)
    uids = {symbol.uid for symbol in symbols}
    kinds = types.DocumentHighlightKind
    found: dict[tuple[int, int], types.DocumentHighlight] = {}
    for mention in question.answers.content(question.path).mentions:
        if mention.target.uid not in uids:
            continue
        is_write = mention.edge == EdgeKind.USES and mention.access in ("write", "readwrite")
        kind = kinds.Write if is_write else kinds.Read
        place = question.convert.range(question.path, mention.site)
        found[mention.site.line, mention.site.column] = types.DocumentHighlight(place, kind)
    for symbol in symbols:
        if symbol.file_path == question.path and symbol.kind != NodeKind.MODULE:
            place = question.convert.name_range(symbol)
            key = (symbol.name_line or 0, symbol.name_column or 0)
            found[key] = types.DocumentHighlight(place, kinds.Text)
    return [found[key] for key in sorted(found)]
