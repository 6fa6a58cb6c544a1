"""A client's byte stream: messages in, messages out, on the event loop itself.

pygls hands every line of standard input from one thread to another, which costs more than most
answers do; here the loop waits for the pipe, and a message costs no thread and no task.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import stat
from typing import TYPE_CHECKING, Any, Protocol

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import FileIO

# More digits would be a gigabyte, for which nobody means to wait.
_LENGTH = re.compile(rb"(?:\A|\r\n)content-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_HEADER_BYTES = 4096
_log = logging.getLogger(__name__)


class NoMessageError(CodexGraphError):
    """A client sends what cannot be cut into messages, so that the next one is not found."""


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
    of the length that the header gives. A header without one is the end: nobody can tell where
    the next begins.
    """

    def __init__(self, receive: Callable[[bytes], None]) -> None:
        self.ended = asyncio.Event()
        self.failure: NoMessageError | None = None
        self._receive = receive
        self._waiting = bytearray()

    def data_received(self, data: bytes) -> None:
        """Handle all messages that are whole by now."""
        self._waiting += data
        try:
            while (body := self._next()) is not None:
                self._receive(body)
        except NoMessageError as error:
            self.failure = error
            self.ended.set()

    def _next(self) -> bytes | None:
        """Take the next body from what waits; None when it is not whole."""
        end = self._waiting.find(b"\r\n\r\n", 0, _HEADER_BYTES)
        if end < 0 and len(self._waiting) < _HEADER_BYTES:
            return None
        length = _LENGTH.search(self._waiting, 0, end + 2)
        if end < 0 or length is None:
            raise NoMessageError(
                "what the client sends is no message of the Language Server Protocol: no header "
                f"with a usable Content-Length in {bytes(self._waiting[:60])!r}"
            )
        begin = end + 4
        after = begin + int(length[1])
        if len(self._waiting) < after:
            return None
        body = bytes(self._waiting[begin:after])
        del self._waiting[:after]
        return body

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

    What the client does not read yet is kept in memory, so that nobody waits for it. Raises
    NoMessageError.
    """
    loop = asyncio.get_running_loop()
    messages = Messages(speaker.receive)
    writer: Any = _FileWriter(sink)
    is_one = _are_one_socket(source, sink)
    if is_one:
        # As a pipe, it would be taken for closed as soon as there is something to read.
        both = socket.socket(fileno=os.dup(source.fileno()))
        writer, _ = await loop.connect_accepted_socket(lambda: messages, both)
    elif _is_stream(sink):
        writer, _ = await loop.connect_write_pipe(lambda: _Output(messages.ended), sink)
    speaker.connect(writer)
    if not _is_stream(source):
        messages.data_received(await asyncio.to_thread(source.readall))
    else:
        if not is_one:
            await loop.connect_read_pipe(lambda: messages, source)
        await messages.ended.wait()
    if messages.failure is not None:
        raise messages.failure


def _are_one_socket(source: FileIO, sink: FileIO) -> bool:
    """True where both lead to one socket, as sshd and socat start a program."""
    state = os.fstat(source.fileno())
    return stat.S_ISSOCK(state.st_mode) and os.path.samestat(state, os.fstat(sink.fileno()))


def framed(body: bytes) -> bytes:
    """A body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _is_stream(file: FileIO) -> bool:
    """True for what the loop can wait for; neither a file nor /dev/null is."""
    mode = os.fstat(file.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or file.isatty()
