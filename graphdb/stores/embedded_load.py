"""Fills an empty graph through the engine's loader of columns: four times cheaper than statements.

The loader is made for a DataFrame but asks little of it, so a `_Frame` of plain lists will do and
nobody needs pandas. It makes up the nodes that an edge lacks, hence edges go by the numbers that
nodes got here, the same that the engine gives when it numbers them.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, cast

import kglite

from graphdb.delta import edge_groups
from graphdb.errors import StoreError
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, NodeKind
from graphdb.stores.cypher_writer import (
    check_edge_properties,
    checked_properties,
    grouped,
    missing_ends,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping
    from pathlib import Path

    from graphdb.delta import Edge, EdgeShape, Node, Value

Columns = dict[str, list[Any]]

_NODES = 250
_EDGES = 1000
"""Rows a call; more cost memory and save nothing. Nodes have their code with them."""

_INTEGERS = ("start_line", "end_line", "name_line", "name_column", "count", "depth")
_LISTS = ("modifiers", "decorators", "unresolved_calls")
_TYPES: dict[str, tuple[str, type]] = {
    **dict.fromkeys((*NODE_PROPERTIES, *EDGE_PROPERTIES, "title"), ("string", str)),
    **dict.fromkeys(_INTEGERS, ("integer", int)),
    **dict.fromkeys(_LISTS, ("list", list)),
    "inherited": ("boolean", bool),
    **dict.fromkeys(("id", "_source", "_target"), ("uniqueid", int)),
}
"""The engine's type of each column, and Python's: what is of another would be stored as null."""

_PROPERTIES = tuple(name for name in NODE_PROPERTIES if name not in {"uid", "repo"})


class GraphLoader:
    """Fills an empty graph: all nodes first, then the edges.

    path: the file that errors name. All methods raise StoreError.
    """

    def __init__(self, graph: kglite.KnowledgeGraph, path: Path, repo: str) -> None:
        self._graph = cast("_Loading", graph)
        self._path = path
        self._repo = repo
        self._numbers: dict[str, dict[str, int]] = {kind: {} for kind in NodeKind}

    def nodes(self, nodes: Iterable[Node]) -> None:
        """Create nodes."""
        rows = ((node.labels, (node.uid, checked_properties(node))) for node in nodes)
        for labels, part in grouped(rows, _NODES):
            self._create_nodes(labels, part)

    def _create_nodes(
        self, labels: tuple[str, ...], rows: list[tuple[str, Mapping[str, Value]]]
    ) -> None:
        first = sum(map(len, self._numbers.values()))
        uids, properties = [uid for uid, _ in rows], [each for _, each in rows]
        # The engine gives room to a column of nulls alone, as to any other.
        present = {"name"}.union(*properties)
        names = [name for name in _PROPERTIES if name in present]
        columns: Columns = {name: [row.get(name) for row in properties] for name in names}
        columns |= {"uid": uids, "repo": [self._repo] * len(rows), "title": columns["name"]}
        columns["id"] = list(range(first, first + len(rows)))
        what = f"{labels[0]} nodes"
        with self._told(what):
            self._graph.add_nodes(
                _Frame(columns), labels[0], "id", column_types=_types(columns), labels=labels[1:]
            )
        self._numbers[labels[0]].update(zip(uids, columns["id"], strict=True))

    def edges(self, edges: Iterable[Edge]) -> None:
        """Create edges between the nodes; the caller gives each key once."""
        pending: dict[EdgeShape, list[list[Any]]] = {}
        for shape, columns in edge_groups(edges):
            known = pending.setdefault(shape, columns)
            if known is not columns:
                for column, more in zip(known, columns, strict=True):
                    column += more
            if len(known[0]) >= _EDGES:
                self._create_edges(shape, pending.pop(shape))
        for shape, columns in pending.items():
            self._create_edges(shape, columns)

    def _create_edges(self, shape: EdgeShape, parts: list[list[Any]]) -> None:
        kind, source_kind, target_kind, *names = shape
        what = f"{source_kind} {kind} {target_kind} edges"
        sources, targets, *values = parts
        check_edge_properties((sources[0], kind, targets[0]), names)
        columns: Columns = dict(zip(names, values, strict=True))
        columns["_source"] = list(map(self._numbers[source_kind].get, sources))
        columns["_target"] = list(map(self._numbers[target_kind].get, targets))
        ends = zip(columns["_source"], columns["_target"], strict=True)
        missing = [row for row, numbers in enumerate(ends) if None in numbers]
        if missing:
            example = f"{sources[missing[0]]} -> {targets[missing[0]]}"
            raise StoreError(missing_ends(len(missing), len(sources), what, example))
        with self._told(what):
            self._graph.add_relationships(
                _Frame(columns),
                *(kind, source_kind, "_source", target_kind, "_target"),
                column_types=_types(columns),
            )

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        try:
            yield
        except (kglite.KgError, TypeError) as exc:
            reason = " ".join(str(exc).split())
            raise StoreError(f"{self._path}: {what} cannot be written: {reason}") from exc


def _types(columns: Columns) -> dict[str, str]:
    """The engine's type of every column. Raises TypeError where a value is of another."""
    for name, values in columns.items():
        expected = _TYPES[name][1]
        for found in set(map(type, values)) - {type(None)}:
            if not issubclass(found, expected):
                raise TypeError(f"{name} is {found.__name__} in place of {expected.__name__}")
    return {name: _TYPES[name][0] for name in columns}


class _Column:
    """What the loader asks of a column of a DataFrame."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def tolist(self) -> list[Any]:
        return self._values

    def isna(self) -> _Column:
        return _Column([value is None for value in self._values])


class _Frame:
    """What the loader asks of a DataFrame."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.columns = list(columns)

    def reset_index(self, *, drop: bool) -> _Frame:
        del drop
        return self

    def __getitem__(self, name: str) -> _Column:
        return _Column(self._columns[name])


class _Loading(Protocol):
    """What is used of `kglite.KnowledgeGraph`, whose stubs ask for a DataFrame of pandas."""

    def add_nodes(
        self,
        data: _Frame,
        node_type: str,
        unique_id_field: str,
        *,
        column_types: dict[str, str],
        labels: tuple[str, ...],
    ) -> object: ...

    def add_relationships(
        self, data: _Frame, *kind_and_ends: str, column_types: dict[str, str]
    ) -> object: ...
