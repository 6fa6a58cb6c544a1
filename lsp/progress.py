"""Work as the client's own progress display, with its button to cancel; index runs above all.

The first run of a folder shows at once; a later one, which is an update after a save, only when it
takes so long that somebody may wonder.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types
from pygls.exceptions import JsonRpcException

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from lsp.indexing import Indexing
    from lsp.server import GraphServer

QUIET_S = 1.0


class Display:
    """One piece of work as a client displays it; nothing where the client has no display."""

    def __init__(self, server: GraphServer) -> None:
        self._server = server
        self._progress: Any = server.work_done_progress
        self._token: str | None = None

    @property
    def is_shown(self) -> bool:
        """True between begin and end, where the client shows anything."""
        return self._token is not None

    async def begin(self, work: types.WorkDoneProgressBegin, cancel: Callable[[], object]) -> None:
        """Show that the work begins. cancel: called when a person presses the button.

        A client may refuse; nothing is said then.
        """
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token = f"codexgraph-{uuid4().hex}"
        try:
            await self._progress.create_async(token)
        except JsonRpcException:
            self._progress.tokens.pop(token, None)
            return
        cancelled: Future[None] = self._progress.tokens[token]
        cancelled.add_done_callback(lambda _: cancel())
        self._token = token
        self._progress.begin(token, work)

    def report(self, message: str, percentage: int | None = None) -> None:
        """Show how far the work is."""
        if self._token is not None:
            report = types.WorkDoneProgressReport(message=message, percentage=percentage)
            self._progress.report(self._token, report)

    def end(self, message: str) -> None:
        """Show how the work ended."""
        token, self._token = self._token, None
        if token is not None:
            self._progress.end(token, types.WorkDoneProgressEnd(message=message))
            self._progress.tokens.pop(token, None)


class ClientProgress:
    """Shows the runs of one repository."""

    def __init__(self, server: GraphServer, indexing: Indexing) -> None:
        self._display = Display(server)
        self._indexing = indexing
        self._last = (-1, "")
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """The state of the indexing is another."""
        state = self._indexing.state
        if state.is_running:
            if self._display.is_shown:
                self._report()
            elif self._task is None:
                delay = QUIET_S if state.runs else 0.0
                self._task = asyncio.get_running_loop().create_task(self._begin(delay))
            return
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._end()

    async def _begin(self, delay: float) -> None:
        await asyncio.sleep(delay)
        self._last = (-1, "")
        begin = types.WorkDoneProgressBegin(
            title="codexgraph", cancellable=True, percentage=0, message="indexing"
        )
        await self._display.begin(begin, self._indexing.cancel)
        if not self._display.is_shown:
            return
        self._task = None
        if self._indexing.state.is_running:
            self._report()
        else:
            self._end()

    def _report(self) -> None:
        state = self._indexing.state
        now = (state.percent, state.phase or "")
        if now != self._last:
            self._last = now
            self._display.report(now[1], now[0])

    def _end(self) -> None:
        self._display.end(self._indexing.state.line())
