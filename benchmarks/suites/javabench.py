"""JavaBench selective context: do we pick the types that jdeps finds in the finished class?

jdeps sees the solution, we see the skeleton with its TODOs. The project is put together from the
records: every type that any context shows, as its signatures, and the skeletons of all tasks. Types
are taken in our order while they fit 1.2 times the size of the selective context.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.harness.baselines import Bm25, plain_words
from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.metrics import mean_percent
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from graphdb.retrieval.context import rank_context
from graphdb.retrieval.features import Place
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import Ask
    from graphdb.retrieval.corpus import Corpus

SIZE = 1.2
"""How many times the selective context's characters ours may have."""

_BLOCK = re.compile(r"```(?:java)?\n(?P<code>.*?)```", re.DOTALL)
_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_TYPE = re.compile(r"^\s*(?:[\w@]+\s+)*(?:class|interface|enum|record)\s+(\w+)", re.MULTILINE)


@dataclass(slots=True)
class SelectiveSuite:
    """Records with `task_id`, `target`, `code` and `code_context`."""

    card: DataCard
    retrievers: tuple[str, ...] = ("graph", "bm25", "jdeps")
    ks: tuple[int, ...] = ()
    needs_repositories: bool = False
    _projects: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])

    def load(self, path: Path) -> list[Record]:
        """One record a class to be written."""
        self._projects = {}
        records: list[Record] = []
        for row in read_rows(path, self.card):
            identity = str(field_of(row, "task_id", path))
            project = identity.partition("/")[0]
            context = _blocks(str(field_of(row, "code_context", path)))
            skeleton = _blocks(str(field_of(row, "code", path)))
            known = self._projects.setdefault(project, {})
            known.update(context)
            target = next(iter(skeleton), None)
            fields = {"target": target, "skeleton": skeleton, "context": context}
            records.append(Record(identity, project, fields))
        for record in records:
            for name, text in record.fields["skeleton"].items():
                self._projects[record.group].setdefault(name, text)
        return records

    def project(self, record: Record) -> dict[str, str]:
        """Every type of a record's project that any record shows, by path."""
        return dict(self._projects[record.group])

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Which types of the selective context each retriever takes."""
        target, context = record.fields["target"], record.fields["context"]
        wanted = sorted(name for name in context if name != target)
        if target is None or not wanted:
            raise SkipRecordError("the selective context shows no type")
        types = {**self.project(record), **record.fields["skeleton"]}
        files = {name: text.encode() for name, text in types.items()}
        desk.workspace.set_files(files)
        corpus = desk.workspace.corpus
        others = {name: text for name, text in types.items() if name != target}
        allowed = SIZE * sum(len(context[name]) for name in wanted)
        order = {"jdeps": wanted}
        if "graph" in ask.retrievers:
            order["graph"] = _by_graph(corpus, target, types[target])
        if "bm25" in ask.retrievers:
            names = sorted(others)
            index = Bm25([plain_words(others[name]) for name in names])
            order["bm25"] = [names[i] for i in index.ranked(plain_words(types[target]))]
        taken = {name: _fitting(order[name], others, allowed) for name in ask.retrievers}
        return {
            "wanted": wanted,
            "taken": taken,
            "characters": {n: sum(len(others[t]) for t in taken[n]) for n in ask.retrievers},
            "selective_characters": sum(len(context[name]) for name in wanted),
        }

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Mean share of the selective types taken, share of classes with all, and size."""
        metrics: dict[str, Any] = {}
        selective = sum(a["selective_characters"] for a in answers)
        for name in ask.retrievers:
            shares = [
                len(set(a["taken"][name]) & set(a["wanted"])) / len(a["wanted"]) for a in answers
            ]
            size = sum(a["characters"][name] for a in answers)
            metrics[name] = {
                "types": mean_percent(shares),
                "complete": mean_percent(float(share == 1) for share in shares),
                "size_ratio": round(size / selective, 2) if selective else None,
            }
        return metrics


def _blocks(text: str) -> dict[str, str]:
    """The files of fenced Java code, by path: folders of the package, name of the type."""
    found: dict[str, str] = {}
    for match in _BLOCK.finditer(text if "```" in text else f"```java\n{text}```"):
        code = match["code"].strip() + "\n"
        package, name = _PACKAGE.search(code), _TYPE.search(code)
        if name:
            folder = package[1].replace(".", "/") + "/" if package else ""
            found[f"{folder}{name[1]}.java"] = code
    return found


def _by_graph(corpus: Corpus, target: str, text: str) -> list[str]:
    """Files of the project in the order in which our context for the class needs them."""
    file = corpus.path_number.get(target)
    classes = [
        n
        for n in (corpus.in_file[file] if file is not None else ())
        if corpus.kind_of(n) is NodeKind.CLASS
    ]
    if not classes:
        raise SkipRecordError(f"{target} has no class in the index")
    ranked: Iterable[int] = (s.node for s in rank_context(corpus, Place(classes[0], text)))
    paths = dict.fromkeys(corpus.file_of(n) for n in ranked)
    return [path for path in paths if path is not None and path != target]


def _fitting(order: Sequence[str], types: Mapping[str, str], allowed: float) -> list[str]:
    """Types in order, those that do not fit any more left out."""
    taken: list[str] = []
    used = 0
    for name in order:
        size = len(types.get(name, ""))
        if size and used + size <= allowed:
            taken.append(name)
            used += size
    return taken


SUITE = SelectiveSuite(
    card=DataCard(
        title="JavaBench, types of the selective (jdeps) context from the skeleton (our measure)",
        source="java-bench/JavaBench, datasets/selective-context",
        version="0551d7b",
        licence="none at the root: do not redistribute",
        obtain="data-PA*.jsonl are in java-bench/JavaBench, datasets/selective-context",
    )
)
