"""`codexgraph bench lsp`: the language server beside others, in one run."""

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
    command(bench, "lsp", is_reading=False)(bench_lsp)


def bench_lsp(
    session: Session,
    repo: Annotated[
        Path | None, typer.Option("--repo", metavar="DIR", help="A repository in Python.")
    ] = None,
    against: Annotated[
        str, typer.Option("--against", help="Other servers: ty, pyright, jedi; by commas.")
    ] = "",
) -> int:
    """Measure the language server's answers, their cost and agreement, beside other servers.

    The others are installed with `pip install 'codexgraph[bench]'`; one that is not installed is
    skipped. All work on the same copy of the repository.
    """
    from benchmarks.lsp_latency import run

    target = (repo or Path.cwd()).resolve()
    if not target.is_dir():
        raise CodexGraphError(f"{target} is not a folder")
    result = run(target, [name.strip() for name in against.split(",") if name.strip()])
    session.emit([json.dumps(result)] if session.options.json else _lines(result))
    return 0


def _lines(result: dict[str, Any]) -> list[str]:
    metrics: dict[str, Any] = result["metrics"]
    width = max(len(name) for name in metrics)
    return [
        f"{result['suite']}: n={result['n']}, {result['seconds']:.1f} s",
        *(f"  {name.ljust(width)}  {value}" for name, value in metrics.items()),
        *(f"skipped: {line}" for line in result["skipped"]),
    ]
