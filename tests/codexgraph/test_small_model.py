"""The seven jobs with a real small model over HTTP, whose answers are mostly malformed.

Nothing is said of their quality: a run must end within its limits, say how, and write nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from agent.models.llama_server import LlamaServer, Weights
from agent.trajectory import load
from tests.codexgraph.conftest import Repository
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.codexgraph.conftest import Outcome

pytestmark = [pytest.mark.model, pytest.mark.timeout(900)]

JAVA = {
    "src/main/java/shop/Money.java": """package shop;

/** An amount in a currency. */
public class Money {
    private final double amount;
    private final String currency;

    public Money(double amount, String currency) {
        this.amount = amount;
        this.currency = currency;
    }

    public double amount() {
        return amount;
    }

    public Money convert(double rate) {
        return new Money(amount * rate, currency);
    }
}
""",
    "src/main/java/shop/Order.java": """package shop;

import java.util.ArrayList;
import java.util.List;

/** An order with its lines. */
public class Order {
    private final List<Money> lines = new ArrayList<>();

    public void add(Money line) {
        lines.add(line);
    }

    public double total() {
        double sum = 0;
        for (Money line : lines) {
            sum += line.amount();
        }
        return sum;
    }
}
""",
}
JOBS = {
    "ask": ["ask", "Which function reads an amount from a text?"],
    "debug": ["debug", "An order of 150 lines fails with ValueError: too many lines"],
    "test": ["test", "shop.money.parse_amount"],
    "generate": ["generate", "a method is_empty that tells whether it has no lines, GiftOrder"],
    "comment": ["comment", "shop.orders.retry_payment"],
    "class": ["class", "A draft order, an Order whose total is 0", "--path", "shop/draft.py"],
    "complete": ["complete", "shop/money.py:13:9"],
    "test of Java": ["test", "shop.Money.convert"],
    "class in Java": [
        *("class", "An Order that is wrapped and costs 2 more"),
        *("--path", "src/main/java/shop/GiftOrder.java"),
    ],
    "complete in Java": ["complete", "src/main/java/shop/Money.java:18:16"],
}
PLAIN = {"CODEXGRAPH_MODEL_TOOLS": "no", "CODEXGRAPH_MODEL_SCHEMA": "no"}
WAYS = {
    "text": PLAIN,
    "schema": PLAIN | {"CODEXGRAPH_MODEL_SCHEMA": "yes"},
    "tools": PLAIN | {"CODEXGRAPH_MODEL_TOOLS": "yes"},
}
"""How tools are chosen: as lines of plain text, as JSON held to a schema, as native calls."""
WINDOW, BUDGET, ROUNDS = 4_096, 6_000, 1
"""All below what jobs have by themselves, so that limits are met and a run takes seconds."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Both languages in one small repository, committed and indexed."""
    repository = Repository(tmp_path_factory.mktemp("shop"))
    for path, text in (FILES | JAVA).items():
        (repository.root / path).parent.mkdir(parents=True, exist_ok=True)
        (repository.root / path).write_text(text)
    (repository.root / ".gitignore").write_text(".codexgraph/\n")
    repository.git("init", "-q", "-b", "main")
    repository.git("add", ".")
    repository.git("commit", "-q", "-m", "shop")
    assert repository.run("index", "--quiet").code == 0
    return repository


@pytest.fixture(scope="module")
def server(gguf: Path) -> Iterator[LlamaServer]:
    server = LlamaServer(Weights(gguf, "small", WINDOW))
    yield server
    server.close()


@dataclass(frozen=True)
class Small:
    """A repository, and a model at an endpoint; runs leave their trace in `folder`."""

    shop: Repository
    server: LlamaServer
    folder: Path
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def trace(self) -> Path:
        return self.folder / "trace.json"

    def run(self, job: str, *options: str, **environment: str) -> Outcome:
        """A job as somebody runs it whose model answers at an address."""
        at = {
            "CODEXGRAPH_MODEL_KEY": self.server.key.reveal(),
            "CODEXGRAPH_MODEL_CONTEXT_TOKENS": str(WINDOW),
            "CODEXGRAPH_MODEL_TIMEOUT_S": "300",
        }
        model = ("--model", "small", "--base-url", self.server.base_url)
        limits = ("--rounds", str(ROUNDS), "--budget", str(BUDGET))
        told = ("--json", "--trace", str(self.trace), *limits, *options)
        return self.shop.run(*JOBS[job], *model, *told, **{**at, **environment})


@pytest.fixture
def small(shop: Repository, server: LlamaServer, tmp_path: Path) -> Small:
    return Small(shop, server, tmp_path)


def events(record: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return [event for event in record["events"] if event["event"] == kind]


def is_clean(repository: Repository) -> bool:
    """Whether the work tree is as it was committed."""
    return repository.git("status", "--porcelain") == ""


def ends_well(small: Small, done: Outcome, budget: int = BUDGET) -> dict[str, Any]:
    """What holds of every run, whatever the model wrote; the run's trace."""
    assert done.code in (0, 1), done.err
    assert "Traceback" not in done.err
    outcome = done.value["result"]["outcome"]
    usage = outcome["usage"]
    assert usage["prompt_tokens"] + usage["completion_tokens"] <= budget
    assert outcome["rounds"] <= ROUNDS
    assert outcome["why"] in ("passed", "unchanged", "rounds", "tokens"), outcome
    assert outcome["is_passed"] == (done.code == 0)
    assert is_clean(small.shop)
    record = load(small.trace)
    answered = events(record, "ModelAnswered")
    assert answered
    assert len(answered) == usage["calls"]
    for event in answered:
        reply = event["reply"]
        # Of a reply that is cut, because it goes round in circles, nobody tells the count.
        assert reply["usage"]["counted"] == (reply["finish"] == "cut")
        assert reply["usage"]["completion_tokens"] <= event["request"]["max_tokens"]
        total = reply["usage"]["prompt_tokens"] + reply["usage"]["completion_tokens"]
        assert total <= WINDOW
    # Each draft is checked or told to be unreadable, and nothing else becomes of it.
    drafts = events(record, "DraftMade")
    readable = [event for event in drafts if event["draft"] is not None]
    assert len(events(record, "Checked")) == len(readable)
    assert all(event["error"] for event in drafts if event["draft"] is None)
    assert bool(outcome["draft"]) == bool(readable)
    return record


def replays(small: Small, job: str, done: Outcome) -> None:
    """The trace alone leads to the same end."""
    again = small.shop.run(*JOBS[job], "--json", "--replay", str(small.trace))
    assert again.code == done.code, again.err
    first, second = done.value["result"], again.value["result"]
    assert second["diff"] == first["diff"]
    for name in ("why", "detail", "rounds", "is_passed"):
        assert second["outcome"][name] == first["outcome"][name]
    assert "is not the recorded one" not in again.err


@pytest.mark.parametrize("job", JOBS)
def test_each_job_ends_within_its_limits(small: Small, job: str) -> None:
    way = list(WAYS)[list(JOBS).index(job) % len(WAYS)]
    done = small.run(job, **WAYS[way])
    ends_well(small, done)
    replays(small, job, done)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_choosing_tools(small: Small, way: str) -> None:
    done = small.run("ask", **WAYS[way])
    record = ends_well(small, done)
    first = events(record, "ModelAnswered")[0]["request"]
    assert bool(first["tools"]) == (way == "tools")
    assert (first["schema"] is not None) == (way == "schema")


def test_calls_that_do_not_fit_are_answered_with_what_is_wrong(small: Small) -> None:
    done = small.run("generate", **WAYS["schema"], CODEXGRAPH_MODEL_TEMPERATURE="1.8")
    record = ends_well(small, done)
    for event in events(record, "ToolAnswered"):
        assert event["result"]["error"] or event["text"]
    replays(small, "generate", done)
