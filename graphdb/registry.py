"""Which stores exist and how each is opened.

The table holds `module:function` strings, so that naming a store never imports its driver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphdb.store import GraphReader, GraphWriter

STORES = {
    "embedded": ("graphdb.stores.embedded:open_reader", "graphdb.stores.embedded:open_writer"),
    "neo4j": ("graphdb.stores.neo4j:open_reader", "graphdb.stores.neo4j:open_writer"),
}
"""Store name -> (opener of a reader, opener of a writer); each opener takes `StoreSettings`."""

REMOVERS = {"neo4j": "graphdb.stores.neo4j:delete_graph"}
"""Stores that many repositories share -> what removes one repository from it."""


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """All that is needed to open one repository's graph.

    kind: a key of `STORES`. repo: the repository's scope name. index_dir: folder of the embedded
    store's files and of the indexer's state. The rest is for Neo4j.
    """

    kind: str
    repo: str
    index_dir: Path
    uri: str = "bolt://127.0.0.1:7687"
    user: str = "neo4j"
    password: str | None = field(default=None, repr=False)
    database: str = "neo4j"


def open_reader(settings: StoreSettings) -> GraphReader:
    """Open a graph for reading. Raises NoIndexError or StoreError."""
    return _opener(settings, 0)(settings)


def open_writer(settings: StoreSettings) -> GraphWriter:
    """Open a graph for writing. Raises IndexLockedError or StoreError."""
    return _opener(settings, 1)(settings)


def delete_graph(settings: StoreSettings) -> bool:
    """Remove a repository from a shared store; False when it was not there. Raises StoreError."""
    module, _, name = REMOVERS[settings.kind].partition(":")
    return bool(getattr(import_module(module), name)(settings))


def _opener(settings: StoreSettings, which: int) -> Callable[[StoreSettings], Any]:
    if settings.kind not in STORES:
        known = ", ".join(STORES)
        raise CodexGraphError(f"unknown store {settings.kind!r}: choose one of {known}")
    module, _, name = STORES[settings.kind][which].partition(":")
    return getattr(import_module(module), name)
