"""Writes a graph as the CSV files that `neo4j-admin database import full` reads.

The surprising choice: elements of a list, and labels, are separated by the control character U+001F
and not by the customary semicolon, because decorators of real programs contain semicolons.
"""

from __future__ import annotations

import hashlib
import shlex
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from graphdb.delta import IndexMeta
from graphdb.errors import StoreError
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, NodeKind
from graphdb.stores.neo4j_schema import schema_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from graphdb.store import GraphReader

LIST_SEPARATOR = "\x1f"
INTEGERS = frozenset(
    {"start_line", "end_line", "name_line", "name_column", "count", "depth"}
    | {"schema_version", "files"}
)
BOOLEANS = frozenset({"inherited"})
LISTS = frozenset({"modifiers", "decorators"})

SCHEMA_FILE = "schema.cypher"
README_FILE = "README.txt"
_PAGE = 2000
_TIMEOUT_S = 300.0

_META = tuple(field.name for field in fields(IndexMeta))
_OPTIONS = ("--array-delimiter=U+001F", "--multiline-fields=true")


def export_csv(reader: GraphReader, folder: Path) -> list[Path]:
    """Write a graph into an empty or new folder and give the files, README.txt first.

    Raises StoreError when the folder cannot be written, holds something, or when the graph is
    replaced meanwhile.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise StoreError(f"{folder} is not empty: name a new folder for the export")
        meta = reader.meta()
        written = [_write_repository(folder, meta)]
        for kind in NodeKind:
            written += _write_kind(reader, folder, kind)
        if reader.meta().generation != meta.generation:
            raise StoreError(
                f"repository {reader.repo} was indexed again during the export: export it again"
            )
        written.append(_write_schema(folder))
        return [_write_readme(folder), *written]
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}") from error


def import_command(*folders: Path) -> str:
    """The line that imports one or several exports, to be typed on the server."""
    return shlex.join(["neo4j-admin", *import_arguments(*folders)])


def import_arguments(*folders: Path) -> list[str]:
    """What follows `neo4j-admin` in the command that imports exports into the database neo4j."""
    nodes = [f"--nodes={path}" for folder in folders for path in sorted(folder.glob("nodes-*.csv"))]
    edges = [
        f"--relationships={path}"
        for folder in folders
        for path in sorted(folder.glob("edges-*.csv"))
    ]
    return ["database", "import", "full", "neo4j", *_OPTIONS, *nodes, *edges]


def _write_repository(folder: Path, meta: IndexMeta) -> Path:
    path = folder / "nodes-REPOSITORY.csv"
    values = [getattr(meta, name) for name in _META]
    header = [*map(_typed, _META), ":LABEL"]
    _write(path, header, [[*values, "REPOSITORY"]])
    return path


def _write_kind(reader: GraphReader, folder: Path, kind: NodeKind) -> list[Path]:
    nodes = folder / f"nodes-{kind.value}.csv"
    edges = folder / f"edges-from-{kind.value}.csv"
    uids: list[str] = []
    space = _id_space(reader.repo)
    header = [f"uid:ID({space})", *(_typed(p) for p in NODE_PROPERTIES if p != "uid"), ":LABEL"]
    _write(nodes, header, _node_rows(reader, kind, uids))
    header = [
        f":START_ID({space})",
        f":END_ID({space})",
        *map(_typed, EDGE_PROPERTIES),
        ":TYPE",
    ]
    _write(edges, header, _edge_rows(reader, kind, uids))
    return [nodes, edges]


def _id_space(repo: str) -> str:
    """A name for the importer, other for each repository, so that one import may take several."""
    plain = "".join(letter if letter.isalnum() else "-" for letter in repo)
    return f"{plain}-{hashlib.sha256(repo.encode()).hexdigest()[:8]}"


def _node_rows(reader: GraphReader, kind: NodeKind, uids: list[str]) -> Iterator[Sequence[Any]]:
    columns = ", ".join(f"n.`{name}` AS `{name}`" for name in NODE_PROPERTIES)
    text = (
        f"MATCH (n:{kind.value}) WHERE n.repo = $repo AND n.uid > $after "
        f"RETURN {columns}, labels(n) AS labels ORDER BY n.uid LIMIT {_PAGE}"
    )
    after = ""
    while rows := _rows(reader, text, {"after": after}):
        after = str(rows[-1][0])
        for row in rows:
            uids.append(str(row[0]))
            labels = [label for label in row[-1] if label != kind.value]
            yield [*row[:-1], [kind.value, *labels]]


def _edge_rows(reader: GraphReader, kind: NodeKind, uids: Sequence[str]) -> Iterator[Sequence[Any]]:
    columns = ", ".join(f"e.`{name}` AS `{name}`" for name in EDGE_PROPERTIES)
    text = (
        f"UNWIND $uids AS source MATCH (a:{kind.value} {{repo: $repo, uid: source}})-[e]->(b) "
        f"RETURN source, b.uid AS target, {columns}, type(e) AS kind_of_edge"
    )
    for at in range(0, len(uids), _PAGE):
        yield from _rows(reader, text, {"uids": list(uids[at : at + _PAGE])})


def _rows(reader: GraphReader, text: str, parameters: dict[str, Any]) -> tuple[Any, ...]:
    return reader.query(text, parameters, timeout_s=_TIMEOUT_S, max_rows=None).rows


def _write_schema(folder: Path) -> Path:
    path = folder / SCHEMA_FILE
    path.write_text("".join(f"{item.cypher};\n" for item in schema_items()), encoding="utf-8")
    return path


def _write_readme(folder: Path) -> Path:
    path = folder / README_FILE
    text = (
        "A code graph for neo4j-admin. With the server stopped, and into an empty database:\n\n"
        f"    {import_command(folder)}\n\n"
        "Then start the server and create the constraints and indexes:\n\n"
        f"    cypher-shell -u neo4j --file {folder / SCHEMA_FILE}\n"
    )
    path.write_text(text, encoding="utf-8")
    return path


def _typed(name: str) -> str:
    if name in INTEGERS:
        return f"{name}:long"
    if name in BOOLEANS:
        return f"{name}:boolean"
    return f"{name}:string[]" if name in LISTS else f"{name}:string"


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(header) + "\n")
        for row in rows:
            file.write(",".join(map(_field, row)) + "\n")


def _field(value: Any) -> str:
    """A value as the importer reads it: nothing is null, `""` is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    if isinstance(value, list):
        text = LIST_SEPARATOR.join(map(str, cast("list[Any]", value)))
    return '"' + text.replace('"', '""') + '"'
