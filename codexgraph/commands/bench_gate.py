"""`codexgraph bench gate`: which tasks of a benchmark can tell right from wrong on this machine."""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph import rendering
from codexgraph.options import command
from codexgraph.session import Session

_FAILED = 1


def register(bench: typer.Typer) -> None:
    """Add the command to the group of measurements."""
    command(bench, "gate", is_reading=False)(bench_gate)


def bench_gate(  # noqa: PLR0913 - one parameter an option
    session: Session,
    suite: Annotated[str, typer.Argument(metavar="SUITE", help="repoclassbench.")],
    data: Annotated[Path, typer.Option("--data", help="The data file, plain or gzipped.")],
    repos: Annotated[Path, typer.Option("--repos", help="Folder of git directories.")],
    out: Annotated[Path, typer.Option("--out", help="Folder of the table.")],
    cache: Annotated[
        Path | None, typer.Option("--cache", help="Folder of environments, made as needed.")
    ] = None,
    ids: Annotated[str, typer.Option("--ids", help="Tasks with commas; all by default.")] = "",
    repository: Annotated[
        str, typer.Option("--repository", help="Repositories with commas; all by default.")
    ] = "",
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="Only the first so many tasks.")
    ] = None,
    recipes: Annotated[
        Path | None, typer.Option("--recipes", help="How to install Python repositories, TOML.")
    ] = None,
    python: Annotated[
        Path | None, typer.Option("--python", help="Interpreter in the place of the recipe's.")
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes of tests.")] = 1,
    unsandboxed: Annotated[
        bool, typer.Option("--unsandboxed", help="Run the repositories' tests as you.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Keep the rows of --out.")] = False,
) -> int:
    """Run the tests of every task with its ground truth, without the class and with a mutant.

    The first run of a repository builds it with the network, as you, and fetches what it needs; its
    tests run in a sandbox without network. Exit code 1 when an environment broke.
    """
    from codexgraph.wiring_generation import bench_gate as run

    table = run(
        {
            "suite": suite,
            "data": data,
            "repos": repos,
            "out": out,
            "ids": _names(ids),
            "repositories": _names(repository),
            "limit": limit,
            "resume": resume,
        },
        {
            "cache": cache,
            "recipes": recipes,
            "python": python,
            "jobs": jobs,
            "unsandboxed": unsandboxed,
        },
        session.say,
    )
    session.emit([json.dumps(table)] if session.options.json else _lines(table))
    broke = any(row["status"] == "environment" for row in table["rows"])
    return _FAILED if broke else 0


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _lines(table: dict[str, Any]) -> list[str]:
    from benchmarks.generation.gate_report import SUMMARY, summary

    rows = [list(SUMMARY), *([str(cell) for cell in row] for row in summary(table["rows"]))]
    left_out = [row for row in table["rows"] if row["status"] != "passed"]
    return [
        *rendering.columns(rows),
        *(f"{row['id']}: {row['status']}: {row['reason']}" for row in left_out),
    ]
