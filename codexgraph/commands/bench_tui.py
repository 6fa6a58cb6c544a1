"""`codexgraph bench tui`: what the terminal application costs, in one run."""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError


def register(bench: typer.Typer) -> None:
    """Add the command to the group of measurements."""
    command(bench, "tui", is_reading=False)(bench_tui)


def bench_tui(
    session: Session,
    repo: Annotated[
        Path | None, typer.Option("--repo", metavar="DIR", help="An indexed repository.")
    ] = None,
) -> int:
    """Measure the terminal application on an index: start, picker, grid, streaming, memory.

    Exit code 1 when a figure is above its limit.
    """
    from codexgraph.wiring_tui import measure_tui

    session.path = repo
    session.reader.meta()
    figures = measure_tui(session.config)
    if session.options.json:
        session.emit([json.dumps({"suite": "tui", "figures": figures})])
    else:
        session.emit(_lines(figures))
    limited = [figure for figure in figures if figure["limit"] is not None]
    return 1 if any(figure["value"] > figure["limit"] for figure in limited) else 0


def _lines(figures: list[dict[str, Any]]) -> list[str]:
    if not figures:
        raise CodexGraphError("nothing was measured")
    width = max(len(figure["name"]) for figure in figures)
    return [
        f"{f['name'].ljust(width)}  {f['value']:.2f} {f['unit']}"
        + (f"  (limit {f['limit']:g})" if f["limit"] is not None else "")
        for f in figures
    ]
