"""What the tests of models share: requests, models at a played endpoint, a clock without waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from agent.messages import Message, Request, Role
from agent.models.client import open_client
from agent.models.openai_compatible import OpenAICompatibleModel
from agent.models.settings import Kind, ModelSettings, Secret
from tests.agent.endpoint import MODEL

KEY = "sk-Test/0123456789+abcdef"


def ask(text: str = "Hello?", **members: object) -> Request:
    members = {"max_tokens": 50, "timeout_s": 5.0} | members
    return Request((Message(Role.USER, text),), **members)  # type: ignore[arg-type]


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


OpenAt = Callable[..., OpenAICompatibleModel]


@pytest.fixture
def open_at(clock: Clock) -> Iterator[OpenAt]:
    """Opens a model at an address; it sleeps by the clock, and is closed after the test."""
    opened: list[OpenAICompatibleModel] = []

    def open_model(base_url: str, **changes: object) -> OpenAICompatibleModel:
        members = {"name": MODEL, "key": Secret(KEY), "base_url": base_url} | changes
        settings = ModelSettings(Kind.OPENAI, **members)  # type: ignore[arg-type]
        opened.append(OpenAICompatibleModel(settings, open_client(settings), clock, clock.sleep))
        return opened[-1]

    yield open_model
    for model in opened:
        model.close()
