"""Keeps the index of one repository up to date: one run at a time, in a process of its own.

Whatever asks for a run while one is going on gets the next one. Another program that writes the
same index is waited for, and its graph is read as our own.
"""

from __future__ import annotations

import asyncio
import json
import pickle
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

    from indexer.pipeline import IndexRequest

SETTLE_S = 0.03
"""How long to wait for further changes after the first one."""
LOCKED_RETRY_S = 0.3
_SHARES = {
    "discover": (0, 3),
    "extract": (3, 40),
    "link": (40, 60),
    "link and write": (40, 95),
    "write": (60, 95),
    "remember": (95, 100),
}
"""Phase -> from and to what percentage of a run it is."""


@dataclass(frozen=True, slots=True)
class IndexState:
    """Where the index of a repository is.

    phase: of the run that is going on, or None. percent: of it. error: why the last run gave no
    graph. pending: files that changed after the last run had begun, relative to the root. runs: how
    many have ended well.
    """

    phase: str | None = None
    percent: int = 0
    error: str | None = None
    pending: frozenset[str] = frozenset()
    runs: int = 0
    is_cancelled: bool = False
    report: dict[str, Any] | None = None

    @property
    def is_running(self) -> bool:
        """True while a run is going on."""
        return self.phase is not None

    def line(self) -> str:
        """The state in a few words."""
        if self.is_running:
            return f"index {self.percent} % ({self.phase})"
        if self.error:
            return f"index failed: {self.error}"
        if self.is_cancelled:
            return "indexing was cancelled"
        return f"{len(self.pending)} files changed since" if self.pending else "index up to date"


class Listener(Protocol):
    """Who is told about runs; called on the loop."""

    def index_changed(self, indexing: Indexing) -> None:
        """The state is another."""
        ...

    def index_ended(self, indexing: Indexing) -> None:
        """A run has ended, well or not."""
        ...


class Indexing:
    """Runs the indexer whenever it is asked to; belongs to the event loop.

    differs: whether any of some files is not what the graph knows; asked in another thread.
    """

    def __init__(
        self,
        request: IndexRequest,
        worker: tuple[str, ...],
        listener: Listener,
        differs: Callable[[frozenset[str]], bool],
    ) -> None:
        self.state = IndexState()
        self._is_full = False
        self._is_forced = False
        self._differs = differs
        self._request = request
        self._command = worker
        self._listener = listener
        self._asked = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._spare: Process | None = None
        self._running: Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._preparing: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def start(self, *, is_ready: bool = True) -> None:
        """Begin to serve requests; runs wait for `ready` where it is not given here."""
        if is_ready:
            self._ready.set()
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def ready(self) -> None:
        """Let runs begin: whatever is more urgent has had the processor."""
        self._ready.set()

    async def until_ready(self) -> None:
        """Wait for the time of what nobody waits for."""
        await self._ready.wait()

    def request(self, paths: frozenset[str] = frozenset(), *, is_full: bool = False) -> None:
        """Ask for a run; without `paths`, which may have changed, it looks at all files."""
        self._is_full = self._is_full or is_full
        self._is_forced = self._is_forced or is_full or not paths
        self._tell(pending=self.state.pending | paths)
        self._idle.clear()
        self._asked.set()

    async def settled(self) -> IndexState:
        """Wait until all that was asked for is done."""
        await self._idle.wait()
        return self.state

    def expect(self) -> None:
        """Start the process of the next run: somebody types, and will save."""
        if self._spare is None and self._preparing is None and not self.state.is_running:
            self._preparing = asyncio.get_running_loop().create_task(self._prepare())

    async def _prepare(self) -> None:
        try:
            self._spare = await self._spawn()
        finally:
            self._preparing = None

    def cancel(self) -> None:
        """End the run that is going on; the graph stays as it was."""
        if self.state.is_running:
            self._tell(is_cancelled=True)
        if self._running is not None:
            with suppress(ProcessLookupError):
                self._running.kill()

    async def close(self) -> None:
        """Stop, and end the processes."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._tell(phase=None)

    async def _serve(self) -> None:
        try:
            while True:
                await self._asked.wait()
                await asyncio.sleep(SETTLE_S)
                await self._serve_one()
        finally:
            if self._preparing is not None:
                await self._preparing
            for process in (self._spare, self._running):
                await _end(process)

    async def _serve_one(self) -> None:
        self._asked.clear()
        taken, is_full, is_forced = self.state.pending, self._is_full, self._is_forced
        self._is_full = self._is_forced = False
        if not is_forced and not await self._is_due(taken):
            self._tell(pending=self.state.pending - taken)
            self._settle()
            return
        self._tell(phase="start", percent=0, error=None, is_cancelled=False)
        outcome = await self._run(is_full=is_full)
        if outcome.get("kind") == "IndexLockedError":
            self._tell(phase="waiting for another program that indexes", percent=0)
            await asyncio.sleep(LOCKED_RETRY_S)
            self.request(frozenset() if is_forced else taken, is_full=is_full)
            return
        if "report" in outcome:
            pending, runs = self.state.pending - taken, self.state.runs + 1
            report = dict(outcome["report"])
            self._tell(phase=None, percent=100, pending=pending, runs=runs, report=report)
        elif self.state.is_cancelled:
            self._tell(phase=None)
        else:
            self._tell(phase=None, error=str(outcome.get("error") or "the indexer died"))
        self._settle()
        self._listener.index_ended(self)

    async def _is_due(self, paths: frozenset[str]) -> bool:
        """False when the graph knows all files as they are: they were saved and not changed."""
        try:
            return await asyncio.to_thread(self._differs, paths)
        except CodexGraphError:
            return True

    def _settle(self) -> None:
        if not self._asked.is_set():
            self._idle.set()

    async def _run(self, *, is_full: bool) -> dict[str, Any]:
        """One run; what the worker said last."""
        await self._ready.wait()
        if self._preparing is not None:
            await self._preparing
        process = self._spare or await self._spawn()
        if self.state.is_cancelled:
            self._spare = process
            return {}
        self._spare, self._running = None, process
        last: dict[str, Any] = {}
        try:
            if process.stdin is None or process.stdout is None:
                return last
            process.stdin.write(pickle.dumps(replace(self._request, full=is_full)))
            process.stdin.close()
            async for line in process.stdout:
                last = json.loads(line)
                if "phase" in last:
                    self._tell(phase=str(last["phase"]), percent=_percent(last))
            await process.wait()
        except (BrokenPipeError, ConnectionResetError, ValueError) as error:
            last = {"error": f"the indexer died: {error}"}
        finally:
            self._running = None
            await _end(process)
        return last

    async def _spawn(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1 << 26,
            start_new_session=True,  # ctrl+c is for the server, which ends its workers
        )

    def _tell(self, **changes: Any) -> None:
        state = replace(self.state, **changes)
        if state != self.state:
            self.state = state
            self._listener.index_changed(self)


async def _end(process: Process | None) -> None:
    """Kill a process that still runs, and wait for its end so that its pipes are closed."""
    if process is not None and process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _percent(message: dict[str, Any]) -> int:
    low, high = _SHARES.get(str(message["phase"]), (0, 0))
    total, done = message.get("total") or 0, message.get("done") or 0
    return int(low + (high - low) * min(1.0, done / total)) if total else low
