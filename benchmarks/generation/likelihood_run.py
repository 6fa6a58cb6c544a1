"""Runs the likelihood measure over completion points, one line a record, and tells the changes.

Points are CrossCodeEval-shaped (`bench generate` makes them of any repository). The graph's context
and that of BM25 are the ones of the suite `crosscodeeval`: other files only, and no edge or name
that stands behind the cursor. Windows drawn at random tell what any other code is worth.
"""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from dataclasses import dataclass
from statistics import fmean
from typing import IO, TYPE_CHECKING, Any

from benchmarks.generation.likelihood import Point, compare, score_point
from benchmarks.harness.baselines import WINDOW
from benchmarks.harness.data import checksum, read_rows
from benchmarks.harness.desk import Desk, open_desk
from benchmarks.harness.repositories import MissingRepositoryError
from benchmarks.suites.completion import BUDGETS, CROSSCODEEVAL
from graphdb.errors import ModelUnavailableError
from indexer.languages import SUFFIXES
from indexer.pipeline import tool_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.generation.likelihood import Judge
    from benchmarks.harness.suite import Record

ROWS, METRICS = "likelihood.jsonl", "likelihood.json"
CONTEXTS = ("graph", "bm25")
PAIRS = (
    ("none", "random"),
    ("none", "bm25"),
    ("none", "graph"),
    ("random", "graph"),
    ("bm25", "graph"),
)
_RANDOM_CHARACTERS = 16
"""For each token of a context; more than any tokenizer needs for code."""


@dataclass(frozen=True, slots=True)
class LikelihoodRequest:
    """What to score.

    limit: the first so many points. per_repository: then so many of each, evenly spaced.
    context_tokens, code_tokens: the model's own, what goes into a prompt. resume: keep the rows
    of the same settings that `out` holds.
    """

    data: Path
    repos: Path
    out: Path
    model: str
    limit: int | None = None
    per_repository: int | None = None
    context_tokens: int = 512
    code_tokens: int = 256
    resume: bool = False


def run_likelihood(
    request: LikelihoodRequest, judge: Judge, say: Callable[[str], None]
) -> dict[str, Any]:
    """Score every point and write the folder; what `likelihood.json` holds. Raises DataError."""
    started = time.monotonic()
    records = _spaced(CROSSCODEEVAL.load(request.data)[: request.limit], request.per_repository)
    request.out.mkdir(parents=True, exist_ok=True)
    path = request.out / ROWS
    found = _kept(path, request, records) if request.resume else []
    ids = {row["id"] for row in found}
    with path.open("w", encoding="utf-8") as file:
        for row in found:
            _write(file, row)
        for row in _rows(request, [each for each in records if each.id not in ids], judge):
            found.append(row)
            _write(file, row)
            say(f"{len(found)}/{len(records)} {row['id']}")
    figures = _figures(request, found) | {"seconds": round(time.monotonic() - started, 1)}
    (request.out / METRICS).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


def _figures(request: LikelihoodRequest, found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    rows = [row for row in found if "reason" not in row]
    return {
        "model": request.model,
        "data": request.data.name,
        "data_sha256": checksum(request.data),
        "tool_version": tool_version(),
        "n": len(rows),
        "left_out": dict(Counter(row["reason"] for row in found if "reason" in row)),
        "repositories": len({row["repository"] for row in rows}),
        "per_repository": request.per_repository,
        "context_tokens": request.context_tokens,
        "code_tokens": request.code_tokens,
        "mean_context_tokens": _mean_context(rows),
        "verbatim": dict(Counter(name for row in rows for name in row["verbatim"])),
        "changes": _changes(rows),
        "changes_without_verbatim": _changes([row for row in rows if not row["verbatim"]]),
    }


def _kept(
    path: Path, request: LikelihoodRequest, records: Sequence[Record]
) -> list[dict[str, Any]]:
    """Rows of an earlier run with the same model, lengths and records. Raises DataError."""
    if not path.is_file():
        return []
    ids, asked = {record.id for record in records}, _setting(request)
    rows = read_rows(path, CROSSCODEEVAL.card)
    return [row for row in rows if row.get("id") in ids and row.get("setting") == asked]


def _setting(request: LikelihoodRequest) -> list[Any]:
    return [request.model, request.context_tokens, request.code_tokens]


def _write(file: IO[str], row: Mapping[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")
    file.flush()


def _spaced(records: Sequence[Record], most: int | None) -> list[Record]:
    """At most so many records of each repository, evenly spaced over those that there are."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.group, []).append(record)
    kept: list[Record] = []
    for group in groups.values():
        n = len(group) if most is None else min(most, len(group))
        kept += [group[number * len(group) // n] for number in range(n)]
    return kept


def _changes(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    pairs = {f"{first} -> {second}": compare(rows, first, second) for first, second in PAIRS}
    return {name: paired.to_json() for name, paired in pairs.items() if paired is not None}


def _mean_context(rows: Sequence[dict[str, Any]]) -> float:
    """Tokens that a prompt has more with context than without."""
    sizes = [row["prompt_tokens"]["graph"] - row["prompt_tokens"]["none"] for row in rows]
    return round(fmean(sizes), 1) if sizes else 0.0


def _rows(
    request: LikelihoodRequest, records: Sequence[Record], judge: Judge
) -> Iterator[dict[str, Any]]:
    with open_desk(request.repos) as desk:
        for record in records:
            yield _row(request, record, desk, judge)


def _row(request: LikelihoodRequest, record: Record, desk: Desk, judge: Judge) -> dict[str, Any]:
    f = record.fields
    head = {"id": record.id, "repository": record.group, "setting": _setting(request)}
    point = Point(f["before"], f["gold"])
    if not f["file"].endswith(tuple(SUFFIXES)):
        return {**head, "reason": "the file is of no indexed language"}
    try:
        files = CROSSCODEEVAL.sources(record, desk)
        texts = CROSSCODEEVAL.contexts(record, desk, files, CONTEXTS)
        # What is packed to a larger budget is not the same text with more at its end.
        packed = next((n for n, b in enumerate(BUDGETS) if b >= request.context_tokens), -1)
        contexts = {name: budgets[packed] for name, budgets in texts.items()}
        contexts["random"] = random_windows(files, f["file"], record.id, request.context_tokens)
        limits = (request.context_tokens, request.code_tokens)
        found = score_point(point, contexts, judge, limits)
    except (MissingRepositoryError, ModelUnavailableError) as error:
        return {**head, "reason": f"environment: {error}"}
    return head | (found or {"reason": "no context to compare with"})


def random_windows(files: Mapping[str, bytes], hidden: str, seed: str, tokens: int) -> str:
    """Windows of other files, each file as likely as another, until they have that many tokens."""
    draw = random.Random(seed)  # noqa: S311 - statistics, no secret
    paths = sorted(path for path, data in files.items() if path != hidden and data.strip())
    parts: list[str] = []
    for path in draw.sample(paths, len(paths)):
        lines = files[path].decode("utf-8", "replace").splitlines()
        start = draw.randrange(max(1, len(lines) - WINDOW + 1))
        text = "\n".join(lines[start : start + WINDOW])
        parts.append(f"# {path}:{start + 1}\n{text}")
        if sum(map(len, parts)) > tokens * _RANDOM_CHARACTERS:
            break
    return "\n".join(parts)
