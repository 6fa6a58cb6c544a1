"""The gate: a task counts only if its tests tell right from wrong on this machine.

Ground truth passes, the class taken away fails, and a mutant of it fails where one can be made.
Whatever else is found leaves the task out with its reason; an environment that broke is a third
outcome, because it says nothing about the task.
"""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from benchmarks.generation.classtasks import commit_of, load_tasks
from benchmarks.generation.gate_report import write_report
from benchmarks.generation.mutants import KINDS, mutant
from benchmarks.generation.rows import Place, open_rows, replace_text
from benchmarks.generation.testrun import BrokenEnvironmentError, Result
from benchmarks.harness.data import checksum
from benchmarks.harness.repositories import MissingRepositoryError
from graphdb.errors import CodexGraphError, SandboxError
from indexer.pipeline import tool_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.generation.classtasks import ClassTask
    from benchmarks.generation.projects import Project, ProjectSource
    from benchmarks.generation.testrun import TestRun

_FIELDS = ("repository", "commit", "interpreter", "truth", "removed", "mutants", "reason")
ROWS, TABLE, HEADER = "gate.jsonl", "gate.json", "gate-run.json"
_BROKEN = (BrokenEnvironmentError, SandboxError, OSError)


class Status(StrEnum):
    """What the gate says of a task."""

    PASSED = "passed"
    LEFT_OUT = "left out"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What to try. ids: these tasks only. limit: of the rest the first so many a run."""

    suite: str
    data: Path
    repos: Path
    out: Path
    ids: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    limit: int | None = None
    resume: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the tests said of a task. removed: without the class. mutants: by kind, as tried."""

    status: Status
    reason: str
    truth: TestRun | None = None
    removed: TestRun | None = None
    mutants: Mapping[str, TestRun] = field(default_factory=dict[str, "TestRun"])


def run_gate(
    request: GateRequest, workshop: ProjectSource, say: Callable[[str], None]
) -> dict[str, Any]:
    """Judge every task and write the table; what `gate.json` holds.

    Raises CodexGraphError for data or folders that cannot be used.
    """
    if request.suite != "repoclassbench":
        raise CodexGraphError(f"no gate for {request.suite!r}: choose repoclassbench")
    everything = load_tasks(request.data)
    wanted = _wanted(request, everything)
    header = {
        "suite": request.suite,
        "data": request.data.name,
        "data_sha256": checksum(request.data),
        "tool_version": tool_version(),
        "isolation": workshop.isolation,
    }
    with open_rows(
        Place(request.out, ROWS, HEADER, _is_kept), header, is_resumed=request.resume
    ) as rows:
        by_repository: dict[str, list[ClassTask]] = {}
        for task in wanted:
            if task.id not in rows.done:
                by_repository.setdefault(task.repository, []).append(task)
        for name, tasks in by_repository.items():
            for row in _rows(name, tasks, everything, request, workshop):
                rows.add(row)
                say(f"{len(rows.done)}/{len(wanted)} {row['id']}: {row['status']} {row['reason']}")
        table = {**header, "rows": [rows.done[task.id] for task in wanted]}
        replace_text(request.out / TABLE, json.dumps(table, indent=1) + "\n")
        write_report(request.out, table)
    return table


def left_out(table: Path) -> dict[str, str]:
    """Task -> why it is left out, "" where it passed, as a gate's table says.

    table: `gate.json` or its folder. Raises CodexGraphError.
    """
    path = table / TABLE if table.is_dir() else table
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        return {r["id"]: "" if r["status"] == Status.PASSED else str(r["reason"]) for r in rows}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CodexGraphError(f"{path} is no table of bench gate: give its --out") from error


def judge(project: Project, task: ClassTask, truth: TestRun, text: str) -> Judgement:
    """What the tests of a task tell apart. text: of its file, the class as it was written."""
    if not truth.is_passed:
        return Judgement(Status.LEFT_OUT, _failing(truth), truth)
    removed = project.attempt(task, task.removed(text), is_probe=True)
    if removed.is_passed:
        return Judgement(Status.LEFT_OUT, "its tests pass without the class", truth, removed)
    tried: dict[str, TestRun] = {}
    for kind in KINDS:
        changed = mutant(task.path, text, task.defined_name, kind)
        if changed is None:
            continue
        run = project.attempt(task, changed, is_probe=True)
        if run.compiled is False:
            continue
        tried[kind] = run
        if not run.is_passed:
            return Judgement(Status.PASSED, f"mutant {kind!r} fails", truth, removed, tried)
    if tried:
        why = f"its tests pass with every body broken ({', '.join(tried)})"
        return Judgement(Status.LEFT_OUT, why, truth, removed, tried)
    return Judgement(Status.PASSED, "no mutant can be made of it", truth, removed)


def _failing(truth: TestRun) -> str:
    if truth.compiled is False:
        return f"the ground truth does not compile: {_first(truth.trouble)}"
    if not truth.run:
        return f"its tests did not run: {_first(truth.trouble)}"
    counts = [f"{truth.count(r)} {r}" for r in Result if r is not Result.PASSED and truth.count(r)]
    return (
        f"of {len(truth.results)} tests of the ground truth {', '.join(counts)}: "
        f"{_first(truth.trouble)}"
    )


def _first(text: str) -> str:
    return text.partition("\n")[0][:200]


def _rows(
    name: str,
    tasks: Sequence[ClassTask],
    everything: Sequence[ClassTask],
    request: GateRequest,
    workshop: ProjectSource,
) -> Iterator[dict[str, Any]]:
    """The rows of one repository's tasks; when its environment breaks, of all that are left."""
    left = {task.id: task for task in tasks}
    commit = tasks[0].commit or ""
    try:
        with ExitStack() as stack:
            commit = commit_of(tasks[0], everything, request.repos)
            project = workshop.open(request.repos, name, commit, tasks)
            stack.callback(project.close)
            for task, truth in _truths(project, tasks):
                start = time.monotonic()
                try:
                    found = judge(project, task, truth, _text(project, task))
                except _BROKEN as error:
                    found = Judgement(Status.ENVIRONMENT, str(error), truth)
                del left[task.id]
                seconds = truth.seconds + time.monotonic() - start
                yield _row(task, found, commit, project.interpreter, seconds)
    except (MissingRepositoryError, *_BROKEN) as error:
        for task in left.values():
            yield _row(task, Judgement(Status.ENVIRONMENT, str(error)), commit, "", 0.0)


def _truths(project: Project, tasks: Sequence[ClassTask]) -> Iterator[tuple[ClassTask, TestRun]]:
    """Each task's tests with its ground truth; most trees have it already, word by word."""
    same = [task for task in tasks if _is_in_place(project, task)]
    yield from project.truths(same) if same else ()
    for task in tasks:
        if task not in same:
            text = _read(project, task)
            yield task, project.attempt(task, task.restored(text))


def _is_in_place(project: Project, task: ClassTask) -> bool:
    text = _read(project, task)
    return task.restored(text).split() == text.split()


def _text(project: Project, task: ClassTask) -> str:
    return task.restored(_read(project, task))


def _read(project: Project, task: ClassTask) -> str:
    try:
        return (project.sandbox.folder / task.path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenEnvironmentError(f"{task.path} cannot be read at this commit") from error


def _row(
    task: ClassTask, found: Judgement, commit: str, interpreter: str, seconds: float
) -> dict[str, Any]:
    note = found.truth.note if found.truth else ""
    return {
        "id": task.id,
        "repository": task.repository,
        "class": task.class_name,
        "path": task.path,
        "status": str(found.status),
        "reason": "; ".join(text for text in (found.reason, note) if text),
        "commit": commit,
        "interpreter": interpreter,
        "seconds": round(seconds, 1),
        "truth": found.truth.to_json() if found.truth else None,
        "removed": found.removed.to_json() if found.removed else None,
        "mutants": {kind: run.to_json() for kind, run in found.mutants.items()},
    }


def _wanted(request: GateRequest, tasks: Sequence[ClassTask]) -> list[ClassTask]:
    known = {task.id for task in tasks}
    unknown = [name for name in request.ids if name not in known]
    if unknown:
        raise CodexGraphError(f"{request.data} has no task {unknown[0]!r}")
    kept = [
        task
        for task in tasks
        if (not request.ids or task.id in request.ids)
        and (not request.repositories or task.repository in request.repositories)
    ]
    if not kept:
        raise CodexGraphError(f"{request.data} has no task of {', '.join(request.repositories)}")
    return kept[: request.limit]


def _is_kept(row: Mapping[str, Any]) -> bool:
    """Whether a line of a run before is whole, and not of an environment that broke."""
    return {*_FIELDS} <= row.keys() and row["status"] != Status.ENVIRONMENT
