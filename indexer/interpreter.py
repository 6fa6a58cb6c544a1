"""Room for recursion and no garbage collection, for as long as somebody needs it.

Both are settings of the whole process, so those who need them are counted: two threads that each
put back what they had found could leave the process without limits for good.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_RECURSION_LIMIT = 100_000
"""Chains of values are followed by recursion, as deep as the code read; frames are on the heap."""


class _Interpreter:
    """What the process had before the first asked, and how many still do."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._limit = 0
        self._was_enabled = True

    def enter(self) -> None:
        with self._lock:
            if not self._users:
                self._limit, self._was_enabled = sys.getrecursionlimit(), gc.isenabled()
                sys.setrecursionlimit(max(self._limit, _RECURSION_LIMIT))
                gc.disable()
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                sys.setrecursionlimit(self._limit)
                if self._was_enabled:
                    gc.enable()


_INTERPRETER = _Interpreter()


@contextmanager
def quiet_interpreter() -> Generator[None]:
    """No garbage collection while millions of acyclic tuples are made, and room for recursion."""
    _INTERPRETER.enter()
    try:
        yield
    finally:
        _INTERPRETER.leave()
