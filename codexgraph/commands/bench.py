"""`codexgraph bench …`: commands that measure; each prints figures of its own run only.

A new measurement is a function here or in a `bench_*` module and a line in `register`.
"""

# Typer reads annotations when the program runs, so they are not postponed here.
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.accuracy import DATA_VARIABLE, REPOS_VARIABLE
from codexgraph.commands import (
    bench_checks,
    bench_gate,
    bench_latency,
    bench_likelihood,
    bench_lsp,
    bench_run,
    bench_truth,
    bench_tui,
)
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError


def register(app: typer.Typer) -> None:
    """Add the group and its commands."""
    bench = typer.Typer(help="Measure.", no_args_is_help=True)
    command(bench, "index", is_reading=False)(bench_index)
    command(bench, "accuracy", is_reading=False)(bench_accuracy)
    bench_lsp.register(bench)
    bench_truth.register(bench)
    bench_run.register(bench)
    bench_gate.register(bench)
    bench_latency.register(bench)
    bench_likelihood.register(bench)
    bench_tui.register(bench)
    bench_checks.register(bench)
    app.add_typer(bench, name="bench")


def bench_index(
    session: Session,
    path: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="The repository; this one by default.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=0, help="Processes; 0 is one a core.")
    ] = None,
) -> int:
    """Measure indexing against raw parsing of the same bytes, in one run."""
    from codexgraph.wiring import bench_index as run

    target = (path or Path.cwd()).resolve()
    if not target.is_dir():
        raise CodexGraphError(f"{target} is not a folder")
    result = run(target, jobs or 0)
    session.emit([json.dumps(result)] if session.options.json else _lines(result))
    return 0


def bench_accuracy(
    session: Session,
    suite: Annotated[
        list[str] | None, typer.Option("--suite", metavar="NAME", help="A suite; may be repeated.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            envvar=DATA_VARIABLE,
            help="A data file of the suite's format, or a folder that has those of all suites.",
        ),
    ] = None,
    repos: Annotated[
        Path | None,
        typer.Option(
            "--repos",
            envvar=REPOS_VARIABLE,
            help="Folder of the repositories that a suite needs, each as DIR/NAME.",
        ),
    ] = None,
    misses: Annotated[
        bool, typer.Option("--misses", help="List every missing and every wrong edge.")
    ] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print docs/accuracy.md.")] = False,
) -> int:
    """Measure precision and recall of the graph's edges against truths.

    Suites: pycg-micro, jarvis-micro, macro, dynamic, definitions, swarm-java, javac, dependeval;
    without --suite all of them. docs/accuracy.md says where their data and sources come from. A
    suite without them is skipped with one line. --json prints one object for one suite, and a list
    for several. Exit code 2 when a suite that was named, or every suite, was skipped.
    """
    from codexgraph.wiring import bench_accuracy as run

    results = run(suite or [], data, repos)
    for result in results:
        if not result.metrics and (session.options.json or markdown):
            session.warn(f"{result.suite}: skipped: {'; '.join(result.skipped)}")
    if session.options.json:
        found = [result.to_json(with_misses=misses) for result in results]
        session.emit([json.dumps(found[0] if len(suite or []) == 1 else found)])
    elif markdown:
        from benchmarks.accuracy.report import page

        session.emit(page(results))
    else:
        from benchmarks.accuracy.report import lines

        for result in results:
            session.emit(lines(result, with_misses=misses))
    skipped = [result for result in results if not result.metrics]
    return 2 if skipped and (suite or len(skipped) == len(results)) else 0


def _lines(result: dict[str, Any]) -> list[str]:
    lines = [f"{result['suite']}: n={result['n']}, {result['seconds']:.1f} s"]
    metrics: dict[str, Any] = result["metrics"]
    width = max((len(name) for name in metrics), default=0)
    lines += [f"  {name.ljust(width)}  {value}" for name, value in metrics.items()]
    skipped = result["skipped"]
    return [*lines, f"skipped: {skipped}"] if skipped else lines
