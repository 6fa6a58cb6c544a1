"""One call over HTTP: the events of its stream, each as it comes, until a time is up.

A thread reads the wire and another waits for it. Time-outs of sockets bound a single read, and a
server that says "still here" every second would never be late; nor can a look-up of a name, or an
answer's head that drips, be bounded in any other way.
"""

from __future__ import annotations

import json
import threading
from contextlib import closing
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from agent.models.failures import (
    CallFailedError,
    Failure,
    FailureKind,
    failure_in,
    failure_of,
)
from agent.models.values import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from openai import OpenAI, Stream

_CONNECT_S = 10.0
_END: Final = object()


def events(source: Callable[[], Generator[object]], seconds: float) -> Generator[object]:
    """What a source gives, within a time. Closing the generator ends the source at its next event.

    Raises:
        CallFailedError: the source failed, or the time was up.
    """
    arrived: SimpleQueue[object] = SimpleQueue()
    is_unwanted = threading.Event()

    def pump() -> None:
        try:
            with closing(source()) as arriving:
                for event in arriving:
                    arrived.put(event)
                    if is_unwanted.is_set():
                        return
            arrived.put(_END)
        except Exception as error:  # noqa: BLE001 - whatever reading the wire raises is the finding
            arrived.put(failure_of(error))

    threading.Thread(target=pump, name="model reply", daemon=True).start()
    deadline = monotonic() + seconds
    try:
        while True:
            try:
                event = arrived.get(timeout=max(0.0, deadline - monotonic()))
            except Empty:
                raise CallFailedError(Failure(FailureKind.TIMEOUT)) from None
            if event is _END:
                return
            if isinstance(event, Failure):
                raise CallFailedError(event)
            yield event
    finally:
        is_unwanted.set()


def call(client: OpenAI, path: str, body: dict[str, Any], seconds: float) -> Generator[object]:
    """The events of one call, as JSON values. Raises whatever the client does."""
    from openai import APIConnectionError, APITimeoutError, Stream, Timeout

    stream = client.post(
        path,
        cast_to=object,
        body=body,
        stream=True,
        stream_cls=Stream[object],
        options={
            "timeout": Timeout(seconds, connect=min(seconds, _CONNECT_S)),
            # A prompt goes where it was sent to, and nowhere else.
            "follow_redirects": False,
        },
    )
    with stream:
        try:
            yield from _read(stream)
        except APITimeoutError:
            raise
        except APIConnectionError as error:
            # It was reached, and it is the reply that broke off.
            raise CallFailedError(Failure(FailureKind.BROKEN, str(error.__cause__))) from None


def _read(stream: Stream[object]) -> Generator[object]:
    kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise CallFailedError(Failure(FailureKind.FOREIGN, "it answers with a web page"))
    if kind == "application/json":
        yield _checked(json.loads(stream.response.read()))
        return
    for event in stream:
        yield _checked(event)


def _checked(event: object) -> object:
    """The client looks for errors in streams only, and not in all of their shapes."""
    if mapping(event).get("error"):
        raise CallFailedError(failure_in(event))
    return event
