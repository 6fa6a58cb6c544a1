"""The five conversations with the agent itself, through the program's own wiring, by keyboard.

The model follows a script, or is an endpoint over HTTP that fails as real ones do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from codexgraph.config import load_config
from codexgraph.progress import SilentProgress
from codexgraph.wiring import run_index
from codexgraph.wiring_tui import ports_of
from lsp.remote import RemoteReader, connect
from tests.agent.endpoint import Endpoint, fails, says, streams
from tests.graphdb.retrieval.shop import FILES
from tests.tui.conftest import SIZE, shown, until
from tests.tui.test_talk import typed
from tests.tui.test_terminal import PROJECT
from tui.app import GraphApp
from tui.desk import Desk
from tui.models.conversation import TurnState
from tui.widgets.composer import Composer
from tui.widgets.turn_view import TurnView

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from codexgraph.config import Config
    from tui.models.conversation import Turn

pytestmark = pytest.mark.asyncio

ANSWER = "`shop.money.parse_amount` reads amounts, shop/money.py:16."
FIX = (
    "The line is only checked at shop/orders.py:19.\n\nshop/orders.py\n<<<<<<< SEARCH\n"
    "MAX_LINES = 100\n=======\nMAX_LINES = 200\n>>>>>>> REPLACE\n"
)
TESTS = (
    "```python\nfrom shop.money import parse_amount\n\n\ndef test_amount_and_currency():\n"
    '    money = parse_amount("2.50 EUR")\n'
    '    assert (money.amount, money.currency) == (2.5, "EUR")\n```'
)
MEMBER = "```python\ndef is_empty(self):\n    return not self.lines\n```"
COMMENTED = (
    "```python\ndef convert(self, rate):\n"
    '    """The same value in another currency, by a rate."""\n'
    "    return Money(self.amount * rate, self.currency)\n```"
)
MODES: dict[str, tuple[str, str, str]] = {
    "1": ("who reads amounts?", ANSWER, ""),
    "2": ("orders of 150 lines fail", FIX, "+MAX_LINES = 200"),
    "3": ("parse_amount", TESTS, "+def test_amount_and_currency"),
    "4": ("a test for lines, shop.orders.Order", MEMBER, "+    def is_empty"),
    "5": ("Money.convert", COMMENTED, "+        "),
}
"""Number of a mode -> what is asked, what the model writes, and a part of the proposal."""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """An indexed repository under git, as whoever opens the application has it."""
    root = tmp_path_factory.mktemp("shop")
    for path, text in FILES.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    (root / ".gitignore").write_text(".codexgraph/\n")
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "shop")):
        git = ["git", *identity, "-c", "commit.gpgsign=false", *command]
        subprocess.run(git, cwd=root, check=True)
    config = load_config(root, environment={}, user_file=root / "none.toml")
    run_index(config, full=False, progress=SilentProgress())
    return config


@pytest.fixture(autouse=True)
def without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "CODEXGRAPH_MODEL_KEY"):
        monkeypatch.delenv(name, raising=False)


def scripted(config: Config, folder: Path, *replies: Any) -> Config:
    path = folder / "script.json"
    path.write_text(json.dumps({"version": 1, "name": "script", "replies": list(replies)}))
    return replace(config, model_path=path)


def at_endpoint(config: Config, endpoint: Endpoint, timeout_s: float = 20.0) -> Config:
    return replace(
        config, model_base_url=endpoint.base_url, model_name="tiny", model_timeout_s=timeout_s
    )


def application(config: Config, folder: Path) -> GraphApp:
    ports = ports_of(config)
    return GraphApp(Desk(replace(ports, data_dir=folder, keymap_file=folder / "keys.toml")))


def last(app: GraphApp) -> Turn:
    return app.desk.conversation.turns[-1]


async def ended(pilot: Any, app: GraphApp) -> Turn:
    await until(pilot, lambda: bool(app.desk.conversation.turns), "the turn")
    await until(pilot, lambda: not app.desk.is_answering, "the end", 40)
    return last(app)


@pytest.mark.parametrize("number", MODES)
async def test_every_mode_runs_its_job(config: Config, tmp_path: Path, number: str) -> None:
    question, reply, part = MODES[number]
    calls = {"calls": [{"name": "resolve_names", "arguments": {"names": ["parse_amount"]}}]}
    model = {"text": "", **calls} if number == "1" else ""
    app = application(scripted(config, tmp_path, model, reply), tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press(f"alt+{number}")
        await until(pilot, lambda: "Answers are written by script.json" in shown(app), "the banner")
        assert "No model is set" not in shown(app)
        await typed(pilot, question)
        turn = await ended(pilot, app)
        assert (turn.state, turn.error) == (TurnState.DONE, "")
        assert turn.label == "answer of the model (passed)"
        assert turn.calls == 2
        assert turn.steps
        assert bool(turn.edits) == bool(part)
        app.query_one(".mode#mode-" + turn.job).query_one(TurnView).focus()
        await pilot.press("enter")
        await until(pilot, lambda: "▾ 1 " in shown(app), "the steps")
        if number == "1":
            assert "resolve_names" in shown(app)
            await pilot.press("o")
            await until(pilot, lambda: "def parse_amount" in shown(app), "the place")
            return
        await pilot.press("escape")
        await typed(pilot, "/diff")
        await until(pilot, lambda: part in shown(app), "the hunk")
        await pilot.press("escape")


async def test_a_hunk_is_accepted_written_and_taken_back(config: Config, tmp_path: Path) -> None:
    two = FIX + (
        "\nshop/orders.py\n<<<<<<< SEARCH\n    return order.total()\n=======\n"
        "    return order.total(), attempts\n>>>>>>> REPLACE\n"
    )
    app = application(scripted(config, tmp_path, "", two), tmp_path)
    file = config.root / "shop/orders.py"
    before = file.read_text()
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press("alt+2")
        await typed(pilot, "orders of 150 lines fail")
        await ended(pilot, app)
        await typed(pilot, "/diff")
        await until(pilot, lambda: "0 of 2 hunks accepted, in 1 file" in shown(app), "the hunks")
        await pilot.press("j", "space", "w")
        await until(pilot, lambda: "written: shop/orders.py" in shown(app), "the line")
        assert file.read_text() == before.replace("order.total()", "order.total(), attempts")
        await until(pilot, lambda: "1 file changed since: F6" in shown(app), "the header")
        await typed(pilot, "/apply")
        await until(pilot, lambda: "has changed since it was read" in shown(app), "the refusal")
        await typed(pilot, "/undo")
        await until(pilot, lambda: "as it was before: shop/orders.py" in shown(app), "the line")
        assert file.read_text() == before
        file.write_text(before + "\n# mine\n")
        await typed(pilot, "/apply")
        await until(pilot, lambda: shown(app).count("shop/orders.py has") > 0, "the refusal")
    assert file.read_text() == before + "\n# mine\n"
    file.write_text(before)


async def test_a_follow_up_knows_what_was_said(config: Config, tmp_path: Path) -> None:
    rules = [says(""), says(ANSWER), says(""), says("It is in shop/money.py:16.")]
    with Endpoint(*rules) as endpoint:
        app = application(at_endpoint(config, endpoint), tmp_path)
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await until(pilot, lambda: "tiny" in shown(app).splitlines()[0], "the model")
            await typed(pilot, "who reads amounts?")
            await ended(pilot, app)
            await typed(pilot, "and where is it?")
            await until(pilot, lambda: len(app.desk.conversation.turns) == 2, "the second")
            assert (await ended(pilot, app)).state is TurnState.DONE
        sent = json.dumps(endpoint.bodies[-1]["messages"])
    assert "Asked before: who reads amounts?" in sent
    assert "parse_amount` reads amounts" in sent


async def test_escape_ends_a_run_in_the_middle_of_a_reply(config: Config, tmp_path: Path) -> None:
    pieces = (b'data: {"choices":[{"index":0,"delta":{"content":"half an answer"}}]}\n\n', 30.0)
    with Endpoint(says(""), streams(*pieces)) as endpoint:
        app = application(at_endpoint(config, endpoint), tmp_path)
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await typed(pilot, "who reads amounts?")
            await until(pilot, lambda: "half an answer" in shown(app), "the beginning")
            await pilot.press("escape")
            turn = await ended(pilot, app)
            assert (turn.state, turn.answer) == (TurnState.CANCELLED, "half an answer")
            assert "cancelled" in shown(app)
            await pilot.press(*"next")
            assert app.query_one(Composer).text == "next"


FAILURES = {
    "bad key": (fails(401, "wrong key"), "CODEXGRAPH_MODEL_KEY"),
    "rate limit": (fails(429, "slow down", headers={"retry-after": "9000"}), "try again later"),
    "time-out": (streams(30.0), "raise model.timeout_s"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_failing_endpoint_is_a_line_and_the_input_stays(
    config: Config, tmp_path: Path, name: str
) -> None:
    failure, fix = FAILURES[name]
    with Endpoint(failure, says(""), says(ANSWER)) as endpoint:
        app = application(at_endpoint(config, endpoint, 1.0), tmp_path)
        async with app.run_test(size=SIZE, notifications=True) as pilot:
            await typed(pilot, "who reads amounts?")
            turn = await ended(pilot, app)
            assert turn.state is TurnState.FAILED
            assert fix in turn.error
            assert "\n" not in turn.error
            assert "Traceback" not in shown(app)
            assert "enter asks again" in shown(app)
            assert app.query_one(Composer).text == "who reads amounts?"
            await pilot.press("enter")
            await until(pilot, lambda: len(app.desk.conversation.turns) == 2, "the second")
            assert (await ended(pilot, app)).answer == ANSWER


async def test_what_cannot_be_asked_is_a_line(config: Config, tmp_path: Path) -> None:
    app = application(replace(config, model_path=tmp_path / "none.json"), tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "who reads amounts?")
        assert "none.json" in (await ended(pilot, app)).error


@pytest.fixture
def server(config: Config) -> Iterator[subprocess.Popen[bytes]]:
    """A server of the repository's graph, which answers by now."""
    command = [sys.executable, "-P", "-m", "codexgraph", "serve"]
    place = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(command, cwd=config.root, env=place, stderr=subprocess.DEVNULL) as found:
        try:
            ends = time.monotonic() + 40
            while (reader := connect(config.index_dir, config.repo)) is None:
                assert found.poll() is None, "it did not start"
                assert time.monotonic() < ends, "it never served"
                time.sleep(0.1)
            reader.close()
            yield found
        finally:
            found.kill()


async def test_a_server_that_is_killed_is_done_without(
    config: Config, server: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    app = application(config, tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: "5 files" in shown(app), "the graph that is served")
        assert isinstance(app.desk.graph.opened(), RemoteReader)
        await typed(pilot, "where is parse_amount")
        await ended(pilot, app)
        server.kill()
        server.wait()
        await typed(pilot, "who calls parse_amount")
        await until(pilot, lambda: len(app.desk.conversation.turns) == 2, "the second")
        turn = await ended(pilot, app)
        assert (turn.state, turn.error) == (TurnState.DONE, "")
        assert "add_line" in turn.answer
        app.look()
        await until(pilot, lambda: "fresh" in shown(app), "the header")
        assert "where is parse_amount" in shown(app)
