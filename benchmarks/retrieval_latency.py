"""What one answer of retrieval costs when the graph and its corpus are in memory.

The questions are made from the graph itself, evenly over its symbols, so that any repository can be
measured; whole issues are made of docstrings where no file of issues is given.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.metrics import percentile
from benchmarks.harness.suite import DataCard
from graphdb.errors import CodexGraphError
from graphdb.queries.names import resolve
from graphdb.queries.rows import symbols_by_uid
from graphdb.schema import CODE_KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader

SUITE = "latency"
BUDGET = 2_000
_TEXT_FIELD = "problem_statement"
_WARM = 3
_LEAST_DOCSTRING = 80
_CARD = DataCard(
    title="Issues",
    source="any file in SWE-bench's format",
    licence="as its source says",
    version="any",
    obtain="JSON lines with problem_statement",
)


def run(
    reader: GraphReader, corpus: Corpus, retriever: Retriever, count: int, issues: Path | None
) -> dict[str, Any]:
    """Measure; `suite`, `n` (questions of a kind), `seconds` and, in `metrics`, ms by kind.

    issues: JSON lines with `problem_statement`, as SWE-bench has them. Raises DataError, or
    CodexGraphError when the graph has nothing to ask about.
    """
    started = time.monotonic()
    names, lines = _names(corpus, count), _lines(corpus, count)
    texts = _issues(issues, count) if issues else _docstrings(reader, corpus, count)
    if not names or not texts:
        raise CodexGraphError("the graph has no symbols with a docstring: give --issues FILE")
    titles = [text.strip().splitlines()[0] for text in texts]

    def about(name: str) -> object:
        return retriever.context_of(resolve(reader, name), BUDGET)

    def mapped(budget: str) -> object:
        return retriever.map(int(budget))

    asked: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "context of a name": (about, names),
        "context of path:line": (about, lines),
        "context of an issue": (lambda text: retriever.context_for(text, BUDGET), texts),
        "context of a line of words": (lambda text: retriever.context_for(text, BUDGET), titles),
        "search for an issue": (retriever.search, texts),
        "search for a line of words": (retriever.search, titles),
        "locate an issue": (retriever.locate, texts),
        "map": (mapped, [str(BUDGET + number) for number in range(len(names))]),
    }
    metrics = {kind: _timed(ask, questions) for kind, (ask, questions) in asked.items()}
    return {
        "suite": SUITE,
        "n": len(names),
        "symbols": len(corpus),
        "seconds": round(time.monotonic() - started, 1),
        "metrics": metrics,
    }


def _timed(ask: Callable[[str], object], questions: Sequence[str]) -> dict[str, float | None]:
    """Processor milliseconds of each question, after some that warm up."""
    for question in questions[:_WARM]:
        ask(question)
    found: list[float] = []
    for question in questions:
        start = time.process_time()
        ask(question)
        found.append(round(1000 * (time.process_time() - start), 1))
    return {"p50": percentile(found, 0.5), "p95": percentile(found, 0.95), "max": max(found)}


def _spread(numbers: Sequence[int], count: int) -> list[int]:
    """Some of many, evenly."""
    step = max(1, len(numbers) // count)
    return list(numbers[step // 2 :: step][:count])


def _names(corpus: Corpus, count: int) -> list[str]:
    often = Counter(corpus.full_name)
    single = [n for n in range(len(corpus)) if often[corpus.full_name[n]] == 1]
    return [corpus.full_name[n] for n in _spread(single, count)]


def _lines(corpus: Corpus, count: int) -> list[str]:
    numbers = _spread(range(len(corpus)), count)
    return [f"{corpus.file_of(n)}:{(corpus.start[n] + corpus.end[n]) // 2}" for n in numbers]


def _docstrings(reader: GraphReader, corpus: Corpus, count: int) -> list[str]:
    """What issues look like: a first line, some prose, a name and a path."""
    numbers = _spread(range(len(corpus)), 20 * count)
    found = symbols_by_uid(reader, [corpus.uid[n] for n in numbers], CODE_KINDS)
    told = [s for s in found.values() if len(s.docstring or "") >= _LEAST_DOCSTRING]
    return [
        f"{s.name} does otherwise\n\n{s.docstring}\n\nSee `{s.full_name}` in {s.file_path}"
        for s in sorted(told, key=lambda symbol: symbol.uid)[:count]
    ]


def _issues(path: Path, count: int) -> list[str]:
    rows = read_rows(path, _CARD)
    texts = [str(field_of(row, _TEXT_FIELD, path)) for row in rows]
    whole = [text for text in texts if text.strip()]
    return [whole[number] for number in _spread(range(len(whole)), count)]
