"""Ranking by what texts mean, beside the ranking by words and edges: optional, and off by default.

Two lists are joined by reciprocal rank (Cormack et al., SIGIR 2009), because a cosine compares with
no other score. A graph without vectors gives the answers that it gives without all this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from graphdb.delta import NodeVector
from graphdb.queries.source import sources_by_uid
from graphdb.retrieval.context import Scored
from graphdb.retrieval.locate import ScoredFile, locate_files, locate_symbols
from graphdb.retrieval.words import parts
from graphdb.schema import VECTOR_KINDS, NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.evidence import Evidence
    from graphdb.store import GraphReader, GraphWriter
    from graphdb.symbols import SourceText

DAMPING = 60
WEIGHT = 0.25
"""Of a rank by vectors beside one by words and edges; docs/vectors.md says what comes of it."""

POOL = 100
"""How many of each list are joined."""

_ASKED = 1_000
"""One search serves all kinds, because Neo4j takes long for it."""

_LEAST = 0.2
"""Texts that have nothing to do with each other reach a lower cosine."""

_MAX_CODE = 1_000
_MAX_TEXT = 4_000
_CHUNK = 5_000
_REASON = "alike in meaning"

_Item = TypeVar("_Item", int, str)


class Embedder(Protocol):
    """Turns texts into vectors: the same text always into the same, without a network."""

    def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """A vector for each text, all of one length; of zeros for a text that says nothing."""
        ...


class Progress(Protocol):
    """As `indexer.pipeline.Progress`."""

    def phase(self, name: str, total: int | None) -> None:
        """A phase begins."""
        ...

    def advance(self, n: int = 1) -> None:
        """A part of the phase is done."""
        ...


def add_missing_vectors(
    reader: GraphReader,
    writer: GraphWriter,
    embedder: Embedder,
    progress: Progress,
) -> int:
    """Give every symbol that lacks one the vector of its text; how many got one.

    Written part by part: what a run that was stopped had done is kept.
    """
    lacking = writer.lacking_vectors()
    progress.phase("vectors", len(lacking))
    for at in range(0, len(lacking), _CHUNK):
        part = lacking[at : at + _CHUNK]
        uids: dict[NodeKind, list[str]] = {}
        for node in part:
            uids.setdefault(node.kind, []).append(node.uid)
        sources = sources_by_uid(reader, uids)
        vectors = embedder.embed([text_of(sources[node.uid]) for node in part])
        writer.set_vectors(map(NodeVector, part, vectors))
        progress.advance(len(part))
    return len(lacking)


def text_of(source: SourceText) -> str:
    """What a symbol's vector is made of: the words of its name, what it says, how it begins."""
    symbol = source.symbol
    names = [*parts(symbol.full_name), symbol.signature or "", symbol.docstring or ""]
    return "\n".join([" ".join(names), (source.code or "")[:_MAX_CODE]])


@dataclass(frozen=True, slots=True)
class Meaning:
    """Asks the vectors of one graph."""

    reader: GraphReader
    embedder: Embedder

    def near(self, evidence: Evidence) -> list[int]:
        """The symbols that are most like a text, best first; nothing in a graph without vectors."""
        (vector,) = self.embedder.embed([evidence.asked.text[:_MAX_TEXT]])
        if not any(vector):
            return []
        hits = self.reader.search_vector(vector, VECTOR_KINDS, _ASKED)
        known, like = evidence.corpus.number_of, [hit for hit in hits if hit.score >= _LEAST]
        return [known[hit.uid] for hit in like if hit.uid in known]


def ranked_symbols(
    evidence: Evidence,
    kinds: Collection[NodeKind],
    limit: int | None = None,
    *,
    near: Sequence[int] = (),
    with_tests: bool = False,
) -> list[Scored]:
    """As `locate_symbols`, joined with what is near in meaning where that is asked for."""
    corpus, text = evidence.corpus, evidence.asked.text
    close = _kept(corpus, near, kinds, with_tests=with_tests)
    many = limit if not close or limit is None else max(limit, POOL)
    ranked = locate_symbols(corpus, text, kinds, many, with_tests=with_tests, evidence=evidence)
    if not close:
        return ranked
    joined = _joined({item.node: item.why for item in ranked}, close)
    return [Scored(*each) for each in joined[:limit]]


def ranked_files(
    evidence: Evidence, limit: int | None = None, *, near: Sequence[int] = ()
) -> list[ScoredFile]:
    """The same for files, each as near as the nearest of its symbols."""
    corpus, text = evidence.corpus, evidence.asked.text
    close = _kept(corpus, near, VECTOR_KINDS, with_tests=False)
    paths = list(dict.fromkeys(corpus.paths[corpus.path[node]] for node in close))
    many = limit if not paths or limit is None else max(limit, POOL)
    ranked = locate_files(corpus, text, many, evidence=evidence)
    if not paths:
        return ranked
    joined = _joined({item.path: item.why for item in ranked}, paths)
    return [ScoredFile(*each) for each in joined[:limit]]


def _kept(
    corpus: Corpus, near: Sequence[int], kinds: Collection[NodeKind], *, with_tests: bool
) -> list[int]:
    """Those of some kinds that are joined: what is left of the first hits without tests."""
    wanted = [node for node in near if corpus.kind_of(node) in kinds][: 3 * POOL]
    return [node for node in wanted if with_tests or not corpus.is_test[node]][:POOL]


def _joined(first: Mapping[_Item, str], second: Sequence[_Item]) -> list[tuple[_Item, float, str]]:
    """Each item with its score and its reasons, best first; the first list brings its own."""
    scores: dict[_Item, float] = {}
    for weight, items in ((1.0, first), (WEIGHT, second)):
        for rank, item in enumerate(items):
            # So that the best of a list has its weight as its score.
            scores[item] = scores.get(item, 0.0) + weight * DAMPING / (DAMPING + rank)
    near = set(second)
    found = [
        (item, round(score, 4), _why(first.get(item, ""), _REASON if item in near else ""))
        for item, score in scores.items()
    ]
    return sorted(found, key=lambda entry: (-entry[1], entry[0]))


def _why(*reasons: str) -> str:
    return ", ".join(filter(None, reasons))
