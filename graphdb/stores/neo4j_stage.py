"""Builds a graph in Neo4j beside the present one, under the label STAGED alone.

The surprising choice: rows go as columns, so that one statement serves all nodes and one all edges
of a type; a server that has just started spends more on planning and compiling a statement than on
its rows. Edges find their ends by the ids that the server gave the nodes, without any index.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar, cast

from graphdb.delta import edge_groups
from graphdb.errors import StoreError
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, NodeKind
from graphdb.stores.cypher_writer import (
    check_edge_properties,
    checked_properties,
    missing_ends,
    quote_name,
)
from graphdb.stores.neo4j_connection import literal, rows, translated
from graphdb.stores.neo4j_schema import STAGED, indexable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from neo4j import ManagedTransaction

    from graphdb.delta import Edge, EdgeGroup, Node
    from graphdb.stores.neo4j_connection import Connection
    from graphdb.stores.neo4j_lease import Lease

Columns = dict[str, list[Any]]
_Batch = TypeVar("_Batch")

BATCH_ROWS = 10_000
"""Rows a transaction."""

_STATEMENT_ROWS = 2_000
"""Several statements a transaction: the server runs one while the next is being encoded."""

_BATCHES_AHEAD = 2
_SOURCE, _TARGET = "_source", "_target"


class Staging:
    """All nodes first, then the edges; `publish` gives the nodes their labels.

    repo: what the nodes have in place of the repository's name. All methods raise StoreError.
    """

    def __init__(self, connection: Connection, lease: Lease, repo: str) -> None:
        self._connection = connection
        self._lease = lease
        self._repo = repo
        self._ids: dict[str, dict[str, int]] = {kind: {} for kind in NodeKind}
        self._labelled: dict[tuple[str, ...], list[int]] = {}

    def add_nodes(self, nodes: Iterable[Node]) -> None:
        """Create nodes."""
        _one_by_one(self._create_nodes, _parts(indexable(nodes)))

    def add_edges(self, edges: Iterable[Edge]) -> None:
        """Create edges between the nodes; the caller gives each key once."""
        _one_by_one(self._create_edges, self._by_type(edges))

    def publish(self, transaction: ManagedTransaction) -> None:
        """Give each node its own labels in place of STAGED."""
        for labels, ids in self._labelled.items():
            listed = ":".join(map(quote_name, labels))
            text = (
                "UNWIND $ids AS id MATCH (n) WHERE id(n) = id "
                f"SET n:{listed} REMOVE n:{STAGED} RETURN count(*) AS published"
            )
            published = sum(
                rows(transaction, text, ids=ids[at : at + BATCH_ROWS])[0]["published"]
                for at in range(0, len(ids), BATCH_ROWS)
            )
            self._check(published, len(ids), f"{labels[0]} nodes")

    def _create_nodes(self, nodes: list[Node]) -> None:
        properties = [checked_properties(node) for node in nodes]
        columns: Columns = {name: [row.get(name) for row in properties] for name in _NODE_COLUMNS}
        columns["uid"] = [node.uid for node in nodes]
        ids = chain.from_iterable(self._run(_CREATE_NODES, columns, len(nodes)))
        for node, each in zip(nodes, ids, strict=True):
            self._ids[node.kind][node.uid] = each
            self._labelled.setdefault(node.labels, []).append(each)

    def _create_edges(self, batch: tuple[str, Columns]) -> None:
        kind, columns = batch
        names = [name for name in EDGE_PROPERTIES if name in columns]
        # Not by elementId(), for which Neo4j 5.1 scans all nodes; all versions know id().
        text = (
            f"UNWIND range(0, size(${_SOURCE}) - 1) AS i "
            f"MATCH (a) WHERE id(a) = ${_SOURCE}[i] "
            f"MATCH (b) WHERE id(b) = ${_TARGET}[i] "
            f"CREATE (a)-[e:{kind} {{{_items(names)}}}]->(b) RETURN count(e) AS result"
        )
        total = len(columns[_SOURCE])
        self._check(sum(self._run(text, columns, total)), total, f"{kind} edges")

    def _by_type(self, edges: Iterable[Edge]) -> Iterator[tuple[str, Columns]]:
        """Edges by type; a column may end early, which reads as null, as do gaps in it."""
        pending: dict[str, Columns] = {}
        for group in edge_groups(edges):
            (kind, _, _, *names), (_, _, *values) = group
            check_edge_properties((group.columns[0][0], kind, group.columns[1][0]), names)
            columns = pending.setdefault(kind, {_SOURCE: [], _TARGET: []})
            before = len(columns[_SOURCE])
            added = (*self._ends(group), *values)
            for name, column in zip((_SOURCE, _TARGET, *names), added, strict=True):
                known = columns.setdefault(name, [])
                known += [None] * (before - len(known))
                known += column
            if len(columns[_SOURCE]) >= BATCH_ROWS:
                yield kind, pending.pop(kind)
        yield from pending.items()

    def _ends(self, group: EdgeGroup) -> tuple[list[int], list[int]]:
        (kind, source, target, *_), (sources, targets, *_) = group
        found = [self._ids[source].get(uid) for uid in sources]
        others = [self._ids[target].get(uid) for uid in targets]
        missing = [row for row, ends in enumerate(zip(found, others, strict=True)) if None in ends]
        if missing:
            what = f"{source} {kind} {target} edges"
            example = f"{sources[missing[0]]} -> {targets[missing[0]]}"
            raise StoreError(missing_ends(len(missing), len(sources), what, example))
        return cast("tuple[list[int], list[int]]", (found, others))

    def _check(self, written: int, total: int, what: str) -> None:
        if written != total:
            raise StoreError(
                f"{total - written} of {total} {what} of repository {self._repo} vanished during "
                "the load: run codexgraph index --full"
            )

    def _run(self, cypher: str, columns: Columns, total: int) -> list[Any]:
        """Run a statement over all rows in one transaction; what each part of them gave."""

        def work(transaction: ManagedTransaction) -> list[Any]:
            # Ids are taken again after a deletion, and another writer would delete these nodes.
            self._lease.verify(transaction)
            results = [
                transaction.run(
                    literal(cypher),
                    {name: column[at : at + _STATEMENT_ROWS] for name, column in columns.items()},
                    repo=self._repo,
                )
                for at in range(0, total, _STATEMENT_ROWS)
            ]
            return [result.single(strict=True)["result"] for result in results]

        with translated(self._connection), self._connection.writing() as session:
            return session.execute_write(work)


def _items(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`: $`{name}`[i]" for name in names)


_NODE_COLUMNS = tuple(name for name in NODE_PROPERTIES if name != "repo")
_CREATE_NODES = (
    "UNWIND range(0, size($uid) - 1) AS i "
    f"CREATE (n:{STAGED} {{repo: $repo, {_items(_NODE_COLUMNS)}}}) "
    "WITH n, i ORDER BY i RETURN collect(id(n)) AS result"
)


def _parts(nodes: Iterable[Node]) -> Iterator[list[Node]]:
    given = iter(nodes)
    while part := list(islice(given, BATCH_ROWS)):
        yield part


def _one_by_one(write: Callable[[_Batch], None], batches: Iterable[_Batch]) -> None:
    """Write batches one after the other, each while the next are being made.

    Several at once would not be faster by much, and edges of the same node lock each other out.
    """
    writer = ThreadPoolExecutor(max_workers=1)
    under_way: deque[Future[None]] = deque()
    try:
        for batch in batches:
            under_way.append(writer.submit(write, batch))
            if len(under_way) > _BATCHES_AHEAD:
                under_way.popleft().result()
        for each in under_way:
            each.result()
    finally:
        writer.shutdown(cancel_futures=True)
