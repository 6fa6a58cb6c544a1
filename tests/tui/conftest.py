"""A repository with a small index, and the application over it, without a terminal."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.errors import CodexGraphError
from graphdb.queries.names import resolve
from graphdb.registry import StoreSettings, open_reader, open_writer
from indexer.freshness import content_hash
from tests.graphdb.queries import sample
from tui.app import GraphApp
from tui.desk import Desk
from tui.ports import Answer, Freshness, IndexProgress, Limits, Ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from graphdb.store import GraphReader

CLOCK = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SIZE = (120, 40)
THEME = "textual-dark"
"""Whatever the terminal is in which the tests run."""


@dataclass
class IndexRunsByHand:
    """Runs of the indexer that a test moves on."""

    asked: list[bool] = field(default_factory=list)
    is_cancelled: bool = False
    tell: Callable[[IndexProgress], None] = lambda _: None

    def start(self, tell: Callable[[IndexProgress], None]) -> None:
        self.tell = tell

    def request(self, *, is_full: bool = False) -> None:
        self.asked.append(is_full)
        self.tell(IndexProgress("extract", 30))

    def cancel(self) -> None:
        self.is_cancelled = True
        self.tell(IndexProgress(is_cancelled=True))

    async def close(self) -> None:
        self.tell = lambda _: None


def graph_answer(reader: GraphReader, job: str, text: str) -> Answer:
    """The last word of a question, looked up."""
    symbol = resolve(reader, text.split()[-1])
    path = symbol.file_path or ""
    return Answer(f"**{symbol.full_name}** is at {symbol.location} ({job})", files=(path,))


def write_index(root: Path) -> StoreSettings:
    """Source files and an index of them."""
    for path in sample.FILES:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        lines = (f"def line_{n}():  # of {path}\n" for n in range(1, 61))
        target.write_text("".join(lines))
    hashes = {path: content_hash((root / path).read_bytes()) for path in sample.FILES}
    settings = StoreSettings("embedded", "sample", root / ".codexgraph")
    meta = sample.meta(str(root), indexed_at=datetime.now(UTC).isoformat())
    writer = open_writer(settings)
    try:
        writer.replace(sample.nodes(hashes), sample.edges(), meta)
    finally:
        writer.close()
    return settings


@dataclass
class Bench:
    """What a test works with."""

    root: Path
    settings: StoreSettings
    runs: IndexRunsByHand
    stale: list[str] = field(default_factory=list)
    pictures: list[Path] = field(default_factory=list)

    def ports(self, **changes: Any) -> Ports:
        given: dict[str, Any] = {
            "root": self.root,
            "repo": "sample",
            "store": "embedded",
            "open_reader": lambda: open_reader(self.settings),
            "freshness": self._freshness,
            "index": self.runs,
            "answer": graph_answer,
            "limits": Limits(5.0, 200),
            "data_dir": self.root / "data",
            "keymap_file": self.root / "keymap.toml",
            "doctor": lambda: "- ok: **all** is well",
            "show_picture": self._show,
        }
        return Ports(**{**given, **changes})

    def app(self, **changes: Any) -> GraphApp:
        desk = Desk(self.ports(**changes), lambda: CLOCK)
        desk.prefer("theme", THEME)
        return GraphApp(desk)

    def saved(self) -> list[dict[str, Any]]:
        """The conversations on disk."""
        files = sorted((self.root / "data/sessions/sample").glob("*.json"))
        return [json.loads(file.read_text()) for file in files]

    def _freshness(self, reader: GraphReader, files: Sequence[str]) -> Freshness:
        reader.meta()
        gone = tuple(path for path in files if path in self.stale)
        return Freshness("1 file changed since: F6" if self.stale else "fresh", not gone, gone)

    def _show(self, path: Path) -> bool:
        self.pictures.append(path)
        return True


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    root = tmp_path / "sample"
    root.mkdir()
    return Bench(root, write_index(root), IndexRunsByHand())


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphReader]:
    """A reader of the sample, for view models."""
    found = open_reader(write_index(tmp_path_factory.mktemp("sample")))
    yield found
    found.close()


def shown(app: GraphApp) -> str:
    """What stands on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(part.text for part in strip).rstrip() for strip in strips)


async def until(
    pilot: Any, is_so: Callable[[], bool], what: str = "", within_s: float = 10.0
) -> None:
    """Wait until something holds; fail with what is on the screen."""
    ends = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > ends:
            pytest.fail(f"never came: {what}\n{shown(pilot.app)}")
        await pilot.pause(0.02)


def refuse(message: str) -> Callable[..., Any]:
    """A port that fails."""

    def fail(*given: Any) -> Any:
        raise CodexGraphError(message)

    return fail
