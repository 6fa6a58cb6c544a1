"""The application around the modes: keys, side bar, source, index, and what may go wrong."""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphdb.registry import open_writer
from tests.graphdb.queries import sample
from tests.tui import agents
from tests.tui.conftest import SIZE, shown, until
from tui.messages import ShowContext, ShowGraph
from tui.modes import MODES
from tui.ports import IndexProgress
from tui.widgets.composer import Composer
from tui.widgets.explorer_pane import EntryTree, ExplorerPane
from tui.widgets.mode_bar import ModeBar
from tui.widgets.source_pane import SourcePane

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.conftest import Bench

pytestmark = pytest.mark.asyncio


async def test_every_mode_is_reached_by_its_number_and_by_a_click(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        for number, mode in enumerate(MODES, start=1):
            await pilot.press(f"alt+{number}")
            assert app.query_one(ModeBar).current == mode.id
            assert app.current_pane is not None
            assert app.current_pane.mode == mode
            assert f"[{number} {mode.title}]" in shown(app)
        await pilot.press("ctrl+n")
        assert app.query_one(ModeBar).current == MODES[0].id
        at = shown(app).splitlines()[1].index("6 Cypher")
        await pilot.click(ModeBar, offset=(at, 0))
        await until(pilot, lambda: app.query_one(ModeBar).current == "cypher", "the mode")


async def test_what_comes_after_the_panes_are_gone_leaves_no_trace(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "▶ pkg/" in shown(app), "the folders")
        found = await app.desk.symbols("Square", 1)
        await app.query("HeaderBar, #body").remove()
        app.look()
        app.post_message(ShowContext(found[0]))
        app.post_message(ShowGraph(found[0]))
        await pilot.pause()


async def test_the_side_bar_leads_to_the_source_and_to_the_graph(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "▶ pkg/" in shown(app), "the folders")
        app.query_one(ExplorerPane).focus_tree()
        await pilot.press("j", "k", "enter", "G", "g", "l", "j")
        await pilot.press("j", "j", "l")
        await until(pilot, lambda: "C Square" in shown(app), "the symbols")
        tree = app.query_one(EntryTree)
        while "C Square" not in str(tree.cursor_node.label if tree.cursor_node else ""):
            await pilot.press("j")
        await pilot.press("enter")
        await until(pilot, lambda: "pkg/shapes.py:23" in shown(app), "the source")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.query_one(ModeBar).current == "graph", "the graph")
        await until(pilot, lambda: "┃ Square" in shown(app), "the drawing")


async def test_the_side_bar_filters(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "▶ pkg/" in shown(app), "the folders")
        app.query_one(ExplorerPane).focus_tree()
        await pilot.press("slash", *"shap")
        await until(pilot, lambda: "pkg/shapes.py" in shown(app), "the file")
        assert "▶ pkg/\n" not in shown(app)


async def test_the_side_bar_folds_in_a_narrow_terminal(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=(80, 24)) as pilot:
        assert not app.query_one(ExplorerPane).display
        await pilot.press("ctrl+b")
        assert app.query_one(ExplorerPane).display
        await pilot.press("ctrl+b")
        assert not app.query_one(ExplorerPane).display
        assert isinstance(app.focused, Composer)


async def test_indexing_shows_progress_and_everything_stays_usable(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("f6")
        await until(pilot, lambda: "indexing 30 % (extract)" in shown(app), "the progress")
        await pilot.press("alt+6", "f5")
        await until(pilot, lambda: "4 rows" in shown(app), "rows meanwhile")
        bench.runs.tell(IndexProgress(None, 100))
        await until(pilot, lambda: "fresh" in shown(app), "the state after it")
        await pilot.press("f6", "f7")
        assert bench.runs.is_cancelled
        bench.runs.tell(IndexProgress(error="a.py: cannot be parsed"))
    assert bench.runs.asked == [False, False]


async def test_a_failed_run_is_a_line(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("f6")
        bench.runs.tell(IndexProgress(error="the disk is full"))
        await until(pilot, lambda: "the disk is full" in shown(app), "the error")


async def test_the_store_is_replaced_while_it_is_open(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "23 nodes" in shown(app), "the first graph")
        writer = open_writer(bench.settings)
        nodes = [node for node in sample.nodes() if "UnitSquare" not in node.uid]
        meta = replace(sample.meta(str(bench.root)), generation="2")
        kept = {node.uid for node in nodes}
        edges = [
            edge for edge in sample.edges() if edge.key.source in kept and edge.key.target in kept
        ]
        writer.replace(nodes, edges, meta)
        writer.close()
        app.look()
        await until(pilot, lambda: "21 nodes" in shown(app), "the second graph")


async def test_the_index_is_deleted_while_it_is_open(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "4 files" in shown(app), "the graph")
        shutil.rmtree(bench.settings.index_dir)
        app.look()
        await until(pilot, lambda: "no index: F6 builds it" in shown(app), "the header")
        assert "nothing is indexed" in shown(app)
        await pilot.press("alt+6", "f5")
        await until(pilot, lambda: "error: nothing is indexed" in shown(app), "the query's line")
        await pilot.press("alt+7", *"Shape", "enter")
        await until(pilot, lambda: shown(app).count("nothing is indexed") > 1, "the graph's line")


async def test_a_server_that_goes_is_done_without(bench: Bench) -> None:
    from graphdb.errors import StoreError
    from graphdb.registry import open_reader

    class Served:
        """A reader whose server has ended."""

        repo = "sample"

        def __getattr__(self, name: str) -> object:
            raise StoreError("the server of this index is gone")

        def close(self) -> None:
            """Nothing is open."""

    opened: list[object] = []

    def open_either() -> object:
        opened.append(1)
        return Served() if len(opened) == 1 else open_reader(bench.settings)

    app = bench.app(open_reader=open_either)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "23 nodes" in shown(app), "the graph from its file")


async def test_help_palette_and_dialogs_close_by_escape(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("f1")
        await until(pilot, lambda: "app.side" in shown(app) or "Keys" in shown(app), "the help")
        await pilot.press("escape", "ctrl+p")
        await pilot.pause(0.2)
        await pilot.press(*"doctor")
        await until(pilot, lambda: "check the installation" in shown(app), "the palette")
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.focused, Composer)


async def test_too_small_and_back(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: "4 files" in shown(app), "the graph")
        app.query_one(Composer).put("half a question")
        for size in ((20, 5), (1, 1), (59, 20)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await pilot.resize_terminal(20, 5)
        await until(pilot, lambda: "20x5 is too" in shown(app), "the line")
        await pilot.resize_terminal(*SIZE)
        await until(pilot, lambda: "half a question" in shown(app), "everything as it was")


async def test_the_users_keys_and_what_is_wrong_with_them(bench: Bench) -> None:
    (bench.root / "keymap.toml").write_text('[keys]\n"app.side" = "f2"\n"app.sied" = "f3"\n')
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "did you mean 'app.side'" in shown(app), "the trouble")
        assert app.query_one(ExplorerPane).display
        await pilot.press("f2")
        assert not app.query_one(ExplorerPane).display


async def test_copying_says_what_was_copied(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+6", "f5")
        await until(pilot, lambda: "4 rows" in shown(app), "rows")
        app.query_one("#cypher-grid").focus()
        await pilot.press("y")
        await until(pilot, lambda: "cell copied (6 characters)" in shown(app), "the line")
        assert app.clipboard == "Helper"


async def test_the_theme_is_remembered(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE):
        app.theme = "nord"
    assert '"nord"' in (bench.root / "data/preferences.json").read_text()


async def test_a_place_without_an_editor_opens_in_the_source_pane(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+6", "f5")
        await until(pilot, lambda: "4 rows" in shown(app), "rows")
        app.query_one("#cypher-grid").focus()
        await pilot.press("o")
        await until(pilot, lambda: "no editor is set" in shown(app), "the line")
        assert app.query_one(SourcePane).display


async def test_a_file_that_is_gone_is_a_line(bench: Bench) -> None:
    shutil.rmtree(bench.root / "pkg")
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+6", "f5")
        await until(pilot, lambda: "4 rows" in shown(app), "rows")
        app.query_one("#cypher-grid").focus()
        await pilot.press("j", "enter")
        await until(pilot, lambda: "cannot be read" in shown(app), "the line")


async def test_a_closed_terminal_keeps_the_conversation(bench: Bench) -> None:
    app = bench.app(run_agent=agents.Endless(), model="scripted")
    async with app.run_test(size=SIZE) as pilot:
        app.query_one(Composer).put("go on")
        await pilot.press("enter")
        await until(pilot, lambda: "word" in app.desk.conversation.turns[0].answer, "some text")
        app.query_one(Composer).put("and then")
        await pilot.pause()
        os.kill(os.getpid(), signal.SIGHUP)
        await pilot.pause(0.1)
    saved = bench.saved()[0]
    assert saved["unsent"] == "and then"
    assert saved["turns"][0]["answer"].startswith("word 0")


async def test_a_data_folder_that_cannot_be_written_costs_only_the_memory(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "in-the-way").write_text("")
    app = bench.app(data_dir=tmp_path / "in-the-way/data")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.query_one(Composer).put("where is Shape")
        await pilot.press("enter")
        await until(pilot, lambda: "pkg.shapes.Shape is at" in shown(app), "the answer")
        assert "cannot be written" in shown(app)
