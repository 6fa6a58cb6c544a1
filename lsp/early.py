"""The first answers to an editor, given while the protocol library is still to be loaded.

To load it, and to open the graph, takes most of the time from the start of a server to its first
answer, and the first question is mostly where a name is defined, which a glance at the index can
say. The server is told all that was said before it was there, and answers what was not answered.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol
from urllib.parse import quote

from pygls.uris import from_fs_path, to_fs_path

from graphdb.queries.mentions import mentions_at, named_at
from lsp.documents import Document, opened, wide_lines
from lsp.greeting import agreed_encoding, folder_uris, server_capabilities
from lsp.names import Denoted, denoted
from lsp.positions import Positions
from lsp.text import Encoding
from lsp.transport import framed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphdb.symbols import Symbol
    from indexer.glance import Glance
    from lsp.positions import Spot
    from lsp.transport import Writer

QUIET_S = 0.3
"""How long nobody must ask before the server is loaded: loading and answering slow each other."""

_log = logging.getLogger(__name__)


class Told(Protocol):
    """A server that can be told what it missed."""

    def take_over(self, writer: Writer, bodies: Sequence[bytes], answered: object) -> None:
        """Handle messages that came before; the request with the id `answered` has its answer."""
        ...

    def receive(self, body: bytes) -> None:
        """Take the body of one message."""
        ...


class FirstIndex(Protocol):
    """The index of the folder that the server was started in."""

    def is_there(self) -> bool:
        """True when there is one; known at once."""
        ...

    def glance(self) -> tuple[Path, Glance] | None:
        """The root of its repository and the places of it; None when they cannot be told."""
        ...


class Early:
    """Speaks to a client, until the server is loaded for itself and from then on through it.

    Belongs to the event loop. index: see `FirstIndex`. load: makes the server; called in another
    thread. has_author: True for a folder where a language model is set. version: what the server
    says of itself.
    """

    _writer: Writer

    def __init__(
        self,
        index: FirstIndex,
        load: Callable[[], Told],
        has_author: Callable[[Path], bool],
        version: str,
    ) -> None:
        self._index = index
        self._make = load
        self._has_author = has_author
        self._version = version
        self._server: Told | None = None
        self._loading: asyncio.Task[None] | None = None
        self._waiting: list[bytes] = []
        self._greeted: object = None
        self._encoding = Encoding.UTF16
        self._folder: str | None = None
        self._documents: dict[str, Document] = {}
        self._asked: set[asyncio.Task[None]] = set()
        self._is_left = False
        self._quiet: asyncio.Task[None] | None = None

    def connect(self, writer: Writer) -> None:
        """See `lsp.transport.Speaker`."""
        self._writer = writer

    def receive(self, body: bytes) -> None:
        """See `lsp.transport.Speaker`."""
        if self._server is not None:
            self._server.receive(body)
            return
        try:
            message = json.loads(body)
            handle = self._handlers.get(message["method"], Early._other)
            handle(self, message, body)
        except Exception:  # noqa: BLE001 - whatever is wrong with it, the server says so
            self._leave(body)

    async def settled(self) -> None:
        """Wait until what was asked is answered, or in the server's hands."""
        await asyncio.gather(*self._asked)
        if self._is_left and self._loading is not None:
            await self._loading

    # What a client may say

    def _initialize(self, message: dict[str, Any], body: bytes) -> None:
        params, number = message["params"], message["id"]
        if self._greeted is not None or not self._index.is_there():
            # Where nothing is indexed the first thing that a client waits for is the server itself.
            self._leave(body)
            return
        self._encoding = agreed_encoding(params["capabilities"])
        folders = opened_folders(params)
        self._folder = folders[0] if len(folders) == 1 else None
        has_author = any(self._has_author(Path(folder)) for folder in folders)
        capabilities = server_capabilities(self._encoding, has_author=has_author)
        info = {"name": "codexgraph", "version": self._version}
        result = {"capabilities": capabilities, "serverInfo": info}
        self._greeted = number
        self._waiting.append(body)
        self._answer(number, result)
        self._quiet = asyncio.create_task(self._load_when_quiet())

    def _opened(self, message: dict[str, Any], body: bytes) -> None:
        item = message["params"]["textDocument"]
        self._documents[item["uri"]] = opened(item["uri"], item["version"], item["text"])
        self._waiting.append(body)

    def _changed(self, message: dict[str, Any], body: bytes) -> None:
        """An edited or closed document is the server's business."""
        self._documents.pop(message["params"]["textDocument"]["uri"], None)
        self._waiting.append(body)

    def _definition(self, message: dict[str, Any], body: bytes) -> None:
        uri, at = message["params"]["textDocument"]["uri"], message["params"]["position"]
        asked = _Asked(uri, at["line"], at["character"], dict(self._documents), self._encoding)
        if self._folder is None:
            self._leave(body)
        else:
            task = asyncio.create_task(self._define(message["id"], asked, body))
            self._asked.add(task)
            task.add_done_callback(self._asked.discard)

    def _other(self, message: dict[str, Any], body: bytes) -> None:
        if "id" in message or message["method"] == "exit":
            self._leave(body)
        else:
            self._waiting.append(body)

    _handlers: ClassVar[dict[str, Callable[[Early, dict[str, Any], bytes], None]]] = {
        "initialize": _initialize,
        "textDocument/didOpen": _opened,
        "textDocument/didChange": _changed,
        "textDocument/didClose": _changed,
        "textDocument/definition": _definition,
    }

    # Answers

    async def _define(self, number: object, asked: _Asked, body: bytes) -> None:
        found = await asyncio.to_thread(self._definitions, asked)
        if found is None:
            self._leave(body)
        else:
            self._answer(number, found)
            self._load()

    def _definitions(self, asked: _Asked) -> list[dict[str, Any]] | None:
        """Where what is named at a position is defined; None where the server has to be asked."""
        known = self._index.glance()
        if known is None or str(known[0]) != self._folder:
            return None
        try:
            return _Definitions(*known, asked).all()
        except (ValueError, OSError):
            return None

    def _answer(self, number: object, result: object) -> None:
        answer = {"jsonrpc": "2.0", "id": number, "result": result}
        self._writer.write(framed(json.dumps(answer).encode()))

    # The server

    def _leave(self, body: bytes) -> None:
        """Have the server handle a message, now or as soon as it is there."""
        if self._server is not None:
            self._server.receive(body)
        else:
            self._is_left = True
            self._waiting.append(body)
            self._load()

    async def _load_when_quiet(self) -> None:
        await asyncio.sleep(QUIET_S)
        self._load()

    def _load(self) -> None:
        if self._loading is None:
            self._loading = asyncio.create_task(self._load_server())

    async def _load_server(self) -> None:
        try:
            server = await asyncio.to_thread(self._make)
        except Exception:  # noqa: BLE001 - a client would wait for ever
            _log.critical("the server cannot be loaded", exc_info=True)
            raise SystemExit(1) from None
        waiting, self._waiting, self._server = self._waiting, [], server
        server.take_over(self._writer, waiting, self._greeted)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A position in a document (0-based, in the client's units), and the documents of then."""

    uri: str
    line: int
    character: int
    documents: dict[str, Document]
    encoding: Encoding


def opened_folders(params: dict[str, Any]) -> list[str]:
    """The folders that a client opens, by the parameters of its `initialize`."""
    uris = [folder["uri"] for folder in params.get("workspaceFolders") or ()]
    uris = folder_uris(uris, params.get("rootUri"), params.get("rootPath"))
    names = [to_fs_path(uri) for uri in uris]
    return [name.rstrip("/") or "/" for name in names if name]


class _Definitions:
    """One question to an index, about documents that are as they were indexed."""

    def __init__(self, root: Path, glance: Glance, asked: _Asked) -> None:
        self._root = root
        self._asked = asked
        self._base = (from_fs_path(str(root / "_")) or "").removesuffix("_")
        self._documents = {
            path: document
            for uri, document in asked.documents.items()
            if (path := self._path(uri)) is not None
        }
        self._glance = glance
        self._positions = Positions(asked.encoding, self._lines)

    def all(self) -> list[dict[str, Any]] | None:
        path = self._path(self._asked.uri)
        if path is None or not self._is_as_indexed(path):
            return None
        place = self._positions.of_client(path, self._asked.line, self._asked.character)
        symbols = named_at(self._glance.content(path, place[0]), *place)
        if symbols:
            return self._locations(symbols)
        facts, content = self._glance.facts(path), self._glance.content(path)
        lines = self._documents[path].lines
        named = denoted(facts, content, lines, *place) if facts else Denoted()
        if named.local is not None:
            return [self._location(path, *self._positions.span(path, named.local))]
        implied = mentions_at(content, *place, are_implied=True)
        return self._locations(named.symbols or [mention.target for mention in implied])

    def _locations(self, symbols: Iterable[Symbol]) -> list[dict[str, Any]] | None:
        """Where symbols are defined; None where one is in a document that is being edited."""
        found: list[dict[str, Any]] = []
        for symbol in symbols:
            target = symbol.file_path
            if target is None:
                continue
            if target in self._documents and not self._is_as_indexed(target):
                return None
            location = self._location(target, *self._positions.name_span(symbol))
            found += [] if location in found else [location]
        return found

    def _path(self, uri: str) -> str | None:
        """The path below the root, which the client must spell as the graph does."""
        name = to_fs_path(uri) if uri.startswith("file:") else None
        base = f"{self._root}/"
        return name.removeprefix(base) if name and name.startswith(base) else None

    def _is_as_indexed(self, path: str) -> bool:
        document = self._documents.get(path)
        return document is not None and self._glance.content_hash(path) == document.content_hash

    def _location(self, path: str, *ends: Spot) -> dict[str, Any]:
        start, end = ({"line": line, "character": character} for line, character in ends)
        document = self._documents.get(path)
        uri = document.uri if document else self._base + quote(path)
        return {"uri": uri, "range": {"start": start, "end": end}}

    def _lines(self, path: str) -> Sequence[str]:
        document = self._documents.get(path)
        return document.lines if document else wide_lines((self._root / path).read_bytes())
