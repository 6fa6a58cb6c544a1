"""Runs a suite: one line of `predictions.jsonl` a record, then `metrics.json` over all lines.

A line is written as soon as it is known, so a run that was stopped goes on with `resume`. Failures
of the environment and records that the suite's rules leave out are lines, too, with their reason.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

from benchmarks.harness.data import checksum
from benchmarks.harness.desk import Desk, open_desk
from benchmarks.harness.repositories import MissingRepositoryError
from benchmarks.harness.suite import Ask, Exporting, Offering, SkipRecordError
from benchmarks.suites import suite as suite_called
from graphdb.errors import CodexGraphError
from indexer.pipeline import tool_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.suite import Record, Suite

PREDICTIONS, METRICS = "predictions.jsonl", "metrics.json"
_CHUNK = 25
"""Records of one repository that a process answers in one go."""

ANSWERED, SKIPPED, ENVIRONMENT, FAILED = "answered", "skipped", "environment", "failed"


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run. limit: the first so many records only. resume: keep what `out` holds."""

    suite: str
    data: Path
    repos: Path | None
    out: Path
    retrievers: tuple[str, ...] = ()
    ks: tuple[int, ...] = ()
    limit: int | None = None
    jobs: int = 1
    resume: bool = False


def run_suite(request: RunRequest, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Run a suite and write its folder; what `metrics.json` holds.

    Raises CodexGraphError for data, names or folders that cannot be used.
    """
    started = time.monotonic()
    suite = suite_called(request.suite)
    ask = _ask(suite, request)
    if suite.needs_repositories and request.repos is None:
        raise CodexGraphError(f"suite {request.suite} reads source repositories: give --repos DIR")
    records = suite.load(request.data)
    wanted = records[: request.limit]
    request = replace(request, retrievers=ask.retrievers, ks=ask.ks)
    header = _header(suite, request)
    done = _previous(request, header)
    open_ = [record for record in wanted if record.id not in done]
    progress(len(done), len(wanted))
    with (request.out / PREDICTIONS).open("a", encoding="utf-8") as file:
        for line in _lines(suite, request, ask, open_):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            file.flush()
            done[line["id"]] = line
            progress(len(done), len(wanted))
    rows = [done[record.id] for record in wanted]
    _write_lines(request.out / PREDICTIONS, rows)
    metrics = _metrics(suite, ask, header, rows)
    metrics["seconds"] = round(time.monotonic() - started, 1)
    (request.out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    answers = [row["answer"] | {"id": row["id"]} for row in rows if row["status"] == ANSWERED]
    if isinstance(suite, Exporting):
        for name, lines in suite.exports(answers).items():
            _write_lines(request.out / name, lines)
    return metrics


def _ask(suite: Suite, request: RunRequest) -> Ask:
    offered = (*suite.retrievers, *(suite.optional if isinstance(suite, Offering) else ()))
    unknown = [name for name in request.retrievers if name not in offered]
    if unknown:
        known = ", ".join(offered)
        raise CodexGraphError(f"suite {request.suite} has no retriever {unknown[0]!r}: {known}")
    return Ask(request.retrievers or suite.retrievers, request.ks or suite.ks)


def _header(suite: Suite, request: RunRequest) -> dict[str, Any]:
    """What makes lines of another run unusable for this one when it differs."""
    return {
        "suite": request.suite,
        "data": request.data.name,
        "data_sha256": checksum(request.data),
        "tool_version": tool_version(),
        "retrievers": list(request.retrievers),
        "ks": list(request.ks),
        "card": asdict(suite.card),
    }


def _previous(request: RunRequest, header: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Lines of a run before, by record; failures of the environment are tried again."""
    request.out.mkdir(parents=True, exist_ok=True)
    path, mark = request.out / PREDICTIONS, request.out / "run.json"
    text = json.dumps(header, indent=1) + "\n"
    if not request.resume or not path.is_file():
        path.write_text("", encoding="utf-8")
        mark.write_text(text, encoding="utf-8")
        return {}
    if not mark.is_file() or mark.read_text(encoding="utf-8") != text:
        raise CodexGraphError(f"{request.out} is of another run: drop --resume or choose --out")
    found: dict[str, dict[str, Any]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue  # the line that was being written when the run was stopped
        if row["status"] in (ANSWERED, SKIPPED):
            found[row["id"]] = row
    _write_lines(path, found.values())
    return found


def _lines(
    suite: Suite, request: RunRequest, ask: Ask, records: Sequence[Record]
) -> Iterator[dict[str, Any]]:
    chunks = list(_chunks(records))
    if request.jobs == 1 or len(chunks) < 2:
        for chunk in chunks:
            yield from _answer_chunk(suite, request.repos, ask, chunk)
        return
    with ProcessPoolExecutor(request.jobs, mp_context=get_context("spawn")) as pool:
        work = [(request, ask, [record.id for record in chunk]) for chunk in chunks]
        for lines in pool.map(_answer_ids, work):
            yield from lines


def _chunks(records: Sequence[Record]) -> Iterator[list[Record]]:
    """Records by repository, in their order within it, some at a time."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(record.group, []).append(record)
    for group in groups.values():
        group.sort(key=lambda record: record.order)
        for start in range(0, len(group), _CHUNK):
            yield group[start : start + _CHUNK]


def _answer_ids(work: tuple[RunRequest, Ask, list[str]]) -> list[dict[str, Any]]:
    """The lines of some records, in a process of their own."""
    request, ask, ids = work
    suite = suite_called(request.suite)
    by_id = {record.id: record for record in suite.load(request.data)}
    return list(_answer_chunk(suite, request.repos, ask, [by_id[one] for one in ids]))


def _answer_chunk(
    suite: Suite, repos: Path | None, ask: Ask, records: Sequence[Record]
) -> Iterator[dict[str, Any]]:
    with open_desk(repos) as desk:
        for record in records:
            yield _line(suite, record, desk, ask)


def _line(suite: Suite, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
    start = time.monotonic()
    line: dict[str, Any] = {"id": record.id, "repository": record.group}
    try:
        line |= {"status": ANSWERED, "answer": suite.answer(record, desk, ask)}
    except SkipRecordError as error:
        line |= {"status": SKIPPED, "reason": str(error)}
    except MissingRepositoryError as error:
        line |= {"status": ENVIRONMENT, "reason": str(error)}
    except Exception as error:  # noqa: BLE001 - one record must not end the run of the others
        line |= {"status": FAILED, "reason": f"{type(error).__name__}: {error}"}
    return line | {"seconds": round(time.monotonic() - start, 3)}


def _metrics(
    suite: Suite, ask: Ask, header: dict[str, Any], rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    answered = [row for row in rows if row["status"] == ANSWERED]
    answers = [row["answer"] for row in answered]
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in answered:
        groups.setdefault(row["repository"], []).append(row["answer"])
    reasons = Counter((r["status"], r["reason"]) for r in rows if r["status"] != ANSWERED)
    return {
        **header,
        "n": len(answered),
        "records": len(rows),
        "skipped": len(rows) - len(answered),
        "skipped_why": [
            {"status": status, "reason": reason, "count": count}
            for (status, reason), count in reasons.most_common()
        ],
        "metrics": suite.score(answers, ask),
        "by_repository": {
            name: {"n": len(group), **suite.score(group, ask)}
            for name, group in sorted(groups.items())
        },
    }


def _write_lines(path: Path, rows: Any) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
