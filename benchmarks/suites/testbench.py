"""TestBench context sufficiency: does our context declare all that a method under test uses?

The benchmark gives two contexts, the signatures of the class and the whole file. Ours gets 1.3
times the characters of the first. Used names are read off the method's text: those of members of
its class and of types that its file can name, and whatever else the graph resolves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.harness.commits import Expectation
from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.metrics import mean_percent
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from graphdb.queries.rows import symbols_by_uid
from graphdb.retrieval.features import USES
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN
from graphdb.retrieval.retriever import Retriever
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import Ask
    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

SIZE = 1.3
"""How many times the simple context's characters ours may have."""

_NOT_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_MEMBERS = (EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD)


@dataclass(slots=True)
class ContextSuite:
    """Records with a Java method, its file and two contexts."""

    card: DataCard
    retrievers: tuple[str, ...] = ("graph", "simple", "full")
    ks: tuple[int, ...] = ()
    needs_repositories: bool = True
    _expected: dict[str, list[Expectation]] = field(default_factory=dict[str, list[Expectation]])

    def load(self, path: Path) -> list[Record]:
        """One record a method."""
        self._expected = {}
        records: list[Record] = []
        wanted = ("source_code", "class_name", "method_name", "simple_context", "full_context")
        for row in read_rows(path, self.card):
            name = str(field_of(row, "project_name", path))
            file = str(field_of(row, "relative_path", path)).removeprefix(f"{name}/")
            fields = {key: str(field_of(row, key, path)) for key in wanted} | {"file": file}
            identity = f"{name}/{file}:{fields['class_name']}.{fields['method_name']}"
            taken = sum(1 for record in records if record.id.partition("#")[0] == identity)
            identity += f"#{taken + 1}" if taken else ""
            records.append(Record(identity, name, fields))
            lines = fields["full_context"].splitlines()
            step = max(1, len(lines) // 20)
            self._expected.setdefault(name, []).extend(
                Expectation(file, i + 1, lines[i]) for i in range(0, len(lines), step)
            )
        return records

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Which used names each context has, and its size."""
        f = record.fields
        expected = self.expected(record)
        desk.show(record.group, lambda: desk.files_matching(record.group, expected))
        corpus = desk.workspace.corpus
        node = method_of(corpus, f)
        used = sorted(_used(corpus, node, f["source_code"]))
        if not used:
            raise SkipRecordError("the method uses nothing that the project declares")
        allowed = int(SIZE * len(f["simple_context"]))
        texts = {"simple": f["simple_context"], "full": f["full_context"]}
        if "graph" in ask.retrievers:
            reader = desk.workspace.reader
            symbol = symbol_of(reader, corpus, node)
            budget = allowed // CHARACTERS_PER_TOKEN
            packed = Retriever(reader, corpus).context_of(symbol, budget, with_code=False)
            texts["graph"] = packed.text
        return {
            "used": used,
            "missing": {
                name: sorted(set(used) - set(_WORD.findall(texts[name]))) for name in ask.retrievers
            },
            "characters": {name: len(texts[name]) for name in ask.retrievers},
            "simple_characters": len(f["simple_context"]),
        }

    def expected(self, record: Record) -> list[Expectation]:
        """What the sources of a record's project must look like, as its records say."""
        return self._expected[record.group]

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Share of methods with nothing missing, share of names present, size against simple."""
        metrics: dict[str, Any] = {"coverage": None}
        simple = sum(a["simple_characters"] for a in answers)
        for name in ask.retrievers:
            size = sum(a["characters"][name] for a in answers)
            metrics[name] = {
                "sufficient": mean_percent(float(not a["missing"][name]) for a in answers),
                "names": mean_percent(
                    1 - len(a["missing"][name]) / len(a["used"]) for a in answers
                ),
                "size_ratio": round(size / simple, 2) if simple else None,
            }
        return metrics


def symbol_of(reader: GraphReader, corpus: Corpus, node: int) -> Symbol:
    """A node of a corpus as the graph has it."""
    uid = corpus.uid[node]
    return symbols_by_uid(reader, [uid], (corpus.kind_of(node),))[uid]


def method_of(corpus: Corpus, fields: Mapping[str, Any]) -> int:
    """The method under test; of overloads the one with the text. Raises SkipRecordError."""
    same = [
        n
        for n in corpus.by_name.get(fields["method_name"].lower(), ())
        if corpus.file_of(n) == fields["file"] and corpus.kind_of(n) is NodeKind.METHOD
    ]
    own = [n for n in same if corpus.name[corpus.parent[n]] == fields["class_name"]]
    if not same:
        raise SkipRecordError(f"{fields['file']} does not define it at this commit")
    lines = fields["source_code"].strip().count("\n") + 1
    return min(own or same, key=lambda n: (abs(corpus.end[n] - corpus.start[n] + 1 - lines), n))


def _used(corpus: Corpus, node: int, source: str) -> set[str]:
    said = set(_WORD.findall(_NOT_CODE.sub(" ", source))) - {corpus.name[node]}
    return said & set(_visible(corpus, node))


def _visible(corpus: Corpus, node: int) -> Iterator[str]:
    """Names that the method can use as they are, and those that the graph resolves in it."""
    for number in corpus.targets(node, USES):
        yield corpus.name[number]
    for owner in corpus.owners(node):
        if corpus.kind_of(owner) is NodeKind.CLASS:
            yield corpus.name[owner]
            for number in corpus.targets(owner, _MEMBERS, derived=True):
                yield corpus.name[number]
    module = corpus.module_of(node)
    if module is None:
        return
    for number in corpus.targets(module, (EdgeKind.IMPORTS,)):
        yield corpus.name[number].rpartition(".")[2]
    for number in corpus.in_file[corpus.path[node]]:
        if corpus.kind_of(number) is NodeKind.CLASS:
            yield corpus.name[number]


SUITE = ContextSuite(
    card=DataCard(
        title="TestBench, context sufficiency of methods under test (our own measure)",
        source="iSEngLab/TestBench",
        version="6d018f5",
        licence="none stated: do not redistribute",
        obtain="the data is in iSEngLab/TestBench",
    )
)
