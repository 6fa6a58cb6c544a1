"""Replies over HTTP, streamed by a real server: texts, tool calls, schemas, usage, endings."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from agent.events import Interrupted
from agent.messages import Finish, Message, Request, Role, ToolCall, ToolSpec
from agent.models.assembly import MAX_CHARACTERS
from agent.models.settings import Switch
from graphdb.errors import ModelTimeoutError, ModelUnavailableError
from tests.agent.endpoint import (
    Endpoint,
    Seen,
    calls,
    delta,
    fails,
    says,
    sse,
    streams,
    usage,
    whole,
)
from tests.agent.models.conftest import KEY, OpenAt, ask

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
TOOL = ToolSpec("find", "Finds things.", SCHEMA)


def test_a_reply_streams_and_is_whole(open_at: OpenAt) -> None:
    with Endpoint(says("Hel", "lo, ", "wörld 😀")) as endpoint:
        model = open_at(endpoint.base_url, price_in=1.0, price_out=2.0)
        came: list[str] = []
        request = Request((Message(Role.SYSTEM, "Be kind."), Message(Role.USER, "Hi")), 50)
        reply = model.complete(request, came.append)
    assert reply.text == "Hello, wörld 😀"
    assert came == ["Hel", "lo, ", "wörld 😀"]
    assert (reply.finish, reply.tries, reply.calls) == (Finish.STOP, 1, ())
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (11, 7)
    assert reply.usage.cost == pytest.approx(25e-6)
    assert not reply.usage.counted
    seen = endpoint.requests[0]
    assert (seen.method, seen.path, seen.key) == ("POST", "/v1/chat/completions", KEY)
    assert seen.body == {
        "model": "tiny",
        "messages": [
            {"role": "system", "content": "Be kind."},
            {"role": "user", "content": "Hi"},
        ],
        "max_tokens": 50,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_without_a_count_of_tokens_characters_are_counted(open_at: OpenAt) -> None:
    with Endpoint(says("x" * 40, tokens=None)) as endpoint:
        used = open_at(endpoint.base_url).complete(ask("y" * 400)).usage
    assert used.counted
    assert used.cost is None
    assert used.prompt_tokens > used.completion_tokens > 5


@pytest.mark.parametrize(
    "tokens",
    [(-1, 5), ("many", 5), (True, 1), (1e400, 5), (10**400, 5), (None, None), (1.5, 2)],
)
def test_a_count_that_is_none_is_not_believed(open_at: OpenAt, tokens: Any) -> None:
    prompt, completion = tokens
    event = {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion}}
    with Endpoint(streams(*sse(delta("stop", content="ok"), event))) as endpoint:
        reply = open_at(endpoint.base_url, price_in=1.0, price_out=1.0).complete(ask())
    assert reply.text == "ok"
    assert reply.usage.counted


def test_a_reply_may_end_at_its_limit(open_at: OpenAt) -> None:
    with Endpoint(says("and so", finish="length")) as endpoint:
        assert open_at(endpoint.base_url).complete(ask()).finish is Finish.LENGTH


def test_tool_calls_are_put_together(open_at: OpenAt) -> None:
    made = calls(("find", '{"a": 1, "b": ["é"]}'), ("find", "{'a': 1}"), ("list", ""))
    with Endpoint(made) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask(tools=(TOOL,)))
    assert reply.calls == (
        ToolCall("find", {"a": 1, "b": ["é"]}),
        ToolCall("find", "{'a': 1}"),
        ToolCall("list", {}),
    )
    assert reply.text == ""
    assert endpoint.bodies[0]["tools"] == [
        {
            "type": "function",
            "function": {"name": "find", "description": "Finds things.", "parameters": SCHEMA},
        }
    ]


DEEP = "".join(f'{{"a{number}":' for number in range(20_000))


@pytest.mark.parametrize(
    "text",
    ["[1]", "3", '{"a": NaN}', '{"a": "\\ud800"}', DEEP],
    ids=["list", "number", "NaN", "half", "deep"],
)
def test_arguments_that_are_no_object_stay_text(open_at: OpenAt, text: str) -> None:
    with Endpoint(calls(("find", text), cut_in=50_000)) as endpoint:
        (made,) = open_at(endpoint.base_url).complete(ask(tools=(TOOL,))).calls
    assert made.arguments == text


def test_calls_of_endpoints_that_number_nothing(open_at: OpenAt) -> None:
    def piece(**members: object) -> dict[str, Any]:
        return delta(tool_calls=[members])

    events = [
        piece(id="a", function={"name": "find", "arguments": '{"a"'}),
        piece(function={"arguments": ": 1}"}),
        piece(id="b", function={"name": "find", "arguments": {"a": 2}}),
        piece(id="c", function={"arguments": "{}"}),
        piece(function=None),
        delta("tool_calls"),
    ]
    with Endpoint(streams(*sse(*events))) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask(tools=(TOOL,)))
    assert reply.calls == (ToolCall("find", {"a": 1}), ToolCall("find", {"a": 2}))


def test_a_schema_is_asked_for(open_at: OpenAt) -> None:
    with Endpoint(says('{"a": 1}')) as endpoint:
        open_at(endpoint.base_url).complete(ask(schema=SCHEMA))
    held = endpoint.bodies[0]["response_format"]
    assert held["type"] == "json_schema"
    assert held["json_schema"]["schema"] == SCHEMA


def test_filling_in_the_middle_goes_to_completions(open_at: OpenAt) -> None:
    events = [{"choices": [{"text": "x, "}]}, {"choices": [{"text": "y", "finish_reason": "stop"}]}]
    with Endpoint(streams(*sse(*events, usage(4, 2)))) as endpoint:
        model = open_at(endpoint.base_url, infill=Switch.YES)
        assert model.capabilities.infill
        reply = model.complete(ask("def f(", suffix="): pass"))
    assert reply.text == "x, y"
    seen = endpoint.requests[0]
    assert seen.path == "/v1/completions"
    assert (seen.body["prompt"], seen.body["suffix"]) == ("def f(", "): pass")
    assert "messages" not in seen.body


def test_filling_in_is_refused_where_it_would_be_ignored(open_at: OpenAt) -> None:
    with Endpoint() as endpoint:
        model = open_at(endpoint.base_url)
        assert not model.capabilities.infill
        with pytest.raises(ModelUnavailableError, match=r"does not fill in .*model\.infill"):
            model.complete(ask(suffix="x"))
        assert endpoint.requests == []


def test_an_endpoint_that_does_not_stream(open_at: OpenAt) -> None:
    call = {"id": "1", "function": {"name": "find", "arguments": '{"a": 1}'}}
    message = {"role": "assistant", "content": "here", "tool_calls": [call]}
    body = usage(3, 4) | {"choices": [{"message": message, "finish_reason": "stop"}]}
    with Endpoint(whole(body)) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert (reply.text, reply.calls) == ("here", (ToolCall("find", {"a": 1}),))
    assert reply.usage.total == 7


def test_texts_in_parts_refusals_and_thoughts(open_at: OpenAt) -> None:
    events = [
        delta(reasoning_content="hm"),
        delta(content=[{"type": "text", "text": "one "}, {"type": "image"}, 7]),
        delta(refusal="but no"),
        delta("stop"),
    ]
    with Endpoint(streams(*sse(*events))) as endpoint:
        assert open_at(endpoint.base_url).complete(ask()).text == "one but no"


def test_halves_of_characters_are_joined(open_at: OpenAt) -> None:
    events = [delta(content="\ud83d"), delta(content="\ude00 and \ud800"), delta("stop")]
    with Endpoint(streams(*sse(*events))) as endpoint:
        text = open_at(endpoint.base_url).complete(ask()).text
    assert text == "😀 and �"


def test_comments_and_foreign_events_are_passed_over(open_at: OpenAt) -> None:
    noise = [b": still here\n\n", b"event: ping\ndata: {}\n\n", b"data: 7\n\n", b"data: null\n\n"]
    odd = sse({"choices": 5}, {"choices": [7]}, {"choices": [{"delta": "x"}]}, done=False)
    with Endpoint(streams(*noise, *odd, *sse(delta("stop", content="ok")))) as endpoint:
        assert open_at(endpoint.base_url).complete(ask()).text == "ok"


def test_a_stream_that_breaks_off_keeps_what_came(open_at: OpenAt) -> None:
    with Endpoint(streams(*sse(delta(content="half a "), done=False), is_cut=True)) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert (reply.text, reply.finish, reply.tries) == ("half a ", Finish.CUT, 1)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "rest",
    [b"data: {broken\n\n", b"data: \xff\xfe\n\n", sse({"error": {"message": "out"}})[0], b""],
    ids=["no JSON", "no UTF-8", "an error", "no end"],
)
def test_a_stream_that_goes_wrong_keeps_what_came(open_at: OpenAt, rest: bytes) -> None:
    with Endpoint(streams(*sse(delta(content="half"), done=False), rest)) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert (reply.text, reply.finish) == ("half", Finish.CUT)


def test_nothing_before_the_break_is_another_try(open_at: OpenAt) -> None:
    silent = streams(*sse(delta(role="assistant"), done=False), is_cut=True)
    with Endpoint(silent, says("there")) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert (reply.text, reply.finish, reply.tries) == ("there", Finish.STOP, 2)


def test_an_endless_stream_is_cut(open_at: OpenAt) -> None:
    size = MAX_CHARACTERS // 2
    numbers = "".join(f"{number} " for number in range(size))[:size]
    with Endpoint(streams(*sse(*[delta(content=numbers)] * 6, delta("stop")))) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert reply.finish is Finish.CUT
    assert len(reply.text) == 3 * size


def test_a_slow_first_byte_is_a_time_out(open_at: OpenAt) -> None:
    with Endpoint(streams(5.0)) as endpoint:
        began = time.monotonic()
        with pytest.raises(ModelTimeoutError, match=r"nothing within 0\.05 s; raise model\.timeo"):
            open_at(endpoint.base_url).complete(ask(timeout_s=0.05))
        assert time.monotonic() - began < 2


def test_a_drip_of_comments_is_a_time_out_of_the_whole(open_at: OpenAt) -> None:
    drip = (b": wait\n\n", 0.02) * 100
    with (
        Endpoint(streams(*drip)) as endpoint,
        pytest.raises(ModelTimeoutError),
    ):
        open_at(endpoint.base_url).complete(ask(timeout_s=0.1))


def test_a_drip_of_words_keeps_those_that_came_in_time(open_at: OpenAt) -> None:
    drip = [part for _ in range(100) for part in (*sse(delta(content="a "), done=False), 0.05)]
    with Endpoint(streams(*drip)) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask(timeout_s=0.5))
    assert reply.finish is Finish.CUT
    assert 1 <= len(reply.text.split()) < 20


def test_what_looks_on_may_end_the_reply(open_at: OpenAt) -> None:
    def enough(text: str) -> None:
        raise Interrupted(text)

    drip = [part for _ in range(200) for part in (*sse(delta(content="a "), done=False), 0.05)]
    with Endpoint(streams(*drip)) as endpoint:
        with pytest.raises(Interrupted, match="a "):
            open_at(endpoint.base_url).complete(ask(timeout_s=20.0), enough)
        assert len(endpoint.requests) == 1
        deadline = time.monotonic() + 2
        while _readers() and time.monotonic() < deadline:
            time.sleep(0.005)
        assert _readers() == []


def _readers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "model reply"]


def test_many_at_once(open_at: OpenAt) -> None:
    def echo(seen: Seen) -> Any:
        return says(*seen.body["messages"][0]["content"])

    with Endpoint(echo) as endpoint:
        model = open_at(endpoint.base_url)
        texts: dict[int, str] = {}

        def run(number: int) -> None:
            texts[number] = model.complete(ask(f"number {number}")).text

        threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert texts == {number: f"number {number}" for number in range(8)}


def test_a_closed_model_says_so_in_an_error_of_ours(open_at: OpenAt) -> None:
    with Endpoint() as endpoint:
        model = open_at(endpoint.base_url, tries=1)
        model.close()
        model.close()
        with pytest.raises(ModelUnavailableError):
            model.complete(ask())


def test_nothing_of_openais_account_goes_elsewhere(
    open_at: OpenAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")
    monkeypatch.setenv("OPENAI_ADMIN_KEY", "sk-admin")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-mine")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-ambient")
    with Endpoint() as endpoint:
        open_at(endpoint.base_url, key=None).complete(ask())
    (seen,) = endpoint.requests
    sent = " ".join(seen.headers.values())
    assert all(word not in sent for word in ("sk-openai", "sk-admin", "sk-ambient", "mine"))


def test_a_redirect_is_not_followed(open_at: OpenAt) -> None:
    with Endpoint() as elsewhere:
        away = fails(307, headers={"Location": f"{elsewhere.base_url}/chat/completions"})
        with (
            Endpoint(away) as endpoint,
            pytest.raises(ModelUnavailableError, match=r"\(307\).*model\.base_url"),
        ):
            open_at(endpoint.base_url).complete(ask())
        assert elsewhere.requests == []


def test_a_reply_that_goes_round_in_circles_is_cut(open_at: OpenAt) -> None:
    round_trip = ["import time\n", "# the necessary modules\n"]
    pieces = ["```python\n", *round_trip * 400]
    with Endpoint(says(*pieces)) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert reply.finish is Finish.CUT
    assert 800 <= len(reply.text) < 1_500
    assert reply.usage.counted
    assert reply.usage.completion_tokens == 50


def test_a_list_that_goes_on_is_no_circle(open_at: OpenAt) -> None:
    lines = [f"value_{number} = {number}\n" for number in range(400)]
    with Endpoint(says(*lines)) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert (reply.finish, reply.text) == (Finish.STOP, "".join(lines))


def test_what_the_endpoint_counted_once_holds_where_it_counts_nothing(open_at: OpenAt) -> None:
    request = ask("Hello? " * 100)
    with Endpoint(says("a", tokens=(5_000, 1)), says("a", tokens=None)) as endpoint:
        model = open_at(endpoint.base_url)
        assert model.complete(request).usage.prompt_tokens == 5_000
        again = model.complete(request).usage
    assert (again.counted, again.prompt_tokens) == (True, 5_000)
