"""The scripted model: what it answers, what it refuses, and its file."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

from agent.events import Interrupted
from agent.messages import Finish, Message, Request, Role, ToolCall, Usage
from agent.model import Capabilities, Model
from agent.models import open_model
from agent.models.scripted import ScriptedModel, ScriptedReply, ScriptError
from agent.models.settings import Kind, ModelSettings
from graphdb.errors import (
    ModelBusyError,
    ModelKeyError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
    ModelUnreachableError,
)
from tests.agent.models.conftest import Clock, ask

if TYPE_CHECKING:
    from pathlib import Path


def test_replies_come_in_order_and_requests_are_kept() -> None:
    model = ScriptedModel(["one", ToolCall("find", {"name": "x"}), ScriptedReply("three")])
    assert model.complete(ask("a")).text == "one"
    assert model.complete(ask("b")).calls == (ToolCall("find", {"name": "x"}),)
    assert [left.text for left in model.unused] == ["three"]
    assert model.complete(ask("c")).text == "three"
    assert [request.messages[-1].content for request in model.requests] == ["a", "b", "c"]
    assert model.unused == ()


def test_it_is_a_model() -> None:
    model: Model = ScriptedModel([], capabilities=Capabilities(tools=True))
    assert model.capabilities.tools
    model.close()
    model.close()


def test_a_reply_that_nobody_scripted_is_an_error() -> None:
    model = ScriptedModel(["one"], name="short")
    model.complete(ask())
    with pytest.raises(ScriptError, match=r"script short has no reply for request 2 \(none is le"):
        model.complete(ask("again\nand again"))
    with pytest.raises(ModelUnavailableError, match=r": and again$"):
        model.complete(ask("again\nand again"))


def test_replies_are_chosen_by_the_prompt() -> None:
    model = ScriptedModel(
        [
            ScriptedReply("a query", when=r"^Which query"),
            ScriptedReply("always", when="weather", repeat=True),
            "anything",
        ]
    )
    assert model.complete(ask("the weather?")).text == "always"
    assert model.complete(ask("so\nWhich query?")).text == "a query"
    assert model.complete(ask("Which query?")).text == "anything"
    assert model.complete(ask("the weather")).text == "always"
    assert model.unused == ()
    with pytest.raises(ScriptError, match="1 left, none fits"):
        model.complete(ask("Which query?"))


def test_the_whole_prompt_is_looked_at() -> None:
    model = ScriptedModel([ScriptedReply("ok", when=r"(?s)system.*user")])
    messages = (Message(Role.SYSTEM, "the system"), Message(Role.USER, "the user"))
    assert model.complete(Request(messages, 10)).text == "ok"


def test_a_function_answers() -> None:
    model = ScriptedModel(lambda request: request.messages[-1].content.upper())
    assert [model.complete(ask(word)).text for word in ("a", "b")] == ["A", "B"]
    assert len(model.requests) == 2


def test_text_streams_by_words() -> None:
    came: list[str] = []
    text = "  one two\n\nthree\n"
    ScriptedModel([text]).complete(ask(), came.append)
    assert "".join(came) == text
    assert len(came) == 3


def test_what_looks_on_may_end_the_reply() -> None:
    def enough(text: str) -> None:
        raise Interrupted(text)

    with pytest.raises(Interrupted):
        ScriptedModel(["one two"]).complete(ask(), enough)


def test_an_error_comes_after_the_text() -> None:
    came: list[str] = []
    model = ScriptedModel([ScriptedReply("half", error=ModelBusyError("too many"))])
    with pytest.raises(ModelBusyError, match="too many"):
        model.complete(ask(), came.append)
    assert came == ["half"]


def test_a_cut_reply_and_its_usage() -> None:
    used = Usage(10, 20, 0.5)
    reply = ScriptedModel([ScriptedReply("half", finish=Finish.CUT, usage=used)]).complete(ask())
    assert (reply.finish, reply.usage) == (Finish.CUT, used)


def test_usage_is_counted() -> None:
    calls = (ToolCall("find", {"name": "abcdefgh"}),)
    model = ScriptedModel(["x" * 40, ScriptedReply("x" * 40, calls=calls)])
    plain, calling = model.complete(ask("y" * 400)).usage, model.complete(ask("y" * 400)).usage
    assert plain.counted
    assert plain.prompt_tokens > plain.completion_tokens
    assert calling.completion_tokens > plain.completion_tokens


def test_delays_and_time_outs(clock: Clock) -> None:
    replies = [ScriptedReply("late", delay_s=2.0), ScriptedReply("too late", delay_s=5.0)]
    model = ScriptedModel(replies, sleep=clock.sleep)
    assert model.complete(ask(timeout_s=5.0)).seconds == 2.0
    with pytest.raises(ModelTimeoutError, match="nothing in 5 s"):
        model.complete(ask(timeout_s=5.0))
    assert clock.slept == [2.0, 5.0]


def test_threads_share_it() -> None:
    model = ScriptedModel([str(number) for number in range(50)])
    texts: list[str] = []

    def run() -> None:
        texts.extend(model.complete(ask()).text for _ in range(10))

    threads = [threading.Thread(target=run) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts, key=int) == [str(number) for number in range(50)]


def script(tmp_path: Path, content: object) -> ModelSettings:
    path = tmp_path / "demo.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return ModelSettings(Kind.SCRIPTED, path=path)


def test_a_file(tmp_path: Path) -> None:
    replies: list[Any] = [
        "plain",
        {"text": "by prompt", "when": "^Why", "repeat": True},
        {"calls": [{"name": "find", "arguments": {"a": 1}}, {"name": "f", "arguments": "{oops"}]},
        {"text": "ha", "finish": "cut"},
        {"error": "busy", "message": "come back"},
    ]
    content = {"version": 1, "capabilities": ["tools"], "replies": replies}
    model = open_model(script(tmp_path, content))
    assert (model.name, model.capabilities) == ("demo", Capabilities(tools=True))
    assert model.complete(ask("Why?")).text == "plain"
    assert model.complete(ask("Why?")).text == "by prompt"
    calls = (ToolCall("find", {"a": 1}), ToolCall("f", "{oops"))
    assert model.complete(ask("What?")).calls == calls
    assert model.complete(ask("What?")).finish is Finish.CUT
    with pytest.raises(ModelBusyError, match="come back"):
        model.complete(ask("What?"))


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("key", ModelKeyError),
        ("busy", ModelBusyError),
        ("timeout", ModelTimeoutError),
        ("unreachable", ModelUnreachableError),
        ("refused", ModelRefusedError),
    ],
)
def test_errors_of_a_file(tmp_path: Path, name: str, error: type[Exception]) -> None:
    model = open_model(script(tmp_path, {"version": 1, "replies": [{"error": name}]}))
    with pytest.raises(error, match=f"scripted error: {name}"):
        model.complete(ask())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        pytest.param("[" * 100_000, "not JSON", id="deep"),
        ([], 'a script begins with "version": 1'),
        ({"version": 2, "replies": []}, 'a script begins with "version": 1'),
        ({"version": 1}, "replies must be a list"),
        ({"version": 1, "replys": []}, "'replys' is not known: did you mean 'replies'?"),
        ({"version": 1, "replies": [], "capabilities": ["tool"]}, "did you mean 'tools'?"),
        ({"version": 1, "replies": ["a", 7]}, "replies[1]: a reply is a text or an object"),
        ({"version": 1, "replies": [{"txt": ""}]}, "replies[0]: 'txt' is not known: did you mean"),
        ({"version": 1, "replies": [{"text": 1}]}, "replies[0]: text must be a text"),
        ({"version": 1, "replies": [{"delay_s": "1"}]}, "replies[0]: delay_s must be a number"),
        ({"version": 1, "replies": [{"when": "("}]}, "replies[0]: when is no regular expression"),
        ({"version": 1, "replies": [{"error": "bsy"}]}, "replies[0]: 'bsy' is not known: did"),
        ({"version": 1, "replies": [{"finish": "end"}]}, "replies[0]: 'end' is not a valid Fini"),
        ({"version": 1, "replies": [{"calls": [{}]}]}, "replies[0]: a call has a name"),
        ({"version": 1, "replies": [{"calls": [{"name": "f", "args": {}}]}]}, "'args' is not kno"),
    ],
)
def test_a_wrong_file_is_one_line_with_its_place(
    tmp_path: Path, content: object, words: str
) -> None:
    settings = script(tmp_path, content)
    with pytest.raises(ScriptError) as caught:
        open_model(settings)
    assert str(caught.value).startswith(f"{settings.path}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r"set model\.path"):
        open_model(ModelSettings(Kind.SCRIPTED))
    with pytest.raises(ScriptError, match="cannot be read: No such file"):
        open_model(ModelSettings(Kind.SCRIPTED, path=tmp_path / "none.json"))
