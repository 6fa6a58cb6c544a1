"""What an editor can have written, with a real small model: whatever it writes, every run ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.conftest import SMALL_WINDOW
from tests.lsp.conftest import indexed, where
from tests.lsp.test_writing import BASE, CAPABILITIES, actions, run, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from agent.models.llama_server import LlamaServer
    from tests.lsp.raw_client import RawClient

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]

PATIENCE_S = 600


@pytest.fixture
def editor(
    start: Callable[..., RawClient], repository: Path, small_server: LlamaServer
) -> RawClient:
    indexed(repository)
    client = start(
        CODEXGRAPH_MODEL_BASE_URL=small_server.base_url,
        CODEXGRAPH_MODEL_NAME="small",
        CODEXGRAPH_MODEL_KEY=small_server.key.reveal(),
        CODEXGRAPH_MODEL_CONTEXT_TOKENS=str(SMALL_WINDOW),
        CODEXGRAPH_MODEL_TIMEOUT_S="300",
    )
    client.replies["workspace/applyEdit"] = {"applied": True}
    client.initialize(repository, capabilities=CAPABILITIES)
    client.wait_until_indexed()
    return client


def ended(client: RawClient, title: str) -> str:
    """How a run ended, in the words that a person sees."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        tokens: set[str] = set()
        for message in list(client.said):
            value = message["params"].get("value", {}) if message["method"] == "$/progress" else {}
            if value.get("title") == title:
                tokens.add(message["params"]["token"])
            if value.get("kind") == "end" and message["params"]["token"] in tokens:
                return value["message"]
        time.sleep(0.1)
    pytest.fail(f"{title} does not end")


@pytest.mark.parametrize("words", ["Generate tests", "Write docstring", "Explain"])
def test_every_action_ends_and_says_how(editor: RawClient, repository: Path, words: str) -> None:
    file = repository / BASE
    before = file.read_bytes()
    line, _ = where(file, "def helper")
    editor.open(file)
    [title] = [t for t in actions(editor, file, line) if t.startswith(words)]
    run(editor, actions(editor, file, line)[title])
    assert ended(editor, f"codexgraph: {title}")
    assert file.read_bytes() == before


def test_a_suggestion_ends(editor: RawClient, repository: Path) -> None:
    file = repository / BASE
    editor.open(file)
    line, _ = where(file, "LIMIT = 3")
    found = suggestion(editor, file, line, len("LIMIT = 3"))
    assert found is None or found["items"][0]["insertText"]
