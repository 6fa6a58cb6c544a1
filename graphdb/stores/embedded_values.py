"""Turns the embedded engine's values into the plain ones of `QueryResult`.

The engine gives every node three properties of its own (`id`, `title`, `type`); they are dropped
here, so that a whole node, `properties(n)`, `keys(n)` and `n {.*}` are what the other store gives.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, cast

from graphdb.schema import NODE_PROPERTIES
from graphdb.stores.cypher_writer import META_PROPERTIES

_NODE_KEYS = {"id", "labels", "properties"}
_RELATIONSHIP_KEYS = {"id", "start", "end", "type", "properties"}
_PATH_KEYS = {"nodes", "relationships"}
_VIRTUAL = frozenset({"id", "title", "type"})
_NODE_MAP = frozenset(NODE_PROPERTIES) | _VIRTUAL
_META_MAP = frozenset(META_PROPERTIES) | _VIRTUAL

_SCALARS = frozenset({str, int, float, bool, type(None)})


def plain_column(values: list[Any]) -> list[Any]:
    """The plain forms of one column's values; most columns have only values that are plain."""
    return values if _SCALARS.issuperset(map(type, values)) else [plain(item) for item in values]


def plain(value: Any) -> Any:
    """The plain form of one value."""
    if isinstance(value, dict):
        return _plain_map(cast("dict[str, Any]", value))
    if isinstance(value, (list, tuple)):
        return _plain_list(cast("list[Any]", value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value


def _plain_map(value: dict[str, Any]) -> Any:
    keys = value.keys()
    if keys == _NODE_KEYS and isinstance(value["labels"], list):
        return _node(value)
    if keys == _RELATIONSHIP_KEYS:
        return _relationship(value)
    if keys == _PATH_KEYS:
        return _path(value)
    virtual = _VIRTUAL if _is_property_map(keys) else ()
    return {name: plain(item) for name, item in value.items() if name not in virtual}


def _plain_list(value: list[Any]) -> list[Any]:
    if "id" in value and all(isinstance(item, str) for item in value):
        names = cast("list[str]", value)
        if _is_property_map(names):
            return [name for name in names if name not in _VIRTUAL]
    return plain_column(list(value))


def _is_property_map(keys: Any) -> bool:
    """True for the names of all properties of a node of ours, with those that the engine adds."""
    names = set(keys)
    if not {"id", "repo"} <= names:
        return False
    if "uid" in names:
        return "name" in names and names <= _NODE_MAP
    return "generation" in names and names <= _META_MAP


def _node(value: dict[str, Any]) -> dict[str, Any]:
    properties = value["properties"]
    own = {name: plain(item) for name, item in properties.items() if name not in _VIRTUAL}
    return {"_labels": list(value["labels"]), **own}


def _relationship(value: dict[str, Any]) -> dict[str, Any]:
    own = {name: plain(item) for name, item in value["properties"].items()}
    return {"_type": value["type"], **own}


def _path(value: dict[str, Any]) -> list[Any]:
    nodes = [plain(node) for node in value["nodes"]]
    relationships = [plain(item) for item in value["relationships"]]
    steps: list[Any] = nodes[:1]
    for relationship, node in zip(relationships, nodes[1:], strict=True):
        steps += (relationship, node)
    return steps
