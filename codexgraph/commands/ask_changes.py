"""`impact`: what a symbol's change, or the changes in the work tree, may break."""

# Typer reads annotations when the program runs, so they are not postponed here.
from typing import Annotated

import typer

from codexgraph import rendering
from codexgraph.commands.ask import CandidatesOption, LimitOption, resolved, tiers_of
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError
from graphdb.symbols import Symbol, to_json


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "impact")(impact)


def impact(
    session: Session,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="A symbol; with --diff a revision, HEAD by default."),
    ] = "",
    diff: Annotated[
        bool, typer.Option("--diff", help="The symbols that differ from a revision.")
    ] = False,
    depth: Annotated[
        int | None, typer.Option("--depth", min=1, max=50, help="How many levels; all by default.")
    ] = None,
    candidates: CandidatesOption = False,
    limit: LimitOption = 50,
) -> int:
    """Show what depends on a symbol, directly or not, and the tests that reach it."""
    from graphdb.queries.impact import impact as impact_of

    if not diff and not name:
        raise CodexGraphError("impact needs a NAME, or --diff for the changes in the work tree")
    symbols = _changed(session, name or "HEAD") if diff else [resolved(session, name)]
    found = impact_of(
        session.reader,
        symbols,
        depth=depth,
        tiers=tiers_of(candidates=candidates),
        has_members=not diff,
    )
    lines = rendering.impact_lines(found, session.style, limit)
    is_found = bool(symbols) if diff else bool(found.dependants or found.tests)
    return session.answer(to_json(found), lines, found.files, is_found=is_found)


def _changed(session: Session, revision: str) -> list[Symbol]:
    from codexgraph.wiring import file_hashes
    from graphdb.queries.impact import symbols_at
    from indexer.changes import changed_lines

    lines = changed_lines(session.config.root, revision, file_hashes(session.reader))
    return symbols_at(session.reader, lines)
