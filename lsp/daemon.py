"""A repository's graph for every program of this user: a socket, a token, read-only questions.

Who serves is settled by a lock that ends with its process, so that a dead server is replaced by the
next one that starts. A line is one JSON-RPC message; each request carries the token, which only
this user can read.
"""

from __future__ import annotations

import asyncio
import fcntl
import hmac
import json
import os
import secrets
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError, StoreError
from graphdb.symbols import to_json
from lsp.answers import reason_of
from lsp.daemon_methods import METHODS
from lsp.remote import ADDRESS_FILE

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from concurrent.futures import Executor

    from lsp.indexing import Indexing
    from lsp.project import Project

LOCK_FILE = "serve.lock"
MAX_LINE = 1 << 26
_OWN = ("status", "index")


class ServerLease:
    """The right to serve an index folder."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the right back."""
        os.close(self._descriptor)


def claim(index_dir: Path) -> ServerLease | None:
    """Take the right to serve an index folder; None when a living process has it.

    Raises StoreError for a folder that cannot be written.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(index_dir / LOCK_FILE, flags, 0o600)
    except OSError as error:
        raise StoreError(f"{index_dir} cannot be written: {error.strerror}") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return ServerLease(descriptor)


class Daemon:
    """Answers other programs from one project; belongs to the event loop."""

    def __init__(self, project: Project, indexing: Indexing, pool: Executor) -> None:
        self._project = project
        self._indexing = indexing
        self._pool = pool
        self._token = secrets.token_hex(16)
        self._lease: ServerLease | None = None
        self._server: asyncio.Server | None = None
        self._file = project.settings.request.settings.index_dir / ADDRESS_FILE
        self.socket = _socket_path(self._file.parent)

    async def start(self) -> bool:
        """Listen, unless we do; False when another process serves this index, or we are closed."""
        if self._lease is not None:
            return True
        lease = claim(self._file.parent)
        if lease is None:
            return False
        self._lease = lease
        self.socket.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(
            self._converse, str(self.socket), limit=MAX_LINE
        )
        if self._lease is not lease:  # closed meanwhile, with all but this
            self._server.close()
            return False
        self.socket.chmod(0o600)
        self._publish()
        return True

    def _publish(self) -> None:
        """Write where we are, readable by this user only, whole or not at all."""
        address = {"socket": str(self.socket), "token": self._token, "pid": os.getpid()}
        temporary = self._file.with_suffix(f".{os.getpid()}.tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            json.dump(address, file)
        temporary.replace(self._file)

    def close(self) -> None:
        """Stop listening, and leave nothing behind; may be called twice, and without a loop."""
        if self._server is not None and self._server.get_loop().is_running():
            self._server.close()
        lease, self._lease = self._lease, None
        if lease is not None:
            self.socket.unlink(missing_ok=True)
            self._file.unlink(missing_ok=True)
            lease.release()

    async def _converse(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(await self._answer(line), default=str).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):
            return
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> dict[str, Any]:
        number: Any = None
        try:
            message: dict[str, Any] = json.loads(line)
            number = message.get("id")
            if not hmac.compare_digest(str(message.get("token")), self._token):
                return _failure(number, "PermissionError", "the token is not that of serve.json")
            params: dict[str, Any] = message.get("params") or {}
            result = await self._result(str(message.get("method")), params)
        except CodexGraphError as error:
            return _failure(number, type(error).__name__, reason_of(error))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return _failure(number, "CodexGraphError", f"not a request: {error}")
        return {"jsonrpc": "2.0", "id": number, "result": result}

    async def _result(self, method: str, params: dict[str, Any]) -> Any:
        if method == "index":
            self._indexing.request(is_full=bool(params.get("full")))
            await self._indexing.settled()
        if method in _OWN:
            state = self._indexing.state
            pending = sorted(state.pending)
            return {"text": state.line(), "is_running": state.is_running, "pending": pending}
        work = METHODS.get(method)
        if work is None:
            known = ", ".join((*_OWN, *METHODS))
            raise CodexGraphError(f"no method {method!r}: known are {known}")

        def ask() -> Any:
            return to_json(work(self._project.reader(), params))

        return await asyncio.get_running_loop().run_in_executor(self._pool, ask)


def _failure(number: Any, kind: str, message: str) -> dict[str, Any]:
    error = {"code": -32000, "message": message, "data": {"kind": kind}}
    return {"jsonrpc": "2.0", "id": number, "error": error}


def _socket_path(index_dir: Path) -> Path:
    """A short path, which sockets need, in a folder of this user only. Raises StoreError."""
    base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    folder = Path(base) / f"codexgraph-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    if status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise StoreError(f"{folder} is open to others: remove it or set XDG_RUNTIME_DIR")
    name = blake2b(str(index_dir).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    return folder / f"{name}.sock"
