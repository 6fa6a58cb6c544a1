"""The agent as a writer of benchmarks: the same jobs as on the command line, on a task's own graph.

Controls take part in the same loop with the same limits: what they must not know is not in their
store, and checks that ask a graph are left out where there is none.
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
    from graphdb.errors import ModelUnavailableError
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
        """Run the job of a task.

        Raises ModelUnavailableError when the model ended the run, InfrastructureError when anything
        else but an answer did, and KeyboardInterrupt when a person did.
        """
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
        model = _Watched(self.source)
        start = time.monotonic()
        with surroundings(config) as around:
            try:
                job = _job(task, _with_checks(_work(around, task), task.checks))
                outcome, path = self._run(around, task, job, model)
            except CodexGraphError as error:
                raise InfrastructureError(f"{task.id} could not be begun: {error}") from error
        if outcome.why == "interrupted":
            raise KeyboardInterrupt
        if outcome.why == "error":
            told = InfrastructureError(f"{task.id} ended by an error: {outcome.detail}")
            raise model.failure or told
        used = outcome.usage
        return Generated(
            text=_written(task, outcome.draft),
            edits=outcome.draft.edits if outcome.draft else (),
            tokens=round(used.get("prompt_tokens", 0) + used.get("completion_tokens", 0)),
            seconds=round(time.monotonic() - start, 3),
            trajectory=path,
            why=outcome.why,
        )

    def _run(
        self, around: Surroundings, task: GenerationTask, job: Task, source: Model
    ) -> tuple[Outcome, Path]:
        from agent.budget import Budget
        from agent.loop import Agent
        from agent.metered import Metered
        from agent.trajectory import Recorder, begin

        limits = replace(job.limits, seconds=self.seconds)
        if task.sample:
            limits = replace(limits, temperature=_VARIED)
        if not task.control.has_tools:
            limits = replace(limits, calls=0)
        self.folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w.-]+", "_", f"{task.id}-{task.control}-{task.sample}")[-180:]
        path = self.folder / f"{name}.json"
        told = begin(job.name, task.text, source, limits)
        recorder = Recorder(path, told, _nobody)
        model = Metered(source, Budget(limits), recorder)
        outcome = Agent(model, _toolbox(around, model, task), recorder).run(job, limits)
        recorder.end(outcome)
        return outcome, path


def _work(around: Surroundings, task: GenerationTask) -> Work:
    """The ports of a job; without a graph nothing that would ask one."""
    if task.control.has_graph:
        return work_of(around)
    from agent.checks.chosen import JOBS, Means, checks_for
    from agent.tasks.ground import Work
    from benchmarks.generation.told import ToldRetriever

    means = Means(around.config.root, bench=around.bench)
    retriever = ToldRetriever(task.context)

    def checks(job: str, symbol: Symbol | None) -> tuple[Check, ...]:
        del symbol
        return checks_for(JOBS[job], means)

    return Work(replace(around.ground, retriever=lambda: retriever), checks)


def _toolbox(around: Surroundings, model: Model, task: GenerationTask) -> Toolbox:
    """The tools of every run and Cypher, which one control has to write by itself."""
    from agent.toolbox import Ports, Toolbox, open_toolbox
    from agent.translate import Translator
    from benchmarks.generation.port import Control

    if not task.control.has_tools:
        return Toolbox([])
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
    from benchmarks.generation.jobs import ClassInModule, TestAsPosed
    from benchmarks.generation.port import Kind
    from graphdb.errors import CodexGraphError

    if task.kind is Kind.CLASS and task.path.endswith(".java"):
        return WriteClass(work, task.text, task.path)
    if task.kind is Kind.CLASS:
        return ClassInModule(work, task.text, task.path)
    if task.kind is Kind.FUNCTION:
        return Generate(work, task.text or task.name, task.path, task.target)
    if task.kind is Kind.COMPLETION:
        return Complete(work, task.path, task.line, len(task.before.rpartition("\n")[2]))
    if task.kind is Kind.LOCALIZATION:
        return Debug(work, task.text)
    if task.target is None:
        raise CodexGraphError(f"{task.name} is not in the index")
    return TestAsPosed(work, task.target, task.path, _package(task), task.text)


def _package(task: GenerationTask) -> str:
    path = (task.target.file_path if task.target else None) or ""
    try:
        text = (task.root / path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    match = re.search(r"^\s*package\s+([\w.]+)", text, re.MULTILINE)
    return match[1] if match else ""


def _with_checks(work: Work, more: tuple[Check, ...]) -> Work:
    """With the task's checks: in the place of those of the same name, and after all others."""
    choose, named = work.checks, {check.name: check for check in more}

    def checks(job: str, symbol: Symbol | None) -> tuple[Check, ...]:
        found = choose(job, symbol)
        known = {check.name for check in found}
        added = (check for name, check in named.items() if name not in known)
        return (*(named.get(check.name, check) for check in found), *added)

    return replace(work, checks=checks)


def _written(task: GenerationTask, draft: Draft | None) -> str:
    """What a draft adds, as the benchmarks want it: of a completion the text in the gap alone."""
    from agent.edits import lines_of
    from agent.tasks.ground import code_in
    from benchmarks.generation.port import Kind

    if draft is None:
        return ""
    edit = next((edit for edit in draft.edits if edit.path == task.path), None)
    if edit is None:
        return draft.text
    if task.kind in (Kind.CLASS, Kind.FUNCTION):
        return code_in(draft.text, task.path)
    if task.kind is not Kind.COMPLETION or edit.before is None:
        return edit.after
    lines = lines_of(edit.before)
    column = len(task.before.rpartition("\n")[2])
    gap = min(len(edit.before), sum(map(len, lines[: task.line - 1])) + column)
    return edit.after[gap : len(edit.after) - (len(edit.before) - gap)]


def _nobody(event: Event) -> None:
    """Nobody looks on."""
    del event


class _Watched:
    """A model whose last failure is remembered; an answer makes it forgotten."""

    def __init__(self, source: Model) -> None:
        self._source = source
        self.name: str = source.name
        self.failure: ModelUnavailableError | None = None

    @property
    def capabilities(self) -> Capabilities:
        """What the model understands."""
        return self._source.capabilities

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Ask the model."""
        from graphdb.errors import ModelUnavailableError

        try:
            reply = self._source.complete(request, on_text)
        except ModelUnavailableError as error:
            self.failure = error
            raise
        self.failure = None
        return reply

    def close(self) -> None:
        """The model is another's to close."""
