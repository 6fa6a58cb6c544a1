"""What all screens share: the graph, what is known of its files, the conversation, the history.

It knows no widget; whoever wants to hear of changes asks it to call back.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from agent.apply import apply, undo
from graphdb.errors import CodexGraphError, NotFoundError
from tui.background import in_thread
from tui.models.cypher import SavedQueries
from tui.models.explorer import Explorer, read_paths
from tui.models.files import read_json, write_json
from tui.models.graph import Graph
from tui.models.history import History
from tui.models.index_view import IndexView, totals
from tui.models.places import KnownFiles
from tui.models.review import review_of
from tui.models.sessions import Sessions
from tui.ports import IndexProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from agent.apply import Undo
    from graphdb.delta import GraphCounts
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol
    from tui.models.conversation import Conversation, Turn
    from tui.models.review import Review
    from tui.models.sessions import Saved
    from tui.ports import Freshness, Ports

T = TypeVar("T")
PREFERENCES_VERSION = 1


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at the graph told."""

    view: IndexView
    paths: tuple[str, ...]
    counts: GraphCounts
    generation: str


class Desk:
    """The state of one run of the application."""

    def __init__(self, ports: Ports, clock: Callable[[], datetime] = now) -> None:
        self.ports = ports
        self.clock = clock
        self.graph = Graph(ports.open_reader)
        self.view = IndexView()
        self.progress = IndexProgress()
        self.explorer = Explorer()
        self.known = KnownFiles()
        self.generation = ""
        self.counts: GraphCounts | None = None
        self.sessions = Sessions(ports.data_dir, ports.repo, clock)
        self.questions = History(ports.data_dir, "questions")
        self.past_queries = History(ports.data_dir, "queries")
        self.queries = SavedQueries(ports.data_dir)
        self.conversation: Conversation = self.sessions.begin()
        self._saved = self.conversation
        self.keys: Mapping[str, str] = {}
        self.before: Saved | None = None
        self.is_answering = False
        self.review: Review | None = None
        self._applied: list[Undo] = []

    async def ask(self, question: Callable[[GraphReader], T]) -> T:
        """Ask the graph in a thread. Raises what `Graph.ask` raises."""
        return await in_thread(lambda: self.graph.ask(question))

    async def symbols(self, text: str, limit: int) -> tuple[Symbol, ...]:
        """Symbols whose name fits, best first. Raises what `Graph.ask` raises."""
        graph = self.graph
        return await self.ask(lambda reader: graph.names(reader).search(reader, text, limit))

    async def look(self) -> bool:
        """Look at the graph and the files; True when the graph is another one than before."""
        try:
            found = await self.ask(self._look)
        except CodexGraphError as error:
            is_other = self.view.note is None
            self.generation, self.counts = "", None
            self.view = IndexView(freshness="no index: F6 builds it", note=str(error))
            self.explorer, self.known = Explorer(), KnownFiles()
            return is_other
        is_other = found.generation != self.generation
        self.view, self.generation, self.counts = found.view, found.generation, found.counts
        if is_other:
            self.explorer, self.known = Explorer(found.paths), KnownFiles(found.paths)
        return is_other

    async def look_back(self) -> None:
        """Find the newest conversation of before, which somebody may want to go on with."""
        self.before = await in_thread(self.sessions.latest)

    async def freshness(self, files: tuple[str, ...]) -> Freshness | None:
        """How some files relate to the graph; None where that cannot be told."""
        with suppress(CodexGraphError):
            return await self.ask(lambda reader: self.ports.freshness(reader, files))
        return None

    def save(self) -> None:
        """Save the conversation. Raises CodexGraphError."""
        self.sessions.save(self.conversation)
        self._saved = self.conversation

    def save_if_changed(self) -> None:
        """Save what has changed since it was saved. Raises CodexGraphError."""
        if self.conversation is not self._saved:
            self.save()

    def name_conversation(self, name: str) -> None:
        """Give the conversation a name."""
        self.conversation = replace(self.conversation, name=name or self.conversation.title)

    def resume(self, wanted: str) -> None:
        """Go on with another conversation. Raises CodexGraphError."""
        found = self.sessions.load(wanted)
        self.save()
        self.conversation = found

    def begin_anew(self) -> None:
        """Begin another conversation; this one is kept. Raises CodexGraphError."""
        self.note_unsent("")
        self.save()
        self.conversation = self._saved = self.sessions.begin()

    def add_turn(self, turn: Turn) -> tuple[str, int]:
        """Add a turn to the conversation; where it stands, for `change_turn`."""
        self.conversation = self.conversation.with_turn(turn)
        return self.conversation.id, len(self.conversation.turns) - 1

    def change_turn(self, slot: tuple[str, int], turn: Turn) -> None:
        """Put another turn in the place of one; nothing when its conversation was left."""
        if self.conversation.id == slot[0]:
            self.conversation = self.conversation.with_turn_at(slot[1], turn)

    def note_unsent(self, text: str) -> None:
        """Remember what stands in the input, so that a killed terminal does not lose it."""
        if text != self.conversation.unsent:
            self.conversation = replace(self.conversation, unsent=text)

    def current_review(self) -> Review:
        """The changes of the last answer that proposes any. Raises NotFoundError."""
        edits = next((t.edits for t in reversed(self.conversation.turns) if t.edits), None)
        if edits is None:
            raise NotFoundError("no answer of this conversation proposes a change")
        if self.review is None or self.review.edits != edits:
            self.review = review_of(edits)
        return self.review

    def apply(self) -> list[str]:
        """Write the accepted hunks; the files. Raises CodexGraphError."""
        chosen = self.current_review().chosen
        if not chosen:
            raise NotFoundError("no hunk is accepted: /diff shows them, space accepts one")
        done = apply(self.ports.root, chosen)
        self._applied.append(done)
        return [file.path for file in done.files]

    def undo(self) -> list[str]:
        """Take back what was applied last; the files. Raises CodexGraphError."""
        if not self._applied:
            raise NotFoundError("nothing was applied that could be taken back")
        undo(self.ports.root, self._applied[-1])
        return [file.path for file in self._applied.pop().files]

    def preference(self, name: str) -> str:
        """A choice of before, such as the theme; "" for none."""
        with suppress(CodexGraphError):
            return str((read_json(self._preferences, PREFERENCES_VERSION) or {}).get(name, ""))
        return ""

    def prefer(self, name: str, value: str) -> None:
        """Remember a choice; a folder that cannot be written costs no more than the memory."""
        with suppress(CodexGraphError):
            kept = read_json(self._preferences, PREFERENCES_VERSION) or {}
            if kept.get(name) != value:
                write_json(self._preferences, PREFERENCES_VERSION, {**kept, name: value})

    @property
    def _preferences(self) -> Path:
        return self.ports.data_dir / "preferences.json"

    def _look(self, reader: GraphReader) -> Found:
        meta = reader.meta()
        is_same, paths = meta.generation == self.generation, tuple[str, ...]()
        counts = self.counts if is_same and self.counts else reader.counts()
        if not is_same:
            paths = tuple(read_paths(reader))
        state = self.ports.freshness(reader, ())
        view = IndexView(*totals(counts), freshness=state.words, is_fresh=state.is_fresh)
        return Found(view, paths, counts, meta.generation)
