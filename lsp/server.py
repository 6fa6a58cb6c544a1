"""The server: one client, its folders, and the features that answer it.

Text is kept by the session and not by the protocol library, whose documents also break lines where
no editor does (a form feed) and copy a whole file for every key.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lsprotocol import types
from lsprotocol.converters import get_converter
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCNotification
from pygls.uris import from_fs_path, to_fs_path

from graphdb.errors import CodexGraphError, NoIndexError
from lsp.answers import GivenUpError, reason_of
from lsp.convert import encoding_of
from lsp.documents import Edit, Place, opened
from lsp.progress import ClientProgress
from lsp.session import Question, Session, Workspace
from lsp.watching import watch

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from concurrent.futures import Future

    from lsp.indexing import Indexing
    from lsp.settings import Host
    from lsp.transport import Writer

T = TypeVar("T")

NAME = "codexgraph"
FEATURES = (
    "lifecycle",
    "definition",
    "references",
    "hover",
    "symbols",
    "hierarchy",
    "signature",
    "completion",
    "folding",
    "lens",
    "rename",
    "actions",
    "diagnostics",
    "requests",
    "writing",
)
"""Modules of `lsp.features`; each has `register(server)`."""

FIRST_ANSWERS_S = 1.0
"""How long the first questions to a graph that is there have the processor for themselves."""

_log = logging.getLogger(__name__)


class RequestFailedError(JsonRpcException):
    """A request that was understood and cannot be answered now; the message says why."""

    CODE = types.LSPErrorCodes.RequestFailed.value
    MESSAGE = "Request failed"


class GraphProtocol(LanguageServerProtocol):
    """The protocol with the document store and the capabilities that are ours."""

    session: Session
    at_hand: Mapping[str, Callable[[Any], object]]
    answered: object = None
    """The id of a request that was answered before this server was there."""
    _closing: Future[Any] | None = None

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(
        self, params: types.DidOpenTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Keep the text of a document that is opened."""
        item = params.text_document
        cast("GraphServer", self._server).adopt(item.uri)
        self.session.documents[item.uri] = opened(item.uri, item.version, item.text)
        yield from self._further(types.TEXT_DOCUMENT_DID_OPEN, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(
        self, params: types.DidChangeTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Apply edits; those of a document that was never opened are ignored."""
        uri, version = params.text_document.uri, params.text_document.version
        document = self.session.documents.get(uri)
        if document is not None:
            for change in params.content_changes:
                document = document.edited(_edit(change), version, self.session.encoding)
            self.session.documents[uri] = document
            if located := self.session.locate(uri):
                located[0].indexing.expect()
        yield from self._further(types.TEXT_DOCUMENT_DID_CHANGE, params)

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(
        self, params: types.DidCloseTextDocumentParams
    ) -> Generator[Any, Any, None]:
        """Forget the text of a document; the file on disk counts again."""
        uri = params.text_document.uri
        self.session.documents.pop(uri, None)
        if located := self.session.locate(uri):
            located[0].project.forget(located[1])
        yield from self._further(types.TEXT_DOCUMENT_DID_CLOSE, params)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(
        self, params: types.InitializeParams
    ) -> Generator[Any, Any, types.InitializeResult]:
        """Answer with the capabilities; refusing to rename is none, and would hide who can."""
        result = yield from super().lsp_initialize(params)
        result.capabilities.rename_provider = None
        self.session.encoding = encoding_of(result.capabilities.position_encoding)
        return result

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: object) -> Generator[Any, Any, None]:
        """Close the session."""
        library: Any = super()
        self._closing = None if self.msg_id is None else self._request_futures.get(self.msg_id)
        yield from library.lsp_shutdown(*args)

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: object) -> Generator[Any, Any, None]:
        """End, but not before a `shutdown` that came with it is answered."""
        library: Any = super()
        if self._closing is None or self._closing.done():
            yield from library.lsp_exit(*args)
        else:
            self._closing.add_done_callback(lambda _: self._end())

    def _end(self) -> None:
        """End after an answered shutdown, once the client has read all that was said."""
        if isinstance(self.writer, asyncio.BaseTransport):
            self.writer.close()  # which is the end of `converse`, and of the process
        else:
            self._handle_notification(types.EXIT, None)

    def handle_message(self, message: Any) -> None:
        """Answer at once what is in memory; anything else takes its way."""
        answer = self.at_hand.get(getattr(message, "method", ""))
        if answer is not None and not self._shutdown:
            with suppress(Exception):  # most are NotAtHandError; of others the long way tells
                self._send_response(message.id, answer(message.params))
                return
        super().handle_message(message)

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Read a message; a request that cannot be read is answered, not dropped."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "id" in data and "method" in data:
                self._send_response(data["id"], error=error.to_response_error())
                return JsonRPCNotification("$/unreadable", self.VERSION, None)
            raise

    def _send_response(
        self, msg_id: str | int, result: Any | None = None, error: Any | None = None
    ) -> None:
        if self.answered is None or msg_id != self.answered:
            super()._send_response(msg_id, result, error)
            return
        self.answered = None
        if error is not None:
            _log.error("a request that was answered fails: %s", error)

    def _further(self, method: str, params: object) -> Generator[Any, Any, None]:
        manager: Any = self.fm
        handler = manager.features.get(method)
        if handler is not None:
            yield handler, (params,), None


class GraphServer(LanguageServer):
    """A language server over the graphs of its client's folders."""

    def __init__(self, host: Host) -> None:
        super().__init__(  # pyright: ignore[reportUnknownMemberType] - its further arguments are untyped
            NAME, host.version, protocol_cls=GraphProtocol, converter_factory=get_converter
        )
        self.session = Session(host, self)
        cast("GraphProtocol", self.protocol).session = self.session
        self.at_hand: dict[str, Callable[[Any], object]] = {}
        cast("GraphProtocol", self.protocol).at_hand = self.at_hand
        self._tasks: set[asyncio.Task[Any]] = set()
        self._progress: dict[Indexing, ClientProgress] = {}
        self.on_index: list[Callable[[Workspace], None]] = []
        for name in FEATURES:
            import_module(f"lsp.features.{name}").register(self)

    # Messages

    def connect(self, writer: Writer) -> None:
        """Speak through a writer from now on."""
        self.protocol.set_writer(writer)

    def receive(self, body: bytes) -> None:
        """Handle the body of one message; one that cannot be handled is not the end."""
        try:
            message: Any = self.protocol.structure_message(json.loads(body))
            self.protocol.handle_message(message)
        except Exception as error:  # noqa: BLE001 - see above
            _log.exception("a message cannot be handled")
            self.report_server_error(error, JsonRpcException)

    def take_over(self, writer: Writer, bodies: Iterable[bytes], answered: object) -> None:
        """Handle messages that came before; the request with the id `answered` has its answer."""
        cast("GraphProtocol", self.protocol).answered = answered
        self.connect(writer)
        for body in bodies:
            self.receive(body)

    # Questions

    async def ask(self, uri: str, work: Callable[[Question], T]) -> T | None:
        """Answer a request about a file; an error that a person should see becomes the answer's."""
        try:
            return await self.session.ask(uri, work)
        except (CodexGraphError, GivenUpError) as error:
            raise self._failure_at(error, uri) from error

    async def ask_softly(self, uri: str, work: Callable[[Question], T]) -> T | None:
        """As `ask`, for what editors ask by themselves: no index yet is no answer, not an error."""
        try:
            return await self.session.ask(uri, work)
        except (NoIndexError, GivenUpError):
            return None
        except CodexGraphError as error:
            raise self._failure_at(error, uri) from error

    async def ask_each(self, work: Callable[[Question], T]) -> list[T]:
        """Answers about every repository that has an index; an error only when none has."""
        found: list[T] = []
        failure: Exception | None = None
        for workspace in list(self.session.workspaces.values()):
            try:
                found.append(await self.session.ask_about(workspace, "", work))
            except (CodexGraphError, GivenUpError) as error:
                failure = self.failure(error, workspace)
        if failure is not None and not found:
            raise failure
        return found

    def workspace_of(self, uri: str | None) -> Workspace:
        """The repository of a file or folder; the only one without. Raises RequestFailedError."""
        located = self.session.locate(uri) if uri else None
        if located:
            return located[0]
        served = list(self.session.workspaces.values())
        if len(served) == 1 and uri is None:
            return served[0]
        what = f"{uri} is in none of the folders" if uri else "several folders are open"
        raise RequestFailedError(f"{what}: name a file of the repository in `uri`")

    def _failure_at(self, error: Exception, uri: str) -> Exception:
        located = self.session.locate(uri)
        return self.failure(error, located[0] if located else None)

    def failure(self, error: Exception, workspace: Workspace | None) -> Exception:
        """What the client is told of an error: one that a person may see, with its reason."""
        if isinstance(error, GivenUpError):
            return JsonRpcException("cancelled", types.LSPErrorCodes.RequestCancelled.value)
        if not isinstance(error, CodexGraphError):
            return error
        state = workspace.indexing.state if workspace else None
        if isinstance(error, NoIndexError) and state and (state.is_running or state.error):
            return RequestFailedError(f"nothing to answer from yet: {state.line()}")
        return RequestFailedError(reason_of(error))

    # Folders

    def serve_folder(self, uri: str) -> None:
        """Serve a folder of the client, and begin to index it."""
        name = to_fs_path(uri)
        if not name:
            return
        try:
            workspace = self.session.add_folder(Path(name))
        except CodexGraphError as error:
            self.tell(types.MessageType.Error, reason_of(error))
            return
        if workspace is None:
            return
        indexing, settings = workspace.indexing, self.session.settings
        indexing.start(is_ready=False)
        if settings.index:
            indexing.request()
        if settings.index and settings.watch:
            workspace.watcher = asyncio.get_running_loop().create_task(_watch(workspace))
        spawn(self._share(workspace), self._tasks)
        spawn(self._warm(workspace), self._tasks)

    def adopt(self, uri: str) -> None:
        """Serve the repository of a file that was opened without any folder."""
        name = to_fs_path(uri) if uri.startswith("file:") else None
        if not name or self.session.has_folders or self.session.locate(uri):
            return
        folder = Path(name).parent
        places = (folder, *folder.parents)
        if any((place / ".git").exists() for place in places):
            self.serve_folder(from_fs_path(str(folder)) or "")

    async def _warm(self, workspace: Workspace) -> None:
        """Load the graph before somebody waits for it; the first run of the index comes after."""
        try:
            await self.session.ask_about(workspace, "", lambda question: question.answers.warm())
            if workspace.project.has_graph:
                await asyncio.sleep(FIRST_ANSWERS_S)
        except (CodexGraphError, GivenUpError):
            return
        finally:
            workspace.indexing.ready()

    async def _share(self, workspace: Workspace) -> None:
        """Answer other programs too, unless another process does it for this repository."""
        try:
            await workspace.daemon.start()
        except (CodexGraphError, OSError) as error:
            if workspace in self.session.workspaces.values():
                _log.error("%s is not served to others: %s", workspace.project.root, error)

    def tell(self, kind: types.MessageType, message: str) -> None:
        """Say something to the person."""
        self.window_show_message(types.ShowMessageParams(kind, f"codexgraph: {message}"))

    # Told by the indexing of a folder

    def index_changed(self, indexing: Indexing) -> None:
        """Show where a run is."""
        progress = self._progress.get(indexing)
        if progress is None:
            progress = self._progress[indexing] = ClientProgress(self, indexing)
        progress.changed()

    def index_ended(self, indexing: Indexing) -> None:
        """Have what was computed from the old graph computed again."""
        for workspace in self.session.workspaces.values():
            if workspace.indexing is indexing:
                for told in self.on_index:
                    told(workspace)
                spawn(self._share(workspace), self._tasks)
                spawn(self._warm(workspace), self._tasks)
        if indexing.state.error:
            self.tell(types.MessageType.Error, indexing.state.error)


async def _watch(workspace: Workspace) -> None:
    """Watch the files from when the first run begins, which sees what was changed before."""
    await workspace.indexing.until_ready()
    await watch(workspace.project.root, workspace.indexing.request)


def _edit(change: types.TextDocumentContentChangeEvent) -> Edit:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return Edit(change.text)
    start, end = change.range.start, change.range.end
    return Edit(change.text, Place(start.line, start.character), Place(end.line, end.character))


def spawn(coroutine: Any, tasks: set[asyncio.Task[Any]]) -> None:
    """Run a coroutine beside the rest, kept alive in `tasks`; a failure is logged."""
    task = asyncio.get_running_loop().create_task(coroutine)
    tasks.add(task)
    task.add_done_callback(partial(_ended, tasks))


def _ended(tasks: set[asyncio.Task[Any]], task: asyncio.Task[Any]) -> None:
    tasks.discard(task)
    if not task.cancelled() and (error := task.exception()):
        _log.error("%s", error, exc_info=error)
