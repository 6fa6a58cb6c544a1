"""The query console and the graph by keyboard."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from textual.widgets import Input, TabbedContent

from graphdb.registry import open_reader
from tests.tui.conftest import SIZE, shown, until
from tui.modes.cypher import CypherMode
from tui.modes.graph import GraphMode
from tui.widgets.cypher_editor import CypherEditor
from tui.widgets.drawing_view import DrawingView
from tui.widgets.mode_bar import ModeBar
from tui.widgets.relation_tree import RelationTree
from tui.widgets.result_grid import ResultGrid
from tui.widgets.source_pane import SourcePane

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Bench

pytestmark = pytest.mark.asyncio


async def test_a_query_as_grid_json_and_graph(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+6")
        app.query_one(CypherEditor).text = "MATCH (n:CLASS) RETURN n ORDER BY n.name"
        await pilot.press("f5")
        await until(pilot, lambda: "CLASS pkg.shapes.Shape" in shown(app), "the grid")
        assert "4 rows" in shown(app)
        tabs = app.query_one(TabbedContent)
        tabs.active = "tab-json"
        await until(pilot, lambda: '"full_name"' in shown(app), "JSON")
        tabs.active = "tab-graph"
        await until(pilot, lambda: "INHERITS Shape" in shown(app), "the graph")
        app.query_one("#cypher-graph", DrawingView).focus()
        await pilot.press("enter")
        await until(pilot, lambda: app.query_one(ModeBar).current == "graph", "the other mode")


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("MATCH (n:CLASS RETURN n", "error: "),
        ("CREATE (n:CLASS)", "error: "),
        ("MATCH (n:CLAS) RETURN n", "note: "),
        ("", "F5 runs"),
    ],
)
async def test_a_wrong_query_is_a_line_and_the_text_stays(
    bench: Bench, query: str, line: str
) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+6")
        app.query_one(CypherEditor).text = query
        await pilot.press("f5")
        await until(pilot, lambda: line in shown(app), line)
        assert app.query_one(CypherEditor).text == query


async def test_completion_while_typing(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+6")
        editor = app.query_one(CypherEditor)
        editor.text = ""
        for text in ("MAT", " (n:CLA", ") RETURN n.full"):
            editor.move_cursor(editor.document.end)
            await pilot.press(*_keys(text), "tab")
        assert editor.text == "MATCH (n:CLASS) RETURN n.full_name"


async def test_a_long_query_is_cancelled_and_typing_goes_on(bench: Bench) -> None:
    reader, goes_on = open_reader(bench.settings), threading.Event()
    asked: list[str] = []

    class Slow:
        """A reader whose queries wait."""

        repo = "sample"

        def query(self, cypher: str, *rest: Any, **more: Any) -> Any:
            if "SLOW" in cypher:
                asked.append(cypher)
                goes_on.wait(20)
            return reader.query(cypher, *rest, **more)

        def __getattr__(self, name: str) -> Any:
            return getattr(reader, name)

    app = bench.app(open_reader=Slow)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+6")
        editor = app.query_one(CypherEditor)
        editor.text = "// SLOW\nRETURN 1"
        await pilot.press("f5")
        await until(pilot, lambda: bool(asked), "the query")
        editor.move_cursor(editor.document.end)
        await pilot.press(*"23")
        assert editor.text.endswith("123")
        await pilot.press("escape")
        await until(pilot, lambda: "cancelled" in shown(app), "the line")
        editor.text = "RETURN 7 AS seven"
        await pilot.press("f5")
        await until(pilot, lambda: "seven" in shown(app).split("Grid")[1], "the next answer")
        goes_on.set()


async def test_ten_thousand_rows_are_gone_through(bench: Bench) -> None:
    from graphdb.store import QueryResult
    from tui.ports import Limits

    rows = tuple((f"name {n}", n) for n in range(10_000))
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        pane = await app.go_to("cypher")
        assert isinstance(pane, CypherMode)
        pane.show_result(QueryResult(("name", "n"), rows), Limits(5, 10_000))
        grid = app.query_one(ResultGrid)
        grid.focus()
        await until(pilot, lambda: "name 3" in shown(app), "the first rows")
        await pilot.press("end")
        await until(pilot, lambda: "name 9999" in shown(app), "the last row")
        await pilot.press("pageup", "l", "k")
        assert grid.cursor[1] == 1
        await pilot.press("home")
        await until(pilot, lambda: "name 0" in shown(app), "the first row")
        assert "10,000 rows" in shown(app)


async def test_saved_queries_limits_and_export(bench: Bench, tmp_path: Path) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+6")
        editor = app.query_one(CypherEditor)
        editor.text = "RETURN 5 AS five"
        await pilot.press("ctrl+s")
        await pilot.pause()
        await pilot.press(*"mine", "enter")
        await until(pilot, lambda: "kept as mine" in shown(app), "the line")
        await pilot.press("f5")
        await until(pilot, lambda: "1 row" in shown(app), "the row")
        editor.text = ""
        await pilot.press("ctrl+t")
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: editor.text == "RETURN 5 AS five", "the saved query")
        await pilot.press("ctrl+l")
        assert "limit 1,000 rows" in shown(app)
        app.query_one(ResultGrid).focus()
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one(Input).value = str(tmp_path / "rows.csv")
        await pilot.press("enter")
        await until(pilot, lambda: "1 rows written" in shown(app), "the line")
    assert (tmp_path / "rows.csv").read_text() == "five\n5\n"


async def test_the_graph_is_gone_through_by_keys(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+7", *_keys("total_area"), "enter")
        await until(pilot, lambda: "┃ total_area" in shown(app), "the drawing")
        await pilot.press("left", "space")
        await until(pilot, lambda: shown(app).count("CALLS") > 6, "its neighbours")
        await pilot.press("h", "j", "enter")
        await until(pilot, lambda: "┃ total_area" not in shown(app), "another centre")
        await pilot.press("backspace")
        await until(pilot, lambda: "┃ total_area" in shown(app), "the one of before")
        await pilot.press("1")
        await until(pilot, lambda: "1[ ]calls" in shown(app), "the filter")
        await until(pilot, lambda: "main CALLS" not in shown(app), "fewer edges")
        await pilot.press("1", "x", "x")
        await until(pilot, lambda: "x tiers: exact  " in shown(app), "exact edges only")
        await pilot.press("v")
        await until(pilot, lambda: "tree of callers" in shown(app), "the tree")
        await until(pilot, lambda: "f print_total_area  pkg/area.py:13" in shown(app), "callers")
        tree = app.query_one(RelationTree)
        await pilot.press("j", "j", "enter")
        await pilot.press("c")
        await until(pilot, lambda: str(tree.root.label).startswith("f main"), "its own tree")
        await pilot.press("s")
        await until(pilot, lambda: app.query_one(SourcePane).display, "the source")


async def test_the_picture_is_a_page_in_the_data_folder(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+7", *_keys("total_area"), "enter")
        await until(pilot, lambda: "┃ total_area" in shown(app), "the drawing")
        await pilot.press("p")
        await until(pilot, lambda: bool(bench.pictures), "the page")
    page = bench.pictures[0].read_text()
    assert page.startswith("<!DOCTYPE html>")
    assert bench.pictures[0].parent == bench.root / "data/pictures"


async def test_a_name_that_fits_several_and_one_that_fits_none(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+7", *"area", "enter")
        await until(pilot, lambda: "area fits 3 symbols" in shown(app), "the choice")
        await pilot.press(*"unit", "enter")
        await until(pilot, lambda: "┃ UnitSquare.area" in shown(app), "the drawing")
        await pilot.press("slash")
        app.query_one(Input).value = "xyzzy"
        app.query_one("#graph-name", Input).value = "xyzzy"
        await pilot.press("enter")
        await until(pilot, lambda: "no symbol is called 'xyzzy'" in shown(app), "the line")


async def test_the_drawing_follows_the_width(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+7", *_keys("total_area"), "enter")
        await until(pilot, lambda: "──▶ ┃" in shown(app), "both sides")
        await pilot.resize_terminal(60, 24)
        await until(pilot, lambda: "▼" in shown(app), "one above the other")
        pane = app.current_pane
        assert isinstance(pane, GraphMode)


def _keys(text: str) -> list[str]:
    names = {" ": "space", "_": "underscore", "(": "left_parenthesis", ")": "right_parenthesis"}
    names |= {":": "colon", ".": "full_stop"}
    return [names.get(letter, letter) for letter in text]
