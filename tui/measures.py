"""What the application costs: start, picker, grid, streaming, memory; each in a process of its own.

Processor time and not the wall clock, which on a shared machine measures its other users.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from agent.draft import Draft
from agent.events import Phase, TextCame
from agent.task import Outcome
from graphdb.queries.name_index import NameIndex
from graphdb.store import QueryResult
from tui.app import GraphApp
from tui.desk import Desk
from tui.models.picker import file_options
from tui.modes import MODES
from tui.modes.cypher import CypherMode
from tui.ports import Limits
from tui.widgets.result_grid import ResultGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from agent.events import Observer
    from graphdb.store import GraphReader
    from tui.ports import Ports

GRID_ROWS = 10_000
STREAM_BYTES = 50_000
STREAM_PIECES = 1_000
STREAM_S = 20.0
PICKS = 200
_SIZE = (120, 40)
_TEXT = (
    "The call of `save` reaches **several** methods, of which these matter:\n\n"
    "- one that checks, and says so in a line of some length\n- one that writes\n\n"
    "```python\ndef save(self, *args):\n    return super().save(*args)\n```\n\n"
)


class Figure(NamedTuple):
    """One figure, and what it should not be above; None for one that is only told."""

    name: str
    value: float
    unit: str
    limit: float | None = None


async def first_paint(ports: Ports) -> list[Figure]:
    """From an interpreter that has the toolkit to a screen, and to one that knows the index."""
    toolkit = _toolkit_s()
    app = GraphApp(Desk(ports))
    async with app.run_test(size=_SIZE) as pilot:
        painted = time.process_time()
        while app.desk.view.freshness == "opening":
            await pilot.pause(0.02)
    spent = time.process_time()
    return [
        Figure("first paint above the toolkit", painted - toolkit, "s CPU", 1.0),
        Figure("index open and compared", spent - toolkit, "s CPU", 4.0),
    ]


async def modes(ports: Ports) -> list[Figure]:
    """From the key to the first paint of each mode: the first time, then once more."""
    app = GraphApp(Desk(ports))
    took: dict[str, list[float]] = {}
    async with app.run_test(size=_SIZE) as pilot:
        while app.desk.view.freshness == "opening":
            await pilot.pause(0.02)
        for _ in range(2):
            for number, mode in [*enumerate(MODES, start=1)][::-1]:
                began = time.process_time()
                await pilot.press(f"alt+{number}")
                took.setdefault(mode.id, []).append(time.process_time() - began)
    slowest = max(took, key=lambda name: took[name][0])
    return [
        Figure(f"mode opened, the slowest ({slowest})", took[slowest][0] * 1000, "ms CPU", 500),
        Figure(
            "mode gone to again, the slowest",
            max(t[1] for t in took.values()) * 1000,
            "ms CPU",
            200,
        ),
    ]


async def picker(ports: Ports) -> list[Figure]:
    """Searches of names and of paths, as somebody types them, over the whole index."""
    desk = Desk(ports)
    await desk.look()

    reader = ports.open_reader()
    names = NameIndex(reader)
    took: list[float] = []
    for text in _typed(reader.query("MATCH (n:METHOD) RETURN n.name AS name", max_rows=5_000)):
        began = time.process_time()
        names.search(reader, text)
        took.append(time.process_time() - began)
    began = time.process_time()
    for text in ("models", "qs", "test_forms", "adm/opt"):
        file_options(desk.explorer.paths, text)
    files = (time.process_time() - began) / 4
    return [
        Figure("names", float(len(names)), ""),
        Figure("symbol picker, median", _share(took, 0.5) * 1000, "ms CPU", 50),
        Figure("symbol picker, 95th of 100", _share(took, 0.95) * 1000, "ms CPU", 50),
        Figure("file picker, mean", files * 1000, "ms CPU", 50),
    ]


async def grid(ports: Ports) -> list[Figure]:
    """Ten thousand rows: shown, then gone through page by page."""
    rows = tuple((f"name_{n}", f"package/module_{n % 97}.py", n) for n in range(GRID_ROWS))
    result = QueryResult(("name", "file", "line"), rows)
    app = GraphApp(Desk(ports))
    async with app.run_test(size=_SIZE) as pilot:
        pane = await app.go_to("cypher")
        await pilot.pause()
        assert isinstance(pane, CypherMode)  # noqa: S101 - its own table says so
        began = time.process_time()
        pane.show_result(result, Limits(5, GRID_ROWS))
        await pilot.pause()
        shown = time.process_time() - began
        view, pages = pane.query_one(ResultGrid), 0
        view.focus()
        began = time.process_time()
        while view.cursor[0] < GRID_ROWS - 1:
            view.action_page(1)
            await pilot.pause(0)
            pages += 1
        paged = (time.process_time() - began) / pages
    return [
        Figure("grid of 10,000 rows, shown", shown * 1000, "ms CPU", 500),
        Figure("grid, one page further", paged * 1000, "ms CPU", 50),
    ]


async def streaming(ports: Ports) -> list[Figure]:
    """An answer of 50 kB in a thousand pieces over 20 seconds, shown as a run shows it."""
    text = (_TEXT * (STREAM_BYTES // len(_TEXT) + 1))[:STREAM_BYTES]
    size = STREAM_BYTES // STREAM_PIECES

    def stream(
        reader: GraphReader, job: str, asked: str, observer: Observer, earlier: str
    ) -> Outcome:
        del reader, earlier
        for at in range(0, STREAM_BYTES, size):
            observer(TextCame(Phase.DRAFT, text[at : at + size]))
            time.sleep(STREAM_S / STREAM_PIECES)
        return Outcome(job, Draft(asked), True, "done")

    app = GraphApp(Desk(replace(ports, run_agent=stream, model="scripted")))
    async with app.run_test(size=_SIZE) as pilot:
        talk = await app.talk()
        await pilot.pause(1)
        began = time.process_time()
        talk.ask("a long answer")
        await pilot.pause(0.5)
        while app.desk.is_answering:
            await pilot.pause(0.5)
        spent = time.process_time() - began
        came = len(app.desk.conversation.turns[-1].answer)
    assert came == STREAM_BYTES, came  # noqa: S101 - a figure of another text would mislead
    return [Figure("50 kB of Markdown streamed", spent, "s CPU", 3)]


async def memory(ports: Ports) -> list[Figure]:
    """All modes gone to, a query, a neighbourhood, the names read: what is resident then."""
    app = GraphApp(Desk(ports))
    async with app.run_test(size=_SIZE) as pilot:
        while app.desk.view.freshness == "opening":
            await pilot.pause(0.05)
        await app.desk.symbols("save", 50)
        pane = await app.go_to("cypher")
        pane.take("MATCH (n:CLASS) RETURN n LIMIT 200")
        await pilot.pause(0.5)
        pane = await app.go_to("graph")
        found = await app.desk.symbols("main", 1)
        pane.take(found[0].uid if found else "main")
        await pilot.pause(0.5)
        used, peak = _resident_mb(), _peak_mb()
        talk = await app.talk()
        talk.ask("how is what a user sends checked before it is stored")
        await pilot.pause(0.5)
        while app.desk.is_answering:
            await pilot.pause(0.1)
    return [
        Figure("resident memory, by now", used, "MB", 300),
        Figure("resident memory, at most", peak, "MB"),
        Figure("resident memory, after a question in free words", _resident_mb(), "MB"),
        Figure("resident memory, at most then", _peak_mb(), "MB"),
    ]


MEASURES: dict[str, Callable[[Ports], Coroutine[Any, Any, list[Figure]]]] = {
    "first_paint": first_paint,
    "modes": modes,
    "picker": picker,
    "grid": grid,
    "streaming": streaming,
    "memory": memory,
}


def _toolkit_s() -> float:
    """What an interpreter with the toolkit and nothing of ours costs."""
    code = "import textual.app, time; print(time.process_time())"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    return float(done.stdout)


def _typed(result: QueryResult) -> list[str]:
    """Beginnings of names, as they are typed letter by letter."""
    chosen = random.Random(7).sample(result.rows, min(PICKS // 4, len(result.rows)))  # noqa: S311
    return [str(row[0])[:length] for row in chosen for length in (1, 2, 4, 8)]


def _share(values: list[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] if values else 0.0


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _resident_mb() -> float:
    if sys.platform != "linux":
        return _peak_mb()
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - not a real file
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_048_576
