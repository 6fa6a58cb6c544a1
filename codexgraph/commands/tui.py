"""`tui`: the terminal application."""

# Typer reads annotations when the program runs, so they are not postponed here.
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    command(app, "tui", is_reading=False)(tui)


def tui(
    session: Session,
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="The repository; this one by default.")
    ] = None,
) -> int:
    """Open the terminal application: ask, query and follow the graph, with or without a model."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise CodexGraphError(
            "the terminal application needs a terminal: codexgraph query, refs and callers do not"
        )
    if os.environ.get("TERM", "dumb") in ("dumb", "unknown"):
        raise CodexGraphError("TERM is dumb, which cannot show screens: set TERM to your terminal")
    if path is not None and not path.is_dir():
        raise CodexGraphError(f"{path} is not a folder")
    session.path = path
    from codexgraph.wiring_tui import run_tui

    return run_tui(session.config)
