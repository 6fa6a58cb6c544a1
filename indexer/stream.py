"""A generator that runs in a process of its own, its items read here as they come.

For work that needs much memory for a while: the process gives it back by ending. It is forked, so
what the generator needs travels for free; where forking is not safe the generator runs in place.
"""

from __future__ import annotations

import os
import signal
from multiprocessing import Pipe
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from indexer.workers import die_with_parent, may_fork, no_interrupt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

_ITEM, _END, _ERROR = b"i", b"e", b"x"


class Stream:
    """Iterates over `produce()`, an iterator of bytes, which starts to run at once.

    Raises CodexGraphError when the process dies or the generator raises. `close` ends the process.
    """

    def __init__(self, produce: Callable[[], Iterator[bytes]], *, apart: bool) -> None:
        self._produce = produce
        self._pid = 0
        self._pipe: Connection | None = None
        if apart and may_fork():
            self._start()

    def __iter__(self) -> Iterator[bytes]:
        """The items, in order."""
        if self._pipe is None:
            yield from self._produce()
            return
        while True:
            try:
                message = self._pipe.recv_bytes()
            except EOFError:
                _, status = os.waitpid(self._pid, 0)
                self._pid = 0
                code = os.waitstatus_to_exitcode(status)
                raise CodexGraphError(
                    f"the linking process ended early (exit code {code}; -9 means out of memory): "
                    "free memory, or run with --jobs 1"
                ) from None
            if message[:1] == _END:
                return
            if message[:1] == _ERROR:
                raise CodexGraphError(message[1:].decode())
            yield message[1:]

    def close(self) -> None:
        """End the process, whether it is done or not."""
        if self._pipe is not None:
            self._pipe.close()
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0

    def _start(self) -> None:
        self._pipe, theirs = Pipe(duplex=False)
        with no_interrupt():
            self._pid = os.fork()
            if not self._pid:
                signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is the parent that stops us
        if self._pid:
            theirs.close()
            return
        code = 1
        try:
            die_with_parent()
            self._pipe.close()
            self._serve(theirs)
            code = 0
        finally:
            # No clean-up of the parent's may run twice.
            os._exit(code)

    def _serve(self, pipe: Connection) -> None:
        try:
            for item in self._produce():
                pipe.send_bytes(_ITEM + item)
        except Exception as error:  # noqa: BLE001 - the border: the parent raises it again
            pipe.send_bytes(_ERROR + f"{type(error).__name__}: {error}".encode())
        else:
            pipe.send_bytes(_END)
