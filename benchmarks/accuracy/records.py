"""Reading truth files: JSONL, JSON or TSV, plain or gzipped; what is wrong names file and line."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """A small program with its call graph, as the micro-benchmarks have them.

    files: path -> text. callgraph: caller -> callees, both by the truth's names. complete: False
    where a truth that names only some calls cannot say that another one is wrong.
    """

    category: str
    name: str
    files: dict[str, str]
    callgraph: dict[str, list[str]]
    complete: bool = False


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file with their numbers, blank ones left out.

    Raises CodexGraphError when the file is missing, damaged or no UTF-8.
    """
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise CodexGraphError(f"{path} cannot be read: {error}") from None


def _open(path: Path) -> Any:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def read_jsonl(path: Path, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Records that have all of `keys`. Raises CodexGraphError naming the line that has not."""
    found: list[dict[str, Any]] = []
    for number, line in read_lines(path):
        try:
            record: Any = json.loads(line)
        except ValueError as error:
            raise CodexGraphError(f"{path}:{number} is no JSON: {error}") from None
        if not isinstance(record, dict):
            raise CodexGraphError(f"{path}:{number} is no object")
        row = cast("dict[str, Any]", record)
        missing = [key for key in keys if key not in row]
        if missing:
            raise CodexGraphError(f"{path}:{number} has no {', '.join(missing)}")
        found.append(row)
    return found


def read_programs(path: Path) -> list[Program]:
    """Programs of a micro-benchmark file."""
    keys = ("category", "name", "files", "callgraph")
    return [
        Program(*(row[key] for key in keys), complete=bool(row.get("complete")))
        for row in read_jsonl(path, keys)
    ]


def read_call_graph(path: Path) -> dict[str, list[str]]:
    """A JSON object caller -> callees. Raises CodexGraphError for anything else."""
    try:
        graph: Any = json.loads("\n".join(line for _, line in read_lines(path)))
    except ValueError as error:
        raise CodexGraphError(f"{path} is no JSON: {error}") from None
    if not isinstance(graph, dict):
        raise CodexGraphError(f"{path} is no object of caller -> list of callees")
    rows = cast("dict[str, Any]", graph)
    wrong = [caller for caller, callees in rows.items() if not isinstance(callees, list)]
    if wrong:
        raise CodexGraphError(f"{path}: {wrong[0]} has no list of callees")
    return rows
