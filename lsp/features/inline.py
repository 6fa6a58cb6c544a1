"""What a language model would write at the cursor, shown there while somebody types.

Offered only where a model is set: there is no handler otherwise, so that no editor asks.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from lsprotocol import types

from graphdb.errors import CodexGraphError
from lsp.documents import language_of
from lsp.text import index_of
from lsp.writing import Wanted, heed, inserted, texts_of

if TYPE_CHECKING:
    from threading import Event

    from agent.task import Outcome
    from lsp.server import GraphServer

PAUSE_S = 0.3
"""How long a cursor must rest: a model that is asked at every key answers none of them in time."""


def offer_suggestions(server: GraphServer) -> None:
    """Add the handler of this module."""

    # The library advertises this one only where options are given.
    @server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
    async def suggest(params: types.InlineCompletionParams) -> types.InlineCompletionList | None:
        if params.context.trigger_kind == types.InlineCompletionTriggerKind.Automatic:
            await asyncio.sleep(PAUSE_S)
        uri, position = params.text_document.uri, params.position
        session, located = server.session, server.session.locate(uri)
        document = session.documents.get(uri)
        if located is None or document is None or language_of(located[1]) is None:
            return None
        workspace, path = located
        author = workspace.author
        if author is None or not 0 <= position.line < len(document.lines):
            return None
        line = document.lines[position.line]
        column = index_of(line, position.character, session.encoding)
        place = f"{path}:{position.line + 1}:{column + 1}"
        documents = session.documents_of(workspace)
        wanted = Wanted("complete", place, texts=texts_of(documents), is_quick=True)
        project = workspace.project

        def write(given_up: Event) -> Outcome:
            return author.write(project.reader(), wanted, partial(heed, given_up))

        try:
            outcome = await session.run(write)
        except CodexGraphError:
            return None  # asked by the editor itself: a command says what is wrong
        index = sum(map(len, document.lines[: position.line])) + column
        text = _suggested(outcome, index)
        if not text:
            return None
        here = types.Range(position, position)
        return types.InlineCompletionList([types.InlineCompletionItem(text, range=here)])


def _suggested(outcome: Outcome, index: int) -> str | None:
    """What the draft puts in at the cursor, when the file would hold with it."""
    edits = outcome.draft.edits if outcome.draft and outcome.is_passed else ()
    return inserted(edits[0], index) if len(edits) == 1 else None
