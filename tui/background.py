"""Runs what may take a while in threads, so that typing never waits.

The threads are daemons: a query that has not ended when the application does is left behind, where
a pool would keep the process until its time limit.
"""

from __future__ import annotations

import asyncio
from threading import Thread
from typing import TYPE_CHECKING, TypeVar

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


async def in_thread(function: Callable[[], T]) -> T:
    """What a function returns or raises; cancelling leaves the thread to itself."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(result: T | None, error: Exception | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type] # T may be None itself

    def run() -> None:
        result, failure = None, None
        try:
            result = function()
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            failure = error
        if not loop.is_closed():
            loop.call_soon_threadsafe(finish, result, failure)

    Thread(target=run, daemon=True).start()
    return await future


def error_line(error: Exception) -> str:
    """What a person is told of a failure: our own words, or the name of what was not foreseen."""
    if isinstance(error, CodexGraphError):
        return str(error)
    return f"unexpected {type(error).__name__}: {error}"
