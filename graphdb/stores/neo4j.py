"""The Neo4j store: many repositories in one database, kept apart by the property `repo`.

The surprising choice: a query runs as it is written, with `$repo` bound, and is never rewritten to
stay inside its repository; one that does not name the repository gets a note when the database
holds several. How a graph is replaced under its readers is told in `neo4j_load`, how one writer
keeps others out in `neo4j_lease`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from graphdb.cypher_scan import TokenKind, scan
from graphdb.delta import GraphCounts
from graphdb.errors import (
    CodexGraphError,
    NoIndexError,
    QueryError,
    QueryTimeoutError,
    WriteRefusedError,
)
from graphdb.gate import (
    check_read_only,
    hints,
    limited,
    query_error,
    schema_vocabulary,
    search_terms,
)
from graphdb.schema import CODE_KINDS, SCHEMA_VERSION, NodeKind
from graphdb.store import DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_S, QueryResult, TextHit
from graphdb.stores.cypher_writer import READ_META, REPOSITORY_LABEL, meta_from_row
from graphdb.stores.neo4j_connection import (
    OUT_OF_MEMORY_CODES,
    connect,
    literal,
    rows,
    store_error,
    translated,
)
from graphdb.stores.neo4j_lease import Lease
from graphdb.stores.neo4j_load import (
    apply_delta,
    clean_up_unfinished,
    delete_repository,
    ensure_schema,
    replace_graph,
)
from graphdb.stores.neo4j_schema import TEXT_INDEX, text_query
from graphdb.stores.neo4j_values import plain
from graphdb.stores.neo4j_vectors import lacking_vectors, search_vector, set_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from neo4j import Result

    from graphdb.delta import Edge, GraphDelta, IndexMeta, Node, NodeRef, NodeVector
    from graphdb.registry import StoreSettings
    from graphdb.stores.neo4j_connection import Connection

_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"
_REFUSED_CODES = frozenset(
    {"Neo.ClientError.Statement.AccessMode", "Neo.ClientError.Security.Forbidden"}
)
_SERVER_CODES = (
    "Neo.ClientError.Database.",
    "Neo.ClientError.Security.",
    "Neo.TransientError.Database.",
)
_REPOSITORIES = (
    f"MATCH (r:{REPOSITORY_LABEL}) WHERE r.schema_version IS NOT NULL OR r.loading "
    "RETURN count(r) AS repositories, collect(CASE WHEN r.loading THEN r.repo END) AS loading"
)
_SEARCH = (
    "CALL db.index.fulltext.queryNodes($index, $terms) YIELD node, score "
    "WHERE node.repo = $repo AND any(label IN labels(node) WHERE label IN $kinds) "
    "RETURN node.uid AS uid, score ORDER BY score DESC, uid LIMIT $limit"
)


def open_reader(settings: StoreSettings) -> Neo4jReader:
    """Open a repository's graph for reading. Raises NoIndexError or StoreError."""
    reader = Neo4jReader(connect(settings), settings.repo)
    try:
        reader.meta()
    except BaseException:
        reader.close()
        raise
    return reader


def open_writer(settings: StoreSettings) -> Neo4jWriter:
    """Open a repository's graph for writing. Raises IndexLockedError or StoreError."""
    connection = connect(settings)
    lease = Lease(connection, settings.repo)
    try:
        ensure_schema(connection)
        lease.acquire()
        clean_up_unfinished(connection, settings.repo)
    except BaseException:
        lease.release()
        connection.close()
        raise
    return Neo4jWriter(connection, lease, settings.repo)


def delete_graph(settings: StoreSettings) -> bool:
    """Delete all of a repository; True when there was something. Raises IndexLockedError."""
    writer = open_writer(settings)
    try:
        return writer.delete()
    finally:
        writer.close()


class Neo4jReader:
    """Read access to one repository; every query runs in a transaction that cannot write."""

    def __init__(self, connection: Connection, repo: str) -> None:
        self.repo = repo
        self._connection = connection
        self._vocabulary = schema_vocabulary()

    def meta(self) -> IndexMeta:
        """What the graph says of itself. Raises NoIndexError when nothing is indexed."""
        found = _read_meta(self._connection, self.repo)
        if found is None:
            raise NoIndexError(
                f"repository {self.repo} has no index of this version in Neo4j at "
                f"{self._connection.uri}: run codexgraph index --store neo4j"
            )
        return found

    def meta_at_hand(self) -> None:
        """The server would have to be asked."""

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        max_rows: int | None = DEFAULT_MAX_ROWS,
    ) -> QueryResult:
        """Run one read-only statement with `$repo` bound."""
        check_read_only(cypher)
        notes = hints(cypher, self._vocabulary)
        parameters = {**(params or {}), "repo": self.repo}
        started = time.perf_counter()
        try:
            columns, found = self._run(cypher, parameters, timeout_s, max_rows)
        except (Neo4jError, DriverError) as error:
            if _is_about_the_server(error):
                raise store_error(error, self._connection) from None
            raise _query_failure(error, timeout_s, notes) from None
        except (ValueError, TypeError, OverflowError) as error:
            # The driver's word for a parameter that no database value corresponds to.
            raise query_error(f"a parameter cannot be sent: {error}", notes) from error
        seconds = time.perf_counter() - started
        truncated = max_rows is not None and len(found) > max_rows
        if max_rows is not None:
            found = found[:max_rows]
            notes = (*notes, *self._scope_notes(cypher))
        return QueryResult(columns, tuple(found), truncated, seconds, notes)

    def search_text(
        self, text: str, kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Full-text search by Neo4j's own index, best first."""
        terms = search_terms(text)
        if not terms or limit < 1:
            return []
        parameters = {
            "index": TEXT_INDEX,
            "terms": text_query(terms),
            "repo": self.repo,
            "kinds": [kind.value for kind in kinds or CODE_KINDS],
            "limit": limit,
        }
        with translated(self._connection), self._connection.reading() as session:
            found = session.run(literal(_SEARCH), parameters)
            return [TextHit(row["uid"], row["score"]) for row in found]

    def search_vector(
        self, vector: Sequence[float], kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Nodes by the cosine of their vectors, best first."""
        return search_vector(self._connection, self.repo, vector, kinds, limit)

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type of this repository."""
        return _counts(self._connection, self.repo)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _run(
        self, cypher: str, parameters: dict[str, Any], timeout_s: float, max_rows: int | None
    ) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        wanted = None if max_rows is None else max_rows + 1
        text = cypher if wanted is None else limited(cypher, wanted)
        with (
            self._connection.reading(wanted or 1000) as session,
            session.begin_transaction(timeout=timeout_s) as transaction,
        ):
            result = transaction.run(literal(text), parameters)
            found = _fetch(result, wanted)
            columns = tuple(result.keys())
            result.consume()
        return columns, found

    def _scope_notes(self, cypher: str) -> tuple[str, ...]:
        if _names_repository(cypher):
            return ()
        with translated(self._connection), self._connection.reading() as session:
            row = session.run(literal(_REPOSITORIES)).single(strict=True)
        notes: list[str] = []
        if row["repositories"] > 1:
            notes.append(
                f"rows may come from all {row['repositories']} repositories of this database: "
                f"add {{repo: $repo}} to a pattern to stay in {self.repo}"
            )
        notes.extend(
            f"repository {repo} is being loaded: patterns without a label may match unfinished rows"
            for repo in row["loading"]
        )
        return tuple(notes)


class Neo4jWriter:
    """Write access to one repository, for as long as the lease is held."""

    def __init__(self, connection: Connection, lease: Lease, repo: str) -> None:
        self.repo = repo
        self._connection = connection
        self._lease = lease

    def meta(self) -> IndexMeta | None:
        """What the stored graph says of itself, or None when there is none of this version."""
        return _read_meta(self._connection, self.repo)

    def forget(self) -> None:
        """Nothing is held here."""

    def replace(self, nodes: Iterable[Node], edges: Iterable[Edge], meta: IndexMeta) -> None:
        """Replace the repository's whole graph."""
        self._lease.ensure()
        replace_graph(self._connection, self._lease, (nodes, edges), self._own(meta))

    def apply(self, delta: GraphDelta, meta: IndexMeta) -> None:
        """Apply a difference in one transaction and record `meta`."""
        self._lease.ensure()
        apply_delta(self._connection, self._lease, delta, self._own(meta))

    def lacking_vectors(self) -> list[NodeRef]:
        """Nodes with a text but no vector."""
        return lacking_vectors(self._connection, self.repo)

    def set_vectors(self, vectors: Iterable[NodeVector]) -> None:
        """Give nodes vectors."""
        self._lease.ensure()
        set_vectors(self._connection, self._lease, self.repo, vectors)

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type of this repository."""
        return _counts(self._connection, self.repo)

    def delete(self) -> bool:
        """Delete the graph and its record; True when there was one."""
        self._lease.ensure()
        return delete_repository(self._connection, self._lease, self.repo)

    def close(self) -> None:
        """Release the lease and close the connection."""
        self._lease.release()
        self._connection.close()

    def _own(self, meta: IndexMeta) -> IndexMeta:
        if meta.repo != self.repo:
            raise CodexGraphError(
                f"a graph of repository {meta.repo} cannot be written as {self.repo}"
            )
        return meta


def _read_meta(connection: Connection, repo: str) -> IndexMeta | None:
    with translated(connection), connection.reading() as session:
        found = session.run(literal(READ_META), repo=repo).data()
    if not found or found[0]["schema_version"] != SCHEMA_VERSION:
        return None
    return meta_from_row(found[0])


def _counts(connection: Connection, repo: str) -> GraphCounts:
    nodes: dict[str, int] = {}
    edges: dict[str, int] = {}
    with (
        translated(connection),
        connection.reading() as session,
        session.begin_transaction() as transaction,
    ):
        for kind in NodeKind:
            match = f"MATCH (n:{kind.value} {{repo: $repo}}) WHERE n.uid IS NOT NULL"
            text = f"{match} UNWIND labels(n) AS name RETURN name, count(*) AS number"
            _add(nodes, rows(transaction, text, repo=repo))
            text = f"{match} MATCH (n)-[e]->() RETURN type(e) AS name, count(*) AS number"
            _add(edges, rows(transaction, text, repo=repo))
    return GraphCounts(nodes, edges)


def _add(totals: dict[str, int], found: list[dict[str, Any]]) -> None:
    for row in found:
        totals[row["name"]] = totals.get(row["name"], 0) + row["number"]


def _fetch(result: Result, wanted: int | None) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    for record in result:
        found.append(tuple(plain(value) for value in record.values()))
        if wanted is not None and len(found) >= wanted:
            break
    return found


def _names_repository(cypher: str) -> bool:
    return any(
        (token.is_name and token.text == "repo")
        or (token.kind is TokenKind.PARAMETER and token.text == "$repo")
        for token in scan(cypher)
    )


def _is_about_the_server(error: Neo4jError | DriverError) -> bool:
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return True
    code = (error.code or "") if isinstance(error, Neo4jError) else ""
    return code.startswith(_SERVER_CODES) and code not in _REFUSED_CODES


def _query_failure(
    error: Neo4jError | DriverError, timeout_s: float, notes: Sequence[str]
) -> QueryError:
    code = (error.code or "") if isinstance(error, Neo4jError) else ""
    message = (error.message or code) if isinstance(error, Neo4jError) else str(error)
    if code in _REFUSED_CODES:
        return WriteRefusedError(f"queries are read-only here: {' '.join(message.split())}")
    if code.startswith(_TIMED_OUT):
        return QueryTimeoutError(
            f"the query ran longer than {timeout_s:g} s and was stopped: narrow it, or raise the "
            "setting query.timeout_s"
        )
    if code in OUT_OF_MEMORY_CODES:
        return QueryError("the query needs more memory than the server gives it: narrow it")
    return query_error(message, notes)
