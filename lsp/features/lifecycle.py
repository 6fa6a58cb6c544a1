"""From `initialize` to the end: folders, settings, saves, and files that change on disk."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import to_fs_path

from indexer.languages import SUFFIXES
from lsp.features.inline import offer_suggestions
from lsp.greeting import folder_uris
from lsp.server import spawn
from lsp.settings import client_settings

if TYPE_CHECKING:
    from lsp.server import GraphServer

PARENT_CHECK_S = 1.0


def register(server: GraphServer) -> None:
    """Add the handlers of this module."""
    _register_life(server)
    _register_changes(server)


def _register_life(server: GraphServer) -> None:
    folders: list[str] = []
    tasks: set[asyncio.Task[Any]] = set()

    @server.feature(types.INITIALIZE)
    def initialize(params: types.InitializeParams) -> None:
        server.session.settings = client_settings(params.initialization_options)
        given = [folder.uri for folder in params.workspace_folders or []]
        folders.extend(folder_uris(given, params.root_uri, params.root_path))
        server.session.has_folders = bool(folders)
        names = filter(None, map(to_fs_path, folders))
        if any(server.session.host.has_author(Path(name)) for name in names):
            offer_suggestions(server)

    @server.feature(types.INITIALIZED)
    async def initialized(_: types.InitializedParams) -> None:
        for uri in folders:
            server.serve_folder(uri)
        if server.process_id:
            spawn(_end_with(server.process_id), tasks)
        await _watch_by_client(server)

    @server.feature(types.SHUTDOWN)
    async def shutdown(_: None = None) -> None:
        await server.session.close()


def _register_changes(server: GraphServer) -> None:
    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    async def folders_changed(params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            if name := to_fs_path(folder.uri):
                await server.session.remove_folder(Path(name))
        for folder in params.event.added:
            server.serve_folder(folder.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    def configured(params: types.DidChangeConfigurationParams) -> None:
        if params.settings:
            server.session.settings = client_settings(params.settings)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        _changed(server, params.text_document.uri)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            _changed(server, change.uri)


def _changed(server: GraphServer, uri: str) -> None:
    located = server.session.locate(uri)
    if located is not None and server.session.settings.index:
        workspace, path = located
        if path.endswith(tuple(SUFFIXES)):
            workspace.indexing.request(frozenset({path}))


async def _watch_by_client(server: GraphServer) -> None:
    """Have the client tell of files that change, where it can."""
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if not watching or not watching.dynamic_registration:
        return
    suffixes = ",".join(suffix.lstrip(".") for suffix in SUFFIXES)
    options = types.DidChangeWatchedFilesRegistrationOptions(
        watchers=[types.FileSystemWatcher(glob_pattern=f"**/*.{{{suffixes}}}")]
    )
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    registration = types.Registration("codexgraph-files", method, options)
    await server.client_register_capability_async(types.RegistrationParams([registration]))


async def _end_with(client: int) -> None:
    """End this process when its client is gone, even where somebody else holds our input open."""
    while True:
        await asyncio.sleep(PARENT_CHECK_S)
        try:
            os.kill(client, 0)
        except ProcessLookupError:
            os._exit(1)
        except OSError:
            return
