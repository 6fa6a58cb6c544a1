"""Each job through each way that a run can go wrong, as a user runs it: over HTTP, with a trace.

A run that goes wrong says so in one line, keeps its trace, holds its budget and writes nothing; and
what was wrong with a call is told to the model in whole.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.agent.endpoint import (
    MODEL,
    Answer,
    Endpoint,
    Seen,
    calls,
    delta,
    fails,
    says,
    sse,
    streams,
)
from tests.codexgraph.conftest import Outcome, Repository
from tests.codexgraph.test_agent import CLASS, COMMENTED, FIX, MEMBER
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY = "sk-Branches/0123456789"
BUDGET = 9_000
TESTS = (
    '```python\nfrom shop.money import Money\n\n\ndef test_a():\n    assert Money(1, "EUR")\n```'
)
JOBS = {
    "ask": (["ask", "who reads amounts?"], "`shop.money.parse_amount`, shop/money.py:16"),
    "debug": (["debug", "orders of 150 lines fail"], FIX),
    "test": (["test", "parse_amount"], TESTS),
    "generate": (["generate", "a test for lines, shop.orders.Order"], MEMBER),
    "class": (["class", "A draft order", "--path", "shop/draft.py"], CLASS),
    "comment": (["comment", "Money.convert"], COMMENTED),
    "complete": (["complete", "shop/money.py:13"], "```python\n  # in that one\n```"),
}
PROSE = ("ask", "debug")


def bad(job: str, number: int = 0) -> str:
    """A draft that does not pass, another one each time."""
    if job in PROSE:
        return f"See shop/none_{number}.py:3." + " and so on" * 30
    if job == "test":
        # What does not parse is mended in tests; a name that is nowhere is not.
        return f"```python\ndef test_a():\n    assert missing_{number}()\n```\n" + "so on " * 30
    before = "# not yet\n" * number
    head = "class Draft:\n    pass\n\n\n" if job == "class" else ""
    return f"```python\n{before}{head}def wrong(:\n```\n" + "and so on " * 30


def asks(*made: tuple[str, str]) -> Callable[[str], list[Answer]]:
    """A model that calls tools, and writes a good draft after their answers."""
    return lambda job: [calls(*made), says(JOBS[job][1])]


def cypher(query: str) -> tuple[str, str]:
    return ("cypher", json.dumps({"query": query}))


def spends(job: str) -> list[Any]:
    """A model that never gets it right, and whose tokens are counted here."""
    numbers = count()

    def answer(seen: Seen) -> Answer:
        text = "" if "tools" in seen.body else bad(job, next(numbers))
        return says(text, tokens=None)

    return [answer]


BUSY = fails(429, "slow down", headers={"retry-after-ms": "1"})
CUT = streams(*sse(delta(content="See shop/none.py:3\n```python\ndef ("), done=False), is_cut=True)


@dataclass(frozen=True)
class Branch:
    """answers: of the endpoint, for a job. said: to the person. told: to the model afterwards.

    ends: exit code, and why the run ended.
    """

    answers: Callable[[str], list[Any]]
    said: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    ends: tuple[int, str] = (0, "passed")
    options: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


BRANCHES = {
    "wrong Cypher, empty result, refused write, tool error": Branch(
        asks(
            cypher("MATCH (n:CLAS) RETURN n.nam"),
            cypher("MATCH (n:CLASS {name: 'Ordr'}) RETURN n.name"),
            cypher("MATCH (n:CLASS) DETACH DELETE n"),
            ("get_body", '{"name": "Ordr.totl"}'),
        ),
        told=(
            "label CLAS is not in the schema: did you mean CLASS?",
            "property nam is not in the schema: did you mean name?",
            "no CLASS has the name 'Ordr': did you mean Order?",
            "queries are read-only here: DETACH would change the graph",
            "no symbol is called 'Ordr.totl'",
        ),
    ),
    "Cypher that does not parse, no such tool, invalid JSON": Branch(
        asks(
            cypher("MATCH (n:CLASS RETURN n"),
            ("get_bodies", '{"name": "Order"}'),
            ("get_body", '{"name": "Ord'),
        ),
        told=(
            "Cypher syntax error at line 1, col 23",
            "there is no tool 'get_bodies'",
            "get_body: the arguments are no JSON object",
        ),
    ),
    "time-out": Branch(
        lambda _: [streams(30.0)],
        said=("sent nothing within 0.3 s", "model.timeout_s"),
        ends=(5, "error"),
        settings=(("CODEXGRAPH_MODEL_TIMEOUT_S", "0.3"),),
    ),
    "rate limit": Branch(lambda job: [BUSY, BUSY, says(""), BUSY, says(JOBS[job][1])]),
    "rate limit that lasts": Branch(
        lambda _: [BUSY], said=("limits the rate", "slow down", "try again"), ends=(5, "error")
    ),
    "cut stream": Branch(
        lambda job: [says(""), CUT, says("It broke off."), says(JOBS[job][1])],
        said=("the reply is not whole (cut)",),
        told=("It broke off.",),
    ),
    "budget reached": Branch(
        spends,
        said=("not passed (tokens)", f"{BUDGET} tokens do not hold another call"),
        ends=(1, "tokens"),
        options=("--rounds", "20"),
    ),
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """One for all: no run of this module may change it."""
    return make_shop(tmp_path_factory.mktemp("shop"))


def make_shop(folder: Path) -> Repository:
    """The shop in git, with an index."""
    made = Repository(folder)
    for path, text in FILES.items():
        (made.root / path).parent.mkdir(exist_ok=True)
        (made.root / path).write_text(text)
    made.git("init", "-q", "-b", "main")
    (made.root / ".gitignore").write_text(".codexgraph/\n")
    made.git("add", "-A")
    made.git("commit", "-qm", "shop")
    assert made.run("index", "--quiet").code == 0
    return made


def texts(shop: Repository) -> dict[str, str]:
    return {path: (shop.root / path).read_text() for path in FILES} | {
        "new": str(sorted(path.name for path in shop.root.rglob("*.py")))
    }


def run(shop: Repository, endpoint: Endpoint, *arguments: str, **settings: str) -> Outcome:
    where = ("--model", MODEL, "--base-url", endpoint.base_url)
    environment = {"CODEXGRAPH_MODEL_KEY": KEY} | settings
    return shop.run(*arguments, *where, **environment)


@pytest.mark.parametrize("branch", BRANCHES)
@pytest.mark.parametrize("job", JOBS)
def test_a_job_goes_through_a_branch(
    shop: Repository, tmp_path: Path, job: str, branch: str
) -> None:
    how, trace, before = BRANCHES[branch], tmp_path / "trace.json", texts(shop)
    arguments = [*JOBS[job][0], "--json", "--trace", str(trace), "--budget", str(BUDGET)]
    with Endpoint(*how.answers(job)) as endpoint:
        done = run(shop, endpoint, *arguments, *how.options, **dict(how.settings))
    record = json.loads(trace.read_text())
    outcome = record["outcome"]
    assert (done.code, outcome["why"]) == how.ends, done.err
    assert done.value["result"]["outcome"]["why"] == how.ends[1]
    for part in how.said:
        assert len([line for line in done.err.splitlines() if part in line]) == 1, done.err
    told = json.dumps(endpoint.bodies[1:])
    for part in how.told:
        assert part in told, part
    assert outcome["usage"]["prompt_tokens"] + outcome["usage"]["completion_tokens"] <= BUDGET
    assert "Traceback" not in done.err
    for text in (done.out, done.err, trace.read_text(), json.dumps(endpoint.bodies)):
        assert KEY not in text
    if len(job + branch) % 3 == 0:
        again = shop.run(*JOBS[job][0], "--json", "--replay", str(trace))
        assert again.value["result"]["outcome"]["why"] == how.ends[1], again.err
        assert again.value["result"]["diff"] == done.value["result"]["diff"]
    assert texts(shop) == before
