"""Runs a suite of written code: every record, every control, so many samples, one line a record.

A failure of the model's endpoint or of an environment is a line of its own kind and is tried again
by `--resume`; it never counts as an answer. A control sees the same task with the same model, and
differs in the graph or the text that goes with it alone.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.generation.controls import restrict
from benchmarks.generation.metrics import macro_mean
from benchmarks.generation.port import Control, GenerationTask, InfrastructureError
from benchmarks.generation.scripted import NAMES, scripted
from benchmarks.generation.suites import writing_suite
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.harness.baselines import Windows
from benchmarks.harness.data import checksum
from benchmarks.harness.desk import Desk
from benchmarks.harness.repositories import MissingRepositoryError
from benchmarks.harness.run import ANSWERED, ENVIRONMENT, FAILED, METRICS, PREDICTIONS, SKIPPED
from benchmarks.harness.suite import SkipRecordError
from graphdb.errors import CodexGraphError, ModelUnavailableError
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN
from indexer.pipeline import tool_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.generation.port import Generated, Generator
    from benchmarks.generation.writing import Laid, Setting, WritingSuite
    from benchmarks.harness.suite import Record

_INFRASTRUCTURE = (
    InfrastructureError,
    ModelUnavailableError,
    BrokenEnvironmentError,
    MissingRepositoryError,
)


@dataclass(frozen=True, slots=True)
class WritingRequest:
    """What to run. context_tokens: of ranked text for the control `bm25`."""

    suite: str
    data: Path
    repos: Path | None
    out: Path
    controls: tuple[Control, ...] = (Control.AGENT,)
    ids: tuple[str, ...] = ()
    limit: int | None = None
    resume: bool = False
    context_tokens: int = 2_048


def run_writing(
    request: WritingRequest, setting: Setting, writer: Generator | str, say: Callable[[str], None]
) -> dict[str, Any]:
    """Run a suite and write its folder; what `metrics.json` holds.

    writer: what writes, or the name of a script (`scripted.NAMES`). Raises CodexGraphError.
    """
    started = time.monotonic()
    suite = writing_suite(request.suite)
    if suite.needs_repositories and request.repos is None:
        raise CodexGraphError(f"suite {request.suite} reads source repositories: give --repos DIR")
    if isinstance(writer, str) and writer not in NAMES:
        raise CodexGraphError(f"no script {writer!r}: choose one of {', '.join(NAMES)}")
    records = suite.load(request.data)
    wanted = [r for r in records if not request.ids or r.id in request.ids][: request.limit]
    header = _header(request, setting, writer, suite)
    done = _previous(request, header)
    try:
        with (request.out / PREDICTIONS).open("a", encoding="utf-8") as file:
            for line in _lines(suite, request, setting, writer, wanted, done):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
                file.flush()
                done[line["id"]] = line
                say(f"{len(done)}/{len(wanted)} {line['id']}: {line['status']}")
    finally:
        suite.close()
    rows = [done[record.id] for record in wanted]
    metrics = _metrics(suite, setting, request, header, rows)
    metrics["seconds"] = round(time.monotonic() - started, 1)
    (request.out / METRICS).write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8")
    for control in request.controls:
        _export(request.out / control, suite, rows, control)
    return metrics


def _header(
    request: WritingRequest, setting: Setting, writer: Generator | str, suite: WritingSuite
) -> dict[str, Any]:
    """What makes lines of another run unusable for this one when it differs."""
    is_script = isinstance(writer, str)
    return {
        "suite": request.suite,
        "data": request.data.name,
        "data_sha256": checksum(request.data),
        "tool_version": tool_version(),
        "model": f"scripted:{writer}" if is_script else writer.model,
        "limits": {} if is_script else dict(writer.limits),
        "retrievers": [str(control) for control in request.controls],
        "ks": list(setting.ks),
        "samples": setting.samples,
        "description": setting.description,
        "feedback": "oracle" if setting.is_oracle else "no-oracle",
        "card": asdict(suite.card),
    }


def _previous(request: WritingRequest, header: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    request.out.mkdir(parents=True, exist_ok=True)
    path, mark = request.out / PREDICTIONS, request.out / "run.json"
    text = json.dumps(header, indent=1) + "\n"
    found: dict[str, dict[str, Any]] = {}
    if request.resume and path.is_file():
        if not mark.is_file() or mark.read_text(encoding="utf-8") != text:
            raise CodexGraphError(f"{request.out} is of another run: drop --resume or choose --out")
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the line that was being written when the run was stopped
            if row["status"] in (ANSWERED, SKIPPED):
                found[row["id"]] = row
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found.values())
    path.write_text(rows, encoding="utf-8")
    mark.write_text(text, encoding="utf-8")
    return found


def _lines(
    suite: WritingSuite,
    request: WritingRequest,
    setting: Setting,
    writer: Generator | str,
    wanted: Sequence[Record],
    done: Mapping[str, Any],
) -> Iterator[dict[str, Any]]:
    """A line for each record that is open, those of a repository one after the other."""
    groups: dict[str, list[Record]] = {}
    for record in wanted:
        if record.id not in done:
            groups.setdefault(record.group, []).append(record)
    for group in groups.values():
        with tempfile.TemporaryDirectory(prefix="codexgraph-bench-") as folder:
            desk = Desk(request.repos, Path(folder))
            try:
                for record in sorted(group, key=lambda r: r.order):
                    one = _One(suite, request, setting, record, desk)
                    yield one.line(writer)
            finally:
                desk.close()


@dataclass(frozen=True, slots=True)
class _One:
    """The work on one record."""

    suite: WritingSuite
    request: WritingRequest
    setting: Setting
    record: Record
    desk: Desk

    def line(self, writer: Generator | str) -> dict[str, Any]:
        """The record's line, whatever happens."""
        start = time.monotonic()
        line: dict[str, Any] = {"id": self.record.id, "repository": self.record.group}
        try:
            line |= {"status": ANSWERED, "answer": self._answers(writer)}
        except SkipRecordError as error:
            line |= {"status": SKIPPED, "reason": str(error)}
        except _INFRASTRUCTURE as error:
            line |= {"status": ENVIRONMENT, "reason": str(error)}
        except Exception as error:  # noqa: BLE001 - one record must not end the run of the others
            line |= {"status": FAILED, "reason": f"{type(error).__name__}: {error}"}
        return line | {"seconds": round(time.monotonic() - start, 3)}

    def _answers(self, writer: Generator | str) -> dict[str, list[dict[str, Any]]]:
        laid = self.suite.lay_out(self.record, self.desk, self.setting)
        writing = self._script(writer, laid) if isinstance(writer, str) else writer
        found: dict[str, list[dict[str, Any]]] = {}
        for control in self.request.controls:
            task = self._task(laid, control)
            found[control] = [
                self._sample(writing, laid, replace(task, sample=number))
                for number in range(self.setting.samples)
            ]
        return found

    def _script(self, name: str, laid: Laid) -> Generator:
        gold = self.suite.gold(self.record, laid) if name == "truth" else None
        return scripted(name, {self.record.id: gold} if gold else {})

    def _sample(self, writer: Generator, laid: Laid, task: GenerationTask) -> dict[str, Any]:
        written = writer.generate(task)
        judged = self.suite.judge(self.record, laid, written, self.desk)
        return {**judged, **_cost(written)}

    def _task(self, laid: Laid, control: Control) -> GenerationTask:
        """The task with a graph and a text as the control may see them."""
        workspace, record = self.desk.workspace, self.record
        settings = workspace.settings
        if control in (Control.NO_EDGES, Control.EMPTY_GRAPH):
            workspace.close()
            folder = workspace.folder / f"index-{control}"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(settings.index_dir, folder)
            settings = replace(settings, index_dir=folder)
            restrict(settings, control)
        return GenerationTask(
            kind=laid.kind,
            id=record.id,
            repository=record.group,
            root=workspace.root,
            store=settings,
            path=laid.path,
            name=laid.name,
            text=laid.text,
            line=laid.line,
            before=laid.before,
            after=laid.after,
            context=self._ranked(laid) if control is Control.BM25 else "",
            control=control,
            oracle=laid.oracle,
        )

    def _ranked(self, laid: Laid) -> str:
        """Windows of other files by BM25, cut to the budget."""
        files = {
            path: data.decode("utf-8", "replace")
            for path, data in self.desk.workspace.files.items()
        }
        most = self.request.context_tokens * CHARACTERS_PER_TOKEN
        parts: list[str] = []
        for path, line, text in Windows(files).by_bm25(laid.query, laid.path):
            parts.append(f"# {path}:{line}\n{text}")
            if sum(map(len, parts)) > most:
                break
        return "\n".join(parts)[:most]


def _cost(written: Generated) -> dict[str, Any]:
    return {
        "tokens": written.tokens,
        "model_seconds": round(written.seconds, 2),
        "trajectory": str(written.trajectory) if written.trajectory else None,
        "why": written.why,
    }


def _metrics(
    suite: WritingSuite,
    setting: Setting,
    request: WritingRequest,
    header: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    answered = [row for row in rows if row["status"] == ANSWERED]
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in answered:
        groups.setdefault(row["repository"], []).append(row)
    reasons = Counter((r["status"], r["reason"]) for r in rows if r["status"] != ANSWERED)
    by_repository: dict[str, dict[str, Any]] = {
        name: {"n": len(group), **_scores(suite, setting, request, group)}
        for name, group in sorted(groups.items())
    }
    scores = _scores(suite, setting, request, answered)
    for control, row in scores.items():
        row |= {
            f"macro {name}": _macro([part[control].get(name) for part in by_repository.values()])
            for name in list(row)
            if not name.endswith(("_n", "tokens"))
        }
    return {
        **header,
        "n": len(answered),
        "records": len(rows),
        "skipped": len(rows) - len(answered),
        "skipped_why": [
            {"status": status, "reason": reason, "count": count}
            for (status, reason), count in reasons.most_common()
        ],
        "metrics": scores,
        "by_repository": by_repository,
    }


def _scores(
    suite: WritingSuite,
    setting: Setting,
    request: WritingRequest,
    rows: Sequence[Mapping[str, Any]],
) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for control in request.controls:
        answers = [row["answer"][control] for row in rows]
        tokens = [sample["tokens"] for samples in answers for sample in samples]
        mean = round(sum(tokens) / len(tokens)) if tokens else None
        found[control] = {**suite.score(answers, setting), "tokens": mean}
    return found


def _macro(values: Sequence[float | None]) -> float | None:
    """The mean over repositories, of those that have the measure."""
    mean = macro_mean({str(n): [v] for n, v in enumerate(values) if v is not None})
    return None if mean is None else round(mean, 2)


def _export(
    folder: Path, suite: WritingSuite, rows: Sequence[Mapping[str, Any]], control: Control
) -> None:
    answers = {r["id"]: r["answer"][control] for r in rows if r["status"] == ANSWERED}
    for name, content in suite.exports(answers).items():
        folder.mkdir(exist_ok=True)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in content)
        (folder / name).write_text(lines, encoding="utf-8")
