"""`codexgraph bench likelihood`: does context make the next line more likely to a local model?"""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph import rendering
from codexgraph.options import command
from codexgraph.session import Session


def register(bench: typer.Typer) -> None:
    """Add the command to the group of measurements."""
    command(bench, "likelihood", is_reading=False)(bench_likelihood)


def bench_likelihood(
    session: Session,
    data: Annotated[Path, typer.Option("--data", help="Points, as bench generate writes them.")],
    repos: Annotated[Path, typer.Option("--repos", help="Folder of git directories.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of rows and figures.")],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many points.")
    ] = None,
    context_tokens: Annotated[
        int, typer.Option("--context-tokens", min=16, help="Of each context, at most.")
    ] = 512,
) -> int:
    """Compare no, BM25 and graph context of equal length by the log-likelihood of the gold line.

    The model is the local one that is set (model.path). The change is the mean per token over
    records, in natural logarithms, with a paired bootstrap interval of 95 %.
    """
    from codexgraph.wiring_generation import bench_likelihood as run

    settings = {"data": data, "repos": repos, "out": out, "limit": limit}
    say = session.say if session.options.verbose else _ignore
    found = run({**settings, "context_tokens": context_tokens}, session.config, say)
    for reason, count in found["left_out"].items():
        session.say(f"left out: {count} x {reason}")
    session.emit([json.dumps(found)] if session.options.json else _lines(found))
    return 0 if found["n"] else 1


def _ignore(_: str) -> None:
    """Nobody wants to know."""


def _lines(found: dict[str, Any]) -> list[str]:
    head = f"{found['model']} on {found['data']}: n={found['n']}, {found['seconds']} s"
    rows: list[list[str]] = [["", "change a token", "95 % interval", "likelier"]]
    for name, row in found["changes"].items():
        interval = f"{row['low']:+.4f} to {row['high']:+.4f}"
        rows.append([name, f"{row['change']:+.4f}", interval, f"{row['wins']} of {row['n']}"])
    return [head, *rendering.columns(rows)]
