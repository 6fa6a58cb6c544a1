"""Writes whole graphs and differences into Neo4j.

A new graph is loaded in many transactions under the label STAGED alone and another `repo`. One last
transaction then takes the labels off the old nodes and gives the new ones theirs, so readers see
the old graph or the new one, and a load that dies leaves the old one whole. One transaction for all
of it would be simpler, and needs more memory than a server with a heap of 1 GB has for a graph of
60,000 nodes; so would changing `repo` in the last one, which is why that is done just before and
just after. Only patterns without a label can notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.errors import StoreError
from graphdb.schema import SCHEMA_VERSION, ExtraLabel, NodeKind
from graphdb.stores.cypher_writer import (
    MERGE_META,
    REPOSITORY_LABEL,
    CypherWriter,
    check_written,
    meta_parameters,
)
from graphdb.stores.neo4j_connection import literal, rows, translated
from graphdb.stores.neo4j_schema import RETIRED, STAGED, indexable, schema_items
from graphdb.stores.neo4j_stage import BATCH_ROWS, Staging

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neo4j import ManagedTransaction, Transaction

    from graphdb.delta import Edge, GraphDelta, IndexMeta, Node
    from graphdb.stores.cypher_writer import Batch
    from graphdb.stores.neo4j_connection import Connection
    from graphdb.stores.neo4j_lease import Lease

_DELETED_AT_ONCE = 5000
_INDEX_WAIT_S = 300

_MARK = f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) SET r.loading = true"
_UNMARK = f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) REMOVE r.loading"
_FORGET = (
    f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) WITH r, r.schema_version AS version "
    "SET r.loading = true REMOVE r.schema_version RETURN version IS NOT NULL AS known"
)
_DELETE_RECORD = f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) DELETE r"
_STATE = (
    f"MATCH (r:{REPOSITORY_LABEL} {{repo: $repo}}) "
    "RETURN r.loading AS loading, r.schema_version AS version"
)


def ensure_schema(connection: Connection) -> None:
    """Create the constraints and indexes that are missing, and wait until they can be used."""
    present = {
        row["name"]
        for text in ("SHOW CONSTRAINTS YIELD name", "SHOW INDEXES YIELD name")
        for row in connection.run(text)
    }
    missing = [item for item in schema_items() if item.name not in present]
    if not missing:
        return

    def work(transaction: ManagedTransaction) -> None:
        for item in missing:
            rows(transaction, item.cypher)

    with translated(connection), connection.writing() as session:
        session.execute_write(work)
    connection.run("CALL db.awaitIndexes($seconds)", seconds=_INDEX_WAIT_S)


def replace_graph(
    connection: Connection,
    lease: Lease,
    graph: tuple[Iterable[Node], Iterable[Edge]],
    meta: IndexMeta,
) -> None:
    """Load a graph beside the present one, switch to it in one transaction, delete the old."""
    repo = meta.repo
    clean_up(connection, repo)
    connection.run(_MARK, repo=repo)
    staging = Staging(connection, lease, _loading(repo))
    staging.add_nodes(graph[0])
    staging.add_edges(graph[1])
    _rename(connection, STAGED, _loading(repo), repo)
    _switch(connection, lease, staging, meta)
    clean_up(connection, repo)


def apply_delta(connection: Connection, lease: Lease, delta: GraphDelta, meta: IndexMeta) -> None:
    """Write a difference and its record in one transaction."""
    _require_graph(connection, meta.repo)
    writer = CypherWriter(BATCH_ROWS, scoped=True)

    def work(transaction: ManagedTransaction) -> None:
        lease.verify(transaction)
        for batches, complete in (
            (writer.delete_edges(delta.removed_edges), False),
            (writer.delete_nodes(delta.removed_nodes), False),
            (writer.upsert_nodes(indexable(delta.nodes)), True),
            (writer.upsert_edges(delta.edges), True),
        ):
            for batch in batches:
                _write(transaction, meta.repo, batch, complete=complete)
        rows(transaction, MERGE_META, **meta_parameters(meta))

    with translated(connection), connection.writing() as session:
        session.execute_write(work)


def delete_repository(connection: Connection, lease: Lease, repo: str) -> bool:
    """Take a whole graph out of sight in one transaction, then delete it."""

    def work(transaction: ManagedTransaction) -> bool:
        lease.verify(transaction)
        retired = [rows(transaction, _retire_text(kind), repo=repo)[0] for kind in NodeKind]
        record = rows(transaction, _FORGET, repo=repo)
        return any(row["retired"] for row in retired) or bool(record[0]["known"])

    with translated(connection), connection.writing() as session:
        found = session.execute_write(work)
    clean_up(connection, repo)
    connection.run(_DELETE_RECORD, repo=repo)
    return found


def clean_up_unfinished(connection: Connection, repo: str) -> None:
    """Delete what a load that died left; the lease must be held."""
    found = connection.run(_STATE, repo=repo)
    if found and found[0]["loading"]:
        clean_up(connection, repo)


def clean_up(connection: Connection, repo: str) -> None:
    """Delete what an unfinished load left, and what a finished one replaced."""
    _rename(connection, RETIRED, repo, _replaced(repo))
    for label, scope in (
        (STAGED, _loading(repo)),
        (STAGED, repo),
        (RETIRED, _replaced(repo)),
    ):
        text = (
            f"MATCH (n:{label} {{repo: $scope}}) "
            f"WITH n LIMIT {_DELETED_AT_ONCE} DETACH DELETE n RETURN count(*) AS changed"
        )
        while connection.run(text, scope=scope)[0]["changed"]:
            pass
    connection.run(_UNMARK, repo=repo)


def _loading(repo: str) -> str:
    return f"{repo} (loading)"


def _replaced(repo: str) -> str:
    return f"{repo} (replaced)"


def _rename(connection: Connection, label: str, old: str, new: str) -> None:
    text = (
        f"MATCH (n:{label} {{repo: $old}}) "
        f"WITH n LIMIT {BATCH_ROWS} SET n.repo = $new RETURN count(*) AS changed"
    )
    while connection.run(text, old=old, new=new)[0]["changed"]:
        pass


def _require_graph(connection: Connection, repo: str) -> None:
    found = connection.run(_STATE, repo=repo)
    if not found or found[0]["version"] != SCHEMA_VERSION:
        raise StoreError(
            f"repository {repo} has no graph of this version in Neo4j at {connection.uri} that "
            "could be changed: run codexgraph index --full"
        )
    if found[0]["loading"]:
        clean_up(connection, repo)


def _write(
    transaction: Transaction | ManagedTransaction, repo: str, batch: Batch, *, complete: bool
) -> None:
    result = transaction.run(literal(batch.cypher), rows=batch.rows, repo=repo)
    written = result.single(strict=True)["written"]
    if complete:
        check_written(batch, written)


def _switch(
    connection: Connection,
    lease: Lease,
    staging: Staging,
    meta: IndexMeta,
) -> None:
    def work(transaction: ManagedTransaction) -> None:
        lease.verify(transaction)
        for kind in NodeKind:
            rows(transaction, _retire_text(kind), repo=meta.repo)
        staging.publish(transaction)
        rows(transaction, MERGE_META, **meta_parameters(meta))

    with translated(connection), connection.writing() as session:
        session.execute_write(work)


def _retire_text(kind: NodeKind) -> str:
    removed = ":".join([kind.value, *ExtraLabel])
    return (
        f"MATCH (n:{kind.value} {{repo: $repo}}) WHERE n.uid IS NOT NULL "
        f"SET n:{RETIRED} REMOVE n:{removed} RETURN count(*) AS retired"
    )
