"""The options that every command shares, and how a command is registered with them.

A command is written as `f(session, its own parameters) -> exit code`; the shared options are added
to its signature here, so that they are understood before and after the command's name and listed in
each command's help.
"""

# Typer reads annotations when the program runs, so they are not postponed here.
from collections.abc import Callable, Mapping
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from codexgraph.session import Options, ReaderGoneError, Session
from graphdb.errors import CodexGraphError

Command = Callable[..., int]

COLORS = ("auto", "always", "never")


def _color(value: str) -> str:
    if value not in COLORS:
        raise typer.BadParameter("choose one of " + ", ".join(COLORS))
    return value


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
FreshOption = Annotated[
    bool, typer.Option("--require-fresh", help="Fail with code 3 when the index is behind.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print data and errors only.")]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say more, and show the trace of a failure.")
]
ColorOption = Annotated[
    str, typer.Option("--color", callback=_color, help="auto, always or never; also NO_COLOR.")
]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", "-C", help="The repository, instead of the one around this folder."),
]

_SHARED: dict[str, tuple[Any, Any]] = {
    "json": (JsonOption, False),
    "require_fresh": (FreshOption, False),
    "quiet": (QuietOption, False),
    "verbose": (VerboseOption, False),
    "color": (ColorOption, "auto"),
    "root": (RootOption, None),
}


def command(
    app: typer.Typer, name: str, *, is_reading: bool = True
) -> Callable[[Command], Command]:
    """Register a command with the shared options.

    is_reading: with `--json` its errors, too, are one JSON object on standard output.
    """

    def register(function: Command) -> Command:
        def run(ctx: typer.Context, **arguments: Any) -> None:
            shared = Options(**{key: arguments.pop(key) for key in _SHARED})
            options = given_options(ctx).merged(shared)
            ctx.find_root().obj["options"] = options
            code = _run(Session(options), function, arguments, is_reading=is_reading)
            if code:
                raise typer.Exit(code)

        _describe(run, function)
        app.command(name, help=function.__doc__)(run)
        return function

    return register


def given_options(ctx: typer.Context) -> Options:
    """The shared options that stood before the command's name."""
    state: Any = ctx.find_root().obj
    found = state.get("options") if isinstance(state, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return found if isinstance(found, Options) else Options()


def _run(
    session: Session, function: Command, arguments: dict[str, Any], *, is_reading: bool
) -> int:
    try:
        return function(session, **arguments)
    except BrokenPipeError:
        # Typer would turn it into a failure.
        raise ReaderGoneError from None
    except CodexGraphError as error:
        if session.options.json and is_reading:
            session.write_error(error)
        raise
    finally:
        session.close()


def _describe(run: Callable[..., None], function: Command) -> None:
    """Give `run` the signature of a command with the shared options."""
    hints = get_type_hints(function, include_extras=True)
    own = list(signature(function).parameters.values())[1:]
    parameters = [Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)]
    parameters += [p.replace(kind=Parameter.KEYWORD_ONLY, annotation=hints[p.name]) for p in own]
    parameters += [
        Parameter(key, Parameter.KEYWORD_ONLY, annotation=annotation, default=default)
        for key, (annotation, default) in _SHARED.items()
    ]
    run.__signature__ = Signature(parameters)  # type: ignore[attr-defined] # functions allow it
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__name__ = function.__name__
