"""A client's byte stream: messages in, messages out, on the event loop itself.

pygls hands every line of standard input from one thread to another, which costs more than most
answers do; here the loop waits for the pipe, and a message costs no thread and no task.
"""

from __future__ import annotations

import asyncio
import logging
import re
import stat
from os import fstat
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO

_LENGTH = re.compile(rb"(?:\A|\r\n)content-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
_log = logging.getLogger(__name__)


class Writer(Protocol):
    """The way to a client."""

    def write(self, data: bytes) -> None:
        """Send bytes; what the client does not read yet is kept."""
        ...

    def close(self) -> None:
        """Say no more."""
        ...


class Messages(asyncio.Protocol):
    """What a client says, cut into the bodies of messages.

    See the base protocol of the Language Server Protocol: a header, an empty line, a body of JSON
    of the length that the header gives. A header without one is skipped.
    """

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self.ended = asyncio.Event()
        self._receive = receive
        self._waiting = bytearray()

    def data_received(self, data: bytes) -> None:
        """Handle all messages that are whole by now."""
        self._waiting += data
        while (body := self._next()) is not None:
            self._receive(body)

    def _next(self) -> bytes | None:
        """Take the next body from what waits; None when it is not whole."""
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(self._waiting, 0, end + 2)
            begin = end + 4
            if length is None:
                del self._waiting[:begin]
                continue
            after = begin + int(length[1])
            if len(self._waiting) < after:
                return None
            body = bytes(self._waiting[begin:after])
            del self._waiting[:after]
            return body
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        _log.debug("the input has ended: %s", exc)
        self.ended.set()


class _Output(asyncio.BaseProtocol):
    """The way to the client, which ends the conversation where the client closes it."""

    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        _log.debug("nobody reads the output: %s", exc)
        self._ended.set()


class _FileWriter:
    """A plain file in place of a pipe: written at once."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    def write(self, data: bytes) -> None:
        while data:
            data = data[self._file.write(data) or 0 :]

    def close(self) -> None:
        self._file.close()


class Speaker(Protocol):
    """The server's side of a conversation."""

    def connect(self, writer: Writer) -> None:
        """Speak through a writer from now on."""
        ...

    def receive(self, body: bytes) -> None:
        """Take the body of one message, whatever is in it."""
        ...


async def converse(speaker: Speaker, source: FileIO, sink: FileIO) -> None:
    """Speak to a client until it leaves; both files are closed then.

    What the client does not read yet is kept in memory, so that nobody waits for it.
    """
    loop = asyncio.get_running_loop()
    messages = Messages(speaker.receive)
    writer: Any = _FileWriter(sink)
    if _is_stream(sink):
        writer, _ = await loop.connect_write_pipe(lambda: _Output(messages.ended), sink)
    speaker.connect(writer)
    if _is_stream(source):
        await loop.connect_read_pipe(lambda: messages, source)
        await messages.ended.wait()
    else:
        messages.data_received(await asyncio.to_thread(source.readall))


def framed(body: bytes) -> bytes:
    """A body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _is_stream(file: FileIO) -> bool:
    """True for what the loop can wait for; neither a file nor /dev/null is."""
    mode = fstat(file.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or file.isatty()
