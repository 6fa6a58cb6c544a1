"""Full-text search of the embedded store.

The engine has one index per label and property. They are not kept in the file, where they would
cost every reader a third more of loading and 120 MB on a graph of 58,000 nodes, but built at a
process's first search (0.5 s on that graph), in a copy that shares the graph's memory.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.gate import search_terms
from graphdb.schema import CODE_KINDS, TEXT_PROPERTIES
from graphdb.store import TextHit
from graphdb.stores.embedded_engine import run

if TYPE_CHECKING:
    from collections.abc import Sequence

    import kglite

    from graphdb.schema import NodeKind
    from graphdb.stores.embedded_engine import CypherGraph

_WEIGHTS = {"name": 4.0, "full_name": 2.0, "signature": 1.5, "docstring": 1.0, "code": 1.0}
_POOL = 5
"""How many times the wanted hits are taken from each index before their scores are added up."""


@dataclass(frozen=True, slots=True)
class _Index:
    kind: NodeKind
    name: str
    on_all: bool

    def search_text(self, pool: int) -> str:
        """The statement that ranks this index.

        A literal limit and no WHERE let the engine read the index instead of all nodes, five times
        faster than its own `db.index.fulltext.queryNodes`; but nodes without the property would
        come first.
        """
        present = "" if self.on_all else f"WHERE n.{self.name} IS NOT NULL "
        return (
            f"MATCH (n:{self.kind}) {present}"
            f"RETURN n.uid AS uid, text_bm25(n, '{self.name}', $text) AS score "
            f"ORDER BY score DESC LIMIT {pool}"
        )


class TextIndex:
    """Full-text indexes over one snapshot of a graph."""

    def __init__(self, session: kglite.Session) -> None:
        """Build the indexes in a copy of the session's graph."""
        graph = session.cursor()
        self._indexes = [
            index
            for kind in CODE_KINDS
            for name in TEXT_PROPERTIES
            if (index := _index(graph, kind, name))
        ]
        for index in self._indexes:
            graph.build_text_index(index.kind.value, index.name)
        self._session = graph.session()

    def search(self, text: str, kinds: Sequence[NodeKind], limit: int) -> list[TextHit]:
        """The best matches; a word of the text counts most in a name, least in code."""
        terms = " ".join(search_terms(text))
        if not terms or limit < 1:
            return []
        scores: defaultdict[str, float] = defaultdict(float)
        graph = self._session.cursor()
        for index in self._indexes:
            if kinds and index.kind not in kinds:
                continue
            for row in run(graph, index.search_text(limit * _POOL), {"text": terms}):
                if row["score"] > 0:
                    scores[row["uid"]] += _WEIGHTS[index.name] * row["score"]
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
        return [TextHit(uid, score) for uid, score in best[:limit]]


def _index(graph: CypherGraph, kind: NodeKind, name: str) -> _Index | None:
    """The index of a property, or None where no node has it: the engine refuses to build that."""
    row = run(graph, f"MATCH (n:{kind}) RETURN count(*) AS nodes, count(n.{name}) AS texts").one()
    if row is None or not row["texts"]:
        return None
    return _Index(kind, name, row["nodes"] == row["texts"])
