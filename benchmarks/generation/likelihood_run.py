"""Runs the likelihood measure over completion points, one line a record, and tells the changes.

Points are CrossCodeEval-shaped (`bench generate` makes them of any repository). The graph's context
and that of BM25 are the ones of the suite `crosscodeeval`.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.generation.likelihood import Point, compare, score_point
from benchmarks.harness.data import checksum
from benchmarks.harness.desk import Desk
from benchmarks.harness.repositories import MissingRepositoryError
from benchmarks.suites.completion import CROSSCODEEVAL
from graphdb.errors import ModelUnavailableError
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN
from indexer.languages import SUFFIXES
from indexer.pipeline import tool_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.generation.likelihood import Score
    from benchmarks.harness.suite import Record

ROWS, METRICS = "likelihood.jsonl", "likelihood.json"
CONTEXTS = ("graph", "bm25")
PAIRS = (("none", "bm25"), ("none", "graph"), ("bm25", "graph"))


@dataclass(frozen=True, slots=True)
class LikelihoodRequest:
    """What to score. context_tokens, code_tokens: of four characters, what goes into a prompt."""

    data: Path
    repos: Path
    out: Path
    model: str
    limit: int | None = None
    context_tokens: int = 512
    code_tokens: int = 256


def run_likelihood(
    request: LikelihoodRequest, score: Score, say: Callable[[str], None]
) -> dict[str, Any]:
    """Score every point and write the folder; what `likelihood.json` holds. Raises DataError."""
    started = time.monotonic()
    records = CROSSCODEEVAL.load(request.data)[: request.limit]
    rows: list[dict[str, Any]] = []
    left_out: Counter[str] = Counter()
    request.out.mkdir(parents=True, exist_ok=True)
    with (request.out / ROWS).open("w", encoding="utf-8") as file:
        for number, row in enumerate(_rows(request, records, score), start=1):
            if "reason" in row:
                left_out[row["reason"]] += 1
            else:
                rows.append(row)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            say(f"{number}/{len(records)} {row['id']}")
    found = {
        "model": request.model,
        "data": request.data.name,
        "data_sha256": checksum(request.data),
        "tool_version": tool_version(),
        "n": len(rows),
        "left_out": dict(left_out),
        "repositories": len({row["repository"] for row in rows}),
        "context_tokens": request.context_tokens,
        "code_tokens": request.code_tokens,
        "changes": _changes(rows),
        "seconds": round(time.monotonic() - started, 1),
    }
    (request.out / METRICS).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found


def _changes(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    pairs = {f"{first} -> {second}": compare(rows, first, second) for first, second in PAIRS}
    return {name: paired.to_json() for name, paired in pairs.items() if paired is not None}


def _rows(
    request: LikelihoodRequest, records: Sequence[Record], score: Score
) -> Iterator[dict[str, Any]]:
    limits = tuple(n * CHARACTERS_PER_TOKEN for n in (request.context_tokens, request.code_tokens))
    with tempfile.TemporaryDirectory(prefix="codexgraph-bench-") as folder:
        desk = Desk(request.repos, Path(folder))
        try:
            for record in records:
                yield _row(record, desk, score, (limits[0], limits[1]))
        finally:
            desk.close()


def _row(record: Record, desk: Desk, score: Score, limits: tuple[int, int]) -> dict[str, Any]:
    f = record.fields
    head = {"id": record.id, "repository": record.group}
    point = Point(record.id, record.group, f["before"], f["gold"])
    if not f["file"].endswith(tuple(SUFFIXES)):
        return {**head, "reason": "the file is of no indexed language"}
    try:
        files = CROSSCODEEVAL.sources(record, desk)
        texts = CROSSCODEEVAL.contexts(record, desk, files, CONTEXTS)
        found = score_point(point, {n: t[0] for n, t in texts.items()}, score, limits)
    except (MissingRepositoryError, ModelUnavailableError) as error:
        return {**head, "reason": f"environment: {error}"}
    return found or {**head, "reason": "no context to compare with"}
