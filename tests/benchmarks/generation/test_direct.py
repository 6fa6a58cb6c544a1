"""The controls without tools, with a scripted model."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.messages import Reply, Request, Usage
from agent.model import Capabilities
from benchmarks.generation.direct import ModelWriter, prompt
from benchmarks.generation.port import Control, Generated, GenerationTask, InfrastructureError, Kind
from graphdb.registry import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TASK = GenerationTask(
    kind=Kind.FUNCTION,
    id="1",
    repository="shop",
    root=Path("source"),
    store=StoreSettings("embedded", "shop", Path("index")),
    path="shop/orders.py",
    name="Order.add_line",
    text="Add a line.",
    before="class Order:\n",
    control=Control.NONE,
)


@dataclass
class Echo:
    """A model that answers with a given text and keeps what it was asked."""

    text: str = "x = 1"
    name: str = "echo"
    capabilities: Capabilities = field(default_factory=Capabilities)
    asked: list[Request] = field(default_factory=list[Request])

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        del on_text
        self.asked.append(request)
        return Reply(self.text, usage=Usage(7, 3), seconds=0.5)

    def close(self) -> None:
        pass


def test_one_prompt_one_answer() -> None:
    model = Echo()
    written = ModelWriter(model).generate(TASK)
    assert (written.text, written.tokens, written.seconds) == ("x = 1", 10, 0.5)
    asked = model.asked[0].messages[-1].content
    assert "Order.add_line" in asked
    assert "Add a line." in asked
    assert model.asked[0].temperature == 0.0
    ModelWriter(model).generate(replace(TASK, sample=1))
    assert model.asked[1].temperature > 0.0


def test_only_the_context_differs_between_controls() -> None:
    plain = prompt(TASK)
    ranked = prompt(replace(TASK, control=Control.BM25, context="def parse(): ..."))
    assert ranked.endswith(plain)
    assert "def parse()" in ranked


def test_the_agent_writes_what_needs_tools_and_its_absence_is_no_answer() -> None:
    task = replace(TASK, control=Control.AGENT)
    with pytest.raises(InfrastructureError, match="none is wired"):
        ModelWriter(Echo()).generate(task)
    writer = ModelWriter(Echo(), Agent())
    assert writer.generate(task).text == "from the agent"
    assert writer.limits["rounds"] == 4.0


@dataclass
class Agent:
    model: str = "echo"
    limits: Mapping[str, float] = field(default_factory=lambda: {"rounds": 4.0})

    def generate(self, task: GenerationTask) -> Generated:
        assert task.control is Control.AGENT
        return Generated("from the agent")


def test_places_are_read_off_a_list() -> None:
    text = "1. `shop/orders.py`\n- shop/money.py\nBecause of this.\nshop/orders.py\n"
    task = replace(TASK, kind=Kind.LOCALIZATION)
    found = ModelWriter(Echo(text)).generate(task).found
    assert found["file"] == ("shop/orders.py", "shop/money.py")
