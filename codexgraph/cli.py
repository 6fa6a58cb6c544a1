"""The `codexgraph` command, and the one place where errors become exit codes."""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from codexgraph import __version__
from codexgraph.options import (
    ColorOption,
    FreshOption,
    JsonOption,
    QuietOption,
    RootOption,
    VerboseOption,
)
from codexgraph.session import Options, ReaderGoneError
from graphdb.errors import CodexGraphError

COMMANDS = {
    "manage": ("index", "clean", "export", "completion"),
    "state": ("status", "schema", "doctor", "config"),
    "query": ("query",),
    "ask": ("symbols", "source", "refs", "callers", "callees", "hierarchy", "overview"),
    "ask_changes": ("impact",),
    "retrieve": ("search", "context", "locate", "map"),
    "agent": ("ask", "debug", "test", "generate", "comment", "class", "complete"),
    "bench": ("bench",),
    "lsp": ("lsp", "serve"),
    "tui": ("tui",),
}
"""Module of `codexgraph.commands` -> what it registers; a command loads only its own module."""

PROGRAM = "codexgraph"
INTERRUPTED = 130
USAGE = 2
_INTERRUPTED_TEXT = "interrupted: the index is usable, codexgraph index goes on"


def build_app(state_of_run: dict[str, Any], arguments: Sequence[str] = ()) -> typer.Typer:
    """The command line; the options that stand before a command are put into `state_of_run`.

    arguments: where they begin with a command, no other one is there.
    """
    app = typer.Typer(
        name=PROGRAM,
        help="Index a repository into a graph, and ask it.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    def shared(  # noqa: PLR0913 - one parameter an option
        ctx: typer.Context,
        version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
        json: JsonOption = False,
        require_fresh: FreshOption = False,
        quiet: QuietOption = False,
        verbose: VerboseOption = False,
        color: ColorOption = "auto",
        root: RootOption = None,
    ) -> None:
        state_of_run["options"] = Options(json, require_fresh, quiet, verbose, color, root)
        ctx.obj = state_of_run
        if version:
            sys.stdout.write(f"{PROGRAM} {__version__}\n")
            raise typer.Exit
        if ctx.invoked_subcommand is None:
            sys.stderr.write(ctx.get_help() + "\n")
            raise typer.Exit(USAGE)

    app.callback(invoke_without_command=True)(shared)
    asked = [module for module, names in COMMANDS.items() if set(arguments[:1]) & set(names)]
    for module in asked or COMMANDS:
        import_module(f"codexgraph.commands.{module}").register(app)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    state_of_run: dict[str, Any] = {}
    given = sys.argv[1:] if arguments is None else list(arguments)
    command: Any = typer.main.get_command(build_app(state_of_run, given))
    # `codexgraph completion` prints the script; options that edit a shell's files are not offered.
    hidden = {"install_completion", "show_completion"}
    command.params = [p for p in command.params if p.name not in hidden]
    try:
        code = command.main(
            args=given,
            prog_name=PROGRAM,
            standalone_mode=False,
        )
        sys.stdout.flush()
    except BaseException as error:  # noqa: BLE001 - the last border: every failure becomes a line
        return exit_code_of(error, state_of_run)
    if code == INTERRUPTED:
        _say(_INTERRUPTED_TEXT)
    return code if isinstance(code, int) else 0


def exit_code_of(error: BaseException, state_of_run: dict[str, Any]) -> int:
    """Say what went wrong on standard error; the exit code that stands for it."""
    options: Options = state_of_run.get("options") or Options()
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else USAGE
    if isinstance(error, BrokenPipeError | ReaderGoneError):
        return _close_quietly()
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        _say(_INTERRUPTED_TEXT)
        return INTERRUPTED
    if isinstance(error, CodexGraphError):
        _say(f"error: {error}")
        return error.exit_code
    if hasattr(error, "format_message"):
        # Typer's own usage errors, whose class is not part of its public names.
        show: Any = getattr(error, "show", None)
        if show is not None:
            show()
        else:
            _say(f"error: {error}")
        return USAGE
    _say(f"error: {type(error).__name__}: {error} (-v shows the trace)")
    if options.verbose:
        traceback.print_exception(error, file=sys.stderr)
    return USAGE


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def _close_quietly() -> int:
    """The reader of our output has gone; nothing more may be written, not even at shutdown."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    return 0
