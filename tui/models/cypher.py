"""The query console: a text goes to the graph and comes back as rows, JSON or a small graph.

Results are values; what is running, shown or selected belongs to the screen.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError
from graphdb.queries.neighbourhood import DrawnEdge, Neighbourhood
from graphdb.queries.rows import ALL_TIERS, Follow, step, symbols_by_uid
from graphdb.result_text import csv_lines, result_json
from graphdb.schema import EdgeKind
from tui.models.files import read_json, write_json, write_text
from tui.models.places import Place

if TYPE_CHECKING:
    from graphdb.store import GraphReader, QueryResult
    from tui.ports import Limits

VERSION = 1
MAX_DRAWN = 60
MAX_CELL = 200
EXAMPLE = "MATCH (c:CLASS) RETURN c.name AS class, c.file_path AS file, c.start_line AS line"


def run(reader: GraphReader, text: str, limits: Limits) -> QueryResult:
    """Run one statement. Raises QueryError with the reason in one line."""
    return reader.query(text, timeout_s=limits.seconds, max_rows=limits.rows)


def status_line(result: QueryResult, limits: Limits) -> str:
    """How many rows in what time, and which limits held."""
    rows = "1 row" if len(result.rows) == 1 else f"{len(result.rows):,} rows"
    parts = [rows, f"{result.seconds * 1000:.0f} ms"]
    if result.truncated:
        parts.append(f"cut at the limit of {limits.rows:,} rows: there are more")
    else:
        parts.append(f"limit {limits.rows:,} rows, {limits.seconds:g} s")
    return " · ".join(parts)


def json_text(result: QueryResult) -> str:
    """The rows as JSON objects, one after the other."""
    rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
    return json.dumps(rows, ensure_ascii=False, indent=2, default=str)


def cell_text(value: Any) -> str:
    """A value in one line of a grid; a node is its label and name."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return _map_text(value)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        text = "[" + ", ".join(cell_text(item) for item in value) + "]"  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    else:
        text = str(value)
    text = " ".join(text.split()) if "\n" in text else text
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def place_of_cell(result: QueryResult, row: int, column: int) -> Place | None:
    """Where a cell leads to: its own node, else the file and line that its row names."""
    values = result.rows[row]
    value = values[column]
    if isinstance(value, dict):
        return _place(value)  # pyright: ignore[reportUnknownArgumentType]
    nodes: list[dict[str, Any]] = [v for v in values if isinstance(v, dict) and "file_path" in v]
    if nodes:
        return _place(nodes[0])
    names = [name.rpartition(".")[2].lower() for name in result.columns]
    by_name = dict(zip(names, values, strict=True))
    path = by_name.get("file_path") or by_name.get("file") or by_name.get("path")
    line = by_name.get("start_line") or by_name.get("line") or by_name.get("name_line") or 1
    return Place(path, line) if isinstance(path, str) and isinstance(line, int) else None


def graph_of(reader: GraphReader, result: QueryResult) -> Neighbourhood:
    """The nodes that a result holds, with the edges between them; empty when it holds none."""
    uids: dict[str, None] = {}
    for row in result.rows:
        for value in row:
            _collect(value, uids)
    wanted = list(uids)[:MAX_DRAWN]
    symbols = symbols_by_uid(reader, wanted)
    nodes = [symbols[uid] for uid in wanted if uid in symbols]
    edges: dict[DrawnEdge, None] = {}
    for relation in step(reader, nodes, Follow(tuple(EdgeKind), False, ALL_TIERS)):
        if relation.symbol.uid in symbols:
            edge = DrawnEdge(relation.via, relation.symbol.uid, relation.edge, relation.tier)
            edges[edge] = None
    return Neighbourhood(tuple(nodes), tuple(edges), len(uids) > MAX_DRAWN)


def export(result: QueryResult, name: str) -> str:
    """Write the rows as CSV, or as JSON where the name says so; a line that says what was done.

    Raises CodexGraphError, also when the file is there already.
    """
    path = Path(name).expanduser()
    if path.exists():
        raise CodexGraphError(f"{path} is there already: give another name")
    if path.suffix == ".json":
        text = json.dumps(result_json(result), ensure_ascii=False, indent=1, default=str) + "\n"
    else:
        text = "\n".join(csv_lines(result)) + "\n"
    write_text(path, text)
    return f"{len(result.rows):,} rows written to {path}"


class SavedQueries:
    """Queries that a person keeps, by name, in one file for all repositories."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / "queries.json"

    def all(self) -> dict[str, str]:
        """Name -> text, in the order of their names. Raises CodexGraphError."""
        value = read_json(self._path, VERSION) or {}
        queries: dict[str, Any] = value.get("queries") or {}
        return {name: str(queries[name]) for name in sorted(queries)}

    def keep(self, name: str, text: str) -> None:
        """Add one or change it. Raises CodexGraphError."""
        if not name.strip():
            raise CodexGraphError("a saved query needs a name")
        write_json(self._path, VERSION, {"queries": {**self.all(), name.strip(): text}})

    def drop(self, name: str) -> None:
        """Forget one. Raises CodexGraphError."""
        left = {key: text for key, text in self.all().items() if key != name}
        write_json(self._path, VERSION, {"queries": left})


def _map_text(value: dict[str, Any]) -> str:
    if "_labels" in value:
        return f"{value['_labels'][0]} {value.get('full_name') or value.get('name')}"
    if "_type" in value:
        return f"[{value['_type']}]"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _place(node: dict[str, Any]) -> Place | None:
    path, line = node.get("file_path"), node.get("name_line") or node.get("start_line") or 1
    return Place(path, line) if isinstance(path, str) and isinstance(line, int) else None


def _collect(value: Any, uids: dict[str, None]) -> None:
    if isinstance(value, dict):
        if "_labels" in value and "uid" in value:
            uids[str(value["uid"])] = None  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]
            _collect(item, uids)
