"""Vectors in Neo4j: a property of each node that `neo4j_values` shows to nobody.

Whatever replaces a node's properties drops its vector, too; one of zeros is kept as an empty list,
because the server has no cosine for it. They are compared one by one, not through a vector index:
that is approximate, knows no repositories, and has one length for all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.delta import NodeRef
from graphdb.errors import StoreError
from graphdb.schema import VECTOR_KINDS, NodeKind
from graphdb.store import TextHit
from graphdb.stores.neo4j_connection import literal, rows, translated
from graphdb.stores.neo4j_values import VECTOR_PROPERTY

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neo4j import ManagedTransaction

    from graphdb.delta import NodeVector
    from graphdb.stores.neo4j_connection import Connection
    from graphdb.stores.neo4j_lease import Lease

_ROWS = 2_000
_VECTOR = f"n.`{VECTOR_PROPERTY}`"
_ANY = "|".join(VECTOR_KINDS)
_LENGTH = (
    f"MATCH (n:{_ANY}) WHERE n.repo = $repo AND size({_VECTOR}) > 0 "
    f"RETURN size({_VECTOR}) AS length LIMIT 1"
)
# The function's range is 0 to 1; a cosine's is -1 to 1.
_SEARCH = (
    f"MATCH (n:{_ANY}) WHERE n.repo = $repo AND size({_VECTOR}) > 0 "
    "AND any(label IN labels(n) WHERE label IN $kinds) "
    f"RETURN n.uid AS uid, 2 * vector.similarity.cosine({_VECTOR}, $vector) - 1 AS score "
    "ORDER BY score DESC, uid LIMIT $limit"
)
_LACKING = (
    "MATCH (n:{kind}) WHERE n.repo = $repo AND n.content_hash IS NOT NULL "
    f"AND {_VECTOR} IS NULL RETURN n.uid AS uid"
)
_SET = (
    "UNWIND $rows AS r MATCH (n:{kind} {{repo: $repo, uid: r.uid}}) "
    f"WHERE n.content_hash IS NOT NULL SET {_VECTOR} = r.vector RETURN count(n) AS written"
)


def search_vector(
    connection: Connection,
    repo: str,
    vector: Sequence[float],
    kinds: Sequence[NodeKind],
    limit: int,
) -> list[TextHit]:
    """The nodes of the largest cosines, best first. Raises StoreError."""
    if limit < 1:
        return []
    parameters = {
        "repo": repo,
        "vector": list(vector),
        "kinds": [kind.value for kind in kinds or VECTOR_KINDS],
        "limit": limit,
    }
    with translated(connection), connection.reading() as session:
        held = session.run(literal(_LENGTH), repo=repo).single()
        if held is None:
            return []
        _check(repo, held["length"], vector)
        if not any(vector):
            return []
        return [
            TextHit(row["uid"], row["score"]) for row in session.run(literal(_SEARCH), parameters)
        ]


def lacking_vectors(connection: Connection, repo: str) -> list[NodeRef]:
    """Nodes with a text but no vector, by uid."""
    found: list[NodeRef] = []
    with translated(connection), connection.reading() as session:
        for kind in VECTOR_KINDS:
            text = _LACKING.format(kind=kind.value)
            found += [NodeRef(row["uid"], kind) for row in session.run(literal(text), repo=repo)]
    return sorted(found, key=lambda node: node.uid)


def set_vectors(
    connection: Connection, lease: Lease, repo: str, vectors: Iterable[NodeVector]
) -> None:
    """Write vectors in one transaction. Raises StoreError."""
    given = list(vectors)

    def work(transaction: ManagedTransaction) -> None:
        lease.verify(transaction)
        held = rows(transaction, _LENGTH, repo=repo)
        for vector in given:
            _check(repo, held[0]["length"] if held else len(given[0].values), vector.values)
        for at in range(0, len(given), _ROWS):
            _write(transaction, repo, given[at : at + _ROWS])

    with translated(connection), connection.writing() as session:
        session.execute_write(work)


def _write(transaction: ManagedTransaction, repo: str, vectors: Sequence[NodeVector]) -> None:
    for kind in dict.fromkeys(vector.node.kind for vector in vectors):
        part = [
            {"uid": v.node.uid, "vector": list(v.values) if any(v.values) else []}
            for v in vectors
            if v.node.kind == kind
        ]
        written = 0
        if kind in VECTOR_KINDS:
            found = rows(transaction, _SET.format(kind=kind.value), repo=repo, rows=part)
            written = found[0]["written"]
        if written != len(part):
            missing = len(part) - written
            raise StoreError(
                f"{missing} of {len(part)} {kind.value} nodes (among {part[0]['uid']} and others) "
                f"of repository {repo} have no text in the graph: no vector"
            )


def _check(repo: str, length: int, vector: Sequence[float]) -> None:
    if len(vector) != length:
        raise StoreError(
            f"repository {repo} has vectors of {length} numbers, not of {len(vector)}: "
            "codexgraph index --full makes them anew"
        )
