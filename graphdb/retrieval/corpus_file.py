"""Keeps a corpus beside the index, in a file named for the graph's generation.

It is a cache: whatever is wrong with the file, the corpus is built anew. A folder that cannot be
written costs the next process the building again, nothing else.
"""

from __future__ import annotations

import marshal
import sys
from array import array
from typing import TYPE_CHECKING, Any
from zlib import crc32

from graphdb.retrieval.corpus import Adjacency, Corpus, Postings
from graphdb.retrieval.corpus_build import build_corpus

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.retrieval.corpus_build import ReadFile
    from graphdb.store import GraphReader

CORPUS_VERSION = 1
_MAGIC = b"codexgraph corpus\n"


def open_corpus(
    reader: GraphReader, folder: Path | None, read_file: ReadFile | None = None
) -> Corpus:
    """The corpus of the graph as it is now: from its file, else built and kept.

    folder: where corpora are kept, or None to keep none. read_file: as for `build_corpus`.
    """
    if folder is None:
        return build_corpus(reader, read_file)
    generation = reader.meta().generation
    path = corpus_path(folder, reader.repo, generation)
    corpus = load_corpus(path)
    if corpus is None or corpus.generation != generation:
        corpus = build_corpus(reader, read_file)
        _keep(path, folder, reader.repo, corpus)
    return corpus


def corpus_path(folder: Path, repo: str, generation: str) -> Path:
    """Where the corpus of a generation lies."""
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in repo)
    return folder / f"corpus-{safe}-{generation}"


def _keep(path: Path, folder: Path, repo: str, corpus: Corpus) -> None:
    """Save a corpus and drop those of graphs before."""
    try:
        save_corpus(path, corpus)
        for old in folder.glob(corpus_path(folder, repo, "*").name):
            if old != path:
                old.unlink(missing_ok=True)
    except OSError:
        path.unlink(missing_ok=True)


def save_corpus(path: Path, corpus: Corpus) -> None:
    """Write a corpus whole or not at all. Raises OSError when the disk refuses."""
    body = marshal.dumps(
        (
            (CORPUS_VERSION, sys.byteorder, corpus.generation),
            (corpus.uid, corpus.name, corpus.full_name, corpus.signature, corpus.paths),
            (corpus.kind, corpus.is_test),
            [a.tobytes() for a in (corpus.path, corpus.start, corpus.end, corpus.parent)],
            [_packed_edges(edges) for edges in (corpus.outgoing, corpus.incoming)],
            [_packed_postings(index) for index in (corpus.by_symbol, corpus.by_file)],
        )
    )
    temporary = path.with_name(path.name + ".tmp")
    try:
        with temporary.open("wb") as file:
            file.write(_MAGIC + crc32(body).to_bytes(4, "little"))
            file.write(body)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def load_corpus(path: Path) -> Corpus | None:
    """Read a corpus; None when there is none, or it is damaged or of another version or machine."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    start = len(_MAGIC) + 4
    body = memoryview(data)[start:]
    if not data.startswith(_MAGIC) or crc32(body).to_bytes(4, "little") != data[start - 4 : start]:
        return None
    try:
        head, texts, flags, columns, edges, indexes = marshal.loads(body)  # noqa: S302
    except (ValueError, EOFError, TypeError):
        return None
    if head[:2] != (CORPUS_VERSION, sys.byteorder):
        return None
    path_, begin, end, parent = (_array("i", blob) for blob in columns)
    return Corpus(
        generation=head[2],
        uid=texts[0],
        name=texts[1],
        full_name=texts[2],
        signature=texts[3],
        paths=texts[4],
        path=path_,
        kind=flags[0],
        start=begin,
        end=end,
        parent=parent,
        is_test=flags[1],
        outgoing=_edges(edges[0]),
        incoming=_edges(edges[1]),
        by_symbol=_postings(indexes[0]),
        by_file=_postings(indexes[1]),
    )


def _packed_edges(edges: Adjacency) -> tuple[bytes, ...]:
    return edges.start.tobytes(), edges.node.tobytes(), edges.code.tobytes()


def _packed_postings(index: Postings) -> tuple[Any, ...]:
    return dict(index.spans), index.nodes.tobytes(), index.weights.tobytes(), index.count


def _edges(packed: tuple[bytes, ...]) -> Adjacency:
    start, node, code = packed
    return Adjacency(_array("i", start), _array("i", node), _array("B", code))


def _postings(packed: tuple[Any, ...]) -> Postings:
    spans, nodes, weights, count = packed
    return Postings(spans, _array("i", nodes), _array("f", weights), count)


def _array(kind: str, blob: bytes) -> array[Any]:
    found: array[Any] = array(kind)
    found.frombytes(blob)
    return found
