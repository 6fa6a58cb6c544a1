"""`lsp` and `serve`: the language server, and the graph for other programs of this user."""

# Typer reads annotations when the program runs, so they are not postponed here.
from typing import Annotated

import typer

from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError

PortOption = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Listen on this port of this machine.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "lsp", is_reading=False)(lsp)
    command(app, "serve", is_reading=False)(serve)


def lsp(
    session: Session,
    stdio: Annotated[bool, typer.Option("--stdio", help="Talk over stdin and stdout.")] = False,
    tcp: PortOption = None,
    ws: PortOption = None,
) -> int:
    """Run the language server for one editor; over stdin and stdout by default."""
    if sum((stdio, tcp is not None, ws is not None)) > 1:
        raise CodexGraphError("--stdio, --tcp and --ws exclude each other: give one")
    from codexgraph.serving import run_lsp

    return run_lsp(verbose=session.options.verbose, tcp=tcp, ws=ws)


def serve(session: Session) -> int:
    """Keep the index up to date and answer other programs from memory, until interrupted."""
    from codexgraph.serving import run_serve

    return run_serve(session.config, session.say)
