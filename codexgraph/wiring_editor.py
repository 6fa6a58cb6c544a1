"""Gives the language server what writes code with the model that is set."""

from __future__ import annotations

from dataclasses import replace
from threading import Event, Lock
from typing import TYPE_CHECKING

from codexgraph.wiring_agent import Surroundings, limits_for, run_task, task_of
from codexgraph.wiring_models import is_model_configured, open_model_of

if TYPE_CHECKING:
    from agent import events
    from agent.events import Observer
    from agent.model import Model
    from agent.task import Outcome
    from codexgraph.config import Config
    from graphdb.store import GraphReader
    from lsp.writing import Author, Wanted

QUICK_TOKENS = 4_000
"""Of a suggestion while somebody types: one prompt and one short reply."""

QUICK_REPLY_TOKENS = 120
QUICK_S = 20.0

CLOSE_S = 0.5
"""How long a job that is ended may take to notice it."""


def author_of(config: Config) -> Author | None:
    """Who writes for a repository; None where no model is set."""
    return ModelAuthor(config) if is_model_configured(config) else None


class ModelAuthor:
    """Writes with one model that stays open, one job at a time.

    What a suggestion has read of the graph stays for the next one.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._lock = Lock()
        self._is_closed = Event()
        self._model: Model | None = None
        self._texts: dict[str, str] = {}
        self._around: tuple[GraphReader, str, Surroundings] | None = None

    def write(self, reader: GraphReader, wanted: Wanted, observer: Observer) -> Outcome:
        """See `lsp.writing.Author`."""
        from agent.events import Interrupted
        from agent.tasks.jobs import Job

        def tell(event: events.Event) -> None:
            if self._is_closed.is_set():
                raise Interrupted
            observer(event)

        with self._lock:
            self._texts.clear()
            self._texts.update(wanted.texts)
            around = self._surroundings(reader)
            task = task_of(around, Job(wanted.job), wanted.text, wanted.where)
            limits = limits_for(around, task)
            if wanted.is_quick:
                limits = replace(
                    limits,
                    rounds=0,
                    calls=0,
                    tokens=QUICK_TOKENS,
                    reply_tokens=QUICK_REPLY_TOKENS,
                    seconds=QUICK_S,
                )
            if self._model is None:
                self._model = open_model_of(self._config)
            try:
                return run_task(around, task, self._model, tell, limits)
            finally:
                if not wanted.is_quick:
                    self._let_go()

    def _surroundings(self, reader: GraphReader) -> Surroundings:
        """The repository as the graph has it now; what was read of another state is let go."""
        generation = reader.meta().generation
        if self._around is None or self._around[:2] != (reader, generation):
            self._let_go()
            around = Surroundings(self._config, reader, is_lasting=True, texts=self._texts)
            self._around = reader, generation, around
        return self._around[2]

    def _let_go(self) -> None:
        if self._around is not None:
            self._around[2].clear()
            self._around = None

    def close(self) -> None:
        """Release the model, and remove what was copied; a job that goes on is ended.

        One that waits for a model that says nothing is not waited for.
        """
        self._is_closed.set()
        model, self._model = self._model, None
        if model is not None:
            model.close()
        if self._lock.acquire(timeout=CLOSE_S):
            try:
                self._let_go()
            finally:
                self._lock.release()
