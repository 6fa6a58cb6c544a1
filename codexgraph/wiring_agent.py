"""Connects the agent with a graph, a model, the sandbox and the files of one repository.

Everything heavy is imported inside the function that needs it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from codexgraph.wiring import open_graph, open_retriever

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from agent.answers.answer import GraphAnswer
    from agent.answers.ground import Ground
    from agent.checks.bench import Bench
    from agent.events import Observer
    from agent.model import Model
    from agent.task import Limits, Outcome, Task
    from agent.tasks.ground import Work
    from agent.tasks.jobs import Job
    from codexgraph.config import Config
    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader

OFFERED = ("search_code", "get_class", "get_body", "get_usages", "resolve_names", "ask_template")
"""Tools that every run is offered; all twelve would take a fifth of a small budget to describe."""


_GIT_S = 5.0


@dataclass(frozen=True)
class Surroundings:
    """One repository as the agent sees it."""

    config: Config
    reader: GraphReader

    @cached_property
    def retriever(self) -> Retriever:
        """Ranked retrieval, opened when it is first asked."""
        return open_retriever(self.config, self.reader)

    @cached_property
    def ground(self) -> Ground:
        """What answers stand on."""
        from agent.answers.ground import Ground
        from agent.answers.hunks import GitChanges
        from agent.tools.texts import repository_files

        read_file = repository_files(self.config.root)
        changes = GitChanges(partial(_git, self.config.root))
        return Ground(self.reader, lambda: self.retriever, read_file, changes=changes)

    @cached_property
    def bench(self) -> Bench:
        """Where tests run; nothing is copied before the first of them."""
        from agent.checks.bench import Bench
        from agent.sandbox.local import open_sandbox

        return Bench(self.config.root, lambda: open_sandbox(self.config.root))

    def close(self) -> None:
        """Remove what was copied, and release the graph."""
        if "bench" in self.__dict__:
            self.bench.close()
        self.reader.close()


@contextmanager
def surroundings(config: Config) -> Generator[Surroundings]:
    """A repository for the time of one job. Raises NoIndexError or StoreError."""
    around = Surroundings(config, open_graph(config))
    try:
        yield around
    finally:
        around.close()


def graph_answer_of(around: Surroundings, job: str, text: str, where: str = "") -> GraphAnswer:
    """What the graph alone says for a job. Raises CodexGraphError."""
    from agent.answers.no_model import answer

    return answer(around.ground, job, text, where)


def task_of(around: Surroundings, job: Job, text: str, where: str = "") -> Task:
    """A job for a model. where: a name or a path. Raises CodexGraphError."""
    from agent.tasks.jobs import task

    return task(job, work_of(around), text, where)


def work_of(around: Surroundings) -> Work:
    """The ports of a job."""
    from agent.checks.chosen import checks_of
    from agent.tasks.ground import Work
    from codexgraph.wiring_analysis import open_analyst

    analyst = open_analyst(around.config, around.reader)
    checks = checks_of(around.reader, analyst, around.config.root, around.bench)
    return Work(around.ground, checks, analyst)


def run_task(
    around: Surroundings,
    task: Task,
    model: Model,
    observer: Observer,
    limits: Limits | None = None,
) -> Outcome:
    """Run a job with a model; templates that worked are kept for the next run."""
    from agent.loop import Agent
    from agent.templates import keep, load
    from agent.toolbox import Ports, open_toolbox

    folder = around.config.index_dir
    ports = Ports(
        retriever=around.retriever,
        read_file=around.ground.read_file,
        kept=load(folder).templates,
    )
    toolbox = open_toolbox(around.reader, ports, OFFERED)
    outcome = Agent(model, toolbox, observer).run(task, limits)
    if outcome.is_passed and toolbox.answered_queries:
        keep(folder, toolbox.answered_queries)
    return outcome


def agent_runner(config: Config) -> Callable[[str, str, Observer], Outcome]:
    """What runs a job of the terminal application: job, text, who looks on -> outcome."""
    from agent.tasks.jobs import Job
    from codexgraph.wiring_models import open_model_of

    def run(job: str, text: str, observer: Observer) -> Outcome:
        with surroundings(config) as around:
            model = open_model_of(config)
            try:
                return run_task(around, task_of(around, Job(job), text), model, observer)
            finally:
                model.close()

    return run


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints, None where it fails or takes long."""
    import subprocess

    from graphdb.git import GIT, git_environment

    try:
        done = subprocess.run(
            [*GIT, *arguments],
            cwd=root,
            env=git_environment(),
            capture_output=True,
            check=False,
            timeout=_GIT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
