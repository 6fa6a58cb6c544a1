"""`codexgraph bench checks`: what the checks of names tell of a draft, and what falsely."""

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
    command(bench, "checks", is_reading=False)(bench_checks)


def bench_checks(
    session: Session,
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="An indexed repository; this one else.")
    ] = None,
    files: Annotated[
        int | None, typer.Option("--files", min=1, help="Only so many, drawn by the seed.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of what is drawn and changed.")] = 0,
    misses: Annotated[
        bool, typer.Option("--misses", help="List the changes that the graph could have told of.")
    ] = False,
) -> int:
    """Measure the checks of imports and names on drafts made of a repository's own files.

    Each file as it is must raise no alarm. Each file with one name changed to one that nothing has,
    of every kind in turn, should be told: the share of all, and of the names that the graph leads
    to a definition in the repository.
    """
    from codexgraph.wiring_analysis import bench_checks as run

    session.path = path
    session.freshness()
    say = session.say if session.options.verbose else None
    result = run(session.config, session.reader, {"files": files, "seed": seed}, say)
    if not misses:
        del result["missed"]
    session.emit([json.dumps(result)] if session.options.json else _lines(result))
    return 0


def _lines(result: dict[str, Any]) -> list[str]:
    metrics: dict[str, Any] = result["metrics"]
    rows = [["changed", "drafts", "told", "in the graph", "told of these"]]
    for kind, row in metrics["changes"].items():
        shares = (row["told"], row["resolved_told"])
        told, of_graph = ("-" if share is None else f"{share:.1%}" for share in shares)
        rows.append([kind, str(row["n"]), told, str(row["resolved"]), of_graph])
    return [
        f"checks: n={result['n']}, {result['seconds']:.1f} s, {metrics['median_ms']} ms a draft",
        f"alarms on files as they are: {metrics['alarms']}",
        *(f"  {line}" for line in result["alarms"]),
        *rendering.columns(rows),
        *(f"missed: {line}" for line in result.get("missed", ())),
    ]
