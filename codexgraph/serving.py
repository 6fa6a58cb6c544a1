"""Starts the long-running servers and gives them what they need of settings and commands."""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from io import FileIO
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING

from codexgraph import __version__
from codexgraph.ahead import Ahead
from codexgraph.wiring import store_settings
from graphdb.registry import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from codexgraph.config import Config
    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader
    from lsp.server import GraphServer
    from lsp.settings import Host, ProjectSettings
    from lsp.writing import Author

LAST_WORDS_S = 1.0
"""How long a thread that still answers may keep a process whose client has gone."""

_WORKER = "import codexgraph; from lsp.index_worker import main; raise SystemExit(main())"
_LOCAL = "127.0.0.1"


def run_lsp(*, verbose: bool, tcp: int | None, ws: int | None) -> int:
    """Serve one editor until it leaves."""
    # Thousands of objects are made that stay: no collection is of use until all are there.
    gc.disable()
    ahead = Ahead(_place_here)
    import asyncio  # now: the graph is being opened meanwhile
    import logging

    logging.basicConfig(stream=sys.stderr, level=logging.INFO if verbose else logging.ERROR)
    if not verbose:
        # It logs every refusal with its trace; the client is told the reason.
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
    servers: list[GraphServer] = []

    def load() -> GraphServer:
        servers.append(_server(ahead))
        return servers[0]

    try:
        if tcp is not None:
            load().start_tcp(_LOCAL, tcp)
        elif ws is not None:
            load().start_ws(_LOCAL, ws)
        else:
            asyncio.run(_converse(ahead, load))
    finally:
        for server in servers:
            server.session.abandon()
        _end_soon()
    return 0


def _server(ahead: Ahead) -> GraphServer:
    """Load the server, which takes a while."""
    from lsp.server import GraphServer

    server = GraphServer(host(ahead))
    gc.freeze()
    gc.enable()
    return server


async def _converse(ahead: Ahead, load: Callable[[], GraphServer]) -> None:
    from lsp.early import Early
    from lsp.transport import converse

    early = Early(ahead, load, host().has_author, __version__)
    try:
        await converse(early, *_protocol_streams())
        await early.settled()
    finally:
        _end_soon()  # the loop ends now, and waits for whatever still runs, which may be for ever


def _end_soon() -> None:
    watchdog = Timer(LAST_WORDS_S, os._exit, (0,))
    watchdog.daemon = True
    watchdog.start()


def run_serve(config: Config, say: Callable[[str], None]) -> int:
    """Serve one repository until the process is asked to end. Raises IndexLockedError."""
    import asyncio
    import logging

    from lsp.serve import serve

    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    asyncio.run(serve(_project_settings(config, open_reader), host().worker, say))
    return 0


def _protocol_streams() -> tuple[FileIO, FileIO]:
    """The protocol's own ends of stdin and stdout; whatever else is printed goes to stderr."""
    streams = FileIO(os.dup(0)), FileIO(os.dup(1), "w")
    os.dup2(2, 1)
    return streams


def host(ahead: Ahead | None = None) -> Host:
    """What a server needs of this program."""
    from lsp.settings import Host

    take = ahead.take if ahead else open_reader

    def settings_of(folder: Path) -> ProjectSettings:
        """The repository around a folder and its settings. Raises ConfigError."""
        return _project_settings(_config_of(folder), take)

    # -P: a `codexgraph` folder of the user's own is not imported.
    worker = (sys.executable, "-P", "-c", _WORKER)
    return Host(settings_of, worker, __version__, _author_of)


def _author_of(folder: Path) -> Author | None:
    from codexgraph.wiring_editor import author_of

    return author_of(_config_of(folder))


def _place_here() -> tuple[Path, StoreSettings]:
    """The repository around the working folder, and where its graph is."""
    config = _config_of(Path.cwd())
    return config.root, store_settings(config)


def _config_of(folder: Path) -> Config:
    from codexgraph.config import find_root, load_config

    return load_config(find_root(folder))


def _project_settings(
    config: Config, take: Callable[[StoreSettings], GraphReader]
) -> ProjectSettings:
    from codexgraph.wiring import index_request
    from lsp.settings import ProjectSettings

    request = index_request(config, full=False)
    opener = partial(take, request.settings)
    return ProjectSettings(request, opener, config.query_timeout_s, config.query_max_rows)
