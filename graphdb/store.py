"""The port between everything that asks and the two graph stores that answer.

A reader and a writer are two protocols, because a process that only reads must not be able to hold
the embedded store's single writer lease by accident.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphdb.delta import (
        Edge,
        GraphCounts,
        GraphDelta,
        IndexMeta,
        Node,
        NodeRef,
        NodeVector,
    )
    from graphdb.schema import NodeKind

DEFAULT_TIMEOUT_S = 5.0
DEFAULT_MAX_ROWS = 200


@dataclass(frozen=True, slots=True)
class QueryResult:
    """Rows of a read query.

    columns: names in order. rows: one tuple each, of plain values: null, booleans, numbers,
    strings, lists and maps; a node is a map with `_labels` (CodexGraph's label first) and its
    properties, a relationship a map with `_type` and its properties, a path a list that alternates
    both. truncated: the row cap cut the answer. seconds: time in the store. notes: one-line hints,
    such as a misspelt label with its near miss.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    seconds: float = 0.0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextHit:
    """A match of full text or of vectors.

    score: higher is better; that of full text is the store's own and compares with no other store.
    """

    uid: str
    score: float


@runtime_checkable
class GraphReader(Protocol):
    """Read access to one repository's graph; safe to share between threads."""

    repo: str
    """Scope of this repository; bound to `$repo` in every query."""

    def meta(self) -> IndexMeta:
        """What the graph says of itself. Raises NoIndexError when nothing is indexed."""
        ...

    def meta_at_hand(self) -> IndexMeta | None:
        """As `meta`, where that is known without waiting for anything; else None."""
        ...

    def query(
        self,
        cypher: str,
        params: Mapping[str, Any] | None = None,
        *,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        max_rows: int | None = DEFAULT_MAX_ROWS,
    ) -> QueryResult:
        """Run one read-only statement; `max_rows=None` is for the project's own queries.

        Read-only is enforced by the store's own session. Raises WriteRefusedError,
        QueryTimeoutError or QueryError.
        """
        ...

    def search_text(
        self, text: str, kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Full-text search over `schema.TEXT_PROPERTIES`, best first."""
        ...

    def search_vector(
        self, vector: Sequence[float], kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """Nodes whose vectors have the largest cosine with this one, exactly, best first.

        Nothing where the graph has no vectors. Raises StoreError for a vector of another length.
        """
        ...

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type of this repository."""
        ...

    def close(self) -> None:
        """Release files and connections; calling it twice is allowed."""
        ...


@runtime_checkable
class GraphWriter(Protocol):
    """Write access to one repository's graph; at most one exists per embedded store."""

    repo: str

    def meta(self) -> IndexMeta | None:
        """What the stored graph says of itself; None for no graph or one of another schema."""
        ...

    def replace(self, nodes: Iterable[Node], edges: Iterable[Edge], meta: IndexMeta) -> None:
        """Replace the repository's whole graph; `nodes` is consumed wholly before `edges`.

        Readers see the graph before or the graph after, never a part. Raises StoreError.
        """
        ...

    def forget(self) -> None:
        """Let go of what is held of the stored graph in memory, which a whole build can use."""
        ...

    def apply(self, delta: GraphDelta, meta: IndexMeta) -> None:
        """Apply a difference in one transaction and record `meta`. Raises StoreError."""
        ...

    def lacking_vectors(self) -> list[NodeRef]:
        """Nodes of `schema.VECTOR_KINDS` with a text but no vector of it, by uid.

        `replace` drops all vectors. `apply` drops those of the nodes whose text it changes, and may
        drop those of others that it writes.
        """
        ...

    def set_vectors(self, vectors: Iterable[NodeVector]) -> None:
        """Give nodes the vectors of their present texts, all or none of them.

        Raises StoreError for a node that cannot have one, and for a vector of another length than
        those that are there.
        """
        ...

    def counts(self) -> GraphCounts:
        """Nodes by label and edges by type of this repository."""
        ...

    def close(self) -> None:
        """Release the lease; what was not committed is lost, what was is kept."""
        ...
