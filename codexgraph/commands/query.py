"""`query`: Cypher straight to the graph, read-only."""

# Typer reads annotations when the program runs, so they are not postponed here.
import sys
from typing import Annotated, Any

import typer

from codexgraph import rendering
from codexgraph.options import command
from codexgraph.session import Session
from graphdb.errors import CodexGraphError
from graphdb.result_text import csv_lines, result_json
from graphdb.store import QueryResult


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    command(app, "query")(query)


def query(
    session: Session,
    cypher: Annotated[
        str,
        typer.Argument(metavar="CYPHER", help="One read-only statement; - reads it from stdin."),
    ],
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most this many rows.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", min=0.001, help="Seconds it may run.")
    ] = None,
) -> int:
    """Run a Cypher query; $repo holds the name of the repository."""
    if as_csv and session.options.json:
        raise CodexGraphError("--json and --csv exclude each other: give one")
    session.flags = {"query.timeout_s": timeout, "query.max_rows": limit}
    text = sys.stdin.read() if cypher == "-" else cypher
    result = session.reader.query(
        text,
        timeout_s=session.config.query_timeout_s,
        max_rows=session.config.query_max_rows,
    )
    for note in result.notes:
        session.say(f"note: {note}")
    if result.truncated:
        session.warn(f"only the first {len(result.rows)} rows are shown; --limit gives more")
    value = result_json(result)
    lines = csv_lines(result) if as_csv else _table_lines(session, result)
    return session.answer(value, lines, _files(result.rows), is_found=bool(result.rows))


def _table_lines(session: Session, result: QueryResult) -> list[str]:
    if not result.rows:
        return []
    return rendering.row_lines(result.columns, result.rows, session.style)


def _files(rows: tuple[tuple[Any, ...], ...]) -> list[str]:
    """Files that the rows speak of: those of nodes, and texts that are one of the index's paths."""
    found: dict[str, None] = {}
    for row in rows:
        for value in row:
            path = value.get("file_path") if isinstance(value, dict) else value  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if isinstance(path, str) and len(path) < 500 and "\n" not in path:
                found[path] = None
    return list(found)
