"""The agent as a writer of benchmarks: the same jobs as on the command line, on a task's own graph.

Everything heavy is imported inside the function that needs it.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from codexgraph.wiring_agent import OFFERED, surroundings, work_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from agent.draft import Check, Draft
    from agent.events import Event
    from agent.messages import Reply, Request
    from agent.model import Capabilities, Model
    from agent.task import Outcome, Task
    from agent.tasks.ground import Work
    from agent.toolbox import Toolbox
    from benchmarks.generation.port import Generated, GenerationTask
    from codexgraph.config import Config
    from codexgraph.wiring_agent import Surroundings
    from graphdb.symbols import Symbol

_VARIED = 0.8
"""Temperature of all samples but the first, which would otherwise be the same."""


@dataclass(slots=True)
class AgentWriter:
    """The agent with one model. folder: of its trajectories, one file a task and sample.

    config: the settings that are not a task's own. seconds: that a task may take.
    """

    source: Model
    config: Config
    folder: Path
    seconds: float = 600.0
    model: str = ""
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        self.model = self.source.name
        self.limits = {"seconds": self.seconds}

    def generate(self, task: GenerationTask) -> Generated:
        """Run the job of a task. Raises InfrastructureError when the run ended by an error."""
        from benchmarks.generation.port import Generated, InfrastructureError
        from graphdb.errors import CodexGraphError

        store = task.store
        config = replace(
            self.config,
            root=task.root,
            store=store.kind,
            index_dir=store.index_dir,
            repo=store.repo,
        )
        start = time.monotonic()
        with surroundings(config) as around:
            try:
                job = _job(task, _with_oracle(work_of(around), task.oracle))
                outcome, path = self._run(around, task, job)
            except CodexGraphError as error:
                raise InfrastructureError(f"{task.id} could not be begun: {error}") from error
        if outcome.why == "error":
            raise InfrastructureError(f"{task.id} ended by an error: {outcome.detail}")
        used = outcome.usage
        return Generated(
            text=_written(task, outcome.draft),
            edits=outcome.draft.edits if outcome.draft else (),
            tokens=round(used.get("prompt_tokens", 0) + used.get("completion_tokens", 0)),
            seconds=round(time.monotonic() - start, 3),
            trajectory=path,
            why=outcome.why,
        )

    def _run(self, around: Surroundings, task: GenerationTask, job: Task) -> tuple[Outcome, Path]:
        from agent.loop import Agent
        from agent.trajectory import Recorder, begin

        model = _Varied(self.source) if task.sample else self.source
        limits = replace(job.limits, seconds=self.seconds)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.-]+", "_", f"{task.id}-{task.control}-{task.sample}")[-180:]
        path = self.folder / f"{name}.json"
        told = begin(job.name, task.text, model.name, model.capabilities, limits)
        recorder = Recorder(path, told, _nobody)
        outcome = Agent(model, _toolbox(around, model, task), recorder).run(job, limits)
        recorder.end(outcome)
        return outcome, path


def _toolbox(around: Surroundings, model: Model, task: GenerationTask) -> Toolbox:
    """The tools of every run and Cypher, which one control has to write by itself."""
    from agent.toolbox import Ports, open_toolbox
    from agent.translate import Translator
    from benchmarks.generation.port import Control

    is_translated = task.control is not Control.NO_TRANSLATION
    ports = Ports(
        retriever=around.retriever,
        read_file=around.ground.read_file,
        translator=Translator(model) if is_translated else None,
    )
    return open_toolbox(around.reader, ports, (*OFFERED, "cypher"))


def _job(task: GenerationTask, work: Work) -> Task:
    """The agent's job for a kind of task. Raises CodexGraphError."""
    from agent.tasks.answering import Debug
    from agent.tasks.coding import Complete, Generate, WriteClass
    from agent.tasks.jobs import Job
    from agent.tasks.jobs import task as job_of
    from benchmarks.generation.port import Kind
    from graphdb.queries.names import resolve

    if task.kind is Kind.CLASS:
        return WriteClass(work, task.text, task.path)
    if task.kind is Kind.FUNCTION:
        symbol = resolve(work.ground.reader, f"{task.path}:{task.line}")
        return Generate(work, task.text or task.name, task.path, symbol)
    if task.kind is Kind.COMPLETION:
        return Complete(work, task.path, task.line, len(task.before.rpartition("\n")[2]))
    if task.kind is Kind.TESTS:
        return job_of(Job.TEST, work, task.name)
    return Debug(work, task.text)


def _with_oracle(work: Work, oracle: Check | None) -> Work:
    if oracle is None:
        return work
    choose = work.checks

    def checks(job: str, symbol: Symbol | None) -> tuple[Check, ...]:
        return (*choose(job, symbol), oracle)

    return replace(work, checks=checks)


def _written(task: GenerationTask, draft: Draft | None) -> str:
    """What a draft adds, as the benchmarks want it: of a completion the text in the gap alone."""
    from benchmarks.generation.port import Kind

    if draft is None:
        return ""
    edit = next((edit for edit in draft.edits if edit.path == task.path), None)
    if edit is None:
        return draft.text
    if task.kind is Kind.TESTS:
        return edit.after
    if task.kind is not Kind.COMPLETION or edit.before is None:
        return draft.text
    lines = edit.before.splitlines(keepends=True)
    column = len(task.before.rpartition("\n")[2])
    gap = min(len(edit.before), sum(map(len, lines[: task.line - 1])) + column)
    return edit.after[gap : len(edit.after) - (len(edit.before) - gap)]


def _nobody(event: Event) -> None:
    """Nobody looks on."""
    del event


class _Varied:
    """A model asked at a temperature."""

    def __init__(self, source: Model) -> None:
        self._source = source
        self.name: str = source.name
        self.capabilities: Capabilities = source.capabilities

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Ask the model, with variation."""
        return self._source.complete(replace(request, temperature=_VARIED), on_text)

    def close(self) -> None:
        """The model is another's to close."""
