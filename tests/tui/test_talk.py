"""Conversations by keyboard, with and without a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui import agents
from tests.tui.conftest import SIZE, refuse, shown, until
from tui.widgets.composer import Composer
from tui.widgets.popup import Popup
from tui.widgets.source_pane import SourcePane
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from tests.tui.conftest import Bench

pytestmark = pytest.mark.asyncio


async def typed(pilot: object, text: str) -> None:
    """Put a text where the cursor is, and send it."""
    composer = pilot.app.focused  # type: ignore[attr-defined]
    assert isinstance(composer, Composer)
    composer.put(text)
    await pilot.pause()  # type: ignore[attr-defined]
    if composer._popup.is_open:
        composer._popup.offer(())
    await pilot.press("enter")  # type: ignore[attr-defined]


async def test_without_a_model_a_question_is_answered_from_the_graph(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "4 files" in shown(app), "the index in the header")
        await until(pilot, lambda: "No model is set" in shown(app), "the banner")
        await typed(pilot, "where is total_area")
        await until(pilot, lambda: "graph answer, no model" in shown(app), "the answer")
        assert "pkg/area.py:4" in shown(app)
    turn = bench.saved()[0]["turns"][0]
    assert (turn["state"], turn["files"]) == ("done", ["pkg/area.py"])


@pytest.mark.parametrize("mode", ["chat", "debug", "unit_test", "generate", "comment"])
async def test_every_conversation_answers_in_its_own_name(bench: Bench, mode: str) -> None:
    app = bench.app()
    number = ["chat", "debug", "unit_test", "generate", "comment"].index(mode) + 1
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press(f"alt+{number}")
        await typed(pilot, "total_area")
        await until(pilot, lambda: f"({mode})" in shown(app), "the answer")


async def test_what_a_run_of_the_agent_shows(bench: Bench) -> None:
    app = bench.app(run_agent=agents.answers, model="scripted")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "Answers are written by scripted" in shown(app), "the banner")
        assert "No model is set" not in shown(app)
        await typed(pilot, "who calls total_area")
        await until(pilot, lambda: "answer of the model (passed)" in shown(app), "the end")
        screen = shown(app)
        assert "▸ 2 callers total_area · 2 rows · 12 tokens" in screen
        assert "350 tokens · 2 calls · $0.0030" in screen
        assert "• by print_total_area" in screen


async def test_steps_are_opened_and_places_are_followed(bench: Bench) -> None:
    app = bench.app(run_agent=agents.answers, model="scripted")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "who calls total_area")
        await until(pilot, lambda: "(passed)" in shown(app), "the end")
        app.query_one(TurnView).focus()
        await pilot.press("2")
        await until(pilot, lambda: "▾ 2 callers" in shown(app), "the step")
        assert '{"name": "total_area"}' in shown(app)
        await pilot.press("o")
        await until(pilot, lambda: app.query_one(SourcePane).display, "the source")
        await until(pilot, lambda: "def line_13():" in shown(app), "the line")
        await pilot.press("escape")
        assert not app.query_one(SourcePane).display


async def test_a_click_on_a_place_opens_it(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "4 files" in shown(app), "the index")
        await typed(pilot, "where is total_area")
        await until(pilot, lambda: "graph answer" in shown(app), "the answer")
        lines = shown(app).splitlines()
        y = next(n for n, line in enumerate(lines) if "is at pkg/area.py:4" in line)
        await pilot.click(offset=(lines[y].index("pkg/area.py:4") + 2, y))
        await until(pilot, lambda: app.query_one(SourcePane).display, "the source")


async def test_escape_cancels_and_the_thread_ends(bench: Bench) -> None:
    agent = agents.Endless()
    app = bench.app(run_agent=agent, model="scripted")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "go on for ever")
        await until(pilot, lambda: "word 20 " in app.desk.conversation.turns[0].answer, "some text")
        await typed(pilot, "and another")
        await pilot.pause()
        assert len(app.desk.conversation.turns) == 1
        await pilot.press("escape")
        await until(pilot, lambda: not app.desk.is_answering, "the end")
        assert agent.has_ended.wait(5)
    turn = bench.saved()[0]["turns"][0]
    assert turn["state"] == "cancelled"
    assert turn["answer"].startswith("word 0 word 1 ")


async def test_a_model_that_refuses_is_a_line_and_the_input_is_kept(bench: Bench) -> None:
    app = bench.app(run_agent=agents.refuses, model="scripted")
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "who calls total_area")
        await until(pilot, lambda: "the key was refused: set" in shown(app), "the error")
        assert "Traceback" not in shown(app)
        assert app.query_one(Composer).text == "who calls total_area"


async def test_an_error_that_nobody_foresaw_is_a_line(bench: Bench) -> None:
    def fails(*given: object) -> None:
        raise KeyError("x")

    app = bench.app(answer=fails)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "what")
        await until(pilot, lambda: "unexpected KeyError" in shown(app), "the error")


async def test_pickers(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "4 files" in shown(app), "the index")
        popup = app.query_one(Popup)
        await pilot.press(*"who", "space", "at", *"Squ")
        await until(pilot, lambda: popup.is_open and popup.choice() is not None, "symbols")
        await pilot.press("enter")
        assert app.query_one(Composer).text == "who pkg.shapes.Square "
        await pilot.press("number_sign", *"area")
        await until(pilot, lambda: popup.is_open, "files")
        await pilot.press("down", "tab")
        assert app.query_one(Composer).text.endswith("tests/test_area.py ")
        app.query_one(Composer).put("")
        await pilot.press("slash", *"sta")
        await until(pilot, lambda: popup.is_open, "commands")
        await pilot.press("escape")
        assert not popup.is_open
        assert app.query_one(Composer).text == "/sta"


async def test_history_by_arrows_and_search(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        for question in ("where is Shape", "where is Square"):
            await typed(pilot, question)
            await until(pilot, lambda: not app.desk.is_answering, "the answer")
        composer = app.query_one(Composer)
        await pilot.press("up", "up")
        assert composer.text == "where is Shape"
        await pilot.press("down", "down")
        assert composer.text == ""
        await pilot.press("ctrl+r")
        await pilot.pause()
        await pilot.press(*"shape", "enter")
        await until(pilot, lambda: composer.text == "where is Shape", "the question")


async def test_sessions_are_kept_resumed_and_exported(bench: Bench, tmp_path: object) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "where is Shape")
        await until(pilot, lambda: not app.desk.is_answering, "the answer")
        await typed(pilot, "/save shapes")
        await typed(pilot, f"/export {tmp_path}/out.md")
        await pilot.pause()
        await typed(pilot, "/clear")
        await until(pilot, lambda: "where is Shape" not in shown(app), "an empty conversation")
        await typed(pilot, "/resume shapes")
        await until(pilot, lambda: "pkg.shapes.Shape is at" in shown(app), "the one of before")
    assert "pkg.shapes.Shape" in (tmp_path / "out.md").read_text()  # type: ignore[operator]


async def test_an_unsent_question_comes_back(bench: Bench) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.query_one(Composer).put("half a ques")
        await pilot.pause()
    assert bench.saved()[0]["unsent"] == "half a ques"
    again = bench.app()
    async with again.run_test(size=SIZE) as pilot:
        await typed(pilot, f"/resume {bench.saved()[0]['id']}")
        await until(pilot, lambda: again.query_one(Composer).text == "half a ques", "the rest")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/status", "repository: sample in"),
        ("/model", "No model is set: navigation"),
        ("/tokens", "all together: 0 tokens"),
        ("/doctor", "ok: all is well"),
        ("/callers", "NAME is missing"),
        ("/calers x", "did you mean /callers"),
        ("/mode nowhere", "no mode is called"),
        ("/copy", "there is no answer to copy yet"),
        ("/theme nothing", "no theme is called"),
        ("/resume nothing", "no conversation is called"),
        ("/def total_area", "pkg.area.total_area is at"),
    ],
)
async def test_commands(bench: Bench, command: str, expected: str) -> None:
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, command)
        await until(pilot, lambda: expected in " ".join(shown(app).split()), expected)


async def test_answers_of_changed_files_say_so(bench: Bench) -> None:
    bench.stale.append("pkg/area.py")
    app = bench.app()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "where is total_area")
        await until(pilot, lambda: "changed since they were indexed: pkg/area.py" in shown(app))


async def test_without_an_index_a_question_says_what_to_do(bench: Bench) -> None:
    app = bench.app(open_reader=refuse("nothing is indexed here: run codexgraph index"))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "no index: F6 builds it" in shown(app), "the header")
        await typed(pilot, "where is Shape")
        await until(pilot, lambda: "error: nothing is indexed here" in shown(app), "the line")


async def test_hunks_are_accepted_written_and_taken_back(bench: Bench) -> None:
    app = bench.app(run_agent=agents.proposes, model="scripted")
    file = bench.root / "pkg/area.py"
    before = file.read_text()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "/apply")
        await until(pilot, lambda: "proposes a change" in shown(app), "the line")
        await typed(pilot, "rename two")
        await until(pilot, lambda: "2 changed files: /diff" in shown(app), "the proposal")
        await typed(pilot, "/apply")
        await until(pilot, lambda: "no hunk is accepted" in shown(app), "the line")
        assert file.read_text() == before
        await typed(pilot, "/diff")
        await until(pilot, lambda: "0 of 3 hunks accepted" in shown(app), "the hunks")
        await pilot.press("space", "j", "k", "w")
        await until(pilot, lambda: "written: pkg/area.py" in shown(app), "the line")
        assert file.read_text() == before.replace("line_3()", "line_three()")
        await typed(pilot, "/undo")
        await until(pilot, lambda: "as it was before: pkg/area.py" in shown(app), "the line")
    assert file.read_text() == before
    assert not (bench.root / "n.py").exists()
