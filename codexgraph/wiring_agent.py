"""Connects the agent with a graph, a model, the sandbox and the files of one repository.

Everything heavy is imported inside the function that needs it.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from codexgraph.wiring import open_graph, open_retriever

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

    from agent.analysis import Analyst
    from agent.answers.answer import GraphAnswer
    from agent.answers.ground import Ground
    from agent.checks.bench import Bench
    from agent.draft import CheckResult, Draft
    from agent.events import Event, Observer
    from agent.model import Model
    from agent.task import Limits, Outcome, Task
    from agent.tasks.ground import Work
    from agent.tasks.jobs import Job
    from agent.toolbox import Ports
    from codexgraph.config import Config
    from graphdb.retrieval.retriever import Retriever
    from graphdb.store import GraphReader

OFFERED = (
    *("search_code", "get_class", "get_body", "get_usages", "resolve_names"),
    *("ask_template", "cypher"),
)
"""Tools of runs with a small budget, of which a description of all would take a fifth."""

_ALL_FROM = 20_000
"""Tokens from which on a run is offered every tool."""

_GIT_S = 5.0

_BUILD = "import codexgraph; from codexgraph.wiring_agent import build_corpus; build_corpus()"
_LARGE = 500
"""Files from which on the memory for building a corpus outweighs what the program takes itself."""


@dataclass(frozen=True)
class Surroundings:
    """One repository as the agent sees it.

    is_lasting: the process goes on when the job has ended, and should have its memory back then.
    texts: files as somebody is editing them, by path; they count in place of those on disk.
    """

    config: Config
    reader: GraphReader
    is_lasting: bool = False
    texts: Mapping[str, str] = field(default_factory=dict[str, str])

    @cached_property
    def retriever(self) -> Retriever:
        """Ranked retrieval, opened when it is first asked."""
        if self.is_lasting:
            _have_corpus_built(self.config, self.reader)
        return open_retriever(self.config, self.reader)

    @cached_property
    def ground(self) -> Ground:
        """What answers stand on."""
        from agent.answers.ground import Ground
        from agent.answers.hunks import GitChanges
        from agent.tools.texts import repository_files

        read_file = repository_files(self.config.root, self.texts)
        changes = GitChanges(partial(_git, self.config.root))
        return Ground(
            self.reader, lambda: self.retriever, read_file, changes=changes, analyst=self.analyst
        )

    @cached_property
    def analyst(self) -> Analyst:
        """What reads texts as the indexer would."""
        from codexgraph.wiring_analysis import open_analyst

        return open_analyst(self.config, self.reader)

    @cached_property
    def bench(self) -> Bench:
        """Where tests run; nothing is copied before the first of them."""
        from agent.checks.bench import Bench
        from agent.sandbox.local import open_sandbox

        return Bench(self.config.root, lambda: open_sandbox(self.config.root))

    def clear(self) -> None:
        """Remove what was copied and forget what was read; the graph stays open."""
        if "bench" in self.__dict__:
            self.bench.close()
        # These refer to each other: what they hold would wait for the collector of circles.
        for name in ("bench", "ground", "retriever", "analyst"):
            self.__dict__.pop(name, None)

    def close(self) -> None:
        """Remove what was copied, and release the graph."""
        self.clear()
        self.reader.close()


def _have_corpus_built(config: Config, reader: GraphReader) -> None:
    """Let a process of its own build a large corpus that is missing: its memory goes with it.

    Where that fails, whoever opens the corpus builds it and says what is wrong.
    """
    import pickle
    import subprocess
    import sys

    from graphdb.retrieval.corpus_file import corpus_path

    meta = reader.meta()
    path = corpus_path(config.index_dir, reader.repo, meta.generation)
    if meta.files >= _LARGE and not path.exists():
        # Not by multiprocessing, which needs a standard error with a number; a screen has none.
        command = [sys.executable, "-P", "-c", _BUILD]
        subprocess.run(command, input=pickle.dumps(config), capture_output=True, check=False)


def build_corpus() -> None:
    """Build the corpus for the configuration on standard input, and keep it beside the index."""
    import pickle
    import sys

    from indexer.workers import die_with_parent

    die_with_parent()
    config: Config = pickle.load(sys.stdin.buffer)  # noqa: S301 - from our own parent
    with surroundings(config) as around:
        _ = around.retriever


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


def task_of(around: Surroundings, job: Job, text: str, where: str = "", history: str = "") -> Task:
    """A job for a model, as `agent.tasks.jobs.task` takes it. Raises CodexGraphError."""
    from agent.tasks.jobs import task

    return task(job, work_of(around), text, where, history)


def work_of(around: Surroundings) -> Work:
    """The ports of a job."""
    from agent.checks.chosen import checks_of
    from agent.tasks.ground import Work

    root = around.config.root
    checks = checks_of(around.reader, around.analyst, root, around.bench, optional_checks(root))
    return Work(around.ground, checks, around.analyst)


def limits_for(around: Surroundings, task: Task) -> Limits:
    """The limits of a job, with the temperature that is set."""
    return replace(task.limits, temperature=around.config.model_temperature)


def optional_checks(root: Path) -> tuple[str, ...]:
    """Checks of code that depend on the project: types only where it is set up for that."""
    project = root / "pyproject.toml"
    is_typed = (root / "pyrightconfig.json").is_file() or (
        project.is_file() and b"[tool.pyright]" in project.read_bytes()
    )
    return ("lint", "pyright") if is_typed else ("lint",)


def run_task(
    around: Surroundings,
    task: Task,
    model: Model,
    observer: Observer,
    limits: Limits | None = None,
    *,
    is_translated: bool = False,
) -> Outcome:
    """Run a job with a model; templates that worked are kept for the next run.

    limits: with no calls at all the model writes at once. is_translated: questions to the graph are
    put into words, and Cypher is written in a call of its own (CodexGraph's write-then-translate).
    """
    from agent.budget import Budget
    from agent.loop import Agent
    from agent.metered import Metered
    from agent.templates import keep
    from agent.toolbox import Toolbox, open_toolbox

    bounds = limits or limits_for(around, task)
    drafts = Drafts(observer)
    metered = Metered(model, Budget(bounds), drafts)
    ports = ports_of(around, task, drafts, metered if is_translated else None)
    only = () if bounds.tokens >= _ALL_FROM else OFFERED
    toolbox = open_toolbox(around.reader, ports, only) if bounds.calls else Toolbox(())
    outcome = Agent(metered, toolbox, drafts).run(task, bounds)
    if outcome.is_passed and toolbox.answered_queries:
        keep(around.config.index_dir, toolbox.answered_queries)
    return outcome


class Drafts:
    """An observer that remembers the last draft, which is what a run of tests is about."""

    def __init__(self, then: Observer) -> None:
        self.last: Draft | None = None
        self._then = then

    def __call__(self, event: Event) -> None:
        """Take notice, and pass it on."""
        from agent.events import DraftMade

        if isinstance(event, DraftMade) and event.draft is not None:
            self.last = event.draft
        self._then(event)


def ports_of(
    around: Surroundings, task: Task, drafts: Drafts, translator: Model | None = None
) -> Ports:
    """What the tools of a run answer with. translator: writes Cypher for questions in words."""
    from agent.checks.screening import ScreenCheck
    from agent.checks.testing import TestsCheck
    from agent.draft import Draft, Edit, Status
    from agent.sandbox.ran import RunLimits
    from agent.templates import load
    from agent.toolbox import Ports
    from agent.translate import Translator

    read_file = around.ground.read_file

    def check(path: str, text: str) -> list[CheckResult]:
        draft = Draft("", (Edit(path, read_file(path), text),))
        return [each.run(draft) for each in task.checks() if each.name in _ASKED]

    def run_tests(ids: tuple[str, ...]) -> list[CheckResult]:
        draft = drafts.last or Draft("")
        screened = ScreenCheck().run(draft)
        if screened.status is Status.FAILED:
            return [screened]
        return [TestsCheck(around.bench, ids, RunLimits()).run(draft)]

    return Ports(
        retriever=around.retriever,
        analyst=around.analyst,
        read_file=read_file,
        check=check,
        run_tests=run_tests,
        translator=Translator(translator) if translator else None,
        kept=load(around.config.index_dir).templates,
    )


_ASKED = ("parse", "imports", "names", "screen", "compile")
"""Checks that a model may ask for before it proposes anything; none of them runs its code."""


def run_job(
    around: Surroundings, job: str, text: str, observer: Observer, history: str = ""
) -> Outcome:
    """Run a job of the terminal application over a graph that stays open.

    history: what was said before, for questions alone. Raises CodexGraphError.
    """
    from agent.tasks.jobs import Job
    from codexgraph.wiring_models import open_model_of

    model = open_model_of(around.config)
    try:
        task = task_of(around, Job(job), text, history=history)
        return run_task(around, task, model, observer)
    finally:
        model.close()
        around.clear()


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints, None where it fails or takes long."""
    from graphdb.git import ask_git

    output = ask_git(root, *arguments, timeout_s=_GIT_S)
    return None if output is None else output.decode("utf-8", "replace")
