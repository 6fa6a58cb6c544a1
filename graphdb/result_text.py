"""The rows of a query as CSV and JSON, the same for every surface that hands them out."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphdb.store import QueryResult


def result_json(result: QueryResult) -> dict[str, Any]:
    """A result as plain JSON values."""
    return {
        "columns": list(result.columns),
        "rows": [list(row) for row in result.rows],
        "truncated": result.truncated,
        "seconds": round(result.seconds, 6),
        "notes": list(result.notes),
    }


def csv_lines(result: QueryResult) -> list[str]:
    """CSV records with a header; values that are no scalar are JSON."""
    lines: list[str] = []
    writer = csv.writer(_LineSink(lines), lineterminator="")
    writer.writerow(result.columns)
    for row in result.rows:
        writer.writerow([_csv_value(value) for value in row])
    return lines


class _LineSink:
    """What a CSV writer writes to: every record is one item of a list."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, record: str) -> None:
        self._lines.append(record)


def _csv_value(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str | int | float):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)
