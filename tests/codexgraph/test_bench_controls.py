"""Controls through the real agent: what each may know, by its store, its tools and its prompts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from agent.messages import ToolCall
from agent.model import Capabilities
from agent.models.scripted import ScriptedModel, ScriptedReply
from benchmarks.generation.port import Control, Generated, GenerationTask
from benchmarks.generation.writing import Setting
from benchmarks.generation.writing_run import run_writing
from codexgraph.config import Config
from codexgraph.wiring_agent import OFFERED
from codexgraph.wiring_bench_agent import AgentWriter
from graphdb.registry import open_reader
from tests.benchmarks.generation.test_writing_run import GOLD_LINE, completion, functions, silent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agent.messages import Request

CALLS = (
    ToolCall("get_usages", {"name": "Money"}),
    ToolCall("search_code", {"query": "amount of money"}),
    ToolCall("cypher", {"query": "MATCH (f:FUNCTION) RETURN f.name"}),
)


@dataclass
class Seen:
    """What one control was given. before, after: nodes and edges of its store."""

    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)
    prompts: list[str] = field(default_factory=list[str])
    tools: dict[str, set[str]] = field(default_factory=dict[str, "set[str]"])
    graph_told: str = ""


@dataclass
class Watching:
    """The agent with a scripted model, watched from both sides."""

    agent: AgentWriter
    seen: dict[Control, Seen]
    current: list[Control]
    model: str = "watched"
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    def generate(self, task: GenerationTask) -> Generated:
        self.current[:] = [task.control]
        seen = self.seen.setdefault(task.control, Seen())
        seen.before = size(task)
        written = self.agent.generate(task)
        seen.after = size(task)
        return written


def size(task: GenerationTask) -> tuple[int, int]:
    reader = open_reader(task.store)
    counts = reader.counts()
    reader.close()
    return sum(counts.nodes.values()), sum(counts.edges.values())


def watched(tmp_path: Path, drafts: list[str]) -> Watching:
    """The model asks three tools, then gives the drafts in turn, the last one again and again."""
    seen: dict[Control, Seen] = {}
    current: list[Control] = []

    def answer(request: Request) -> ScriptedReply:
        now = seen[current[0]]
        now.prompts.append(request.messages[-1].content)
        if request.tools:
            now.tools = {tool.name: set(tool.parameters["properties"]) for tool in request.tools}
            return ScriptedReply("I look it up.", CALLS)
        asked = sum("Do the task" in prompt for prompt in now.prompts)
        return ScriptedReply(f"```python\n{drafts[min(asked, len(drafts)) - 1]}\n```")

    model = ScriptedModel(answer, capabilities=Capabilities(tools=True))
    return Watching(AgentWriter(model, Config(tmp_path), tmp_path / "traces"), seen, current)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[Control, Seen]:
    folder = tmp_path_factory.mktemp("controls")
    request = replace(completion(folder), controls=tuple(Control))
    writer = watched(folder, ["        self.lines.append(", GOLD_LINE])
    found = run_writing(request, Setting(), writer, silent)
    assert (found["n"], found["skipped_why"]) == (1, [])
    assert all(found["metrics"][control]["em"] == 100.0 for control in Control)
    return writer.seen


def test_the_store_of_a_control_has_what_it_may_know(seen: dict[Control, Seen]) -> None:
    nodes, edges = seen[Control.AGENT].before
    assert nodes > 10
    assert edges > 10
    sizes = {control: one.before for control, one in seen.items()}
    assert sizes == {
        Control.AGENT: (nodes, edges),
        Control.NO_TRANSLATION: (nodes, edges),
        Control.NO_EDGES: (nodes, 0),
        Control.EMPTY_GRAPH: (0, 0),
        Control.BM25: (0, 0),
        Control.NONE: (0, 0),
    }
    # Nothing that ran in between, such as a refresh of the index, has put anything back.
    assert {control: one.after for control, one in seen.items()} == sizes


def test_tools_are_offered_to_those_that_have_them(seen: dict[Control, Seen]) -> None:
    for control in (Control.AGENT, Control.NO_EDGES, Control.EMPTY_GRAPH):
        assert set(seen[control].tools) == {*OFFERED, "cypher"}
        assert "question" in seen[control].tools["cypher"]
    assert set(seen[Control.NO_TRANSLATION].tools) == {*OFFERED, "cypher"}
    assert "question" not in seen[Control.NO_TRANSLATION].tools["cypher"]
    for control in (Control.BM25, Control.NONE):
        assert seen[control].tools == {}
        assert not any("look up" in prompt for prompt in seen[control].prompts)


def test_prompts_hold_what_a_control_may_know(seen: dict[Control, Seen]) -> None:
    last = {control: one.prompts[-1] for control, one in seen.items()}
    usage, found, row = ">21: return Money", "def parse_amount(text)", "\nforecast\n"
    for control in (Control.AGENT, Control.NO_TRANSLATION):
        assert all(text in last[control] for text in (usage, found, row)), last[control]
    assert usage not in last[Control.NO_EDGES]
    assert all(text in last[Control.NO_EDGES] for text in (found, row))
    for prompt in seen[Control.EMPTY_GRAPH].prompts:
        assert not any(text in prompt for text in (usage, found, row))
    for control in (Control.BM25, Control.NONE):
        assert not any("get_usages" in prompt for prompt in seen[control].prompts)
    assert "def parse_amount(text):" in last[Control.BM25]
    assert "# shop/money.py:" in last[Control.BM25]
    for control in (Control.EMPTY_GRAPH, Control.NONE):
        assert "def parse_amount" not in last[control]
    assert "WHAT THE GRAPH HAS ON IT\n(nothing)" in last[Control.NONE]


def test_controls_do_the_same_task_in_the_same_loop(seen: dict[Control, Seen]) -> None:
    def question(prompt: str) -> str:
        return prompt.partition("WHAT THE")[0]

    asked = {control: one.prompts[-1] for control, one in seen.items()}
    assert len({question(prompt) for prompt in asked.values()}) == 1
    # Each was told by a check what was wrong with its first draft, and wrote a second one.
    for control, one in seen.items():
        assert "WHAT THE CHECKS SAY" in one.prompts[-1], control
        assert "failed" in one.prompts[-1].partition("WHAT THE CHECKS SAY")[2]


def test_a_function_is_asked_for_where_it_stands_also_without_a_graph(tmp_path: Path) -> None:
    request = replace(functions(tmp_path), controls=tuple(Control), limit=1)
    body = "def add_line(self, text):\n    self.lines.append(parse_amount(text))"
    writer = watched(tmp_path, [body])
    found: dict[str, Any] = run_writing(request, Setting(), writer, silent)
    assert (found["n"], found["skipped_why"]) == (1, [])
    for control, one in writer.seen.items():
        assert found["metrics"][control]["recall@1"] == 66.67
        assert "shop.orders.Order.add_line in shop/orders.py" in one.prompts[-1]
        assert "def add_line(self, text):" in one.prompts[-1]
