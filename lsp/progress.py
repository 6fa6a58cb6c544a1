"""An index run as the client's own progress display, with its button to cancel.

The first run of a folder shows at once; a later one, which is an update after a save, only when it
takes so long that somebody may wonder.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types

if TYPE_CHECKING:
    from concurrent.futures import Future

    from lsp.indexing import Indexing
    from lsp.server import GraphServer

QUIET_S = 1.0


class ClientProgress:
    """Shows the runs of one repository."""

    def __init__(self, server: GraphServer, indexing: Indexing) -> None:
        self._server = server
        self._indexing = indexing
        self._token: str | None = None
        self._last = (-1, "")
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """The state of the indexing is another."""
        state = self._indexing.state
        if state.is_running:
            if self._task is None and self._token is None:
                delay = QUIET_S if state.runs else 0.0
                self._task = asyncio.get_running_loop().create_task(self._begin(delay))
            elif self._token is not None:
                self._report()
            return
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._end()

    async def _begin(self, delay: float) -> None:
        await asyncio.sleep(delay)
        if not self._is_shown():
            return
        token = f"codexgraph-{uuid4().hex}"
        progress: Any = self._server.work_done_progress
        await progress.create_async(token)
        cancelled: Future[None] = progress.tokens[token]
        cancelled.add_done_callback(self._cancel)
        self._token, self._last = token, (-1, "")
        progress.begin(
            token,
            types.WorkDoneProgressBegin(
                title="codexgraph", cancellable=True, percentage=0, message="indexing"
            ),
        )
        self._task = None
        if self._indexing.state.is_running:
            self._report()
        else:
            self._end()

    def _cancel(self, _: Future[None]) -> None:
        self._indexing.cancel()

    def _is_shown(self) -> bool:
        window = self._server.client_capabilities.window
        return bool(window and window.work_done_progress)

    def _report(self) -> None:
        state = self._indexing.state
        now = (state.percent, state.phase or "")
        if self._token is None or now == self._last:
            return
        self._last = now
        self._server.work_done_progress.report(
            self._token, types.WorkDoneProgressReport(percentage=now[0], message=now[1])
        )

    def _end(self) -> None:
        token, self._token = self._token, None
        if token is None:
            return
        progress: Any = self._server.work_done_progress
        progress.end(token, types.WorkDoneProgressEnd(message=self._indexing.state.line()))
        progress.tokens.pop(token, None)
