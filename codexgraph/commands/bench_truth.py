"""`codexgraph bench trace | scip | javac`: make a truth of one's own for `bench accuracy`."""

# Typer reads annotations when the program runs, so they are not postponed here.
from pathlib import Path
from typing import Annotated

import typer

from codexgraph.options import command
from codexgraph.session import Session

OutOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Where to write; .gz packs it."),
]


def register(bench: typer.Typer) -> None:
    """Add the commands to the group."""
    command(bench, "trace", is_reading=False)(bench_trace)
    command(bench, "scip", is_reading=False)(bench_scip)
    command(bench, "javac", is_reading=False)(bench_javac)


def bench_trace(
    session: Session,
    test_command: Annotated[
        list[str], typer.Argument(metavar="-- COMMAND…", help="Runs the tests: pytest tests.")
    ],
    out: OutOption = None,
    sources: Annotated[
        Path | None,
        typer.Option("--sources", metavar="DIR", help="Functions below it count; else --root."),
    ] = None,
) -> int:
    """Record which functions really call which while a Python test suite runs.

    The command's own interpreter is used, 3.9 or newer, with all its threads and subprocesses but
    those that end without clean-up. The file is for `bench accuracy --suite dynamic`.
    """
    from codexgraph.wiring import trace_tests

    root = (sources or session.options.root or Path.cwd()).resolve()
    target = out or Path(f"dynamic-{root.name}.jsonl")
    number, code = trace_tests(test_command, root, target)
    session.say(f"{number} calls below {root} in {target}; the command ended with {code}")
    return 0


def bench_scip(
    session: Session,
    index: Annotated[Path, typer.Argument(metavar="INDEX", help="index.scip of any SCIP indexer.")],
    out: OutOption = None,
) -> int:
    """Read a SCIP index into records for `bench accuracy --suite definitions`."""
    from codexgraph.wiring import read_scip

    target = out or Path(f"scip-{index.resolve().parent.name}.jsonl")
    number = read_scip(index, target)
    session.say(f"{number} occurrences in {target}")
    return 0


def bench_javac(
    session: Session,
    sources: Annotated[
        list[str], typer.Argument(metavar="-- SRC…", help="Source folders, and options of javac.")
    ],
    out: OutOption = None,
    java: Annotated[
        str, typer.Option("--java", metavar="PROGRAM", help="java of a JDK, 17 or newer.")
    ] = "java",
) -> int:
    """Ask javac what every name in Java sources means, for `bench accuracy --suite javac`.

    Folders are read whole and paths are written below the current folder. What starts with a dash
    is passed on to javac with its value: -cp FILE for what the sources need to compile.
    """
    from codexgraph.wiring import export_javac

    target = out or Path(f"javac-{Path.cwd().name}.tsv")
    number, problems = export_javac(sources, Path.cwd(), target, java)
    for line in problems:
        session.warn(line)
    session.say(f"{number} rows in {target}")
    return 0
