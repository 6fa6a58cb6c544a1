"""ContextRecall@k: which of the symbols that a function uses are retrieved before it is written.

The function's body is hidden from the indexer itself, so that no edge, field or type that only the
body shows can help. It is a measure of retrieval, not comparable with the Recall@k of completions
that EvoCodeBench and DevEval publish.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.harness.baselines import definitions_bm25, interleaved
from benchmarks.harness.bodies import hide_body
from benchmarks.harness.commits import Expectation
from benchmarks.harness.metrics import mean_percent
from benchmarks.harness.suite import Record, SkipRecordError
from graphdb.queries.rows import per_kind
from graphdb.retrieval.context import rank_context
from graphdb.retrieval.features import Place
from graphdb.retrieval.naming import named
from graphdb.retrieval.packing import tokens_of
from graphdb.schema import CODE_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.harness.desk import Desk, Shown
    from benchmarks.harness.suite import Ask
    from graphdb.retrieval.corpus import Corpus
    from graphdb.store import GraphReader

RETRIEVERS = ("graph", "bm25", "interleaved")
KS = (5, 10, 20, 50)
BUDGETS = (256, 512, 1_024, 2_048)
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Target:
    """The function of one record and what it is known to use.

    path: of its file. references: full names by group (intra_class, intra_file, cross_file).
    """

    name: str
    path: str
    line: int
    text: str
    references: Mapping[str, Sequence[str]]

    @property
    def wanted(self) -> list[str]:
        """All references, each once."""
        return sorted({name for names in self.references.values() for name in names})


def expectations(records: Sequence[Record]) -> list[Expectation]:
    """What the sources must look like, as the records say."""
    found: list[Expectation] = []
    for record in records:
        target = target_of(record)
        name = target.name.rpartition(".")[2]
        found.append(Expectation(target.path, target.line, f"def {name}"))
    return found


def target_of(record: Record) -> Target:
    """The target as a suite's loader has put it into the record."""
    found = record.fields["target"]
    assert isinstance(found, Target)  # noqa: S101 - a slip of a loader, not of the data
    return found


def answer(record: Record, desk: Desk, ask: Ask, shown: Shown) -> dict[str, Any]:
    """Hide the target's body, ask every retriever, and note where each reference came.

    shown: the sources with nothing hidden; they decide whether a reference is in the index.
    """
    target = target_of(record)
    wanted = target.wanted
    if not wanted:
        raise SkipRecordError("no reference dependency, as the published metric rules")
    text = shown.files.get(target.path)
    hidden = hide_body(text, target.name, target.line) if text is not None else None
    if hidden is None:
        raise SkipRecordError(f"{target.path} does not define it at this commit")
    desk.workspace.change(target.path, hidden.text)
    try:
        corpus = desk.workspace.corpus
        node = _node(corpus, target, hidden.line)
        nodes = {name: set(named(corpus, name)) for name in wanted}
        rankings = _rankings(desk.workspace.reader, corpus, node, target, ask)
        found = {name: _places(corpus, ranked, nodes) for name, ranked in rankings.items()}
        first = {name: [corpus.full_name[n] for n in r[:_SHOWN]] for name, r in rankings.items()}
    finally:
        desk.workspace.change(target.path, text)
    return {
        "references": wanted,
        "groups": {group: sorted(set(names)) for group, names in target.references.items()},
        "covered": [name for name in wanted if named(shown.corpus, name)],
        "places": found,
        "first": first,
    }


def score(answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
    """Coverage, and ContextRecall at each k and token budget, mean over records."""
    references = sum(len(a["references"]) for a in answers)
    covered = sum(len(a["covered"]) for a in answers)
    metrics: dict[str, Any] = {
        "coverage": round(100 * covered / references, 1) if references else None,
        "references": references,
    }
    for name in ask.retrievers:
        row: dict[str, Any] = {}
        for k in ask.ks:
            row[f"recall@{k}"] = mean_percent(_share(a, name, 0, k) for a in answers)
        for budget in BUDGETS:
            row[f"recall@{budget}tokens"] = mean_percent(
                _share(a, name, 1, budget) for a in answers
            )
        cross = [a for a in answers if a["groups"].get("cross_file")]
        for k in ask.ks:
            row[f"cross_file@{k}"] = mean_percent(
                _share(a, name, 0, k, a["groups"]["cross_file"]) for a in cross
            )
        row["cross_file_n"] = len(cross)
        metrics[name] = row
    return metrics


def _share(
    row: Mapping[str, Any], retriever: str, which: int, limit: int, names: Sequence[str] = ()
) -> float:
    """Share of the references (or of some) that come within a rank (0) or a token sum (1)."""
    wanted = names or row["references"]
    places = row["places"][retriever]
    inside = sum(1 for name in wanted if places[name] and places[name][which] <= limit)
    return inside / len(wanted)


def _rankings(
    reader: GraphReader, corpus: Corpus, node: int, target: Target, ask: Ask
) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    inside = frozenset([node, *corpus.children.get(node, ())])
    if "graph" in ask.retrievers:
        found["graph"] = [s.node for s in rank_context(corpus, Place(node, target.text))]
    if {"bm25", "interleaved"} & set(ask.retrievers):
        query = f"{target.name} {target.text}"
        ranked = definitions_bm25(corpus, docstrings(reader), query, inside)
        if "bm25" in ask.retrievers:
            found["bm25"] = ranked
        if "interleaved" in ask.retrievers:
            found["interleaved"] = interleaved(corpus, node, ranked)
    return {name: found[name] for name in ask.retrievers}


def docstrings(reader: GraphReader) -> dict[str, str]:
    """Docstring of every symbol that has one, by uid."""
    part = (
        "MATCH (n:%s) WHERE n.repo = $repo AND n.docstring IS NOT NULL "
        "RETURN n.uid AS uid, n.docstring AS docstring"
    )
    rows = reader.query(per_kind(CODE_KINDS, part), max_rows=None, timeout_s=60).rows
    return {row[0]: row[1] for row in rows}


def _places(
    corpus: Corpus, ranked: Sequence[int], nodes: Mapping[str, set[int]]
) -> dict[str, tuple[int, int] | None]:
    """Rank (1-based) of each reference, and the tokens of all signatures up to it."""
    found: dict[str, tuple[int, int] | None] = dict.fromkeys(nodes)
    open_names: dict[int, list[str]] = {}
    for name, numbers in nodes.items():
        for number in numbers:
            open_names.setdefault(number, []).append(name)
    tokens = 0
    for rank, node in enumerate(ranked, start=1):
        tokens += tokens_of(corpus.signature[node] or corpus.full_name[node]) + 1
        for name in open_names.get(node, ()):
            if found[name] is None:
                found[name] = (rank, tokens)
    return found


def _node(corpus: Corpus, target: Target, line: int) -> int:
    name = target.name.rpartition(".")[2].lower()
    same = [n for n in corpus.by_name.get(name, ()) if corpus.file_of(n) == target.path]
    if not same:
        raise SkipRecordError(f"{target.path} does not define it at this commit")
    return min(same, key=lambda n: (abs(corpus.start[n] - line), n))
