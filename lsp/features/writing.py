"""`codexgraph.write`: a language model writes, and what passes its checks is proposed as an edit.

The command returns at once, because editors wait for commands and a model takes its time; progress,
edits and messages come by themselves. Nothing is written to disk: the editor shows the change.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from graphdb.errors import CodexGraphError
from lsp.answers import reason_of
from lsp.convert import workspace_edit
from lsp.features.requests import plain
from lsp.progress import Display
from lsp.server import RequestFailedError, spawn
from lsp.writing import NO_MODEL, WRITE, Wanted, heed, texts_of

if TYPE_CHECKING:
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
CLASS, ASK = "class", "ask"


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


def _job(asked: dict[str, Any], question: Question) -> _Job:
    name, answers = str(asked.get("job")), question.answers
    texts = texts_of(answers.documents)
    if name == CLASS:
        text = str(asked.get("text") or "")
        return _Job("class", Wanted(CLASS, text, question.path, texts))
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
        return _Job(title, Wanted(ASK, _question(symbol, place), texts=texts))
    return _Job(title, Wanted(name, place, texts=texts))


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
        self._display = Display(server)

    async def run(self) -> None:
        """Write, and tell what came of it."""
        running = asyncio.current_task()
        title = f"codexgraph: {self._job.title}"
        begin = types.WorkDoneProgressBegin(title, cancellable=True)
        await self._display.begin(begin, lambda: running and running.cancel())
        said = "done"
        try:
            work = partial(self._write, asyncio.get_running_loop())
            outcome = await self._server.session.run(work)
            said = await self._tell(outcome)
        except CodexGraphError as error:
            said = self._say(types.MessageType.Error, reason_of(error))
        except asyncio.CancelledError:
            said = "cancelled"
        finally:
            self._display.end(said[:MAX_REASON])

    def _write(self, loop: asyncio.AbstractEventLoop, given_up: Event) -> Outcome:
        from agent.events import PhaseBegan

        def observe(event: Any) -> None:
            heed(given_up, event)
            if isinstance(event, PhaseBegan):
                said = f"{event.phase}, round {event.round}"
                loop.call_soon_threadsafe(self._display.report, said)

        return self._author.write(self._workspace.project.reader(), self._job.wanted, observe)

    # What a person is told

    async def _tell(self, outcome: Outcome) -> str:
        draft = outcome.draft
        if draft is None or not outcome.is_passed:
            reason = " ".join(outcome.detail.split())[:MAX_REASON]
            return self._say(
                types.MessageType.Warning, f"nothing was written ({outcome.why}): {reason}"
            )
        if self._job.wanted.job == ASK:
            await self._show(draft.text)
            return "done"
        return await self._apply(draft.edits)

    async def _apply(self, edits: tuple[Edit, ...]) -> str:
        changed = await self._server.session.run(lambda _: self._changed(edits))
        if changed:
            return self._say(
                types.MessageType.Warning, f"nothing was written: {changed} has changed meanwhile"
            )
        session = self._server.session
        uri_of = session.uris_of(self._workspace, session.documents_of(self._workspace))
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
        now = repository_files(self._workspace.project.root, texts_of(documents))
        return next((edit.path for edit in edits if now(edit.path) != edit.before), None)

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
