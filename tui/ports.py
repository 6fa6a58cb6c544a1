"""What the application needs of the rest of the program, gathered in one value.

Everything that is not the graph comes in here: `codexgraph/wiring_tui.py` fills it, and tests fill
it with values of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from agent.draft import Edit
    from agent.events import Observer
    from agent.task import Outcome
    from graphdb.store import GraphReader


@dataclass(frozen=True, slots=True)
class Freshness:
    """How the graph relates to the files of now. words: in a few words.

    stale: those of the files that were asked about which have changed or are gone.
    """

    words: str
    is_fresh: bool
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """Where an index run is. phase: None when none is going on. error: of the last one."""

    phase: str | None = None
    percent: int = 0
    error: str | None = None
    is_cancelled: bool = False


class IndexRuns(Protocol):
    """Runs the indexer in a process of its own; called on the event loop."""

    def start(self, tell: Callable[[IndexProgress], None]) -> None:
        """Begin to serve requests; `tell` hears of every change, on the loop."""
        ...

    def request(self, *, is_full: bool = False) -> None:
        """Ask for a run; while one is going on, for the next one."""
        ...

    def cancel(self) -> None:
        """End the run that is going on; the graph stays as it was."""
        ...

    async def close(self) -> None:
        """Stop, and end the process."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What the graph alone says. text: Markdown with `file:line` places. label: of what kind it is.

    files: that it speaks of. edits: what a template would change.
    """

    text: str
    label: str = "graph answer, no model"
    files: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()


class Answerer(Protocol):
    """Answers from the graph alone, for a job such as chat or debug."""

    def __call__(self, reader: GraphReader, job: str, text: str) -> Answer:
        """Answer. Raises CodexGraphError."""
        ...


class AgentRunner(Protocol):
    """Runs the agent on a job, in the thread that calls it."""

    def __call__(
        self, reader: GraphReader, job: str, text: str, observer: Observer, earlier: str
    ) -> Outcome:
        """Run to the end, telling `observer` of each event. Raises CodexGraphError.

        earlier: what was said before, in brief.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one query: seconds, and rows of its answer."""

    seconds: float
    rows: int


@dataclass(frozen=True, slots=True)
class Ports:
    """All that the application is given.

    model: the language model in a few words, None for none. run_agent: None without a model.
    editor: the command that opens a file at a line, None where none is set; see
    `tui.models.editor`. show_picture: opens a file for people, False where that cannot be done.
    doctor: Markdown on the installation. data_dir: the user's own folder, for sessions and saved
    queries. keymap_file: of the user's keys, which need not exist.
    """

    root: Path
    repo: str
    store: str
    open_reader: Callable[[], GraphReader]
    freshness: Callable[[GraphReader, Sequence[str]], Freshness]
    index: IndexRuns
    answer: Answerer
    limits: Limits
    data_dir: Path
    keymap_file: Path
    doctor: Callable[[], str]
    show_picture: Callable[[Path], bool]
    editor: tuple[str, ...] | None = None
    model: str | None = None
    run_agent: AgentRunner | None = None
