"""Builds a corpus from a graph: symbols, edges, then the words of some files at a time.

Fields weigh as in BM25F (Robertson, Zaragoza, Taylor, CIKM 2004): their counts are added up before
saturation. A definition's own text is what is left of it without the definitions inside, so that a
class does not outweigh its methods with their own words.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from graphdb.queries.rows import kind_of, per_kind
from graphdb.retrieval.corpus import DERIVED, EDGE_CODE, KIND_CODE, Adjacency, Corpus, Postings
from graphdb.retrieval.words import identifiers, terms_of
from graphdb.schema import CODE_KINDS, EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from graphdb.store import GraphReader

    ReadFile = Callable[[str], bytes | None]

K1, B = 1.2, 0.75
NAME, OWNER, SIGNATURE, DOCSTRING, CODE, MEMBERS = 4.0, 1.0, 1.5, 1.5, 1.0, 0.5
"""Field weights; chosen on development data, see docs/benchmarks.md."""

_FIELDS = ("uid", "name", "full_name", "file_path", "start_line", "end_line", "signature")
_TIMEOUT_S = 600.0
_OWNERSHIP = frozenset({EdgeKind.CONTAINS, EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD})
_BATCH = 100
"""Files whose texts are in memory at once: those of all outweigh the corpus."""


@dataclass(frozen=True, slots=True)
class _Row:
    """One symbol as the store has it, without its texts."""

    uid: str
    name: str
    full_name: str
    path: str
    start: int
    end: int
    signature: str
    kind: NodeKind
    is_test: bool


class _Texts(NamedTuple):
    """Docstring and code of symbols by uid, and the text of files by path."""

    symbols: Mapping[str, tuple[str, str]]
    files: Mapping[str, str]


def build_corpus(reader: GraphReader, read_file: ReadFile | None = None) -> Corpus:
    """The corpus of a graph.

    read_file: the bytes of an indexed file, by path, for the text at the top level of modules,
    which the graph does not hold; a file that is not what was indexed is left out.
    """
    rows = _symbols(reader)
    paths = sorted({row.path for row in rows})
    path_number = {path: number for number, path in enumerate(paths)}
    outgoing, incoming, parent = _edges(reader, {row.uid: at for at, row in enumerate(rows)})
    tests = {row.path for row in rows if row.kind is NodeKind.MODULE and row.is_test}
    words = _Words(rows, parent)
    by_symbol, by_file = words.postings(paths, lambda some: _texts(reader, read_file, some))
    return Corpus(
        generation=reader.meta().generation,
        uid=[row.uid for row in rows],
        name=[row.name for row in rows],
        full_name=[row.full_name for row in rows],
        signature=[row.signature for row in rows],
        paths=paths,
        path=array("i", [path_number[row.path] for row in rows]),
        kind=bytes(KIND_CODE[row.kind] for row in rows),
        start=array("i", [row.start for row in rows]),
        end=array("i", [row.end for row in rows]),
        parent=parent,
        is_test=bytes(row.is_test or row.path in tests for row in rows),
        outgoing=outgoing,
        incoming=incoming,
        by_symbol=by_symbol,
        by_file=by_file,
    )


def _read(reader: GraphReader, cypher: str, **params: Any) -> Sequence[Sequence[Any]]:
    return reader.query(cypher, params, max_rows=None, timeout_s=_TIMEOUT_S).rows


def _symbols(reader: GraphReader) -> list[_Row]:
    columns = ", ".join(f"n.{name} AS {name}" for name in _FIELDS)
    part = f"MATCH (n:%s) WHERE n.repo = $repo RETURN {columns}, labels(n) AS labels"
    rows = [_row(row) for row in _read(reader, per_kind(CODE_KINDS, part)) if row[3]]
    rows.sort(key=lambda r: (r.path, r.kind is not NodeKind.MODULE, r.start, -r.end, r.uid))
    return rows


def _row(row: Sequence[Any]) -> _Row:
    uid, name, full_name, path, start, end, signature, labels = row
    return _Row(
        uid=uid,
        name=name or "",
        full_name=full_name or name or "",
        path=path,
        start=start or 1,
        end=end or start or 1,
        signature=signature or "",
        kind=kind_of(labels),
        is_test="TEST" in labels,
    )


def _edges(
    reader: GraphReader, number_of: Mapping[str, int]
) -> tuple[Adjacency, Adjacency, array[int]]:
    """All edges between code symbols, by source and by target, and each symbol's owner."""
    condition = "n.repo = $repo AND (e.tier IS NULL OR e.tier <> $candidate)"
    ends = "n.uid AS source, m.uid AS target, e.via AS via, e.inherited AS inherited"
    parent = array("i", [-1]) * len(number_of)
    edges: list[tuple[int, int, int]] = []
    # One type at a time: a read of all takes twice as long and holds the names of all their ends.
    for kind, code in EDGE_CODE.items():
        part = f"MATCH (n:%s)-[e:{kind.value}]->(m) WHERE {condition} RETURN {ends}"
        found = _read(reader, per_kind(CODE_KINDS, part), candidate=Tier.CANDIDATE.value)
        for source_uid, target_uid, via, inherited in found:
            source, target = number_of.get(source_uid), number_of.get(target_uid)
            if source is None or target is None:
                continue
            is_derived = bool(inherited) or via == "import"
            edges.append((source, target, code + (DERIVED if is_derived else 0)))
            if kind in _OWNERSHIP and not is_derived:
                parent[target] = source
    edges.sort()
    outgoing = _adjacency(edges, len(number_of), 0)
    edges.sort(key=lambda edge: (edge[1], edge[0], edge[2]))
    return outgoing, _adjacency(edges, len(number_of), 1), parent


def _adjacency(ordered: Sequence[tuple[int, int, int]], count: int, near: int) -> Adjacency:
    """Edges in the order of their end `near`: 0 for the source, 1 for the target."""
    start = array("i", bytes(4 * (count + 1)))
    for edge in ordered:
        start[edge[near] + 1] += 1
    for number in range(count):
        start[number + 1] += start[number]
    far = 1 - near
    return Adjacency(
        start, array("i", [e[far] for e in ordered]), array("B", [e[2] for e in ordered])
    )


def _texts(reader: GraphReader, read_file: ReadFile | None, paths: Sequence[str]) -> _Texts:
    """The texts of some files; of a file itself only where it is still what was indexed."""
    there = "n.repo = $repo AND n.file_path IN $paths"
    texts = "n.uid AS uid, n.docstring AS docstring, n.code AS code"
    part = f"MATCH (n:%s) WHERE {there} RETURN {texts}"
    rows = _read(reader, per_kind(CODE_KINDS, part), paths=paths)
    symbols = {uid: (docstring or "", code or "") for uid, docstring, code in rows}
    files: dict[str, str] = {}
    if read_file is not None:
        cypher = f"MATCH (n:FILE) WHERE {there} RETURN n.file_path AS path, n.content_hash AS hash"
        for path, content_hash in _read(reader, cypher, paths=paths):
            data = read_file(path)
            if data is not None and blake2b(data, digest_size=16).hexdigest() == content_hash:
                files[path] = data.decode("utf-8", "replace")
    return _Texts(symbols, files)


class _Words:
    """The weighted words of every symbol and of every file."""

    def __init__(self, rows: Sequence[_Row], parent: array[int]) -> None:
        self._rows = rows
        self._parent = parent
        self._terms: dict[str, tuple[str, ...]] = {}
        self._children: dict[int, list[int]] = {}
        for number, owner in enumerate(parent):
            if owner >= 0:
                self._children.setdefault(owner, []).append(number)

    def postings(
        self, paths: Sequence[str], texts_of: Callable[[Sequence[str]], _Texts]
    ) -> tuple[Postings, Postings]:
        """By symbol and by file. paths: of all rows, in their order."""
        by_symbol, by_file = _Inverter(len(self._rows)), _Inverter(len(paths))
        texts = _Texts({}, {})
        for file, (_, group) in enumerate(groupby(enumerate(self._rows), lambda e: e[1].path)):
            if file % _BATCH == 0:
                texts = texts_of(paths[file : file + _BATCH])
            whole: defaultdict[str, float] = defaultdict(float)
            for number, row in group:
                counts = self._counts(number, row, texts)
                by_symbol.add(number, counts)
                for term, value in counts.items():
                    whole[term] += value
            by_file.add(file, whole)
        return by_symbol.postings(), by_file.postings()

    def _counts(self, number: int, row: _Row, texts: _Texts) -> dict[str, float]:
        children = self._children.get(number, ())
        members = " ".join(self._rows[child].name for child in children)
        owner = self._parent[number]
        around = self._rows[owner].name if owner >= 0 else row.path
        docstring, code = texts.symbols.get(row.uid, ("", ""))
        name = row.name
        if row.kind is NodeKind.MODULE:
            name, code = name.rpartition(".")[2], texts.files.get(row.path, "")
        words: dict[str, float] = {}
        for weight, text in (
            (NAME, name),
            (OWNER, around),
            (SIGNATURE, row.signature),
            (DOCSTRING, docstring),
            (MEMBERS, members),
            (CODE, self._own_text(row, code, children)),
        ):
            for word in identifiers(text):
                words[word] = words.get(word, 0.0) + weight
        counts: dict[str, float] = {}
        for word, value in words.items():
            for term in self._terms.get(word) or self._terms_of(word):
                counts[term] = counts.get(term, 0.0) + value
        return counts

    def _terms_of(self, word: str) -> tuple[str, ...]:
        found = self._terms[word] = terms_of(word)
        return found

    def _own_text(self, row: _Row, code: str, children: Sequence[int]) -> str:
        """The code of a symbol without the lines of the definitions inside it."""
        inner = [self._rows[c] for c in children if self._rows[c].end > self._rows[c].start]
        if not inner or not code:
            return code
        lines = code.splitlines()
        for child in inner:
            first = child.start - row.start
            lines[first : first + child.end - child.start + 1] = [""] * (
                min(len(lines), first + child.end - child.start + 1) - min(len(lines), first)
            )
        return "\n".join(lines)


class _Inverter:
    """Collects weighted counts by term and turns them into saturated BM25 weights."""

    def __init__(self, count: int) -> None:
        self._lengths = array("f", bytes(4 * count))
        self._terms: dict[str, tuple[array[int], array[float]]] = {}

    def add(self, number: int, counts: Mapping[str, float]) -> None:
        self._lengths[number] = sum(counts.values())
        for term, value in counts.items():
            found = self._terms.get(term)
            if found is None:
                found = self._terms[term] = (array("i"), array("f"))
            found[0].append(number)
            found[1].append(value)

    def postings(self) -> Postings:
        mean = sum(self._lengths) / max(1, len(self._lengths)) or 1.0
        norms = array("f", [K1 * (1 - B + B * length / mean) for length in self._lengths])
        spans: dict[str, tuple[int, int]] = {}
        nodes, weights = array("i"), array("f")
        for term, (numbers, values) in sorted(self._terms.items()):
            spans[term] = (len(nodes), len(numbers))
            nodes.extend(numbers)
            weights.extend(
                value * (K1 + 1) / (value + norms[number])
                for number, value in zip(numbers, values, strict=True)
            )
        return Postings(spans, nodes, weights, len(self._lengths))
