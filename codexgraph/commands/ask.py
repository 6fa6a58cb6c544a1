"""Questions about symbols: each command is one query function and one way to print it."""

# Typer reads annotations when the program runs, so they are not postponed here.
import os
from pathlib import Path
from typing import Annotated

import typer

from codexgraph import rendering
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.schema import CODE_KINDS, DEFAULT_TIERS, NodeKind, Tier
from graphdb.symbols import Relations, SourceText, Symbol, to_json

_CALLABLE = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
NameArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME", help="A full name, a unique end of one (QuerySet.filter), or path:line."
    ),
]
DepthOption = Annotated[int, typer.Option("--depth", min=1, max=50, help="How many levels.")]
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="How many rows to print.")]
CandidatesOption = Annotated[
    bool, typer.Option("--candidates", help="Include overrides that may run instead.")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "symbols")(find_symbols)
    command(app, "source")(source)
    command(app, "refs")(refs)
    command(app, "callers")(callers)
    command(app, "callees")(callees)
    command(app, "hierarchy")(hierarchy)
    command(app, "overview")(overview)


def resolved(session: Session, name: str, kinds: tuple[NodeKind, ...] = ()) -> Symbol:
    """The symbol of a NAME; a path is taken from the current folder, where it is one."""
    from graphdb.queries.names import resolve

    path, colon, line = name.rpartition(":")
    if colon and line.isdigit():
        return resolve(session.reader, f"{in_repository(session, path)}:{line}")
    return resolve(session.reader, in_repository(session, name), kinds)


def in_repository(session: Session, path: str) -> str:
    """A path that exists below the current folder, as seen from the repository; else unchanged."""
    if session.options.root is not None or not path:
        return path
    full = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links out of the tree
    root = session.config.root
    # `Path.exists` raises for a text that is longer than a path can be.
    if os.path.exists(full) and full.is_relative_to(root):  # noqa: PTH110
        return full.relative_to(root).as_posix()
    return path


def tiers_of(*, candidates: bool) -> tuple[Tier, ...]:
    """The tiers that an answer includes."""
    return tuple(Tier) if candidates else DEFAULT_TIERS


def find_symbols(
    session: Session,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="A name or a part of one.")],
    kind: Annotated[
        list[NodeKind] | None, typer.Option("--kind", help="Only this kind; may be repeated.")
    ] = None,
    full_text: Annotated[
        bool, typer.Option("--text", help="Search signatures, docstrings and code, too.")
    ] = False,
    limit: LimitOption = 50,
) -> int:
    """Find symbols by name: exact, prefix, part, or the starts of its words."""
    from graphdb.queries.search import search
    from graphdb.queries.symbols import search_symbols

    kinds = tuple(kind or CODE_KINDS)
    if full_text:
        found = tuple(hit.symbol for hit in search(session.reader, text, kinds, limit))
    else:
        found = search_symbols(session.reader, text, kinds, limit)
    lines = rendering.symbol_lines(found, session.style)
    files = [symbol.file_path for symbol in found]
    return session.answer(to_json(found), lines, files, is_found=bool(found))


def source(session: Session, name: NameArgument) -> int:
    """Print the code of a symbol."""
    from graphdb.queries.source import source_of

    symbol = resolved(session, name)
    text = source_of(session.reader, symbol)
    if text.code is None and symbol.kind == NodeKind.MODULE:
        text = SourceText(symbol, _file_text(session, symbol))
    lines = [rendering.heading(symbol, session.style)]
    lines += rendering.source_lines(text.code or "", symbol.start_line or 1, session.style)
    return session.answer(to_json(text), lines, [symbol.file_path], is_found=text.code is not None)


def refs(
    session: Session,
    name: NameArgument,
    candidates: CandidatesOption = False,
    limit: LimitOption = 2_000,
) -> int:
    """List every place that names a symbol."""
    from graphdb.queries.references import find_references, occurrences

    symbol = resolved(session, name)
    tiers = tiers_of(candidates=candidates)
    found = find_references(session.reader, symbol, tiers, limit)
    places = occurrences(found.items)
    lines = [rendering.heading(symbol, session.style)]
    lines += rendering.occurrence_lines(places, session.style)
    result = {
        "symbol": to_json(symbol),
        "references": to_json(found.items),
        "truncated": found.truncated,
    }
    return session.answer(result, lines, _files(symbol, found), is_found=bool(found.items))


def callers(
    session: Session,
    name: NameArgument,
    depth: DepthOption = 1,
    candidates: CandidatesOption = False,
) -> int:
    """List what calls a symbol; for a class, what makes instances of it."""
    from graphdb.queries.call_hierarchy import incoming_calls

    symbol = resolved(session, name, _CALLABLE)
    found = incoming_calls(session.reader, symbol, depth, tiers_of(candidates=candidates))
    return _answer_calls(session, symbol, found)


def callees(
    session: Session,
    name: NameArgument,
    depth: DepthOption = 1,
    candidates: CandidatesOption = False,
) -> int:
    """List what a symbol calls; for a class, what its body and own methods call."""
    from graphdb.queries.call_hierarchy import outgoing_calls

    symbol = resolved(session, name, _CALLABLE)
    found = outgoing_calls(session.reader, symbol, depth, tiers_of(candidates=candidates))
    return _answer_calls(session, symbol, found)


def hierarchy(
    session: Session,
    name: NameArgument,
    depth: Annotated[
        int | None, typer.Option("--depth", min=1, max=50, help="How many levels; all by default.")
    ] = None,
) -> int:
    """Show base and derived classes of a class, or overrides of a member."""
    from graphdb.queries.type_hierarchy import type_hierarchy

    symbol = resolved(session, name, (NodeKind.CLASS, NodeKind.METHOD, NodeKind.FIELD))
    found = type_hierarchy(session.reader, symbol, depth)
    related = [*found.supertypes, *found.subtypes]
    files = [symbol.file_path, *(r.symbol.file_path for r in related)]
    lines = rendering.hierarchy_lines(found, session.style)
    is_found = bool(related or found.members)
    return session.answer(to_json(found), lines, files, is_found=is_found)


def overview(
    session: Session,
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="A folder or file; the repository by default.")
    ] = "",
    top: Annotated[int, typer.Option("--top", min=1, help="How many of each list.")] = 10,
) -> int:
    """Show the shape of the repository or of a folder."""
    from graphdb.queries.overview import overview as overview_of

    found = overview_of(session.reader, in_repository(session, path), top)
    lines = rendering.overview_lines(found, session.style)
    return session.answer(to_json(found), lines, is_found=bool(found.files or found.symbols))


def _answer_calls(session: Session, symbol: Symbol, found: Relations) -> int:
    lines = [rendering.heading(symbol, session.style)]
    lines += rendering.relation_lines(found.items, session.style)
    if found.truncated:
        session.say(f"only the first {len(found.items)} are shown")
    result = {
        "symbol": to_json(symbol),
        "calls": to_json(found.items),
        "truncated": found.truncated,
    }
    return session.answer(result, lines, _files(symbol, found), is_found=bool(found.items))


def _files(symbol: Symbol, found: Relations) -> list[str | None]:
    return [symbol.file_path, *(r.symbol.file_path for r in found.items)]


def _file_text(session: Session, symbol: Symbol) -> str | None:
    try:
        data = (session.config.root / (symbol.file_path or "")).read_bytes()
    except OSError:
        return None
    return data.decode("utf-8", "replace")
