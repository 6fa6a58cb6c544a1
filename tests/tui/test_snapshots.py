"""How the screens look, at three sizes: a picture for each that a person has looked at.

They break with each version of the toolkit, so they are few; behaviour is tested elsewhere. After a
change that is meant: `pytest tests/tui/test_snapshots.py --snapshot-update`, and look at them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, TextArea

from graphdb.store import QueryResult
from tests.tui import agents
from tests.tui.conftest import refuse, shown, until
from tui.messages import OpenPlace
from tui.modes.cypher import CypherMode
from tui.ports import Limits
from tui.widgets.composer import Composer
from tui.widgets.popup import Popup
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.tui.conftest import Bench

SIZES = [(120, 40), (80, 24), (60, 20)]
ROWS = tuple((f"Class{n}", f"pkg/module_{n % 7}.py", n) for n in range(300))


async def settled(pilot: Any) -> None:
    """The index is looked at and no cursor blinks."""
    app = pilot.app
    await until(pilot, lambda: app.desk.view.freshness != "opening", "the index")
    still(app)
    await pilot.pause(0.1)


def still(app: Any) -> None:
    for area in (*app.screen.query(TextArea), *app.screen.query(Input)):
        area.cursor_blink = False


@pytest.mark.parametrize("size", SIZES)
def test_an_answer(bench: Bench, snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def ask(pilot: Any) -> None:
        await settled(pilot)
        pilot.app.query_one(Composer).put("who calls total_area")
        await pilot.press("enter")
        await until(pilot, lambda: "(passed)" in shown(pilot.app), "the end")
        pilot.app.query_one(TurnView).action_toggle_step(2)
        await settled(pilot)

    app = bench.app(run_agent=agents.answers, model="scripted")
    assert snap_compare(app, terminal_size=size, run_before=ask)


@pytest.mark.parametrize("size", SIZES)
def test_rows(bench: Bench, snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def query(pilot: Any) -> None:
        await settled(pilot)
        pane = await pilot.app.go_to("cypher")
        await settled(pilot)
        assert isinstance(pane, CypherMode)
        result = QueryResult(("class", "file", "line"), ROWS, True, 0.012, ("did you mean CLASS?",))
        pane.show_result(result, Limits(5, 300))
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=size, run_before=query)


@pytest.mark.parametrize("size", SIZES)
def test_a_neighbourhood(
    bench: Bench, snap_compare: Callable[..., bool], size: tuple[int, int]
) -> None:
    async def find(pilot: Any) -> None:
        await settled(pilot)
        pane = await pilot.app.go_to("graph")
        await settled(pilot)
        pane.take("total_area")
        await until(pilot, lambda: "┃ total_area" in shown(pilot.app), "the drawing")
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=size, run_before=find)


@pytest.mark.parametrize("size", SIZES)
def test_without_an_index(
    bench: Bench, snap_compare: Callable[..., bool], size: tuple[int, int]
) -> None:
    app = bench.app(open_reader=refuse("nothing is indexed here: run codexgraph index"))
    assert snap_compare(app, terminal_size=size, run_before=settled)


@pytest.mark.parametrize("size", SIZES)
def test_the_source(bench: Bench, snap_compare: Callable[..., bool], size: tuple[int, int]) -> None:
    async def open_place(pilot: Any) -> None:
        from tui.models.places import Place

        await settled(pilot)
        pilot.app.post_message(OpenPlace(Place("pkg/shapes.py", 23)))
        await until(pilot, lambda: "line_23" in shown(pilot.app), "the line")
        await pilot.pause(0.2)
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=size, run_before=open_place)


def test_a_proposal(bench: Bench, snap_compare: Callable[..., bool]) -> None:
    async def look(pilot: Any) -> None:
        await settled(pilot)
        pilot.app.query_one(Composer).put("rename two")
        await pilot.press("enter")
        await until(pilot, lambda: "2 changed files" in shown(pilot.app), "the proposal")
        pilot.app.query_one(Composer).put("/diff ")
        await pilot.press("enter")
        await until(pilot, lambda: "0 of 3 hunks" in shown(pilot.app), "the hunks")
        await pilot.press("space")
        await settled(pilot)

    app = bench.app(run_agent=agents.proposes, model="scripted")
    assert snap_compare(app, terminal_size=(80, 24), run_before=look)


def test_a_picker(bench: Bench, snap_compare: Callable[..., bool]) -> None:
    async def type_mark(pilot: Any) -> None:
        await settled(pilot)
        pilot.app.query_one(Composer).put("who calls @are")
        await until(pilot, lambda: pilot.app.query_one(Popup).is_open, "the list")
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=(80, 24), run_before=type_mark)


def test_the_side_bar_over_a_narrow_terminal(
    bench: Bench, snap_compare: Callable[..., bool]
) -> None:
    async def open_side(pilot: Any) -> None:
        await settled(pilot)
        await pilot.press("ctrl+b", "j", "l")
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=(60, 20), run_before=open_side)


def test_the_help(bench: Bench, snap_compare: Callable[..., bool]) -> None:
    async def open_help(pilot: Any) -> None:
        await settled(pilot)
        await pilot.press("f1")
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=(80, 24), run_before=open_help)


def test_a_choice(bench: Bench, snap_compare: Callable[..., bool]) -> None:
    async def search(pilot: Any) -> None:
        await settled(pilot)
        pane = await pilot.app.go_to("graph")
        await settled(pilot)
        pane.take("area")
        await until(pilot, lambda: "fits 3 symbols" in shown(pilot.app), "the choice")
        await settled(pilot)

    assert snap_compare(bench.app(), terminal_size=(80, 24), run_before=search)
