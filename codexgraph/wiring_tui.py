"""Gives the terminal application what it needs of the rest of the program."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import webbrowser
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from codexgraph.doctor import State, examine
from codexgraph.serving import host
from codexgraph.wiring import freshness_of, index_request, open_graph
from codexgraph.wiring_agent import Surroundings, graph_answer_of, run_job
from codexgraph.wiring_models import is_model_configured
from graphdb.errors import CodexGraphError
from lsp.indexing import Indexing
from tui.models.editor import editor_of
from tui.ports import Answer, Freshness, IndexProgress, Limits, Ports

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agent.events import Observer
    from agent.task import Outcome
    from codexgraph.config import Config
    from graphdb.store import GraphReader
    from indexer.freshness import Freshness as StateOfFiles
    from tui.measures import Figure
    from tui.ports import AgentRunner, Answerer

KEYMAP_FILE = "keymap.toml"


def run_tui(config: Config) -> int:
    """Run the application until its user leaves; the exit code."""
    from tui.app import GraphApp
    from tui.desk import Desk

    app = GraphApp(Desk(ports_of(config)))
    app.run()
    return app.return_code or 0


def ports_of(config: Config) -> Ports:
    """The ports of one repository."""
    from platformdirs import user_config_path, user_data_path

    def freshness(reader: GraphReader, files: Sequence[str]) -> Freshness:
        state = freshness_of(config, reader, files)
        return Freshness(_words(state), state.fresh, state.stale_files)

    return Ports(
        root=config.root,
        repo=config.repo,
        store=config.store,
        open_reader=lambda: open_graph(config),
        freshness=freshness,
        index=IndexRunner(config),
        answer=graph_answer(config),
        limits=Limits(config.query_timeout_s, config.query_max_rows),
        data_dir=user_data_path("codexgraph"),
        keymap_file=user_config_path("codexgraph") / KEYMAP_FILE,
        doctor=lambda: _doctor(config),
        show_picture=show_picture,
        editor=editor_of(os.environ),
        model=_model_name(config),
        run_agent=_agent(config),
    )


def _model_name(config: Config) -> str | None:
    """The model that is set, in a few words."""
    if not is_model_configured(config):
        return None
    return config.model_name or (config.model_path.name if config.model_path else "a model")


class IndexRunner:
    """Indexes in a process of its own, as the language server does; an `IndexRuns`."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._indexing: Indexing | None = None
        self._tell: Callable[[IndexProgress], None] = _nobody

    def start(self, tell: Callable[[IndexProgress], None]) -> None:
        """Begin to serve requests."""
        self._tell = tell
        request = index_request(self._config, full=False)
        self._indexing = Indexing(request, host().worker, self, _always)
        self._indexing.start()

    def request(self, *, is_full: bool = False) -> None:
        """Ask for a run."""
        if self._indexing is not None:
            self._indexing.request(is_full=is_full)

    def cancel(self) -> None:
        """End the run that is going on."""
        if self._indexing is not None:
            self._indexing.cancel()

    async def close(self) -> None:
        """Stop, and end the process."""
        if self._indexing is not None:
            await self._indexing.close()

    def index_changed(self, indexing: Indexing) -> None:
        """Hear of a run."""
        state = indexing.state
        self._tell(IndexProgress(state.phase, state.percent, state.error, state.is_cancelled))

    def index_ended(self, indexing: Indexing) -> None:
        """The state has told it already."""


def show_picture(path: Path) -> bool:
    """Open a page in the user's browser; False where there is none to open it in."""
    if os.name == "posix" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        return webbrowser.open(path.as_uri())
    except (webbrowser.Error, OSError):
        return False


def _nobody(progress: IndexProgress) -> None:
    """Who hears of runs before anybody asked to."""


def _always(paths: frozenset[str]) -> bool:
    """A run that somebody asks for looks at all files."""
    del paths
    return True


def _words(state: StateOfFiles) -> str:
    """Freshness in as few words as the header has room for."""
    gone = len(state.changed_files) + len(state.deleted_files)
    if state.fresh:
        return "fresh"
    if gone:
        return f"{gone} file{'' if gone == 1 else 's'} changed since: F6"
    return state.note or "other commit, no source changed: F6"


def _doctor(config: Config) -> str:
    marks = {State.OK: "ok", State.WARNING: "warning", State.BROKEN: "**broken**"}
    return "\n".join(
        f"- {marks[check.state]}: **{check.name}** {check.detail} {check.fix}".rstrip()
        for check in examine(config)
    )


_JOBS = {"chat": "ask", "unit_test": "test"}
"""Jobs of the modes whose ids are not the job's name."""


def _agent(config: Config) -> AgentRunner | None:
    """What runs a mode's job with the model that is set."""
    if not is_model_configured(config):
        return None

    def run_mode(
        reader: GraphReader, job: str, text: str, observer: Observer, earlier: str
    ) -> Outcome:
        around = Surroundings(config, reader, is_lasting=True)
        return run_job(around, _JOBS.get(job, job), text, observer, earlier)

    return run_mode


def graph_answer(config: Config) -> Answerer:
    """What answers from the graph alone."""
    from agent.answers.answer import markdown

    def answer(reader: GraphReader, job: str, text: str) -> Answer:
        around = Surroundings(config, reader, is_lasting=True)
        try:
            found = graph_answer_of(around, _JOBS.get(job, job), text)
        finally:
            around.clear()
        return Answer(markdown(found, is_labelled=False), found.label, found.files, found.edits)

    return answer


_MEASURE = (
    "import sys, codexgraph; from codexgraph.wiring_tui import measure_one; "
    "raise SystemExit(measure_one(*sys.argv[1:]))"
)


def measure_tui(config: Config) -> list[dict[str, Any]]:
    """The application's figures, each from a process of its own. Raises CodexGraphError."""
    from tui.measures import MEASURES

    found: list[dict[str, Any]] = []
    for name in MEASURES:
        command = [sys.executable, "-P", "-c", _MEASURE, name, str(config.root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            last = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
            raise CodexGraphError(f"{name} was not measured: {last[0]}")
        found += json.loads(done.stdout)
    return found


def measure_one(name: str, root: str) -> int:
    """One measurement, its figures as JSON on standard output."""
    from codexgraph.config import load_config
    from tui.measures import MEASURES

    with TemporaryDirectory(prefix="codexgraph-") as folder:
        ports = replace(ports_of(load_config(Path(root))), data_dir=Path(folder))
        figures: list[Figure] = asyncio.run(MEASURES[name](ports))
    sys.stdout.write(json.dumps([figure._asdict() for figure in figures]) + "\n")
    return 0
