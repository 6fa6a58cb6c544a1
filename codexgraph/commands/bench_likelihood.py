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


def bench_likelihood(  # noqa: PLR0913 - one parameter an option
    session: Session,
    data: Annotated[Path, typer.Option("--data", help="Points, as bench generate writes them.")],
    repos: Annotated[Path, typer.Option("--repos", help="Folder of git directories.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of rows and figures.")],
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many points.")
    ] = None,
    per_repository: Annotated[
        int | None, typer.Option("--per-repository", min=1, help="So many of each, evenly spaced.")
    ] = None,
    context_tokens: Annotated[
        int, typer.Option("--context-tokens", min=16, help="Of each context, at most.")
    ] = 512,
    code_tokens: Annotated[
        int, typer.Option("--code-tokens", min=16, help="Of the code before the line, at most.")
    ] = 256,
    resume: Annotated[bool, typer.Option("--resume", help="Keep the rows of --out.")] = False,
) -> int:
    """Compare no, BM25 and graph context of equal length by the log-likelihood of the gold line.

    The model is the local one that is set (model.path). The change is the mean per token over
    records, in natural logarithms, with a paired bootstrap interval of 95 % over repositories.
    """
    from codexgraph.wiring_generation import bench_likelihood as run

    settings: dict[str, Any] = {"data": data, "repos": repos, "out": out, "limit": limit}
    settings |= {"per_repository": per_repository, "context_tokens": context_tokens}
    settings |= {"code_tokens": code_tokens, "resume": resume}
    say = session.say if session.options.verbose else _ignore
    found = run(settings, session.config, say)
    for reason, count in found["left_out"].items():
        session.say(f"left out: {count} x {reason}")
    session.emit([json.dumps(found)] if session.options.json else _lines(found))
    return 0 if found["n"] else 1


def _ignore(_: str) -> None:
    """Nobody wants to know."""


def _lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['model']} on {found['data']}: n={found['n']} of {found['repositories']} "
        f"repositories, {found['mean_context_tokens']} tokens of context, {found['seconds']} s"
    ]
    for title, name in (
        ("all lines", "changes"),
        ("lines that stand in no context as they are", "changes_without_verbatim"),
    ):
        rows = [[title, "change a token", "95 % interval", "likelier"]]
        for pair, row in found[name].items():
            interval = f"{row['low']:+.4f} to {row['high']:+.4f}"
            rows.append([pair, f"{row['change']:+.4f}", interval, f"{row['wins']} of {row['n']}"])
        lines += ["", *rendering.columns(rows)]
    return lines
