"""Commands that build, export and remove an index, and shell completion."""

# Typer reads annotations when the program runs, so they are not postponed here.
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError, NotFoundError
from graphdb.schema import CODE_KINDS, NodeKind

PathArgument = Annotated[
    Path | None, typer.Argument(metavar="PATH", help="The repository; this one by default.")
]
StoreOption = Annotated[str | None, typer.Option("--store", help="embedded or neo4j.")]
IndexDirOption = Annotated[
    Path | None, typer.Option("--index-dir", help="Folder of the index; .codexgraph by default.")
]
JobsOption = Annotated[
    int | None, typer.Option("--jobs", "-j", min=0, help="Processes; 0 is one a core.")
]
SHELLS = ("bash", "zsh", "fish")
_COMPLETE_VARIABLE = "_CODEXGRAPH_COMPLETE"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "index")(index)
    command(app, "clean", is_reading=False)(clean)
    command(app, "export", is_reading=False)(export)

    def completion(
        ctx: typer.Context,
        shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
    ) -> None:
        """Print the completion script of a shell."""
        _print_completion(ctx, shell)

    app.command("completion")(completion)


def index(
    session: Session,
    path: PathArgument = None,
    store: StoreOption = None,
    jobs: JobsOption = None,
    full: Annotated[bool, typer.Option("--full", help="Build anew, use nothing kept.")] = False,
    index_dir: IndexDirOption = None,
) -> int:
    """Index a repository, or bring its index up to date."""
    from codexgraph.progress import progress_for
    from codexgraph.wiring import run_index

    _choose(session, path, {"store": store, "jobs": jobs, "index_dir": _absolute(index_dir)})
    config = session.config
    with progress_for(sys.stderr, is_quiet=session.options.quiet) as progress:
        report = run_index(config, full=full, progress=progress)
    kinds = [kind for kind in CODE_KINDS if kind != NodeKind.MODULE]
    symbols = sum(report.nodes.get(kind.value, 0) for kind in kinds)
    if not report.files:
        raise NotFoundError(f"no source files under {config.root}")
    if not symbols:
        for problem in report.problems[:10]:
            session.warn(f"{problem.file_path}: {problem.message}")
        raise NotFoundError(f"{report.files} source files under {config.root}, but no symbols")
    return session.answer(report.to_json(), report.summary_lines(), report=report)


def clean(session: Session, path: PathArgument = None, store: StoreOption = None) -> int:
    """Remove the index of a repository."""
    from codexgraph.cleaning import clean as clean_index

    _choose(session, path, {"store": store})
    removed = clean_index(session.config)
    session.say(removed)
    return 0


def export(
    session: Session,
    folder: Annotated[
        Path, typer.Option("--csv", metavar="DIR", help="Folder for neo4j-admin import files.")
    ],
) -> int:
    """Write the graph as CSV files that `neo4j-admin database import` reads."""
    from codexgraph.wiring import export_graph

    export_graph(session.config, folder)
    session.say(f"exported to {folder}")
    return 0


def _choose(session: Session, path: Path | None, flags: dict[str, Any]) -> None:
    """Settle which repository and settings a managing command is about."""
    if path is not None:
        if not path.is_dir():
            raise CodexGraphError(f"{path} is not a folder")
        session.path = path
    session.flags = flags


def _absolute(path: Path | None) -> str | None:
    """A folder given on the command line is meant from the current one."""
    return None if path is None else str(path.resolve())


def _print_completion(ctx: typer.Context, shell: str) -> None:
    if shell not in SHELLS:
        raise typer.BadParameter("choose one of " + ", ".join(SHELLS))
    root: Any = ctx.find_root()
    os.environ[_COMPLETE_VARIABLE] = f"source_{shell}"
    root.command.main(args=[], prog_name=root.info_name, complete_var=_COMPLETE_VARIABLE)
