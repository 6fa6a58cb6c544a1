"""`codexgraph.write`: a language model writes, and what passes its checks is proposed as an edit.

The command returns at once, because editors wait for commands and a model takes its time; progress,
edits and messages come by themselves. Nothing is written to disk: the editor shows the change.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from lsprotocol import types

from graphdb.errors import CodexGraphError
from lsp.answers import reason_of
from lsp.convert import workspace_edit
from lsp.features.requests import plain
from lsp.server import RequestFailedError, spawn
from lsp.writing import NO_MODEL, WRITE, Wanted, heed, texts_of

if TYPE_CHECKING:
    from concurrent.futures import Future
    from threading import Event

    from agent.draft import Edit
    from agent.task import Outcome
    from graphdb.symbols import Symbol
    from lsp.server import GraphServer
    from lsp.session import Question, Workspace
    from lsp.writing import Author

EXPLAIN = "explain"
EXPLANATION_FILE = "explanation.md"
MAX_REASON = 300
ABOUT_SYMBOLS = {
    "test": "Generate tests for",
    "comment": "Write docstring for",
    EXPLAIN: "Explain",
}
CLASS = "class"


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    tasks: set[asyncio.Task[Any]] = set()

    @server.command(WRITE)
    async def write(*arguments: Any) -> None:
        """One object: `job` and `uri`, with `uid` of a symbol or `text` that describes a class."""
        asked = plain(arguments[0]) if arguments else {}
        uri = str(asked.get("uri"))
        workspace = server.workspace_of(uri)
        if workspace.author is None:
            raise RequestFailedError(NO_MODEL)
        job = await server.ask(uri, partial(_job, asked))
        if job is not None:
            spawn(_Writing(server, workspace, workspace.author, job).run(), tasks)


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be written, and how a person is told of it."""

    title: str
    wanted: Wanted
    is_told: bool


def _job(asked: dict[str, Any], question: Question) -> _Job:
    name, answers = str(asked.get("job")), question.answers
    texts = texts_of(dict(answers.documents))
    if name == CLASS:
        text = str(asked.get("text") or "")
        return _Job("class", Wanted(CLASS, text, question.path, texts), is_told=False)
    if name not in ABOUT_SYMBOLS:
        raise RequestFailedError(f"`job` must be one of {', '.join((*ABOUT_SYMBOLS, CLASS))}")
    symbol = answers.by_uid(str(asked.get("uid")))
    if symbol is None or symbol.file_path is None:
        raise RequestFailedError("`uid` names nothing that is indexed")
    if symbol.file_path in answers.live_files():
        raise RequestFailedError(f"save {symbol.file_path} first: it is not as it was indexed")
    title = f"{ABOUT_SYMBOLS[name]} {symbol.name}"
    place = f"{symbol.file_path}:{symbol.name_line or symbol.start_line or 1}"
    if name == EXPLAIN:
        return _Job(title, Wanted("ask", _question(symbol, place), texts=texts), is_told=True)
    return _Job(title, Wanted(name, place, texts=texts), is_told=False)


def _question(symbol: Symbol, place: str) -> str:
    return f"Explain {symbol.full_name} ({place}): what it does, and how it is used."


class _Writing:
    """One job, from its first sign of life to the editor's answer."""

    def __init__(
        self, server: GraphServer, workspace: Workspace, author: Author, job: _Job
    ) -> None:
        self._server = server
        self._workspace = workspace
        self._author = author
        self._job = job
        self._token: str | None = None
        self._loop = asyncio.get_running_loop()

    async def run(self) -> None:
        """Write, and tell what came of it."""
        await self._begin(asyncio.current_task())
        said = "done"
        try:
            outcome = await self._server.session.run(self._write)
            said = await self._tell(outcome)
        except CodexGraphError as error:
            said = self._say(types.MessageType.Error, reason_of(error))
        except asyncio.CancelledError:
            said = "cancelled"
        finally:
            self._end(said)

    def _write(self, given_up: Event) -> Outcome:
        from agent.events import PhaseBegan

        def observe(event: Any) -> None:
            heed(given_up, event)
            if isinstance(event, PhaseBegan):
                self._loop.call_soon_threadsafe(self._report, f"{event.phase}, round {event.round}")

        return self._author.write(self._workspace.project.reader(), self._job.wanted, observe)

    # What a person is told

    async def _tell(self, outcome: Outcome) -> str:
        draft = outcome.draft
        if draft is None or not outcome.is_passed:
            reason = " ".join(outcome.detail.split())[:MAX_REASON]
            return self._say(
                types.MessageType.Warning, f"nothing was written ({outcome.why}): {reason}"
            )
        if self._job.is_told:
            await self._show(draft.text)
            return "done"
        return await self._apply(draft.edits)

    async def _apply(self, edits: tuple[Edit, ...]) -> str:
        changed = await self._server.session.run(lambda _: self._changed(edits))
        if changed:
            return self._say(
                types.MessageType.Warning, f"nothing was written: {changed} has changed meanwhile"
            )
        project, session = self._workspace.project, self._server.session
        documents = session.documents_of(self._workspace)

        def uri_of(path: str) -> str:
            document = documents.get(path)
            return document.uri if document else project.uri(path)

        edit = workspace_edit(edits, uri_of, self._server.client_capabilities, session.encoding)
        params = types.ApplyWorkspaceEditParams(edit, f"codexgraph: {self._job.title}")
        result: Any = await self._server.workspace_apply_edit_async(params)
        if not result or not result.applied:
            reason = (result and result.failure_reason) or "the editor does not say why"
            return self._say(types.MessageType.Warning, f"the edit was not applied: {reason}")
        return "done"

    def _changed(self, edits: tuple[Edit, ...]) -> str | None:
        """A file that is no longer what the draft was written for."""
        from agent.tools.texts import repository_files

        documents = self._server.session.documents_of(self._workspace)
        texts = texts_of(documents)
        on_disk = repository_files(self._workspace.project.root)
        for edit in edits:
            now = texts[edit.path] if edit.path in texts else on_disk(edit.path)
            if now != edit.before:
                return edit.path
        return None

    async def _show(self, text: str) -> None:
        window = self._server.client_capabilities.window
        if not (window and window.show_document and window.show_document.support):
            self._say(types.MessageType.Info, text)
            return
        folder = self._workspace.project.settings.request.settings.index_dir
        file = folder / EXPLANATION_FILE
        await asyncio.to_thread(file.write_text, f"# {self._job.title}\n\n{text}\n", "utf-8")
        await self._server.window_show_document_async(types.ShowDocumentParams(file.as_uri()))

    def _say(self, kind: types.MessageType, text: str) -> str:
        self._server.tell(kind, f"{self._job.title}: {text}")
        return text

    # The client's own display, with its button to cancel

    async def _begin(self, running: asyncio.Task[Any] | None) -> None:
        window = self._server.client_capabilities.window
        if not (window and window.work_done_progress):
            return
        token = f"codexgraph-{uuid4().hex}"
        progress: Any = self._server.work_done_progress
        await progress.create_async(token)
        cancelled: Future[None] = progress.tokens[token]
        cancelled.add_done_callback(lambda _: running.cancel() if running else None)
        self._token = token
        title = f"codexgraph: {self._job.title}"
        progress.begin(token, types.WorkDoneProgressBegin(title, cancellable=True))

    def _report(self, message: str) -> None:
        if self._token is not None:
            report = types.WorkDoneProgressReport(message=message)
            self._server.work_done_progress.report(self._token, report)

    def _end(self, said: str) -> None:
        token, self._token = self._token, None
        if token is not None:
            progress: Any = self._server.work_done_progress
            progress.end(token, types.WorkDoneProgressEnd(message=said[:MAX_REASON]))
            with suppress(KeyError):
                del progress.tokens[token]
