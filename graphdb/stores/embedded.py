"""The embedded store: one repository's graph in one file, read and written in this process.

Readers load the last saved file and share it between threads; every query runs on a private,
read-only cursor over it, so that nothing a query does can reach another query, let alone the file.
The writer changes a graph in memory; it saves a new one whole, by a rename, and logs a difference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

import kglite

from graphdb.delta import GraphCounts
from graphdb.errors import NoIndexError, StoreError
from graphdb.schema import SCHEMA_VERSION
from graphdb.store import DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_S, QueryResult
from graphdb.stores.cypher_writer import (
    MERGE_META,
    CypherWriter,
    check_written,
    meta_parameters,
)
from graphdb.stores.embedded_engine import counts, declare, run, stored_meta
from graphdb.stores.embedded_file import (
    Fingerprint,
    WriterLease,
    empty_graph,
    no_index,
    remove_leftovers,
    save_graph,
)
from graphdb.stores.embedded_load import GraphLoader
from graphdb.stores.embedded_log import ChangeLog, Statement, load_logged, state_of
from graphdb.stores.embedded_names import GRAPH_FILE, log_path
from graphdb.stores.embedded_query import ReadQuery, run_query
from graphdb.stores.embedded_text import TextIndex
from graphdb.stores.embedded_vectors import VectorFile, state_of_vectors, vectors_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from graphdb.delta import Edge, GraphDelta, IndexMeta, Node, NodeRef, NodeVector
    from graphdb.registry import StoreSettings
    from graphdb.schema import NodeKind
    from graphdb.store import TextHit
    from graphdb.stores.cypher_writer import Batch

_BATCHES = CypherWriter(size=250, scoped=False)
"""250 rows a batch measured best: 20 microseconds a node, 9 an edge."""


def open_reader(settings: StoreSettings) -> EmbeddedReader:
    """Open the graph of a repository for reading. Raises NoIndexError or StoreError."""
    return EmbeddedReader(settings.repo, settings.index_dir)


def open_writer(settings: StoreSettings) -> EmbeddedWriter:
    """Open the graph of a repository for writing. Raises IndexLockedError or StoreError."""
    return EmbeddedWriter(settings.repo, settings.index_dir)


@dataclass(slots=True)
class _Snapshot:
    """One loaded state of the file; `text` and `vectors` are loaded when first asked for."""

    identity: tuple[Fingerprint, Fingerprint | None]
    session: kglite.Session
    meta: IndexMeta
    text: TextIndex | None = None
    vectors: tuple[Fingerprint, VectorFile] | None = None
    lock: Lock = field(default_factory=Lock)

    def text_index(self) -> TextIndex:
        with self.lock:
            if self.text is None:
                self.text = TextIndex(self.session)
            return self.text

    def vector_file(self, path: Path) -> VectorFile | None:
        """The vectors beside the graph as they are now; None where there are none."""
        with self.lock:
            state = state_of_vectors(path)
            if state is None:
                return None
            if self.vectors is None or self.vectors[0] != state:
                self.vectors = state, VectorFile(path, self.session.cursor())
            return self.vectors[1]


class EmbeddedReader:
    """Read access to the last saved graph; a `GraphReader`."""

    def __init__(self, repo: str, index_dir: Path) -> None:
        self.repo = repo
        self._path = index_dir / GRAPH_FILE
        self._lock = Lock()
        self._snapshot: _Snapshot | None = None
        self._current()

    def meta(self) -> IndexMeta:
        """What the graph says of itself."""
        return self._current().meta

    def meta_at_hand(self) -> IndexMeta | None:
        """As `meta`, unless the file was written since it was read."""
        snapshot = self._snapshot
        try:
            is_current = snapshot is not None and snapshot.identity == state_of(self._path)
        except (NoIndexError, StoreError):
            return None
        return snapshot.meta if snapshot and is_current else None

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        max_rows: int | None = DEFAULT_MAX_ROWS,
    ) -> QueryResult:
        """Run one read-only statement; `$repo` is bound."""
        bound = {**(params or {}), "repo": self.repo}
        return run_query(self._current().session, ReadQuery(cypher, bound, timeout_s, max_rows))

    def search_text(
        self, text: str, kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Full-text search, best first; the first one of a process builds the index."""
        return self._current().text_index().search(text, kinds, limit)

    def search_vector(
        self, vector: Sequence[float], kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Nodes by the cosine of their vectors, best first."""
        found = self._current().vector_file(vectors_path(self._path))
        return found.search(vector, kinds, limit) if found is not None else []

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type."""
        found = counts(self._current().session.cursor())
        kglite.trim_memory()  # or what a look at every node took would stay with the process
        return found

    def close(self) -> None:
        """Let go of the graph; calling it twice is allowed."""
        self._snapshot = None

    def _current(self) -> _Snapshot:
        """The snapshot of the file as it is now; loads it when it was replaced."""
        identity = state_of(self._path)
        snapshot = self._snapshot
        if snapshot is not None and snapshot.identity == identity:
            return snapshot
        with self._lock:
            snapshot = self._snapshot
            if snapshot is None or snapshot.identity != identity:
                snapshot = self._load(identity)
                self._snapshot = snapshot
            return snapshot

    def _load(self, identity: tuple[Fingerprint, Fingerprint | None]) -> _Snapshot:
        graph, _ = load_logged(self._path, self.repo)
        meta = stored_meta(graph, self.repo)
        if meta is None:
            raise NoIndexError(no_index(self._path.parent))
        if meta.schema_version != SCHEMA_VERSION:
            raise NoIndexError(
                f"{self._path} has schema version {meta.schema_version}, this program needs "
                f"{SCHEMA_VERSION}: codexgraph index will rebuild it"
            )
        return _Snapshot(identity, graph.session(), meta)


class EmbeddedWriter:
    """The one writer of an index; a `GraphWriter`."""

    def __init__(self, repo: str, index_dir: Path) -> None:
        self.repo = repo
        self._path = index_dir / GRAPH_FILE
        self._lease = WriterLease(index_dir)
        self._graph: kglite.KnowledgeGraph | None = None
        self._log = ChangeLog(log_path(self._path))
        self._vectors: VectorFile | None = None
        remove_leftovers(self._path)

    def meta(self) -> IndexMeta | None:
        """What the stored graph says of itself, or None where there is none that can be used."""
        graph = self._usable()
        return stored_meta(graph, self.repo) if graph is not None else None

    def replace(self, nodes: Iterable[Node], edges: Iterable[Edge], meta: IndexMeta) -> None:
        """Build the graph anew in memory, batch by batch, and save it over the old one."""
        self.forget()
        graph = empty_graph()
        declare(graph)
        loader = GraphLoader(graph, self._path, meta.repo)
        loader.nodes(nodes)
        # What the statements of a phase needed is kept for the next query, which is of another
        # kind.
        kglite.trim_memory()
        loader.edges(edges)
        kglite.trim_memory()
        run(graph, MERGE_META, meta_parameters(meta))
        vectors_path(self._path).unlink(missing_ok=True)
        self._save(graph, meta)

    def forget(self) -> None:
        """Let go of the graph in memory; what is asked next loads it again."""
        self._graph = self._vectors = None
        kglite.trim_memory()

    def apply(self, delta: GraphDelta, meta: IndexMeta) -> None:
        """Apply a difference to the graph in memory and log it; save the graph now and then."""
        graph = self._usable()
        if graph is None:
            raise StoreError(f"{self._path} holds no graph to update: run codexgraph index --full")
        self._graph = self._vectors = None
        removing = (
            *_BATCHES.delete_edges(delta.removed_edges),
            *_BATCHES.delete_nodes(delta.removed_nodes),
        )
        for batch in removing:
            _run_batch(graph, self._path, batch, meta.repo)
        nodes = (*_BATCHES.upsert_nodes(delta.nodes),)
        _write(graph, self._path, nodes, meta.repo)
        edges = (*_BATCHES.upsert_edges(delta.edges),)
        _write(graph, self._path, edges, meta.repo)
        run(graph, MERGE_META, meta_parameters(meta))
        write: list[Statement] = [
            (b.cypher, {"rows": b.rows, "repo": meta.repo}) for b in (*removing, *nodes, *edges)
        ]
        if self._log.append([*write, (MERGE_META, meta_parameters(meta))]):
            self._graph = graph
        else:
            self._save(graph, meta)

    def lacking_vectors(self) -> list[NodeRef]:
        """Nodes with a text but no vector of it."""
        return self._vector_file().lacking()

    def set_vectors(self, vectors: Iterable[NodeVector]) -> None:
        """Give nodes vectors; the file beside the graph is written anew."""
        found = self._vector_file()
        self._vectors = None
        found.set(vectors)
        found.save()
        self._vectors = found

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type."""
        graph = self._usable()
        return counts(graph) if graph is not None else GraphCounts()

    def close(self) -> None:
        """Release the lease; calling it twice is allowed."""
        self._graph = self._vectors = None
        self._lease.release()

    def _vector_file(self) -> VectorFile:
        graph = self._usable()
        if graph is None:
            raise StoreError(f"{self._path} holds no graph to add vectors to: run codexgraph index")
        if self._vectors is None:
            self._vectors = VectorFile(vectors_path(self._path), graph)
        return self._vectors

    def _usable(self) -> kglite.KnowledgeGraph | None:
        """The stored graph, or None for none, a damaged one or one of another schema.

        The writer holds the lease, so what it loaded or saved last is what the file holds; after a
        failure it is forgotten and loaded again.
        """
        if self._graph is None:
            try:
                graph, self._log = load_logged(self._path, self.repo)
            except (NoIndexError, StoreError):
                return None
            meta = stored_meta(graph, self.repo)
            if meta is None or meta.schema_version != SCHEMA_VERSION:
                return None
            self._graph = graph
        return self._graph

    def _save(self, graph: kglite.KnowledgeGraph, meta: IndexMeta) -> None:
        save_graph(graph, self._path)
        self._log.restart(meta.generation)
        self._graph = graph


def _write(graph: kglite.KnowledgeGraph, path: Path, batches: Iterable[Batch], repo: str) -> None:
    for batch in batches:
        check_written(batch, _run_batch(graph, path, batch, repo))


def _run_batch(graph: kglite.KnowledgeGraph, path: Path, batch: Batch, repo: str) -> int:
    try:
        written = run(graph, batch.cypher, {"rows": batch.rows, "repo": repo}).scalar()
    except kglite.KgError as exc:
        reason = " ".join(str(exc).split())
        raise StoreError(f"{path}: {batch.what} cannot be written: {reason}") from exc
    return written or 0
