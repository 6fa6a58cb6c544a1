"""SWE-bench localization (Lite, Verified, dev, Multilingual): where must an issue be fixed?

Gold are the files that the patch changes, the classes and functions around its changed lines on the
old side, all of the commit before the fix. Accuracy is LocAgent's (arXiv 2503.09089): an instance
counts when all its gold items, cut to k, are in the first k. Test files are no candidates.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.harness.baselines import Bm25, files_bm25, plain_words
from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.metrics import accuracy_at, mean_percent, reciprocal_rank
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from graphdb.retrieval.corpus import CALLABLE
from graphdb.retrieval.evidence import Evidence
from graphdb.retrieval.vectors import ranked_files, ranked_symbols
from graphdb.schema import NodeKind
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import Ask
    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.vectors import Meaning

_HUNK = re.compile(r"^@@ -(?P<start>\d+)(?:,\d+)? \+")
_KEPT = 100
"""How many items of each list are kept in the predictions."""

_WITH_VECTORS = "graph+vectors"

LEVELS = ("file", "module", "function")


@dataclass(slots=True)
class LocalizationSuite:
    """Records with `instance_id`, `repo`, `base_commit`, `problem_statement` and `patch`."""

    card: DataCard
    retrievers: tuple[str, ...] = ("graph", "bm25")
    optional: tuple[str, ...] = (_WITH_VECTORS,)
    ks: tuple[int, ...] = (1, 3, 5, 10)
    needs_repositories: bool = True

    def load(self, path: Path) -> list[Record]:
        """One record an instance; those of a repository are asked in order of their date."""
        records: list[Record] = []
        for row in read_rows(path, self.card):
            wanted = ("repo", "base_commit", "problem_statement", "patch")
            fields = {name: field_of(row, name, path) for name in wanted}
            identity = str(field_of(row, "instance_id", path))
            order = str(row.get("created_at") or "")
            records.append(Record(identity, fields["repo"], fields, order))
        return records

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Rank files, classes and functions of the commit before the fix."""
        changed = changed_lines(record.fields["patch"])
        sources = {path for path in changed if path.endswith(tuple(SUFFIXES))}
        if not sources:
            raise SkipRecordError("the fix changes no existing file of an indexed language")
        files = desk.files_at(record.group, record.fields["base_commit"])
        desk.workspace.set_files(files)
        corpus = desk.workspace.corpus
        gold = gold_of(corpus, changed)
        if not gold["file"]:
            raise SkipRecordError("no changed file is in the index")
        text = record.fields["problem_statement"]
        found: dict[str, dict[str, list[str]]] = {}
        if "graph" in ask.retrievers:
            found["graph"] = _by_graph(corpus, text)
        if _WITH_VECTORS in ask.retrievers:
            found[_WITH_VECTORS] = _by_graph(corpus, text, desk.workspace.meaning())
        if "bm25" in ask.retrievers:
            found["bm25"] = _by_words(corpus, files, text)
        whole = len(gold["file"]) == len(changed)
        return {"gold": gold, "found": found, "all_gold_indexed": whole}

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Accuracy at k and MRR by level; N of a level are the instances that have gold there."""
        metrics: dict[str, Any] = {
            "coverage": mean_percent(float(a["all_gold_indexed"]) for a in answers)
        }
        for level in LEVELS:
            metrics[f"{level}_n"] = sum(1 for a in answers if a["gold"][level])
        for name in ask.retrievers:
            row: dict[str, Any] = {}
            for level in LEVELS:
                having = [a for a in answers if a["gold"][level]]
                pairs = [(a["found"][name][level], a["gold"][level]) for a in having]
                for k in ask.ks:
                    row[f"{level}@{k}"] = mean_percent(accuracy_at(r, g, k) for r, g in pairs)
                row[f"{level}_mrr"] = mean_percent(reciprocal_rank(r, g) for r, g in pairs)
                if level == "file":
                    for k in ask.ks:
                        strict = (set(g) <= set(r[:k]) for r, g in pairs)
                        row[f"file_strict@{k}"] = mean_percent(strict)
            metrics[name] = row
        return metrics

    def exports(self, answers: Sequence[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        """LocAgent's `loc_outputs.jsonl`, of the first retriever that answered."""
        lines: list[dict[str, Any]] = []
        for answer in answers:
            found = next(iter(answer["found"].values()))
            lines.append(
                {
                    "instance_id": answer["id"],
                    "found_files": found["file"],
                    "found_modules": found["module"],
                    "found_entities": found["function"],
                }
            )
        return {"loc_outputs.jsonl": lines}


def changed_lines(patch: str) -> dict[str, set[int]]:
    """Old-side lines (1-based) that a unified diff removes or inserts after, by existing file."""
    found: dict[str, set[int]] = {}
    path: str | None = None
    line = 0
    for text in patch.splitlines():
        match = _HUNK.match(text)
        if text.startswith("--- "):
            path = text[6:].rstrip() if text.startswith("--- a/") else None
        elif match:
            line = int(match["start"])
        elif path is not None and not text.startswith("+++"):
            if text.startswith("-"):
                found.setdefault(path, set()).add(line)
            elif text.startswith("+"):
                found.setdefault(path, set()).add(max(1, line - 1))
            line += not text.startswith(("+", "\\"))
    return found


def gold_of(corpus: Corpus, changed: Mapping[str, set[int]]) -> dict[str, list[str]]:
    """Gold files, modules (top-level classes and functions) and functions, as entity names."""
    gold: dict[str, dict[str, None]] = {level: {} for level in LEVELS}
    for path in sorted(changed):
        file = corpus.path_number.get(path)
        if file is None:
            continue
        gold["file"][path] = None
        for line in sorted(changed[path]):
            function = _innermost(corpus, file, line)
            if function is not None:
                gold["function"][entity(corpus, function)] = None
            top = _outermost(corpus, file, line)
            if top is not None:
                gold["module"][entity(corpus, top)] = None
    return {level: list(names) for level, names in gold.items()}


def _around(corpus: Corpus, file: int, line: int) -> Iterator[int]:
    for number in corpus.in_file[file]:
        kind = corpus.kind_of(number)
        is_scope = kind is NodeKind.CLASS or kind in CALLABLE
        if is_scope and corpus.start[number] <= line <= corpus.end[number]:
            yield number


def _innermost(corpus: Corpus, file: int, line: int) -> int | None:
    """The method or function around a line; of nested functions the outermost in its class."""
    functions = [n for n in _around(corpus, file, line) if corpus.kind_of(n) in CALLABLE]
    owned = [n for n in functions if not _is_nested(corpus, n)]
    return max(owned or functions, key=lambda n: (corpus.start[n], n), default=None)


def _is_nested(corpus: Corpus, number: int) -> bool:
    return any(corpus.kind_of(owner) in CALLABLE for owner in corpus.owners(number))


def _outermost(corpus: Corpus, file: int, line: int) -> int | None:
    return min(_around(corpus, file, line), key=lambda n: (corpus.start[n], n), default=None)


def entity(corpus: Corpus, number: int) -> str:
    """A symbol as LocAgent writes it: `path.py:Class.method`."""
    names = [corpus.name[number]]
    names += [corpus.name[n] for n in corpus.owners(number) if not corpus.is_module(n)]
    return f"{corpus.file_of(number)}:{'.'.join(reversed(names))}"


def _by_graph(corpus: Corpus, text: str, meaning: Meaning | None = None) -> dict[str, list[str]]:
    evidence = Evidence(corpus, text)
    near = meaning.near(evidence) if meaning else []
    functions = ranked_symbols(evidence, CALLABLE, near=near)
    mixed = ranked_symbols(evidence, (NodeKind.CLASS, *CALLABLE), near=near)
    return {
        "file": [item.path for item in ranked_files(evidence, near=near)][:_KEPT],
        "module": _tops(corpus, [item.node for item in mixed]),
        "function": _functions(corpus, [item.node for item in functions]),
    }


def _by_words(corpus: Corpus, files: Mapping[str, bytes], text: str) -> dict[str, list[str]]:
    """BM25 over whole files, and over the text of classes and functions."""
    kept = {
        path: data.decode("utf-8", "replace")
        for path, data in files.items()
        if path in corpus.path_number and not corpus.is_test[_module(corpus, path)]
    }
    lines = {path: source.splitlines() for path, source in kept.items()}
    numbers = [
        n
        for n in range(len(corpus))
        if corpus.file_of(n) in kept and corpus.kind_of(n) in (NodeKind.CLASS, *CALLABLE)
    ]
    documents = [plain_words(_text_of(corpus, n, lines)) for n in numbers]
    ranked = [numbers[i] for i in Bm25(documents).ranked(plain_words(text))]
    return {
        "file": files_bm25(kept, text)[:_KEPT],
        "module": _tops(corpus, ranked),
        "function": _functions(corpus, [n for n in ranked if corpus.kind_of(n) in CALLABLE]),
    }


def _text_of(corpus: Corpus, number: int, lines: Mapping[str, Sequence[str]]) -> str:
    own = lines[corpus.file_of(number) or ""][corpus.start[number] - 1 : corpus.end[number]]
    return "\n".join([corpus.full_name[number], *own])


def _module(corpus: Corpus, path: str) -> int:
    return corpus.in_file[corpus.path_number[path]][0]


def _tops(corpus: Corpus, ranked: Sequence[int]) -> list[str]:
    """The top-level class or function around each symbol, each once, at its best rank."""
    found: dict[str, None] = {}
    for number in ranked:
        chain = [number, *(n for n in corpus.owners(number) if not corpus.is_module(n))]
        found[entity(corpus, chain[-1])] = None
    return list(found)[:_KEPT]


def _functions(corpus: Corpus, ranked: Sequence[int]) -> list[str]:
    """Functions and methods; a nested function stands for the one around it, as in the gold."""
    found: dict[str, None] = {}
    for number in ranked:
        around = [number, *(n for n in corpus.owners(number) if corpus.kind_of(n) in CALLABLE)]
        found[entity(corpus, around[-1])] = None
    return list(found)[:_KEPT]


SUITE = LocalizationSuite(
    card=DataCard(
        title="SWE-bench localization: files, modules and functions that the fix changes",
        source="SWE-bench/SWE-bench: Lite, Verified, dev, Multilingual (parquet in its history)",
        version="fbf17c1^",
        licence="MIT",
        obtain="the data sets are in the history of SWE-bench/SWE-bench before fbf17c1",
    )
)
