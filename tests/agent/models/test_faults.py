"""What an endpoint does wrong: which of it is tried again, how long is waited, what is told."""

from __future__ import annotations

import logging
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from openai import OpenAIError

from agent.models import open_model
from agent.models.client import open_client
from agent.models.failures import CallFailedError, Failure, FailureKind, failure_of
from agent.models.settings import Kind, ModelSettings, Secret, is_openai
from agent.models.wire import call
from graphdb.errors import (
    ModelBusyError,
    ModelKeyError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnavailableError,
    ModelUnreachableError,
)
from tests.agent.endpoint import (
    Answer,
    Endpoint,
    Rule,
    delta,
    echoes_the_key,
    fails,
    page,
    says,
    sse,
    streams,
    whole,
)
from tests.agent.models.conftest import KEY, Clock, OpenAt, ask


def error_at(rule: Rule, open_at: OpenAt, **changes: object) -> tuple[ModelUnavailableError, int]:
    """The error that an endpoint's answer leads to, and how often it was asked."""
    with Endpoint(rule) as endpoint:
        with pytest.raises(ModelUnavailableError) as caught:
            open_at(endpoint.base_url, **changes).complete(ask(timeout_s=60.0))
        return caught.value, len(endpoint.requests)


@pytest.mark.parametrize(
    ("rule", "error", "words", "asked"),
    [
        (fails(401, "bad key"), ModelKeyError, "refused the key (401): bad key; check CODEX", 1),
        (fails(403, "not yours"), ModelKeyError, "refused the key (403): not yours", 1),
        (fails(404, "no tiny"), ModelRefusedError, "not found (404): no tiny; check model.na", 1),
        (fails(400, "odd"), ModelRefusedError, "refused the request (400): odd", 1),
        (fails(413, "too big"), ModelRefusedError, "refused the request (413): too big", 1),
        (fails(429, "slow down"), ModelBusyError, "limits the rate (429): slow down; try ag", 4),
        (fails(500, "oops"), ModelBusyError, "fails (500): oops; try again later", 4),
        (fails(503, ""), ModelBusyError, "fails (503)", 4),
        (fails(408, "late"), ModelBusyError, "fails (408): late", 4),
        (
            fails(429, "pay first", code="insufficient_quota"),
            ModelRefusedError,
            "refused the request (429): pay first",
            1,
        ),
        (page(), ModelUnreachableError, "is no OpenAI endpoint: it answers with a web page", 1),
        (page(502, "<html>Bad gateway</html>"), ModelBusyError, "fails (502): <html>Bad gate", 4),
        (streams(b"", kind="text/plain"), ModelUnreachableError, "no reply that can be read", 4),
        (streams(b"\x00\x01", kind="image/png"), ModelUnreachableError, "no reply that can be", 4),
        (streams(b"data: {nope\n\n"), ModelUnreachableError, "no reply that can be read", 4),
        (streams(b"data: {}\n\n", is_cut=True), ModelUnreachableError, "peer closed conn", 4),
        (streams(*sse()), ModelUnreachableError, "the stream ended before the reply did", 4),
        (whole([1, 2]), ModelUnreachableError, "the stream ended before the reply did", 4),
        (whole({"error": "no such thing"}), ModelUnreachableError, "no such thing", 4),
        (
            streams(*sse({"error": {"code": 429, "message": "slow"}})),
            ModelBusyError,
            "limits the rate (429): slow",
            4,
        ),
        (
            streams(*sse({"error": {"code": 400, "message": "never"}})),
            ModelRefusedError,
            "refused the request (400): never",
            1,
        ),
        (fails(300, "choose"), ModelUnreachableError, "is no OpenAI endpoint (300): choose", 1),
        (
            Answer(422, {"Content-Type": "application/json"}, (b'{"detail": [{"loc": "body"}]}',)),
            ModelRefusedError,
            '(422): [{"loc": "body"}]',
            1,
        ),
        (
            Answer(400, {}, (b"plain words\n\tin lines\x07",)),
            ModelRefusedError,
            "words in lines",
            1,
        ),
    ],
)
def test_an_error_says_what_failed_and_what_to_do(
    open_at: OpenAt, rule: Rule, error: type[ModelUnavailableError], words: str, asked: int
) -> None:
    raised, requests = error_at(rule, open_at)
    assert type(raised) is error
    assert words in str(raised)
    assert str(raised).startswith("model tiny at 127.0.0.1:")
    assert "\n" not in str(raised)
    assert raised.exit_code == 5
    assert requests == asked


def test_without_a_key_the_error_says_that_one_is_wanted(open_at: OpenAt) -> None:
    raised, _ = error_at(fails(401, "who?"), open_at, key=None)
    assert "wants a key (401): who?; set CODEXGRAPH_MODEL_KEY" in str(raised)


def test_long_words_are_cut(open_at: OpenAt) -> None:
    raised, _ = error_at(fails(400, "x" * 10_000), open_at)
    assert len(str(raised)) < 400


def test_waits_grow_and_are_scattered(open_at: OpenAt, clock: Clock) -> None:
    error_at(fails(500), open_at, tries=8)
    assert len(clock.slept) == 7
    for number, wait in enumerate(clock.slept):
        longest = min(20.0, 0.5 * 2**number)
        assert longest / 2 <= wait <= longest


@pytest.mark.parametrize(
    ("headers", "waited"),
    [
        ({"Retry-After": "3"}, 3.0),
        ({"Retry-After": "0"}, 0.0),
        ({"Retry-After-Ms": "1500", "Retry-After": "9"}, 1.5),
    ],
)
def test_the_endpoint_says_how_long_to_wait(
    open_at: OpenAt, clock: Clock, headers: dict[str, str], waited: float
) -> None:
    with Endpoint(fails(429, headers=headers), says("now")) as endpoint:
        reply = open_at(endpoint.base_url).complete(ask())
    assert (reply.text, reply.tries) == ("now", 2)
    assert clock.slept == [waited]
    assert reply.seconds == waited


def test_a_date_to_wait_for(open_at: OpenAt, clock: Clock) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    with Endpoint(fails(503, headers={"Retry-After": date}), says("now")) as endpoint:
        open_at(endpoint.base_url).complete(ask(timeout_s=60.0))
    (waited,) = clock.slept
    assert 15 < waited <= 20


@pytest.mark.parametrize("value", ["soon", "-1", "nan", "inf", "", "Mon, 99 Foo 2020"])
def test_a_wait_that_is_none_is_ours_to_choose(open_at: OpenAt, clock: Clock, value: str) -> None:
    with Endpoint(fails(429, headers={"Retry-After": value}), says("now")) as endpoint:
        open_at(endpoint.base_url).complete(ask())
    (waited,) = clock.slept
    assert 0.25 <= waited <= 0.5


def test_nobody_waits_longer_than_the_request_has(open_at: OpenAt, clock: Clock) -> None:
    with Endpoint(fails(429, "later", headers={"Retry-After": "61"})) as endpoint:
        with pytest.raises(ModelBusyError, match=r"asks to wait 61 s \(429\): later"):
            open_at(endpoint.base_url).complete(ask(timeout_s=60.0))
        assert len(endpoint.requests) == 1
    assert clock.slept == []


def test_all_tries_share_the_time_of_the_request(open_at: OpenAt, clock: Clock) -> None:
    with Endpoint(fails(500, headers={"Retry-After": "4"})) as endpoint:
        with pytest.raises(ModelBusyError):
            open_at(endpoint.base_url, tries=100).complete(ask(timeout_s=10.0))
        assert len(endpoint.requests) == 3
    assert clock.slept == [4.0, 4.0]


def test_nobody_listens(open_at: OpenAt, clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    model = open_at(f"http://127.0.0.1:{port}/v1")
    with pytest.raises(ModelUnreachableError, match=r"cannot be reached.*refused.*base_url"):
        model.complete(ask())
    assert len(clock.slept) == 3


def test_nobody_accepts(open_at: OpenAt) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        model = open_at(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1")
        with pytest.raises(ModelTimeoutError):
            model.complete(ask(timeout_s=0.05))


def failure_at(base_url: str) -> Failure:
    """What a call of 250 ms comes to, as its own thread sees it."""
    client = open_client(ModelSettings(Kind.OPENAI, "tiny", base_url))
    try:
        with pytest.raises((OpenAIError, CallFailedError)) as caught:
            list(call(client, "/chat/completions", {}, 0.25))
        return failure_of(caught.value)
    finally:
        client.close()


def test_late_is_not_broken_and_not_unreachable() -> None:
    with Endpoint(streams(5.0)) as endpoint:
        assert failure_at(endpoint.base_url).kind is FailureKind.TIMEOUT
    with Endpoint(streams(*sse(delta(content="a"), done=False), 5.0)) as endpoint:
        assert failure_at(endpoint.base_url).kind is FailureKind.TIMEOUT
    with socket.create_server(("127.0.0.1", 0), backlog=0) as deaf:
        address = deaf.getsockname()
        with socket.create_connection(address):
            # Its queue is full now, and nobody takes from it.
            failure = failure_at(f"http://127.0.0.1:{address[1]}/v1")
            assert failure.kind is FailureKind.UNREACHABLE


def test_a_host_that_does_not_exist(open_at: OpenAt) -> None:
    model = open_at("http://no-such-host.invalid/v1", tries=1)
    with pytest.raises(ModelUnavailableError, match=r"no-such-host\.invalid"):
        model.complete(ask(timeout_s=5.0))


def test_the_key_is_in_no_error_log_or_repr(
    open_at: OpenAt, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (401, 400, 429, 500):
        raised, _ = error_at(echoes_the_key(status), open_at, tries=1)
        chain = [raised, raised.__cause__, raised.__context__]
        shown = "".join(f"{link}{link!r}{vars(link)}" for link in chain if link is not None)
        assert "***" in shown
        assert_hidden(shown)
    assert_hidden(caplog.text)
    settings = ModelSettings(Kind.OPENAI, "tiny", key=Secret(KEY))
    assert_hidden(f"{settings} {settings!r} {settings.key}")


def test_the_key_is_in_no_reply(open_at: OpenAt) -> None:
    with Endpoint(streams(*sse(delta("stop", content=f"you sent {KEY}")))) as endpoint:
        came: list[str] = []
        reply = open_at(endpoint.base_url).complete(ask(), came.append)
    assert_hidden(f"{reply}{came}")
    assert reply.text == "you sent ***"


def assert_hidden(text: str) -> None:
    assert KEY not in text
    assert KEY.swapcase() not in text
    assert "0123456789" not in text


@pytest.mark.parametrize("form", [KEY, KEY.upper(), KEY.lower(), "sk-Test%2F0123456789%2Babcdef"])
def test_a_secret_is_found_in_its_forms(form: str) -> None:
    assert Secret(KEY).hidden_in(f"<{form}>") == "<***>"


@pytest.mark.parametrize("key", ["sk-a\nb", "sk-é", "two words", "sk-\x00"])
def test_a_key_that_cannot_be_sent(key: str) -> None:
    settings = ModelSettings(Kind.OPENAI, "tiny", "http://127.0.0.1:1/v1", Secret(key))
    with pytest.raises(ModelKeyError, match="characters that a key cannot have") as caught:
        open_model(settings)
    assert key not in str(caught.value)


@pytest.mark.parametrize("address", ["http://\ud800/v1", "http://a:b/v1", "http://[::1/v1"])
def test_an_address_that_is_none(open_at: OpenAt, address: str) -> None:
    with pytest.raises(ModelUnreachableError, match=r"check model\.base_url"):
        open_at(address, tries=1).complete(ask())


def test_a_proxy_that_is_none(open_at: OpenAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://nowhere")
    with pytest.raises(ModelUnreachableError, match="variables that name a proxy"):
        open_at("https://model.example/v1")


def test_a_proxy_does_not_lead_here(open_at: OpenAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with Endpoint() as endpoint:
        assert open_at(endpoint.base_url).complete(ask()).text == "hello"


def test_a_model_without_a_name() -> None:
    with pytest.raises(ModelUnavailableError, match=r"set model\.name"):
        open_model(ModelSettings(Kind.OPENAI))


@pytest.mark.parametrize(
    ("address", "is_theirs"),
    [
        ("https://api.openai.com/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("http://api.openai.com/v1", False),
        ("https://api.openai.com.evil.example/v1", False),
        ("https://notapi.openai.com/v1", False),
        ("http://127.0.0.1:8080/v1", False),
    ],
)
def test_whose_address_it_is(address: str, is_theirs: bool) -> None:
    assert is_openai(address) is is_theirs
