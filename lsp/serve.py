"""`codexgraph serve`: keeps one repository's index up to date and answers other programs."""

from __future__ import annotations

import asyncio
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from graphdb.errors import IndexLockedError
from lsp.daemon import Daemon
from lsp.indexing import Indexing
from lsp.project import Project
from lsp.watching import watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from lsp.settings import ProjectSettings

WORKERS = 4


class Teller:
    """Says how runs end, a line each."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def index_changed(self, indexing: Indexing) -> None:
        """Nothing is shown of a run that goes on."""

    def index_ended(self, indexing: Indexing) -> None:
        """A run has ended."""
        report = indexing.state.report or {}
        mode = report.get("mode", "")
        self._say(indexing.state.error or f"{mode or 'index'}: {report.get('files', 0)} files")


async def serve(
    settings: ProjectSettings, worker: tuple[str, ...], say: Callable[[str], None]
) -> None:
    """Serve until the process is asked to end. Raises IndexLockedError when another one serves."""
    project, pool = Project(settings, settings.root), ThreadPoolExecutor(WORKERS)
    indexing = Indexing(settings.request, worker, Teller(say), project.differs)
    daemon = Daemon(project, indexing, pool)
    if not await daemon.start():
        raise IndexLockedError(
            f"{settings.request.settings.index_dir} is served already: use that server or end it"
        )
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    say(f"serving {settings.root} on {daemon.socket}")
    indexing.start()
    indexing.request()
    watcher = asyncio.create_task(watch(settings.root, indexing.request))
    try:
        await ended.wait()
    finally:
        watcher.cancel()
        daemon.close()
        await indexing.close()
        project.close()
        pool.shutdown(wait=False, cancel_futures=True)
