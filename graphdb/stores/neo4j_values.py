"""Turns what the Neo4j driver hands out into the plain values of a QueryResult."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from neo4j.graph import Node, Path, Relationship

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

VECTOR_PROPERTY = "codexgraph_vector"
"""What a node means, as numbers; for comparisons, and in no answer."""

_KINDS = frozenset(NodeKind)


def plain(value: Any) -> Any:
    """Nodes and relationships as maps, paths as lists, dates and points as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Node):
        return {"_labels": _labels(value.labels), **_plain_map(value)}
    if isinstance(value, Relationship):
        return {"_type": value.type, **_plain_map(value)}
    if isinstance(value, Path):
        return _path(value)
    if isinstance(value, list | tuple | set | frozenset):
        items = cast("Iterable[Any]", value)
        return [plain(item) for item in items]
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {key: plain(item) for key, item in pairs if key != VECTOR_PROPERTY}
    return str(value)


def _plain_map(entity: Node | Relationship) -> dict[str, Any]:
    return {key: plain(item) for key, item in entity.items() if key != VECTOR_PROPERTY}


def _labels(labels: Iterable[str]) -> list[str]:
    return sorted(labels, key=lambda label: (label not in _KINDS, label))


def _path(path: Path) -> list[Any]:
    steps: list[Any] = [plain(path.nodes[0])]
    for relationship, node in zip(path.relationships, path.nodes[1:], strict=True):
        steps += [plain(relationship), plain(node)]
    return steps
