"""The write side in Cypher, shared by both stores: batches of rows with the text that writes them.

A batch is grouped by everything that cannot be a parameter: labels, relationship type and, for
edges, which properties are present. The surprising choice: property maps are spelt out (`{name:
r.name, ...}`) instead of `SET n += r`, which costs the embedded store three times as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from graphdb.delta import IndexMeta
from graphdb.errors import StoreError
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, ExtraLabel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from graphdb.delta import Edge, EdgeKey, Node, NodeRef, Value

REPOSITORY_LABEL = "REPOSITORY"
"""Label of the one node that holds a repository's `IndexMeta`."""

META_PROPERTIES = (
    "repo",
    "root",
    "generation",
    "schema_version",
    "tool_version",
    "indexed_at",
    "commit",
    "branch",
    "files",
)

MERGE_META = f"MERGE (n:{REPOSITORY_LABEL} {{repo: $repo}}) SET " + ", ".join(
    f"n.{name} = $meta.{name}" for name in META_PROPERTIES if name != "repo"
)
"""Writes the record of the index; run with `meta_parameters`."""

READ_META = f"MATCH (n:{REPOSITORY_LABEL} {{repo: $repo}}) RETURN " + ", ".join(
    f"n.{name} AS {name}" for name in META_PROPERTIES
)

_NODE_COLUMNS = tuple(name for name in NODE_PROPERTIES if name not in {"uid", "repo"})
_KNOWN_NODE = frozenset(_NODE_COLUMNS)
_KNOWN_EDGE = frozenset(EDGE_PROPERTIES)
_EXTRA_LABELS = tuple(label.value for label in ExtraLabel)
_NODE_MAP = "{uid: r.uid, repo: $repo, " + ", ".join(f"`{p}`: r.`{p}`" for p in _NODE_COLUMNS) + "}"

Row = dict[str, Any]
_Key = TypeVar("_Key")
_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class Batch:
    """One statement and its rows; run with `{"rows": rows, "repo": repo}`.

    Every text returns one row with one column `written`: how many rows it wrote; `check_written`
    tells what fewer than `len(rows)` means.
    """

    cypher: str
    rows: list[Row]
    what: str


@dataclass(frozen=True, slots=True)
class CypherWriter:
    """Turns rows into batches.

    size: rows a batch. scoped: nodes are matched by repository and uid, as needed where a database
    holds several repositories; a file of one repository matches by uid alone, which is faster.
    """

    size: int
    scoped: bool

    def upsert_nodes(self, nodes: Iterable[Node]) -> Iterator[Batch]:
        """Batches that create nodes, or replace their whole property set and extra labels."""
        rows = ((node.labels, {"uid": node.uid, **checked_properties(node)}) for node in nodes)
        for labels, part in grouped(rows, self.size):
            yield Batch(self._upsert_nodes_text(labels), part, f"{labels[0]} nodes")

    def upsert_edges(self, edges: Iterable[Edge]) -> Iterator[Batch]:
        """Batches that create edges, or replace their whole property set."""
        for shape, part in grouped(map(_edge_row, edges), self.size):
            yield Batch(self._upsert_edges_text(shape), part, " ".join(shape[:3]) + " edges")

    def delete_nodes(self, nodes: Iterable[NodeRef]) -> Iterator[Batch]:
        """Batches that delete nodes with their edges; one that is not there is no error."""
        rows: Iterator[tuple[str, Row]] = ((n.kind.value, {"uid": n.uid}) for n in nodes)
        for kind, part in grouped(rows, self.size):
            text = (
                f"UNWIND $rows AS r MATCH (n:{kind} {self._key('uid')}) "
                "DETACH DELETE n RETURN count(*) AS written"
            )
            yield Batch(text, part, f"{kind} nodes")

    def delete_edges(self, edges: Iterable[EdgeKey]) -> Iterator[Batch]:
        """Batches that delete edges; one that is not there is no error."""
        rows: Iterator[tuple[tuple[str, str, str], Row]] = (
            (
                (e.source_kind.value, e.kind.value, e.target_kind.value),
                {"_source": e.source, "_target": e.target},
            )
            for e in edges
        )
        for (source, kind, target), part in grouped(rows, self.size):
            text = (
                f"UNWIND $rows AS r MATCH (a:{source} {self._key('_source')})"
                f"-[e:{kind}]->(b:{target} {self._key('_target')}) "
                "DELETE e RETURN count(*) AS written"
            )
            yield Batch(text, part, f"{source} {kind} {target} edges")

    def _key(self, field: str) -> str:
        return f"{{repo: $repo, uid: r.{field}}}" if self.scoped else f"{{uid: r.{field}}}"

    def _upsert_nodes_text(self, labels: tuple[str, ...]) -> str:
        added = "".join(f" SET n:{quote_name(label)}" for label in labels[1:])
        absent = [label for label in _EXTRA_LABELS if label not in labels]
        removed = "".join(f" REMOVE n:{quote_name(label)}" for label in absent)
        return (
            f"UNWIND $rows AS r MERGE (n:{quote_name(labels[0])} {self._key('uid')}) "
            f"SET n = {_NODE_MAP}{added}{removed} RETURN count(n) AS written"
        )

    def _upsert_edges_text(self, shape: tuple[str, ...]) -> str:
        source, kind, target = shape[:3]
        return (
            f"UNWIND $rows AS r MATCH (a:{source} {self._key('_source')}) "
            f"MATCH (b:{target} {self._key('_target')}) "
            f"MERGE (a)-[e:{kind}]->(b) SET e = {_edge_map(shape)} RETURN count(e) AS written"
        )


def quote_name(name: str) -> str:
    """A label, type or property name as Cypher takes it, whatever it holds."""
    return "`" + name.replace("`", "``") + "`"


def check_written(batch: Batch, written: int) -> None:
    """Raise StoreError when a batch of nodes or edges did not write each of its rows."""
    missing = len(batch.rows) - written
    if missing:
        first = batch.rows[0]
        example = first.get("uid") or f"{first['_source']} -> {first['_target']}"
        raise StoreError(missing_ends(missing, len(batch.rows), batch.what, example))


def missing_ends(missing: int, total: int, what: str, example: str) -> str:
    """The message for edges that lack an end."""
    return (
        f"{missing} of {total} {what} could not be written because an end is "
        f"not in the graph (among them {example}): run codexgraph index --full"
    )


def meta_parameters(meta: IndexMeta) -> dict[str, Any]:
    """Parameters of `MERGE_META`."""
    values: dict[str, Any] = {name: getattr(meta, name) for name in META_PROPERTIES}
    return {"repo": meta.repo, "meta": values}


def meta_from_row(row: Mapping[str, Any]) -> IndexMeta:
    """The record of a row of `READ_META`, by column name."""
    fields: dict[str, Any] = {name: row[name] for name in META_PROPERTIES}
    return IndexMeta(**fields)


def checked_properties(node: Node) -> Mapping[str, Value]:
    """The properties of a node. Raises StoreError for one that the schema does not know."""
    if not node.properties.keys() <= _KNOWN_NODE:
        raise StoreError(_unknown(node.uid, node.properties.keys() - _KNOWN_NODE))
    return node.properties


def _edge_row(edge: Edge) -> tuple[tuple[str, ...], Row]:
    key = edge.key
    properties = edge.properties
    check_edge_properties((key.source, key.kind, key.target), properties)
    shape = (key.source_kind, key.kind, key.target_kind, *properties)
    return shape, {"_source": key.source, "_target": key.target, **properties}


def check_edge_properties(key: tuple[str, str, str], properties: Iterable[str]) -> None:
    """Raise StoreError for a property that the schema does not know of the edge `key` names."""
    if not _KNOWN_EDGE.issuperset(properties):
        raise StoreError(_unknown(" ".join(key), set(properties) - _KNOWN_EDGE))


def _unknown(owner: str, names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names))
    return f"{owner} has properties that the schema does not know: {listed}"


def grouped(rows: Iterable[tuple[_Key, _Item]], size: int) -> Iterator[tuple[_Key, list[_Item]]]:
    """Rows by key, in groups of up to `size`; the last and smaller ones at the end."""
    pending: dict[_Key, list[_Item]] = {}
    for key, row in rows:
        part = pending.setdefault(key, [])
        part.append(row)
        if len(part) >= size:
            del pending[key]
            yield key, part
    yield from pending.items()


def _edge_map(shape: tuple[str, ...]) -> str:
    return "{" + ", ".join(f"`{name}`: r.`{name}`" for name in shape[3:]) + "}"
