"""`codexgraph bench latency`: what one answer of retrieval costs on an index."""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph.options import command
from codexgraph.session import Session


def register(bench: typer.Typer) -> None:
    """Add the command to the group of measurements."""
    command(bench, "latency", is_reading=False)(bench_latency)


def bench_latency(
    session: Session,
    repo: Annotated[
        Path | None, typer.Option("--repo", metavar="DIR", help="An indexed repository.")
    ] = None,
    n: Annotated[int, typer.Option("--n", min=1, help="Questions of each kind.")] = 60,
    issues: Annotated[
        Path | None,
        typer.Option("--issues", metavar="FILE", help="JSON lines with problem_statement."),
    ] = None,
) -> int:
    """Measure `context`, `search`, `locate` and `map` on an index that is in memory.

    Milliseconds of processor time for one question, by kind: median, 95th percentile, most. The
    questions are made from the index; issues too, of docstrings, unless --issues gives some.
    """
    from codexgraph.wiring import bench_latency as run

    session.path = repo
    result = run(session.config, session.reader, n, issues)
    session.emit([json.dumps(result)] if session.options.json else _lines(result))
    return 0


def _lines(result: dict[str, Any]) -> list[str]:
    metrics: dict[str, dict[str, float]] = result["metrics"]
    width = max(len(kind) for kind in metrics)
    head = f"{result['suite']}: n={result['n']}, {result['symbols']} symbols"
    return [
        f"{head}, {result['seconds']:.1f} s",
        *(
            f"  {kind.ljust(width)}  p50 {row['p50']:.1f} ms, p95 {row['p95']:.1f} ms, "
            f"max {row['max']:.1f} ms"
            for kind, row in metrics.items()
        ),
    ]
