"""Calls of tools: side by side, bounded, and every failure an answer."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from agent.messages import ToolCall
from agent.tool import Item, Parameter, ToolResult
from agent.toolbox import MAX_OVERRUNS, WORKERS, Toolbox
from graphdb.errors import AmbiguousNameError, QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass
class Plain:
    """A tool that answers what a function says."""

    answer: Callable[[str], ToolResult]
    name: str = "echo_text"
    description: str = "Says it again."
    parameters: tuple[Parameter, ...] = (
        Parameter("text", "string", "what to say", is_required=True),
        Parameter("times", "integer", "how often", default=1, maximum=3),
    )
    budget: int = 100
    seen: list[str] = field(default_factory=list)

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        self.seen.append(arguments["text"])
        return self.answer(arguments["text"] * arguments["times"])


def echo() -> Plain:
    return Plain(lambda text: ToolResult((Item(text),), 1))


def call(text: str, tool: str = "echo_text") -> ToolCall:
    return ToolCall(tool, {"text": text})


def test_answers_come_in_the_order_of_the_calls() -> None:
    def slow(text: str) -> ToolResult:
        time.sleep(0.05 if text == "first" else 0)
        return ToolResult((Item(text),), 1)

    answers = Toolbox([Plain(slow)]).run([call("first"), call("second")])
    assert [a.result.items[0].text for a in answers] == ["first", "second"]
    assert answers[0].seconds >= 0.05
    assert answers[0].tokens <= 100


def test_independent_calls_run_at_once() -> None:
    together = threading.Barrier(WORKERS, timeout=5)

    def wait(text: str) -> ToolResult:
        together.wait()
        return ToolResult((Item(text),), 1)

    answers = Toolbox([Plain(wait)]).run([call(str(n)) for n in range(WORKERS)])
    assert all(a.result.error is None for a in answers)


def test_no_more_run_at_once_than_there_are_workers() -> None:
    running, most, lock = 0, 0, threading.Lock()

    def count(text: str) -> ToolResult:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return ToolResult()

    Toolbox([Plain(count)]).run([call(str(n)) for n in range(3 * WORKERS)])
    assert most == WORKERS


def test_a_call_that_overruns_is_an_error_and_not_waited_for() -> None:
    released = threading.Event()

    def hang(text: str) -> ToolResult:
        if text.startswith("hang"):
            released.wait(20)
        return ToolResult((Item(text),), 1)

    toolbox = Toolbox([Plain(hang)], {"echo_text": 0.2})
    started = time.monotonic()
    late, fine = toolbox.run([call("hang"), call("fine")])
    assert time.monotonic() - started < 2
    assert late.result.error == "echo_text did not answer within 0.2 s: ask for less"
    assert fine.result.items[0].text == "fine"
    for _ in range(MAX_OVERRUNS // WORKERS):
        toolbox.run([call(f"hang {n}") for n in range(WORKERS)])
    (refused,) = toolbox.run([call("one more")])
    assert "still running" in (refused.result.error or "")
    released.set()
    deadline = time.monotonic() + 10
    while "still running" in (toolbox.run([call("again")])[0].result.error or ""):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_same_call_is_answered_from_memory_with_a_note() -> None:
    tool = echo()
    toolbox = Toolbox([tool])
    first, twin = toolbox.run([call("a"), call("a")])
    (again,) = toolbox.run([ToolCall("echo_text", {"times": 1, "text": "a"})])
    assert tool.seen == ["a"]
    assert first.result.notes == ()
    for answer in (twin, again):
        assert answer.result.items == first.result.items
        assert "answered before" in answer.result.notes[-1]


def test_what_failed_or_may_change_is_asked_again() -> None:
    tool = Plain(lambda _: ToolResult(error="not now"))
    toolbox = Toolbox([tool])
    toolbox.run([call("a")])
    toolbox.run([call("a")])
    assert tool.seen == ["a", "a"]
    tests = Plain(lambda _: ToolResult(), name="run_tests")
    toolbox = Toolbox([tests])
    toolbox.run([call("a", "run_tests")])
    toolbox.run([call("a", "run_tests")])
    assert tests.seen == ["a", "a"]


def test_an_unknown_tool_has_near_ones() -> None:
    (answer,) = Toolbox([echo()]).run([call("a", "ecko_text")])
    assert answer.result.error == "there is no tool 'ecko_text'"
    assert answer.result.near == ("echo_text",)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, "echo_text: argument 'text' is missing: what to say"),
        ({"texts": "a"}, "echo_text: no argument 'texts': did you mean text?"),
        ({"text": {"a": [1]}}, "echo_text: argument 'text' must be a text"),
        ({"text": "a", "times": "x"}, "echo_text: argument 'times' must be a whole number"),
        ("{", "echo_text: the arguments are no JSON object"),
        ("[1]", "echo_text: the arguments are no JSON object"),
        ("[" * 100_000, "echo_text: the arguments are no JSON object"),
    ],
)
def test_wrong_arguments_are_an_answer(arguments: Any, error: str) -> None:
    (answer,) = Toolbox([echo()]).run([ToolCall("echo_text", arguments)])
    assert answer.result.error == error
    assert answer.text.startswith("error\n```\n")


def test_arguments_as_a_json_text_are_read() -> None:
    (answer,) = Toolbox([echo()]).run([ToolCall("echo_text", '{"text": "a", "times": 9}')])
    assert answer.result.items[0].text == "aaa", "numbers are held to their maximum"


def failing(error: Exception) -> Toolbox:
    def fail(text: str) -> ToolResult:
        raise error

    return Toolbox([Plain(fail)])


def test_errors_of_the_graph_are_data() -> None:
    (answer,) = failing(QueryError("line one\nline two")).run([call("a")])
    assert answer.result.error == "line one line two"
    (answer,) = failing(AmbiguousNameError("two fit:\n  a\n  b", ("a", "b"))).run([call("a")])
    assert answer.result.error == "two fit:"
    assert answer.result.near == ("a", "b")


def test_a_broken_tool_does_not_end_the_run() -> None:
    (answer,) = failing(ZeroDivisionError("secret")).run([call("a")])
    assert answer.result.error == "echo_text failed: ZeroDivisionError"


def test_specs_are_json_schemas() -> None:
    (spec,) = Toolbox([echo()]).specs()
    assert spec.parameters["required"] == ["text"]
    assert spec.parameters["additionalProperties"] is False
