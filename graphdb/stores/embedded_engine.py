"""Statements of our own on an engine graph, with types that the engine's stubs leave unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from graphdb.delta import GraphCounts
from graphdb.schema import INDEXED_PROPERTIES, ExtraLabel, NodeKind
from graphdb.stores.cypher_writer import READ_META, meta_from_row

if TYPE_CHECKING:
    import kglite

    from graphdb.delta import IndexMeta


class CypherGraph(Protocol):
    """What is used of `kglite.KnowledgeGraph.cypher`."""

    def cypher(
        self,
        query: str,
        *,
        params: dict[str, Any] | None = None,
        timeout_ms: int | None = None,
        max_work_units: int | None = None,
        row_limit: int | None = None,
        hide_structural_keys: bool = False,
    ) -> Any:
        """Run a statement."""
        ...


def run(graph: CypherGraph, cypher: str, params: dict[str, Any] | None = None) -> kglite.ResultView:
    """Run a statement of our own, without a time limit."""
    return cast("kglite.ResultView", graph.cypher(cypher, params=params, timeout_ms=0))


def declare(graph: CypherGraph) -> None:
    """Make `uid` unique and index `schema.INDEXED_PROPERTIES` on every label."""
    for kind in NodeKind:
        run(graph, f"CREATE CONSTRAINT FOR (n:{kind}) REQUIRE n.uid IS UNIQUE")
        for name in INDEXED_PROPERTIES:
            run(graph, f"CREATE INDEX FOR (n:{kind}) ON (n.{name})")


def stored_meta(graph: CypherGraph, repo: str) -> IndexMeta | None:
    """The record of the index, or None when the graph has none for this repository."""
    row = run(graph, READ_META, {"repo": repo}).one()
    return meta_from_row(row) if row else None


def counts(graph: CypherGraph) -> GraphCounts:
    """Nodes by label and edges by type, the record of the index left out."""
    # Of one label the engine knows the number; to look at every node costs a hundred times more.
    nodes = {
        label: run(graph, f"MATCH (n:{label}) RETURN count(n)").scalar() or 0
        for label in sorted((*NodeKind, *ExtraLabel))
    }
    edges = run(graph, "MATCH ()-[r]->() RETURN type(r) AS kind, count(*) AS total ORDER BY kind")
    return GraphCounts(
        nodes={str(label): count for label, count in nodes.items() if count},
        edges={row["kind"]: row["total"] for row in edges},
    )
