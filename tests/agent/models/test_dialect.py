"""Options that an endpoint does not understand: left out once it has said so, or never sent."""

from __future__ import annotations

import pytest

from agent.messages import ToolSpec
from agent.model import Capabilities
from agent.models.settings import Switch
from graphdb.errors import ModelRefusedError
from tests.agent.endpoint import Endpoint, fails, refuses, says
from tests.agent.models.conftest import Clock, OpenAt, ask

TOOLS = (ToolSpec("find", "Finds.", {"type": "object", "properties": {}}),)
SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("tools", "registry/tiny does not support tools"),
        ("tools", '"auto" tool choice requires --enable-auto-tool-choice'),
        ("response_format", "This response_format type is unavailable now"),
        ("response_format", "Invalid value: 'json_schema'"),
        ("stream_options", "Unrecognized request argument supplied: stream_options"),
        ("temperature", "Unsupported value: 'temperature' does not support 0.0"),
    ],
)
@pytest.mark.parametrize("status", [400, 422])
def test_an_option_that_is_refused_is_left_out(
    open_at: OpenAt, clock: Clock, option: str, message: str, status: int
) -> None:
    with Endpoint(refuses(option, message, status)) as endpoint:
        model = open_at(endpoint.base_url)
        request = ask(tools=TOOLS, schema=SCHEMA)
        first, second = model.complete(request), model.complete(request)
    assert (first.text, first.tries) == ("fine", 2)
    assert second.tries == 1
    assert [option in body for body in endpoint.bodies] == [True, False, False]
    assert clock.slept == []
    assert model.capabilities == Capabilities(
        tools=option != "tools", schema=option != "response_format"
    )


def test_the_parameter_of_an_error_is_enough(open_at: OpenAt) -> None:
    refusal = fails(400, "no", param="response_format.json_schema", code="unsupported_parameter")
    with Endpoint(refusal, says("fine")) as endpoint:
        open_at(endpoint.base_url).complete(ask(schema=SCHEMA))
    assert "response_format" not in endpoint.bodies[1]


def test_one_refusal_after_another(open_at: OpenAt) -> None:
    refusals = [fails(400, f"no {word}") for word in ("tools", "json_schema", "stream_options")]
    with Endpoint(*refusals, says("fine")) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask(tools=TOOLS, schema=SCHEMA))
    assert (reply.text, reply.tries) == ("fine", 4)
    last = endpoint.bodies[-1]
    assert not {"tools", "response_format", "stream_options"} & set(last)


def test_the_limit_has_two_names(open_at: OpenAt) -> None:
    message = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    with Endpoint(refuses("max_tokens", message)) as endpoint:
        model = open_at(endpoint.base_url)
        model.complete(ask(max_tokens=9))
        model.complete(ask(max_tokens=9))
    assert [body.get("max_completion_tokens") for body in endpoint.bodies] == [None, 9, 9]
    assert "max_tokens" not in endpoint.bodies[1]


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 100 tokens: 90 in messages, 50 in the tools",
        "'max_tokens' or 'max_completion_tokens' is too large: 5000",
        "the prompt is odd",
    ],
)
def test_another_refusal_is_an_error(open_at: OpenAt, message: str) -> None:
    with Endpoint(fails(400, message)) as endpoint:
        model = open_at(endpoint.base_url)
        with pytest.raises(ModelRefusedError, match="refused the request"):
            model.complete(ask(tools=TOOLS))
        assert len(endpoint.requests) == 1
    assert model.capabilities.tools


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("This model's maximum context length is 8192 tokens. You sent 9000.", " to 8192"),
        ("request (5000 tokens) exceeds the available context size (1024 tokens)", " to 1024"),
        ("the prompt is too long", " to what the model has"),
    ],
)
def test_a_prompt_that_is_too_long_says_what_to_set(
    open_at: OpenAt, message: str, words: str
) -> None:
    with Endpoint(fails(400, message)) as endpoint, pytest.raises(ModelRefusedError) as caught:
        open_at(endpoint.base_url).complete(ask())
    assert str(caught.value).endswith(f"; set model.context_tokens{words}")


def test_the_window_is_what_is_set(open_at: OpenAt) -> None:
    assert open_at("http://127.0.0.1:1/v1").capabilities.context_tokens == 0
    model = open_at("http://127.0.0.1:1/v1", context_tokens=4_096)
    assert model.capabilities.context_tokens == 4_096


def test_what_is_demanded_is_never_left_out(open_at: OpenAt) -> None:
    with Endpoint(refuses("tools", "no tools here")) as endpoint:
        model = open_at(endpoint.base_url, tools=Switch.YES)
        with pytest.raises(ModelRefusedError, match="no tools here"):
            model.complete(ask(tools=TOOLS))
    assert model.capabilities.tools


def test_what_is_forbidden_is_never_sent(open_at: OpenAt) -> None:
    with Endpoint() as endpoint:
        model = open_at(endpoint.base_url, tools=Switch.NO, schema=Switch.NO)
        model.complete(ask(tools=TOOLS, schema=SCHEMA))
    assert not {"tools", "response_format"} & set(endpoint.bodies[0])
    assert model.capabilities == Capabilities()


def test_a_gap_that_is_refused_is_an_error(open_at: OpenAt) -> None:
    with Endpoint(refuses("suffix", "suffix is not supported")) as endpoint:
        model = open_at(endpoint.base_url, infill=Switch.YES)
        with pytest.raises(ModelRefusedError, match="suffix is not supported"):
            model.complete(ask(suffix="}"))
    assert len(endpoint.requests) == 1
