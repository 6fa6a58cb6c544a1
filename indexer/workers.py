"""A pool of processes that maps a pure function over many items and outlives the death of a worker.

`concurrent.futures` gives up the whole run when a process dies. Here each worker holds one chunk at
a time, so it is known whose fault a death may be: that chunk is tried again item by item, and only
an item that kills its worker alone is reported. Results come in any order.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkContext, SpawnContext
    from multiprocessing.process import BaseProcess

Item = TypeVar("Item")
Value = TypeVar("Value")

MIN_ITEMS_FOR_POOL = 200
CHUNKS_PER_WORKER = 16
MAX_ITEMS_PER_CHUNK = 64
DEFAULT_TIMEOUT_S = 60.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Value]):
    """The value for the item at `index`, or one line on why there is none."""

    index: int
    value: Value | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """How to run.

    jobs: worker processes; one means in this process. min_items: below it everything runs in this
    process, where starting workers would cost more than it saves. timeout_s: how long one chunk may
    take before its worker is stopped; there is no such limit in this process.
    """

    jobs: int
    min_items: int = MIN_ITEMS_FOR_POOL
    timeout_s: float = DEFAULT_TIMEOUT_S


def default_jobs() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def map_items(
    function: Callable[[Item], Value],
    items: Sequence[Item],
    settings: PoolSettings,
    *,
    cost: Callable[[Item], int] | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Generator[Outcome[Value], None, None]:
    """Yield one outcome for each item, in any order; closing the generator stops the workers.

    Args:
        function: a module-level function (or a `partial` of one) without side effects; an exception
            from it becomes the item's problem.
        items: what to map over; they travel to the workers by pickle.
        settings: how many workers, and their limits.
        cost: relative cost of an item, such as the bytes of a file, to cut even chunks.
        on_progress: called in this process with (items done, items in all).
    """
    if settings.jobs <= 1 or len(items) < settings.min_items:
        outcomes = _inline(function, items, range(len(items)))
    else:
        outcomes = _Pool(function, items, settings, deque(_chunks(items, settings, cost))).run()
    done = 0
    try:
        for outcome in outcomes:
            done += 1
            if on_progress is not None:
                on_progress(done, len(items))
            yield outcome
    finally:
        outcomes.close()


def _inline(
    function: Callable[[Item], Value], items: Sequence[Item], indexes: Sequence[int]
) -> Generator[Outcome[Value], None, None]:
    for index in indexes:
        yield _call(function, index, items[index])


def _call(function: Callable[[Item], Value], index: int, item: Item) -> Outcome[Value]:
    try:
        return Outcome(index, function(item))
    except Exception as error:  # noqa: BLE001 - the border: one bad file must not end the run
        return Outcome(index, None, f"{type(error).__name__}: {error}".splitlines()[0])


def _chunks(
    items: Sequence[Item], settings: PoolSettings, cost: Callable[[Item], int] | None
) -> list[tuple[int, ...]]:
    """Indexes in chunks of about the same cost, the dearest first so that the end is even."""
    costs = [1 if cost is None else 1 + cost(item) for item in items]
    limit = sum(costs) / (settings.jobs * CHUNKS_PER_WORKER)
    chunks: list[tuple[int, list[int]]] = []
    total, chunk = 0, list[int]()
    for index, value in enumerate(costs):
        if chunk and (total + value > limit or len(chunk) >= MAX_ITEMS_PER_CHUNK):
            chunks.append((total, chunk))
            total, chunk = 0, []
        total += value
        chunk.append(index)
    if chunk:
        chunks.append((total, chunk))
    return [tuple(chunk) for _, chunk in sorted(chunks, key=lambda each: -each[0])]


@dataclass(slots=True)
class _Worker:
    """A process, the pipe to it, and the chunk it holds."""

    process: BaseProcess
    pipe: Connection
    chunk: tuple[int, ...] = ()
    deadline: float = 0.0

    def stop(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()


@dataclass(slots=True)
class _Pool(Generic[Item, Value]):
    function: Callable[[Item], Value]
    items: Sequence[Item]
    settings: PoolSettings
    pending: deque[tuple[int, ...]]
    retried: set[int] = field(default_factory=set[int])
    workers: list[_Worker] = field(default_factory=list[_Worker])
    context: ForkContext | SpawnContext = field(default_factory=lambda: _context())

    def run(self) -> Generator[Outcome[Value], None, None]:
        """Feed the workers until nothing is left."""
        try:
            while self.pending or self.workers:
                if not self._staff():
                    # No process can be started: go on without, more slowly.
                    while self.pending:
                        yield from _inline(self.function, self.items, self.pending.popleft())
                    return
                for worker in self._ready():
                    yield from self._collect(worker)
        finally:
            for worker in self.workers:
                worker.stop()

    def _staff(self) -> bool:
        """Give idle workers a chunk, start missing ones; False when there are none at all."""
        for worker in [each for each in self.workers if not each.chunk]:
            self._feed(worker)
        while self.pending and len(self.workers) < self.settings.jobs:
            try:
                self._feed(self._start())
            except OSError:
                break
        return bool(self.workers)

    def _start(self) -> _Worker:
        ours, theirs = self.context.Pipe()
        # A forked child inherits our ends of the pipes; it must close them, or no worker would see
        # the end of its pipe when this process is killed.
        inherited = [ours, *(worker.pipe for worker in self.workers)]
        forked = self.context.get_start_method() == "fork"
        arguments = (self.function, theirs, inherited if forked else [])
        process = self.context.Process(target=_serve, args=arguments, daemon=True)
        try:
            with no_interrupt():
                process.start()
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        worker = _Worker(process, ours)
        self.workers.append(worker)
        return worker

    def _feed(self, worker: _Worker) -> None:
        """Hand over the next chunk, or let the worker go."""
        if not self.pending:
            self.workers.remove(worker)
            worker.stop()
            return
        worker.chunk = self.pending.popleft()
        worker.deadline = time.monotonic() + self.settings.timeout_s
        try:
            worker.pipe.send([(index, self.items[index]) for index in worker.chunk])
        except (BrokenPipeError, ConnectionResetError):
            return  # It died while idle; its pipe reads as ended, which _collect handles.

    def _ready(self) -> list[_Worker]:
        """The workers that answered, died or ran past their time."""
        busy = {worker.pipe: worker for worker in self.workers}
        left = min(worker.deadline for worker in self.workers) - time.monotonic()
        ready = wait(list(busy), timeout=max(0.0, left))
        if ready:
            return [worker for pipe, worker in busy.items() if pipe in ready]
        now = time.monotonic()
        return [worker for worker in self.workers if worker.deadline <= now]

    def _collect(self, worker: _Worker) -> Generator[Outcome[Value], None, None]:
        chunk, worker.chunk = worker.chunk, ()
        if worker.pipe.poll():
            try:
                answer: list[Outcome[Value]] = worker.pipe.recv()
            except (EOFError, OSError):
                worker.process.join()
                reason = _death(worker.process.exitcode)
            else:
                yield from answer
                return
        else:
            reason = f"took longer than {self.settings.timeout_s:g} s"
        self.workers.remove(worker)
        worker.stop()
        if chunk[0] in self.retried:
            yield Outcome(chunk[0], None, reason)
        else:
            self.retried.update(chunk)
            self.pending.extend((index,) for index in chunk)


def _context() -> ForkContext | SpawnContext:
    """Forking is the cheapest start, and safe as long as no other thread may hold a lock."""
    if may_fork():
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


@contextmanager
def no_interrupt() -> Generator[None]:
    """Hold ctrl+c back, for a fork: in the middle of one it would print a trace and go on."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def may_fork() -> bool:
    """True where this process has one thread only, so that no lock can be held in a copy of it."""
    return sys.platform == "linux" and len(list(Path("/proc/self/task").iterdir())) == 1


def _serve(
    function: Callable[[Item], Value], pipe: Connection, inherited: Sequence[Connection]
) -> None:
    """The life of a worker: chunks in, outcomes out, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c is for the parent, which stops us
    die_with_parent()
    for other in inherited:
        other.close()
    while True:
        try:
            chunk: list[tuple[int, Item]] = pipe.recv()
        except (EOFError, OSError):
            return  # OSError: it ended in the middle of a chunk, by ctrl+c in the parent
        answer = [_call(function, index, item) for index, item in chunk]
        try:
            pipe.send(answer)
        except OSError:
            return


def die_with_parent() -> None:
    """Have the kernel end us when the parent is killed: a forked child shares its file locks."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _death(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        what = signal.strsignal(-exit_code) or "unknown"
        return f"the worker process died: {what} (signal {-exit_code})"
    return f"the worker process ended with exit code {exit_code}"
