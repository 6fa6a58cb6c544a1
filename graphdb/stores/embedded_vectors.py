"""Vectors of the embedded store, in a file of their own beside the graph.

Only who asks for them loads it. Each vector stands with the hash of the text that it was made of:
what does not fit the graph is left out on loading, so no write of the graph has to know of vectors.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.delta import NodeRef
from graphdb.errors import NoIndexError, StoreError
from graphdb.schema import VECTOR_KINDS, NodeKind
from graphdb.store import TextHit
from graphdb.stores.embedded_engine import run
from graphdb.stores.embedded_file import (
    Fingerprint,
    empty_graph,
    fingerprint,
    load_graph,
    remove_leftovers,
    save_graph,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from graphdb.delta import NodeVector
    from graphdb.stores.embedded_engine import CypherGraph

_COLUMN = "content_hash"
"""The engine keeps vectors under the name of a property that they are said to be made of.

It finds nodes by `id`, so that is the uid here: numbers of its own choice repeat after a deletion.
"""


def vectors_path(graph_path: Path) -> Path:
    """Where the vectors of a graph file lie."""
    return graph_path.with_name(f"{graph_path.name}.vectors")


def state_of_vectors(path: Path) -> Fingerprint | None:
    """What changes when vectors are written; None where there are none."""
    try:
        return fingerprint(path)
    except NoIndexError:
        return None


class VectorFile:
    """The vectors that fit a graph: nodes of another graph, which has nothing but them."""

    def __init__(self, path: Path, graph: CypherGraph) -> None:
        """Load what is there. Raises StoreError for a damaged file."""
        self._path = path
        self._texts = {kind: _hashes(graph, kind, "uid") for kind in VECTOR_KINDS}
        if path.exists():
            self._own = load_graph(path)
        else:
            self._own = empty_graph()
            for kind in VECTOR_KINDS:
                run(self._own, f"CREATE CONSTRAINT FOR (n:{kind}) REQUIRE n.id IS UNIQUE")
        for kind in VECTOR_KINDS:
            held, texts = _hashes(self._own, kind, "id"), self._texts[kind]
            self._delete(kind, [uid for uid, text in held.items() if texts.get(uid) != text])
        self._session = self._own.session()

    def lacking(self) -> list[NodeRef]:
        """Nodes of the graph with a text but no vector, by uid."""
        found = [
            NodeRef(uid, kind)
            for kind in VECTOR_KINDS
            for uid in self._texts[kind].keys() - _hashes(self._own, kind, "id").keys()
        ]
        return sorted(found, key=lambda node: node.uid)

    def set(self, vectors: Iterable[NodeVector]) -> None:
        """Add vectors, or put them in the place of older ones. Raises StoreError."""
        given: dict[NodeKind, dict[str, list[float]]] = {}
        for vector in vectors:
            node, length = vector.node, self._length() or len(vector.values)
            self._check(vector.values, length)
            if node.uid not in self._texts.get(node.kind, ()):
                raise StoreError(f"{node.kind} {node.uid} has no text in the graph: no vector")
            given.setdefault(node.kind, {})[node.uid] = list(vector.values)
        lengths = {len(values) for part in given.values() for values in part.values()}
        if len(lengths) > 1:
            raise StoreError(f"vectors of one graph must have one length, not {sorted(lengths)}")
        for kind, part in given.items():
            self._add(kind, part)
        self._session = self._own.session()

    def save(self) -> None:
        """Write the file, whole or not at all. Raises StoreError."""
        remove_leftovers(self._path)
        save_graph(self._own, self._path)

    def search(
        self, vector: Sequence[float], kinds: Sequence[NodeKind], limit: int
    ) -> list[TextHit]:
        """The nodes of the largest cosines, best first. Raises StoreError."""
        length = self._length()
        if length is None or limit < 1:
            return []
        self._check(vector, length)
        found: list[TextHit] = []
        graph = self._session.cursor()
        for kind in VECTOR_KINDS:
            if (kinds and kind not in kinds) or self._own.embedding_dim(kind, _COLUMN) is None:
                continue
            text = (
                f"MATCH (n:{kind}) RETURN n.id AS uid, "
                f"vector_score(n, '{_COLUMN}_emb', $vector, 'cosine') AS score "
                f"ORDER BY score DESC LIMIT {limit}"
            )
            rows = run(graph, text, {"vector": list(vector)})
            found += [TextHit(row["uid"], row["score"]) for row in rows]
        return sorted(found, key=lambda hit: (-hit.score, hit.uid))[:limit]

    def _add(self, kind: NodeKind, vectors: dict[str, list[float]]) -> None:
        texts = self._texts[kind]
        self._delete(kind, list(vectors))
        rows = [{"uid": uid, "hash": texts[uid]} for uid in vectors]
        text = f"UNWIND $rows AS r CREATE (n:{kind} {{id: r.uid, content_hash: r.hash}})"
        run(self._own, text, {"rows": rows})
        self._own.add_node_embeddings(kind.value, _COLUMN, vectors, metric="cosine")

    def _delete(self, kind: NodeKind, uids: list[str]) -> None:
        if uids:
            text = f"UNWIND $uids AS uid MATCH (n:{kind} {{id: uid}}) DETACH DELETE n"
            run(self._own, text, {"uids": uids})

    def _length(self) -> int | None:
        """How many numbers each vector has; None where there are no vectors."""
        lengths = (self._own.embedding_dim(kind, _COLUMN) for kind in VECTOR_KINDS)
        return next((length for length in lengths if length is not None), None)

    def _check(self, vector: Sequence[float], length: int) -> None:
        if len(vector) != length:
            raise StoreError(
                f"{self._path} holds vectors of {length} numbers, not of {len(vector)}: "
                "codexgraph index --full makes them anew"
            )


def _hashes(graph: CypherGraph, kind: NodeKind, key: str) -> dict[str, str]:
    """The hash of the text of each node of a kind that has one, by uid, which `key` holds."""
    text = f"MATCH (n:{kind}) RETURN n.{key} AS uid, n.content_hash AS hash"
    return {row["uid"]: row["hash"] for row in run(graph, text) if row["hash"]}
