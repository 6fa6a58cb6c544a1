"""Every mode with a real small model, by keyboard: whatever it writes, the screen stays whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.models.llama_server import LlamaServer, Weights
from tests.conftest import SMALL_WINDOW
from tests.tui.conftest import SIZE, shown, until
from tests.tui.test_talk import typed
from tests.tui.test_with_the_agent import MODES, application, config, last
from tui.models.conversation import TurnState

if TYPE_CHECKING:
    from pathlib import Path

    from codexgraph.config import Config

__all__ = ["config"]

pytestmark = [pytest.mark.model, pytest.mark.asyncio, pytest.mark.timeout(900)]

PATIENCE_S = 600


@pytest.fixture
def with_model(
    config: Config, small_server: LlamaServer, monkeypatch: pytest.MonkeyPatch
) -> Config:
    monkeypatch.setenv("CODEXGRAPH_MODEL_KEY", small_server.key.reveal())
    return replace(
        config,
        model_base_url=small_server.base_url,
        model_name="small",
        model_context_tokens=SMALL_WINDOW,
        model_timeout_s=300.0,
    )


@pytest.mark.parametrize("number", MODES)
async def test_every_mode_ends_and_says_how(
    with_model: Config, tmp_path: Path, number: str
) -> None:
    before = {path: path.read_bytes() for path in with_model.root.rglob("*.py")}
    app = application(with_model, tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await pilot.press(f"alt+{number}")
        await typed(pilot, MODES[number][0])
        await until(pilot, lambda: app.desk.is_answering, "the beginning")
        await until(pilot, lambda: not app.desk.is_answering, "the end", PATIENCE_S)
        turn = last(app)
        assert (turn.state, turn.error) == (TurnState.DONE, "")
        assert turn.label.startswith("answer of the model (")
        assert turn.calls >= 2
        assert turn.steps
        assert f"{turn.calls} calls" in shown(app)
        assert "Traceback" not in shown(app)
    assert {path: path.read_bytes() for path in with_model.root.rglob("*.py")} == before


async def test_a_reply_is_cancelled_while_it_streams(with_model: Config, tmp_path: Path) -> None:
    app = application(with_model, tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "who reads amounts?")
        await until(pilot, lambda: app.desk.is_answering, "the beginning")
        await pilot.press("escape")
        await until(pilot, lambda: not app.desk.is_answering, "the end", PATIENCE_S)
        assert last(app).state is TurnState.CANCELLED
        await pilot.press("alt+6")
        await until(pilot, lambda: "MATCH" in shown(app), "the queries")


async def test_an_endpoint_that_ends_is_a_line(
    with_model: Config, gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = LlamaServer(Weights(gguf, "small", 512))
    monkeypatch.setenv("CODEXGRAPH_MODEL_KEY", gone.key.reveal())
    gone.close()
    app = application(replace(with_model, model_base_url=gone.base_url), tmp_path)
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await typed(pilot, "who reads amounts?")
        await until(pilot, lambda: "cannot be reached" in shown(app), "the error", 60)
        assert "Traceback" not in shown(app)
