"""Runs one read-only query of a user on a private cursor over the shared graph.

A cursor is a copy that costs microseconds and shares the graph's memory until it is written to. It
is switched to read-only, and even a write that got past that would end with the cursor.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import kglite

from graphdb.cypher_scan import without_block_comments
from graphdb.errors import QueryError, QueryTimeoutError, WriteRefusedError
from graphdb.gate import check_read_only, hints, limited, one_line, query_error, schema_vocabulary
from graphdb.store import QueryResult
from graphdb.stores.cypher_writer import quote_name
from graphdb.stores.embedded_engine import CypherGraph, run
from graphdb.stores.embedded_values import plain_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WORK_LIMIT = 2_000_000
"""Rows that a query with a row cap may hold while it runs; a join of so many took 0.45 GB."""


class CypherCursor(CypherGraph, Protocol):
    """What is used of a cursor."""

    def read_only(self, enabled: bool | None = None) -> bool:
        """Switch writing off or on."""
        ...


_PART = 1_000
_UNKNOWN_PROPERTY = re.compile(r"Unknown property '(?P<name>.+)' on (?P<label>\w+)\.")
_MAX_UNKNOWN = 8
_KNOWN_TO_GATE = ("references unknown", "row_limit", "no node", "which no")


@dataclass(frozen=True, slots=True)
class ReadQuery:
    """A query as asked: text, parameters and limits."""

    cypher: str
    params: dict[str, Any]
    timeout_s: float
    max_rows: int | None


def run_query(session: kglite.Session, query: ReadQuery) -> QueryResult:
    """The plain rows of a query. Raises WriteRefusedError, QueryTimeoutError or QueryError."""
    check_read_only(query.cypher)
    notes = hints(query.cypher, schema_vocabulary())
    started = time.perf_counter()
    view = _checked_view(session, query, notes)
    columns = tuple(view.columns)
    cap = query.max_rows
    truncated = cap is not None and len(view) > cap
    kept = view.head(cap) if truncated and cap is not None else view
    rows = tuple(_rows(kept, columns))
    seconds = time.perf_counter() - started
    return QueryResult(columns, rows, truncated, seconds, (*notes, *_advice(view)))


def _rows(view: Any, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Plain rows of a view, whose stubs know no slices.

    Read by columns, because the engine would make a dict of every row; and in parts, because a view
    keeps a copy of all rows once a column of it was asked for.
    """
    for start in range(0, len(view), _PART):
        part = view[start : start + _PART]
        yield from zip(*(plain_column(part.column(name)) for name in columns), strict=True)


def _checked_view(
    session: kglite.Session, query: ReadQuery, notes: Sequence[str]
) -> kglite.ResultView:
    try:
        view = _view(session, query)
    except kglite.CypherTimeoutError as exc:
        raise QueryTimeoutError(
            f"the query ran past its limit of {query.timeout_s:g} s: start it from a named node, "
            "or raise the limit"
        ) from exc
    except kglite.ReadOnlyError as exc:
        raise WriteRefusedError(f"queries are read-only here: {_sentence(exc)}") from exc
    except (kglite.KgError, ValueError, TypeError, OverflowError, RecursionError) as exc:
        if "max_work_units" in str(exc):
            message = f"the query holds more than {WORK_LIMIT:,} rows while it runs"
            raise QueryError(f"{message}: start it from a named node") from exc
        raise query_error(_sentence(exc), notes) from exc
    if not isinstance(view, kglite.ResultView):
        raise QueryError("FORMAT CSV is not available: ask for rows")
    return view


def _view(session: kglite.Session, query: ReadQuery) -> Any:
    text = without_block_comments(query.cypher)
    if query.max_rows is None:
        return _run(session, query, text)
    shortened = limited(text, query.max_rows + 1)
    try:
        return _run(session, query, shortened)
    except kglite.CypherSyntaxError:
        if shortened == text:
            raise
        return _run(session, query, text)


def _run(session: kglite.Session, query: ReadQuery, text: str) -> Any:
    """Run a text; a property that the engine has never seen is null, as in Neo4j.

    The engine refuses `(n:CLASS {colour: 'red'})` when no class ever had a colour. The property is
    then made known to the cursor, which is gone after this query.
    """
    cursor = session.cursor()
    for _ in range(_MAX_UNKNOWN):
        try:
            return _run_on(cursor, query, text)
        except kglite.SchemaError as exc:
            found = _UNKNOWN_PROPERTY.search(str(exc))
            if found is None:
                raise
            _make_known(cursor, found["label"], found["name"])
    return _run_on(cursor, query, text)


def _run_on(cursor: CypherCursor, query: ReadQuery, text: str) -> Any:
    cursor.read_only(True)
    capped = query.max_rows is not None
    return cursor.cypher(
        text,
        params=query.params,
        timeout_ms=max(1, round(query.timeout_s * 1000)),
        row_limit=query.max_rows + 1 if query.max_rows is not None else None,
        max_work_units=WORK_LIMIT if capped else None,
        hide_structural_keys=True,
    )


def _make_known(cursor: CypherCursor, label: str, name: str) -> None:
    cursor.read_only(False)
    run(cursor, f"CREATE (n:{quote_name(label)}) SET n.{quote_name(name)} = '' DELETE n")


def _advice(view: kglite.ResultView) -> list[str]:
    """The engine's warnings that the gate does not give itself, such as a reversed direction."""
    return [
        one_line(warning)
        for warning in view.warnings
        if not any(known in warning for known in _KNOWN_TO_GATE)
    ]


def _sentence(exc: Exception) -> str:
    return one_line(str(exc))
