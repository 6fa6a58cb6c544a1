"""Starts the long-running servers and gives them what they need of settings and commands."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from io import BufferedReader, FileIO
from threading import Timer
from typing import TYPE_CHECKING, BinaryIO

from codexgraph import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from codexgraph.config import Config
    from lsp.settings import Host, ProjectSettings

LAST_WORDS_S = 1.0
"""How long a thread that still answers may keep a process whose client has gone."""

_WORKER = "import codexgraph; from lsp.index_worker import main; raise SystemExit(main())"
_LOCAL = "127.0.0.1"


def run_lsp(*, verbose: bool, tcp: int | None, ws: int | None) -> int:
    """Serve one editor until it leaves."""
    from lsp.server import GraphServer

    logging.basicConfig(stream=sys.stderr, level=logging.INFO if verbose else logging.ERROR)
    if not verbose:
        # It logs every refusal with its trace; the client is told the reason.
        logging.getLogger("pygls").setLevel(logging.CRITICAL)
    server = GraphServer(host())
    try:
        if tcp is not None:
            server.start_tcp(_LOCAL, tcp)
        elif ws is not None:
            server.start_ws(_LOCAL, ws)
        else:
            server.start_io(*_protocol_streams())
    finally:
        server.session.abandon()
        _end_soon()
    return 0


class _Input(BufferedReader):
    """Standard input, whose end is the end of this process.

    The loop ends with it and then waits for whatever still runs, which may take for ever.
    """

    def readline(self, size: int | None = -1) -> bytes:
        """A line; b"" at the end."""
        line = super().readline(size)
        if not line:
            _end_soon()
        return line


def _end_soon() -> None:
    watchdog = Timer(LAST_WORDS_S, os._exit, (0,))
    watchdog.daemon = True
    watchdog.start()


def run_serve(config: Config, say: Callable[[str], None]) -> int:
    """Serve one repository until the process is asked to end. Raises IndexLockedError."""
    from lsp.serve import serve

    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    asyncio.run(serve(_project_settings(config), host().worker, say))
    return 0


def _protocol_streams() -> tuple[BinaryIO, BinaryIO]:
    """The protocol's own ends of stdin and stdout; whatever else is printed goes to stderr."""
    streams = _Input(FileIO(os.dup(0))), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return streams


def host() -> Host:
    """What a server needs of this program."""
    from lsp.settings import Host

    # -P: a `codexgraph` folder of the user's own is not imported.
    worker = (sys.executable, "-P", "-c", _WORKER)
    return Host(settings_of=settings_of, worker=worker, version=__version__)


def settings_of(folder: Path) -> ProjectSettings:
    """The repository around a folder and its settings. Raises ConfigError."""
    from codexgraph.config import find_root, load_config

    return _project_settings(load_config(find_root(folder)))


def _project_settings(config: Config) -> ProjectSettings:
    from codexgraph.wiring import index_request
    from lsp.settings import ProjectSettings

    request = index_request(config, full=False)
    return ProjectSettings(request, config.query_timeout_s, config.query_max_rows)
