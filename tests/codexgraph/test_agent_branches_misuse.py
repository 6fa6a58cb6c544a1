"""What people do to the agent's commands, and what endpoints and machines do to people."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.agent.endpoint import Answer, Endpoint, Seen, calls, echoes_the_key, says, streams
from tests.codexgraph.conftest import Repository
from tests.codexgraph.test_agent import MEMBER
from tests.codexgraph.test_agent_branches import JOBS, KEY, make_shop, run, texts
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.codexgraph.conftest import Outcome

GENERATE = JOBS["generate"][0]
ANSWER = JOBS["ask"][1]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    made = make_shop(tmp_path_factory.mktemp("shop"))
    (made.root / "blob.py").write_bytes(b"x = 1\0\xff\xfe\n" * 5)
    return made


@pytest.fixture
def unchanged(shop: Repository) -> Iterator[Repository]:
    before = texts(shop)
    yield shop
    assert texts(shop) == before


def one_line(done: Outcome, code: int, *parts: str) -> None:
    """It ended so, and the last line says why."""
    assert done.code == code, done.err
    assert "Traceback" not in done.err
    last = [line for line in done.err.splitlines() if line.startswith("error: ")]
    assert len(last) == 1, done.err
    for part in parts:
        assert part in last[0]


@pytest.mark.parametrize(
    ("arguments", "code", "part"),
    [
        (["complete", "blob.py:2"], 2, "blob.py"),
        (["complete", "../x.py:1"], 2, "inside the repository"),
        (["complete", "shop/money.py:999"], 2, "line 999"),
        (["class", "A thing", "--path", "../x.py"], 2, "inside the repository"),
        (["class", "A thing", "--path", "/etc/x.py"], 2, "inside the repository"),
        (["class", "A thing", "--path", ".git/hooks/x.py"], 2, ".git"),
        (["class", "SPEC.md", "--path", "shop/x.py"], 2, "SPEC.md: there is no such file"),
        (["debug", "notes/ISSUE.txt"], 2, "there is no such file"),
        (["generate", "a test, ../../y.py"], 2, "inside the repository"),
        (["comment", "x" * 5_000], 1, "no symbol"),
        (["test", "a/" * 3_000], 1, "no symbol"),
        (["ask", "x", "--trace", "shop"], 2, "is a folder"),
        (["ask", "x", "--trace", "shop/money.py/trace.json"], 2, "cannot be written"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_done_costs_no_call(
    unchanged: Repository, arguments: list[str], code: int, part: str
) -> None:
    with Endpoint(says("```python\nx = 1\n```")) as endpoint:
        one_line(run(unchanged, endpoint, *arguments), code, part)
        assert endpoint.requests == []


@pytest.mark.parametrize("job", JOBS)
def test_without_an_index_it_says_how_to_make_one(tmp_path: Path, job: str) -> None:
    empty = Repository(tmp_path)
    empty.git("init", "-q")
    with Endpoint() as endpoint:
        one_line(run(empty, endpoint, *JOBS[job][0]), 3, "codexgraph index")
        assert endpoint.requests == []


def test_a_question_of_any_length_and_any_bytes(
    unchanged: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = b"who reads amounts? \xff\xfe\0" + b"and why? " * 300_000
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
    with Endpoint(says(ANSWER)) as endpoint:
        done = run(unchanged, endpoint, "ask", "-")
        assert done.code == 0, done.err
        assert len(json.dumps(endpoint.bodies[0])) < 40_000


def test_a_budget_for_nothing_is_told_before_anything_is_sent(
    unchanged: Repository, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.json"
    with Endpoint(says(ANSWER)) as endpoint:
        arguments = ("class", "word " * 900, "--path", "shop/x.py", "--budget", "500")
        done = run(unchanged, endpoint, *arguments, "--trace", str(trace))
        assert endpoint.requests == []
    assert done.code == 1
    assert "500 tokens do not hold another call" in done.err
    assert json.loads(trace.read_text())["outcome"]["why"] == "tokens"


# Writing


def test_a_refused_edit_is_shown_all_the_same(shop: Repository) -> None:
    target = shop.root / "shop/orders.py"
    before = target.read_text()
    target.write_text(before + "# mine\n")
    try:
        with Endpoint(says(""), says(MEMBER)) as endpoint:
            done = run(shop, endpoint, *GENERATE, "--apply")
        assert (done.code, "shop/orders.py has changes" in done.err) == (2, True), done.err
        assert "+    def is_empty" in done.out
        with Endpoint(says(""), says(MEMBER)) as endpoint:
            done = run(shop, endpoint, *GENERATE, "--apply", "--json")
        assert done.code == 2
        assert "shop/orders.py has changes" in done.value["result"]["refused"]
        assert target.read_text() == before + "# mine\n"
    finally:
        target.write_text(before)


def test_a_target_that_changes_meanwhile_stays_as_the_person_made_it(shop: Repository) -> None:
    target = shop.root / "shop/orders.py"
    before = target.read_text()

    def meanwhile(seen: Seen) -> Answer:
        target.write_text("# written by hand\n" + before)
        return says("" if "tools" in seen.body else MEMBER)

    try:
        with Endpoint(meanwhile) as endpoint:
            done = run(shop, endpoint, *GENERATE, "--apply")
        assert done.code in (1, 2), done.err
        assert target.read_text() == "# written by hand\n" + before
    finally:
        target.write_text(before)


# Traces


@pytest.fixture(scope="module")
def record(shop: Repository, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    trace = tmp_path_factory.mktemp("trace") / "trace.json"
    with Endpoint(says(""), says(ANSWER)) as endpoint:
        assert run(shop, endpoint, *JOBS["ask"][0], "--trace", str(trace)).code == 0
    return json.loads(trace.read_text())


DAMAGE: dict[str, Any] = {
    "cut": lambda record: json.dumps(record)[:-200],
    "foreign": lambda _: '{"events": [{"type": "x"}], "version": 1}',
    "a list": lambda _: "[1, 2]",
    "binary": lambda _: "\0\1\2",
    "deep": lambda _: "[" * 100_000,
    "newer": lambda record: json.dumps(record | {"version": 99}),
    "of another job": lambda record: json.dumps(record | {"task": "test"}),
    "without limits": lambda record: json.dumps(record | {"limits": {"pace": 3}}),
    "with odd events": lambda record: json.dumps(record | {"events": [1, None]}),
    "without replies": lambda record: json.dumps(
        record | {"events": [{"event": "ModelAnswered", "request": {}, "reply": {}}]}
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_cannot_be_replayed_is_named(
    unchanged: Repository, tmp_path: Path, record: dict[str, Any], damage: str
) -> None:
    trace = tmp_path / "odd.json"
    trace.write_text(DAMAGE[damage](record))
    one_line(unchanged.run(*JOBS["ask"][0], "--replay", str(trace)), 2, "odd.json")


def test_a_record_that_ended_early_is_replayed_to_there(
    unchanged: Repository, tmp_path: Path, record: dict[str, Any]
) -> None:
    trace = tmp_path / "early.json"
    events = [e for e in record["events"] if e["event"] == "ModelAnswered"][:1]
    trace.write_text(json.dumps(record | {"events": events, "outcome": None}))
    done = unchanged.run(*JOBS["ask"][0], "--replay", str(trace))
    assert done.code == 2
    assert "no reply 2: it ended there" in done.err


# Endpoints


def test_a_key_that_is_refused_is_named_and_never_shown(
    unchanged: Repository, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.json"
    with Endpoint(echoes_the_key()) as endpoint:
        done = run(unchanged, endpoint, *JOBS["ask"][0], "--json", "-v", "--trace", str(trace))
        assert endpoint.requests[0].key == KEY
    assert done.code == 5
    assert "check CODEXGRAPH_MODEL_KEY" in done.err
    for text in (done.out, done.err, trace.read_text()):
        assert KEY not in text


def test_an_endpoint_that_is_gone_is_named(unchanged: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    with Endpoint() as endpoint:
        gone = endpoint
    done = run(unchanged, gone, *JOBS["ask"][0], "--trace", str(trace))
    assert done.code == 5
    assert "127.0.0.1" in done.err
    assert "check model.base_url" in done.err
    assert json.loads(trace.read_text())["outcome"]["why"] == "error"


def test_an_interrupt_ends_the_run_and_keeps_its_trace(
    unchanged: Repository, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.json"

    def interrupt(seen: Seen) -> Answer:
        if "tools" in seen.body:
            return calls(("get_class", '{"name": "Order"}'))
        os.kill(os.getpid(), signal.SIGINT)
        return streams(30.0)

    # Whoever is started in the background of a shell ignores the signal.
    held = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Endpoint(interrupt) as endpoint:
            done = run(unchanged, endpoint, *JOBS["ask"][0], "--trace", str(trace))
    finally:
        signal.signal(signal.SIGINT, held)
    assert done.code == 130, done.err
    record = json.loads(trace.read_text())
    assert record["outcome"]["why"] == "interrupted"
    assert "ToolAnswered" in {event["event"] for event in record["events"]}
    assert [path.name for path in tmp_path.iterdir()] == ["trace.json"]


def test_what_a_terminal_would_obey_is_not_printed(unchanged: Repository, tmp_path: Path) -> None:
    odd = "\x1b]0;owned\x07\x1b[2J\x9b\u202e\ud800"
    trace = tmp_path / "trace.json"
    with Endpoint(calls((f"get{odd}", "{}")), says(f"{ANSWER} {odd}")) as endpoint:
        done = run(unchanged, endpoint, *JOBS["ask"][0], "--trace", str(trace))
    assert done.code == 0, done.err
    for text in (done.out, done.err):
        assert not set(odd) & set(text) - set("]0;owned[2J")
    assert unchanged.run(*JOBS["ask"][0], "--replay", str(trace)).code == 0


def test_two_runs_at_once(unchanged: Repository, tmp_path: Path) -> None:
    """On one index and into one file: each ends well, and the file is one of the two."""
    trace = str(tmp_path / "trace.json")

    def answer(seen: Seen) -> Answer:
        return says("" if "tools" in seen.body else ANSWER)

    with Endpoint(answer) as endpoint, ThreadPoolExecutor(2) as pool:
        where = ("--model", "tiny", "--base-url", endpoint.base_url, "--trace", trace)
        runs = [pool.submit(unchanged.spawn, *JOBS["ask"][0], *where) for _ in range(2)]
        assert [(each.result().code, each.result().err)[0] for each in runs] == [0, 0]
    assert unchanged.run(*JOBS["ask"][0], "--replay", trace).code == 0
    assert set(FILES) <= {str(p.relative_to(unchanged.root)) for p in unchanged.root.rglob("*.py")}
