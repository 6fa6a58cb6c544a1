"""Constraints, indexes and bookkeeping labels of a Neo4j database, as text only.

The surprising choice: `name` and the like are indexed without the repository, because queries are
run as they are written and most name no repository; (repo, uid) is what keeps repositories apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.errors import StoreError
from graphdb.schema import INDEXED_PROPERTIES, TEXT_PROPERTIES, NodeKind
from graphdb.stores.cypher_writer import REPOSITORY_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphdb.delta import Node

STAGED = "CODEXGRAPH_STAGED"
"""Label of the nodes of a graph that is still being loaded."""

RETIRED = "CODEXGRAPH_RETIRED"
"""Label of the nodes of a graph that was replaced and is not yet deleted."""

LEASE = "CODEXGRAPH_LEASE"
"""Label of a node that is created by a writer and never committed."""

TEXT_INDEX = "codexgraph_text"

INDEXABLE_BYTES = 7_500
"""Length of a uid; a range index holds 8 kB, in which the repository's name has to go, too."""

_WEIGHTS = {"name": 4, "full_name": 2}


@dataclass(frozen=True, slots=True)
class SchemaItem:
    """A constraint or an index: its name, and the statement that creates it if it is not there."""

    name: str
    cypher: str


def schema_items() -> tuple[SchemaItem, ...]:
    """All constraints and indexes, CodexGraph's labels first.

    Neo4j lists the labels of a node in the order in which the database first saw them, so this
    order is what makes `labels(n)[0]` CodexGraph's label.
    """
    items: list[SchemaItem] = []
    items.extend(_unique(kind.value, ("repo", "uid")) for kind in NodeKind)
    items.extend(_range(kind.value, name) for kind in NodeKind for name in INDEXED_PROPERTIES)
    items.append(_unique(REPOSITORY_LABEL, ("repo",)))
    items.append(_unique(LEASE, ("repo",)))
    items.append(_full_text())
    return tuple(items)


def indexable(nodes: Iterable[Node]) -> Iterator[Node]:
    """The nodes themselves. Raises StoreError at one whose name no index holds."""
    for node in nodes:
        # A character is four bytes at most.
        if len(node.uid) * 4 > INDEXABLE_BYTES and len(node.uid.encode()) > INDEXABLE_BYTES:
            raise StoreError(
                f"{node.properties.get('file_path')} holds a name of more than {INDEXABLE_BYTES:,} "
                "bytes, which Neo4j cannot index: leave the file out by the setting exclude, or "
                "use the embedded store"
            )
        yield node


def text_query(terms: list[str]) -> str:
    """Plain words as a query of the full-text index; a word counts most in a name."""
    return " ".join(
        f"{name}:{term}^{_WEIGHTS.get(name, 1)}" for term in terms for name in TEXT_PROPERTIES
    )


def _unique(label: str, properties: tuple[str, ...]) -> SchemaItem:
    name = f"codexgraph_{label.lower()}_key"
    listed = ", ".join(f"n.{p}" for p in properties)
    return SchemaItem(
        name, f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE ({listed}) IS UNIQUE"
    )


def _range(label: str, property_name: str) -> SchemaItem:
    name = f"codexgraph_{label.lower()}_{property_name}"
    return SchemaItem(
        name, f"CREATE INDEX {name} IF NOT EXISTS FOR (n:{label}) ON (n.{property_name})"
    )


def _full_text() -> SchemaItem:
    labels = "|".join(NodeKind)
    properties = ", ".join(f"n.{name}" for name in TEXT_PROPERTIES)
    # The analyzer "simple" splits at everything but letters, so `queryset` finds `get_queryset`.
    return SchemaItem(
        TEXT_INDEX,
        f"CREATE FULLTEXT INDEX {TEXT_INDEX} IF NOT EXISTS FOR (n:{labels}) ON EACH [{properties}] "
        "OPTIONS {indexConfig: {`fulltext.analyzer`: 'simple'}}",
    )
