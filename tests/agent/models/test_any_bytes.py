"""Whatever comes over the wire is a reply or an error of ours, and never anything else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.messages import Reply
from agent.models.assembly import Assembly, read_arguments, whole
from agent.models.client import open_client
from agent.models.openai_compatible import OpenAICompatibleModel
from agent.models.settings import Kind, ModelSettings, Secret
from graphdb.errors import ModelUnavailableError
from tests.agent.endpoint import MODEL, Answer, Endpoint, RawServer, delta, sse
from tests.agent.models.conftest import KEY, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

UNHURRIED = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PIECES = st.sampled_from(
    [
        b"data: ",
        b"data:",
        b"\n\n",
        b"\r",
        b"event: error\n",
        b"[DONE]",
        b"{}",
        b"null",
        b'{"error": ',
        b'{"choices": [',
        b'{"delta": {"content": "x"}}',
        b"]}",
        b"\xf0\x9f",
        b"1" * 5_000,
        b"[" * 3_000,
        b"\x1f\x8b",
        *sse(delta(content="word"), delta("stop")),
    ]
)
BODIES = st.lists(PIECES | st.binary(max_size=40), max_size=12)
MEMBERS = (
    *("message", "content", "text", "refusal", "tool_calls", "function", "name", "arguments"),
    *("index", "usage", "prompt_tokens", "completion_tokens", "finish_reason", "error", "code"),
    *("choices", "delta"),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(MEMBERS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


def outcome(base_url: str) -> Reply | ModelUnavailableError:
    """What a call comes to, the error as it is raised; any other exception fails the test."""
    chosen = ModelSettings(Kind.OPENAI, MODEL, base_url, Secret(KEY), tries=1)
    model = OpenAICompatibleModel(chosen, open_client(chosen))
    try:
        return model.complete(ask(timeout_s=2.0))
    except ModelUnavailableError as error:
        return error
    finally:
        model.close()


class Played:
    """An endpoint whose next answer a test chooses."""

    def __init__(self) -> None:
        self.answer = Answer()
        self.endpoint = Endpoint(lambda _: self.answer)


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    played = Played()
    with played.endpoint:
        yield played


KINDS = st.sampled_from(["text/event-stream", "application/json", "text/plain", "", "x" * 300])
HEADERS = st.sampled_from([{}, {"Content-Encoding": "gzip"}, {"Retry-After": "0"}])
STATUSES = st.sampled_from([200, 200, 200, 204, 302, 400, 404, 429, 500, 599])


@UNHURRIED
@given(STATUSES, KINDS, HEADERS, BODIES, st.booleans())
def test_any_body(
    played: Played,
    status: int,
    kind: str,
    headers: dict[str, str],
    body: list[bytes],
    is_cut: bool,
) -> None:
    played.answer = Answer(status, {"Content-Type": kind} | headers, tuple(body), is_cut)
    result = outcome(played.endpoint.base_url)
    if isinstance(result, Reply):
        result.text.encode()
    else:
        assert "\n" not in str(result)
        assert result.__cause__ is None


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200) | st.builds(b"".join, BODIES))
def test_any_answer_that_need_not_be_http(answer: bytes) -> None:
    with RawServer(answer) as server:
        assert isinstance(outcome(server.base_url), ModelUnavailableError)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_head(head: bytes, body: bytes) -> None:
    with RawServer(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body) as server:
        outcome(server.base_url)


@given(st.lists(JSON, max_size=6))
def test_any_events_are_put_together(events: list[object]) -> None:
    assembly = Assembly()
    came = "".join(assembly.add(event) for event in events)
    came.encode()
    assembly.text.encode()
    for call in assembly.calls:
        json.dumps(call.arguments, ensure_ascii=False, default=dict).encode()


@given(st.text(st.characters(), max_size=30))
def test_any_text_can_be_written(text: str) -> None:
    whole(text).encode()
    if text.isascii():
        assert whole(text) == text


@given(st.text(max_size=40) | JSON.map(json.dumps))
def test_any_arguments_are_values_or_a_text(text: str) -> None:
    read = read_arguments(text)
    json.dumps(read, ensure_ascii=False, allow_nan=False, default=dict).encode()
