"""Builds a corpus from a graph: two reads of the store, then words and arrays.

Fields weigh as in BM25F (Robertson, Zaragoza, Taylor, CIKM 2004): their counts are added up before
saturation. A definition's own text is what is left of it without the definitions inside, so that a
class does not outweigh its methods with their own words.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from graphdb.queries.rows import kind_of, per_kind
from graphdb.retrieval.corpus import DERIVED, EDGE_CODE, KIND_CODE, Adjacency, Corpus, Postings
from graphdb.retrieval.words import terms
from graphdb.schema import CODE_KINDS, EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphdb.store import GraphReader

    ReadFile = Callable[[str], bytes | None]

K1, B = 1.2, 0.75
NAME, OWNER, SIGNATURE, DOCSTRING, CODE, MEMBERS = 4.0, 1.0, 1.5, 1.5, 1.0, 0.5
"""Field weights; chosen on development data, see docs/benchmarks.md."""

_FIELDS = (
    "uid",
    "name",
    "full_name",
    "file_path",
    "start_line",
    "end_line",
    "signature",
    "docstring",
    "code",
)
_TIMEOUT_S = 600.0
_OWNERSHIP = frozenset({EdgeKind.CONTAINS, EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD})


@dataclass(frozen=True, slots=True)
class _Row:
    """One symbol as the store has it."""

    uid: str
    name: str
    full_name: str
    path: str
    start: int
    end: int
    signature: str
    docstring: str
    code: str
    kind: NodeKind
    is_test: bool


def build_corpus(reader: GraphReader, read_file: ReadFile | None = None) -> Corpus:
    """The corpus of a graph.

    read_file: the bytes of an indexed file, by path, for the text at the top level of modules,
    which the graph does not hold; a file that is not what was indexed is left out.
    """
    rows = _symbols(reader)
    number_of = {row.uid: number for number, row in enumerate(rows)}
    paths = sorted({row.path for row in rows})
    path_number = {path: number for number, path in enumerate(paths)}
    edges, parent = _edges(reader, number_of)
    tests = {row.path for row in rows if row.kind is NodeKind.MODULE and row.is_test}
    words = _Words(rows, parent, _module_texts(reader, read_file))
    by_symbol, by_file = words.postings([path_number[row.path] for row in rows], len(paths))
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
        outgoing=_adjacency(edges, len(rows), 0),
        incoming=_adjacency(edges, len(rows), 1),
        by_symbol=by_symbol,
        by_file=by_file,
    )


def _symbols(reader: GraphReader) -> list[_Row]:
    columns = ", ".join(f"n.{name} AS {name}" for name in _FIELDS)
    part = f"MATCH (n:%s) WHERE n.repo = $repo RETURN {columns}, labels(n) AS labels"
    found = reader.query(per_kind(CODE_KINDS, part), max_rows=None, timeout_s=_TIMEOUT_S).rows
    rows = [_row(row) for row in found if row[3]]
    rows.sort(key=lambda r: (r.path, r.kind is not NodeKind.MODULE, r.start, -r.end, r.uid))
    return rows


def _row(row: Sequence[Any]) -> _Row:
    uid, name, full_name, path, start, end, signature, docstring, code, labels = row
    return _Row(
        uid=uid,
        name=name or "",
        full_name=full_name or name or "",
        path=path,
        start=start or 1,
        end=end or start or 1,
        signature=signature or "",
        docstring=docstring or "",
        code=code or "",
        kind=kind_of(labels),
        is_test="TEST" in labels,
    )


def _edges(
    reader: GraphReader, number_of: dict[str, int]
) -> tuple[list[tuple[int, int, int]], array[int]]:
    """All edges between code symbols as (source, target, code), and each symbol's owner."""
    part = (
        "MATCH (n:%s)-[e]->(m) WHERE n.repo = $repo AND (e.tier IS NULL OR e.tier <> $candidate) "
        "RETURN n.uid AS source, m.uid AS target, type(e) AS edge, e.via AS via, "
        "e.inherited AS inherited"
    )
    params = {"candidate": Tier.CANDIDATE.value}
    cypher = per_kind(CODE_KINDS, part)
    found = reader.query(cypher, params, max_rows=None, timeout_s=_TIMEOUT_S).rows
    codes = {kind.value: code for kind, code in EDGE_CODE.items()}
    parent = array("i", [-1]) * len(number_of)
    owning = {EDGE_CODE[kind] for kind in _OWNERSHIP}
    edges: list[tuple[int, int, int]] = []
    for source_uid, target_uid, edge, via, inherited in found:
        source, target = number_of.get(source_uid), number_of.get(target_uid)
        if source is None or target is None:
            continue
        code = codes[edge]
        is_derived = bool(inherited) or via == "import"
        edges.append((source, target, code + (DERIVED if is_derived else 0)))
        if code in owning and not is_derived:
            parent[target] = source
    edges.sort()
    return edges, parent


def _adjacency(edges: Iterable[tuple[int, int, int]], count: int, near: int) -> Adjacency:
    """Edges by their end `near`: 0 for the source, 1 for the target."""
    ordered = sorted(edges, key=lambda e: (e[1], e[0], e[2])) if near else list(edges)
    start = array("i", bytes(4 * (count + 1)))
    for edge in ordered:
        start[edge[near] + 1] += 1
    for number in range(count):
        start[number + 1] += start[number]
    far = 1 - near
    return Adjacency(
        start, array("i", [e[far] for e in ordered]), array("B", [e[2] for e in ordered])
    )


def _module_texts(reader: GraphReader, read_file: ReadFile | None) -> dict[str, str]:
    """The text of each file that is still what was indexed."""
    if read_file is None:
        return {}
    cypher = "MATCH (f:FILE) WHERE f.repo = $repo RETURN f.file_path AS p, f.content_hash AS h"
    found: dict[str, str] = {}
    for path, content_hash in reader.query(cypher, max_rows=None, timeout_s=_TIMEOUT_S).rows:
        data = read_file(path)
        if data is not None and blake2b(data, digest_size=16).hexdigest() == content_hash:
            found[path] = data.decode("utf-8", "replace")
    return found


class _Words:
    """The weighted words of every symbol and of every file."""

    def __init__(self, rows: Sequence[_Row], parent: array[int], texts: dict[str, str]) -> None:
        self._rows = rows
        self._parent = parent
        self._texts = texts
        self._children: dict[int, list[int]] = {}
        for number, owner in enumerate(parent):
            if owner >= 0:
                self._children.setdefault(owner, []).append(number)

    def postings(self, files: Sequence[int], count: int) -> tuple[Postings, Postings]:
        by_symbol, by_file = _Inverter(len(self._rows)), _Inverter(count)
        whole: defaultdict[str, float] = defaultdict(float)
        for number, row in enumerate(self._rows):
            counts = self._counts(number, row)
            by_symbol.add(number, counts)
            for term, value in counts.items():
                whole[term] += value
            if number + 1 == len(self._rows) or files[number + 1] != files[number]:
                by_file.add(files[number], whole)
                whole = defaultdict(float)
        return by_symbol.postings(), by_file.postings()

    def _counts(self, number: int, row: _Row) -> dict[str, float]:
        counts: dict[str, float] = {}
        children = self._children.get(number, ())
        members = " ".join(self._rows[child].name for child in children)
        owner = self._parent[number]
        around = self._rows[owner].name if owner >= 0 else row.path
        for weight, text in (
            (NAME, row.name.rpartition(".")[2] if row.kind is NodeKind.MODULE else row.name),
            (OWNER, around),
            (SIGNATURE, row.signature),
            (DOCSTRING, row.docstring),
            (MEMBERS, members),
            (CODE, self._own_text(row, children)),
        ):
            for term in terms(text):
                counts[term] = counts.get(term, 0.0) + weight
        return counts

    def _own_text(self, row: _Row, children: Sequence[int]) -> str:
        """The code of a symbol without the lines of the definitions inside it."""
        code = self._texts.get(row.path, "") if row.kind is NodeKind.MODULE else row.code
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
