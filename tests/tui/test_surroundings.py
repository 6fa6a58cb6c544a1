"""What stands around a conversation: the context column, the schema, the keys, ctrl+g anywhere."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.tui import agents
from tests.tui.conftest import SIZE, refuse, shown, until
from tests.tui.test_talk import typed
from tui.widgets.composer import Composer
from tui.widgets.context_pane import ContextPane
from tui.widgets.cypher_editor import CypherEditor
from tui.widgets.explorer_pane import EntryTree
from tui.widgets.mode_bar import ModeBar
from tui.widgets.schema_tree import SchemaTree
from tui.widgets.source_pane import SourcePane
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from tests.tui.conftest import Bench

pytestmark = pytest.mark.asyncio

WIDE = (150, 40)


async def test_a_wide_terminal_shows_what_an_answer_is_about(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        context = app.query_one(ContextPane)
        await until(pilot, lambda: "What a symbol is joined to" in shown(app), "what it is for")
        await typed(pilot, "where is total_area")
        await until(pilot, lambda: "called by 3" in shown(app), "the symbol of the answer")
        await pilot.press("f8")
        assert not context.display
        assert isinstance(app.focused, Composer)
        await pilot.press("f8", "j", "enter")
        await until(pilot, lambda: "function pkg/area.py:12" in shown(app), "a neighbour")
        await pilot.press("backspace")
        await until(pilot, lambda: "called by 3" in shown(app), "the one of before")
        await pilot.press("s")
        await until(pilot, lambda: app.query_one(SourcePane).display, "the source")
        assert not context.display
        await pilot.press("escape")
        await until(pilot, lambda: context.display, "the column again")
        await pilot.press("alt+7")
        assert not context.display
        await pilot.press("alt+1")
        await pilot.resize_terminal(*SIZE)
        await until(pilot, lambda: not context.display, "no room")
        await pilot.press("f8")
        await until(pilot, lambda: "needs 130 columns" in shown(app), "the line")


async def test_the_column_follows_the_side_bar(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "▶ pkg/" in shown(app), "the folders")
        tree = app.query_one(EntryTree)
        tree.focus()
        await pilot.press("g", "l", "j", "j", "l")
        await until(pilot, lambda: "f total_area" in shown(app), "the symbols")
        while "f total_area" not in str(tree.cursor_node.label if tree.cursor_node else ""):
            await pilot.press("j")
        await until(pilot, lambda: "called by 3" in shown(app), "the symbol")


async def test_the_graph_of_a_name_in_an_answer_or_in_the_input(bench: Bench) -> None:
    app = bench.app(run_agent=agents.answers, model="scripted")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        bar = app.query_one(ModeBar)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "no symbol is named here yet" in shown(app), "the line")
        await typed(pilot, "who calls it")
        await until(pilot, lambda: "(passed)" in shown(app), "the end")
        await pilot.press("shift+tab")
        assert isinstance(app.focused, TurnView)
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "graph of" in shown(app), "the names")
        assert "f pkg.area.main" in shown(app)
        await pilot.press(*"print", "enter")
        await until(pilot, lambda: bar.current == "graph", "the graph")
        await until(pilot, lambda: "┃ print_total_area" in shown(app), "the drawing")
        await pilot.press("alt+1")
        app.query_one(Composer).put("what of Square.area")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "┃ Square.area" in shown(app), "the name at the cursor")
        await pilot.press("alt+1")
        app.query_one(Composer).put("xyzzy")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "no symbol of the graph is named" in shown(app), "the line")


async def test_the_schema_goes_into_the_query(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("alt+6")
        await until(pilot, lambda: "├ CLASS  4" in shown(app), "the labels")
        editor, tree = app.query_one(CypherEditor), app.query_one(SchemaTree)
        editor.text = "MATCH (n"
        editor.move_cursor(editor.document.end)
        await pilot.press("f2", "j", "j", "enter")
        assert editor.text == "MATCH (n:CLASS"
        assert app.focused is editor
        await pilot.press("f2", "f2")
        assert not tree.display
        await pilot.resize_terminal(80, 24)
        await pilot.press("f2")
        await until(pilot, lambda: tree.display, "where it is asked for")


async def test_the_last_line_has_whole_keys_only(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        for number in (1, 6, 7):
            await pilot.press(f"alt+{number}")
            for size in ((120, 40), (80, 24), (60, 20), (50, 12)):
                await pilot.resize_terminal(*size)
                await pilot.pause()
                line = shown(app).splitlines()[-1]
                assert line.endswith("f1 Help  ^p palette")
                assert len(line) <= size[0]
                assert all(part.split()[1:] for part in line.strip().split("  "))


async def test_an_empty_screen_says_what_to_do(bench: Bench) -> None:
    app = bench.app(open_reader=refuse("nothing is indexed here"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "F6 builds the index, and all stays" in shown(app), "chat")
        assert "nothing is indexed: F6" in shown(app)
        await pilot.press("alt+6")
        await until(pilot, lambda: "F5 runs" in shown(app), "Cypher")
        await pilot.press("alt+7")
        await until(pilot, lambda: "Type a name above" in shown(app), "Graph")


async def test_a_later_start_offers_the_conversation_of_before(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await typed(pilot, "where is Shape")
        await until(pilot, lambda: not app.desk.is_answering, "the answer")
    again = bench.app()
    async with again.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "asked before: where is Shape (1 turn)" in shown(again), "it")


async def test_a_conversation_outlives_its_index(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "where is total_area")
        await until(pilot, lambda: "pkg.area.total_area is at" in shown(app), "the answer")
        app.query_one(Composer).put("half a ques")
        shutil.rmtree(bench.settings.index_dir)
        app.look()
        await until(pilot, lambda: "no index: F6 builds it" in shown(app), "the header")
        assert "pkg.area.total_area is at" in shown(app)
        assert "half a ques" in shown(app)
    kept = bench.saved()[0]
    assert (len(kept["turns"]), kept["unsent"]) == (1, "half a ques")


async def test_a_long_answer_is_shown_from_its_beginning_and_read_by_pages(bench: Bench) -> None:
    from tui.ports import Answer

    text = "\n".join(f"- line {n} of it" for n in range(100))
    app = bench.app(answer=lambda *_: Answer(text))
    async with app.run_test(size=SIZE) as pilot:
        await typed(pilot, "what is there")
        await until(pilot, lambda: "> what is there" in shown(app), "the beginning")
        await until(pilot, lambda: "line 3 of it" in shown(app), "the first lines")
        await pilot.press("pagedown", "pagedown")
        await until(pilot, lambda: "line 70 of it" in shown(app), "further lines")
        await pilot.press("pageup")
        assert isinstance(app.focused, Composer)
        await until(pilot, lambda: "line 70 of it" not in shown(app), "back")
