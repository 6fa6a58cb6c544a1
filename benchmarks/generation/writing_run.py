"""Runs a suite of written code: every record, every control, so many samples, one line a record.

A failure of the model's endpoint or of an environment is a line of its own kind and is tried again
by `--resume`; it never counts as an answer, and an endpoint that stays away is asked no more.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks.generation.controls import WHOLE, restrict
from benchmarks.generation.port import Control, GenerationTask, InfrastructureError
from benchmarks.generation.rows import Place, open_rows
from benchmarks.generation.scripted import NAMES, scripted
from benchmarks.generation.suites import writing_suite
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.generation.writing_results import Results
from benchmarks.harness.baselines import Windows
from benchmarks.harness.data import checksum
from benchmarks.harness.desk import Desk, open_desk
from benchmarks.harness.repositories import MissingRepositoryError
from benchmarks.harness.run import ANSWERED, ENVIRONMENT, FAILED, PREDICTIONS, SKIPPED
from benchmarks.harness.suite import SkipRecordError
from graphdb.errors import (
    CodexGraphError,
    ModelRefusedError,
    ModelUnavailableError,
    SandboxError,
    StoreError,
)
from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN
from indexer.pipeline import tool_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.generation.port import Generated, Generator
    from benchmarks.generation.writing import Laid, Setting, WritingSuite
    from benchmarks.harness.suite import Record

_INFRASTRUCTURE = (
    InfrastructureError,
    ModelUnavailableError,
    BrokenEnvironmentError,
    MissingRepositoryError,
    SandboxError,
    StoreError,
    OSError,
)
_MOST_UNANSWERED = 3
"""Records in a row that no model answered, after which the rest is not asked."""


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
    wanted = _wanted(request, suite.load(request.data))
    header = _header(request, setting, writer, suite)
    place = Place(request.out, PREDICTIONS, "run.json", lambda row: _is_kept(row, request))
    with open_rows(place, header, is_resumed=request.resume) as rows:
        if rows.lost:
            say(f"{rows.lost} lines of {PREDICTIONS} cannot be read: their records are asked again")
        try:
            for line in _Run(suite, request, setting, writer).lines(wanted, rows.done):
                rows.add(line)
                say(f"{len(rows.done)}/{len(wanted)} {line['id']}: {line['status']}")
        finally:
            suite.close()
        lines = [rows.done[record.id] for record in wanted]
        results = Results(suite, setting, request.controls, header, lines)
        return results.write(request.out, time.monotonic() - started)


def _wanted(request: WritingRequest, records: Sequence[Record]) -> list[Record]:
    known = {record.id for record in records}
    unknown = [name for name in request.ids if name not in known]
    if unknown:
        raise CodexGraphError(f"{request.data} has no record {unknown[0]!r}")
    return [r for r in records if not request.ids or r.id in request.ids][: request.limit]


def _is_kept(row: Mapping[str, Any], request: WritingRequest) -> bool:
    """Whether a line of a run before is whole, and neither a failure nor an environment's."""
    if row["status"] == ANSWERED:
        answer = row.get("answer")
        return "repository" in row and isinstance(answer, dict) and {*request.controls} <= {*answer}
    return row["status"] == SKIPPED and "reason" in row


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
        "card": asdict(suite.card)
        | {"title": f"{request.suite}: written code, judged by its rules"},
    }


@dataclass(slots=True)
class _Run:
    """The work on records. unanswered: records in a row that no model answered."""

    suite: WritingSuite
    request: WritingRequest
    setting: Setting
    writer: Generator | str
    unanswered: int = 0

    def lines(self, wanted: Sequence[Record], done: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """A line for each record that is open, those of a repository one after the other."""
        groups: dict[str, list[Record]] = {}
        for record in wanted:
            if record.id not in done:
                groups.setdefault(record.group, []).append(record)
        for group in groups.values():
            left = sorted(group, key=lambda record: record.order)
            while left:
                with open_desk(self.request.repos) as desk:
                    yield from self._at_desk(left, desk)

    def _at_desk(self, left: list[Record], desk: Desk) -> Iterator[dict[str, Any]]:
        """The lines of records until one breaks, which may leave the desk in any state."""
        while left:
            line = self._line(left.pop(0), desk)
            yield line
            if line["status"] in (ENVIRONMENT, FAILED) and not self.unanswered:
                return

    def _line(self, record: Record, desk: Desk) -> dict[str, Any]:
        """A record's line, whatever happens."""
        start = time.monotonic()
        line: dict[str, Any] = {"id": record.id, "repository": record.group}
        if self.unanswered >= _MOST_UNANSWERED:
            reason = f"not asked: no model answered {self.unanswered} records in a row"
            return line | {"status": ENVIRONMENT, "reason": reason, "seconds": 0.0}
        before, self.unanswered = self.unanswered, 0
        try:
            line |= {"status": ANSWERED, "answer": self._answers(record, desk)}
        except SkipRecordError as error:
            line |= {"status": SKIPPED, "reason": str(error)}
            self.unanswered = before
        except _INFRASTRUCTURE as error:
            line |= {"status": ENVIRONMENT, "reason": str(error)}
            if isinstance(error, ModelUnavailableError) and not isinstance(
                error, ModelRefusedError
            ):
                self.unanswered = before + 1
        except Exception as error:  # noqa: BLE001 - one record must not end the run of the others
            line |= {"status": FAILED, "reason": f"{type(error).__name__}: {error}"}
        return line | {"seconds": round(time.monotonic() - start, 3)}

    def _answers(self, record: Record, desk: Desk) -> dict[str, list[dict[str, Any]]]:
        laid = self.suite.lay_out(record, desk, self.setting)
        writing = self._writer(record, laid)
        found: dict[str, list[dict[str, Any]]] = {}
        for control in self.request.controls:
            task = self._task(record, laid, control, desk)
            found[control] = []
            for number in range(self.setting.samples):
                written = _in_utf8(writing.generate(replace(task, sample=number)))
                judged = self.suite.judge(record, laid, written, desk)
                found[control].append({**judged, **_cost(written)})
        return found

    def _writer(self, record: Record, laid: Laid) -> Generator:
        if not isinstance(self.writer, str):
            return self.writer
        gold = self.suite.gold(record, laid) if self.writer == "truth" else None
        return scripted(self.writer, {record.id: gold} if gold else {})

    def _task(self, record: Record, laid: Laid, control: Control, desk: Desk) -> GenerationTask:
        """The task with a graph and a text as the control may see them."""
        workspace = desk.workspace
        settings = workspace.settings
        if control not in WHOLE:
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
            target=laid.target,
            before=laid.before,
            after=laid.after,
            context=self._ranked(laid, desk) if control is Control.BM25 else "",
            control=control,
            checks=laid.checks,
        )

    def _ranked(self, laid: Laid, desk: Desk) -> str:
        """Windows of other files by BM25, cut to the budget."""
        files = {
            path: data.decode("utf-8", "replace") for path, data in desk.workspace.files.items()
        }
        most = self.request.context_tokens * CHARACTERS_PER_TOKEN
        parts: list[str] = []
        for path, line, text in Windows(files).by_bm25(laid.query, laid.path):
            parts.append(f"# {path}:{line}\n{text}")
            if sum(map(len, parts)) > most:
                break
        return "\n".join(parts)[:most]


def _in_utf8(written: Generated) -> Generated:
    """An answer that files can hold: half a surrogate pair becomes a question mark."""
    return replace(written, text=written.text.encode("utf-8", "replace").decode("utf-8"))


def _cost(written: Generated) -> dict[str, Any]:
    return {
        "tokens": written.tokens,
        "model_seconds": round(written.seconds, 2),
        "trajectory": str(written.trajectory) if written.trajectory else None,
        "why": written.why,
    }
