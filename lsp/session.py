"""What a client has open: folders, documents and settings; belongs to the event loop.

A request is answered in a worker thread from the documents as they were when it came; when the
client withdraws it, the thread stops at its next query.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pygls.uris import to_fs_path

from lsp.answers import Answers, GivenUpError
from lsp.at_hand import AtHand, NotAtHandError
from lsp.convert import Converter
from lsp.daemon import Daemon
from lsp.indexing import Indexing, IndexState
from lsp.project import Project
from lsp.settings import ClientSettings
from lsp.text import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from lsp.documents import Document
    from lsp.indexing import Listener
    from lsp.settings import Host, ProjectSettings
    from lsp.writing import Author

T = TypeVar("T")

WORKERS = 4
_STACK_BYTES = 64 << 20
"""Linking follows chains of values by recursion; threads have a smaller stack than the process."""


@dataclass(slots=True)
class Workspace:
    """One repository that is served, to the editor and to other programs of its user."""

    project: Project
    indexing: Indexing
    daemon: Daemon
    author: Author | None = None
    watcher: asyncio.Task[None] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """All that the answer to one request is made from."""

    answers: Answers
    convert: Converter
    path: str
    document: Document | None
    index: IndexState
    settings: ClientSettings


class Session:
    """Folders, documents and the threads that answer."""

    def __init__(self, host: Host, listener: Listener) -> None:
        self.host = host
        self.settings = ClientSettings()
        self.encoding = Encoding.UTF16
        self.has_folders = False
        self.workspaces: dict[Path, Workspace] = {}
        self.documents: dict[str, Document] = {}
        self._listener = listener
        self._uris: dict[str, tuple[Path, str] | None] = {}
        threading.stack_size(_STACK_BYTES)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="answer")
        threading.stack_size(0)

    # Folders

    def add_folder(self, folder: Path) -> Workspace | None:
        """Serve the repository around a folder; None when it is served already.

        Raises CodexGraphError for settings that cannot be.
        """
        settings = self.host.settings_of(folder)
        if settings.root in self.workspaces:
            return None
        workspace = self._workspace(settings, _spelt(folder, settings.root))
        self.workspaces[settings.root] = workspace
        self._uris.clear()
        return workspace

    def _workspace(self, settings: ProjectSettings, folder: Path) -> Workspace:
        project, request = Project(settings, folder), settings.request
        indexing = Indexing(request, self.host.worker, self._listener, project.differs)
        daemon = Daemon(project, indexing, self._pool)
        return Workspace(project, indexing, daemon, self.host.author_of(settings.root))

    async def remove_folder(self, folder: Path) -> None:
        """Stop serving a repository."""
        root = self.host.settings_of(folder).root
        workspace = self.workspaces.pop(root, None)
        self._uris.clear()
        if workspace is not None:
            await close(workspace)

    def locate(self, uri: str) -> tuple[Workspace, str] | None:
        """The repository of a file and its path in it; None for a file of no repository."""
        if uri not in self._uris:
            self._uris[uri] = self._located(uri)
        known = self._uris[uri]
        if known is None or known[0] not in self.workspaces:
            return None
        return self.workspaces[known[0]], known[1]

    def _located(self, uri: str) -> tuple[Path, str] | None:
        name = to_fs_path(uri) if uri.startswith("file:") else None
        if not name:
            return None
        file = Path(name)
        for place in (file, file.parent.resolve() / file.name):
            roots = sorted(self.workspaces.items(), key=lambda item: -len(item[0].parts))
            for root, workspace in roots:
                for base in (workspace.project.folder, root):
                    if place.is_relative_to(base):
                        return root, place.relative_to(base).as_posix()
        return None

    # Questions

    def ask_at_hand(self, uri: str, work: Callable[[AtHand, Converter, str], T]) -> T:
        """Answer a request about a file at once. Raises NotAtHandError where that cannot be."""
        located = self.locate(uri)
        if located is None:
            raise NotAtHandError
        workspace, path = located
        documents = self.documents_of(workspace)
        at_hand = AtHand(workspace.project, documents)
        uri_of = self.uris_of(workspace, documents)
        return work(at_hand, Converter(self.encoding, at_hand.lines, uri_of), path)

    def uris_of(
        self, workspace: Workspace, documents: Mapping[str, Document]
    ) -> Callable[[str], str]:
        """What the client calls a file: as it opened it, else below the folder as it spells it."""

        def uri_of(path: str) -> str:
            document = documents.get(path)
            return document.uri if document else workspace.project.uri(path)

        return uri_of

    async def ask(self, uri: str, work: Callable[[Question], T]) -> T | None:
        """Answer a request about a file in a worker thread; None for a file of no repository.

        Raises what the graph raises.
        """
        located = self.locate(uri)
        if located is None:
            return None
        workspace, path = located
        return await self.ask_about(workspace, path, work)

    async def ask_about(self, workspace: Workspace, path: str, work: Callable[[Question], T]) -> T:
        """Answer a request about a repository in a worker thread. Raises what the graph raises."""
        project, documents = workspace.project, self.documents_of(workspace)
        state, settings, encoding = workspace.indexing.state, self.settings, self.encoding

        def lines_of(name: str) -> Sequence[str]:
            document = documents.get(name)
            return document.lines if document else project.lines(name)

        def answer(given_up: threading.Event) -> T:
            if self.workspaces.get(project.root) is not workspace:
                raise GivenUpError  # it is served no more, and its graph is closed
            answers = Answers(project, documents, given_up)
            convert = Converter(encoding, lines_of, self.uris_of(workspace, documents))
            return work(Question(answers, convert, path, documents.get(path), state, settings))

        return await self.run(answer)

    async def run(self, work: Callable[[threading.Event], T]) -> T:
        """Work in a thread; the event that it is given is set when nobody waits for it any more."""
        given_up = threading.Event()
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, partial(work, given_up))
        except asyncio.CancelledError:
            given_up.set()
            raise

    def documents_of(self, workspace: Workspace) -> dict[str, Document]:
        """The open documents of a repository, by path."""
        located = ((self.locate(uri), document) for uri, document in self.documents.items())
        return {place[1]: d for place, d in located if place and place[0] is workspace}

    async def close(self) -> None:
        """End all runs and watchers; threads end by themselves, and nothing is served any more."""
        served = list(self.workspaces.values())
        self.workspaces.clear()
        for workspace in served:
            await close(workspace)
        self.abandon()

    def abandon(self) -> None:
        """Leave nothing behind, also where the loop has ended with its client."""
        for workspace in self.workspaces.values():
            workspace.daemon.close()
            if workspace.author is not None:
                workspace.author.close()
        self._pool.shutdown(wait=False, cancel_futures=True)


async def close(workspace: Workspace) -> None:
    """Stop serving a repository."""
    if workspace.watcher is not None:
        workspace.watcher.cancel()
    workspace.daemon.close()
    await workspace.indexing.close()
    if workspace.author is not None:
        await asyncio.to_thread(workspace.author.close)
    workspace.project.close()


def _spelt(folder: Path, root: Path) -> Path:
    """The root as the client spells it: its folder, or the one above it that is the root."""
    for place in (folder, *folder.parents):
        if place.resolve() == root:
            return place
    return root
