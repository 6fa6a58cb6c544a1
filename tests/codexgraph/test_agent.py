"""The seven jobs as a user runs them: without a model, and with one that follows a script."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.codexgraph.conftest import Repository

MODEL = "CODEXGRAPH_MODEL_PATH"
MEMBER = "```python\ndef is_empty(self):\n    return not self.lines\n```"
CLASS = (
    "```python\nfrom shop.orders import Order\n\n\nclass Draft(Order):\n"
    '    """An order that is not placed."""\n\n    def total(self):\n        return 0\n```'
)
COMMENTED = (
    "```python\ndef convert(self, rate):\n"
    '    """The same value in another currency, by a rate."""\n'
    "    return Money(self.amount * rate, self.currency)\n```"
)
TESTS = (
    "```python\nfrom shop.money import parse_amount\n\n\ndef test_amount_and_currency():\n"
    '    money = parse_amount("2.50 EUR")\n'
    '    assert (money.amount, money.currency) == (2.5, "EUR")\n```'
)
FIX = (
    "The line is only checked at shop/orders.py:19.\n\nshop/orders.py\n<<<<<<< SEARCH\n"
    "MAX_LINES = 100\n=======\nMAX_LINES = 200\n>>>>>>> REPLACE\n"
)
WITH_MODEL = {
    "ask": (["ask", "who reads amounts?"], "`shop.money.parse_amount`, shop/money.py:16", ""),
    "debug": (["debug", "orders of 150 lines fail"], FIX, "+MAX_LINES = 200"),
    "test": (["test", "parse_amount"], TESTS, "+def test_amount_and_currency():"),
    "generate": (["generate", "a test for lines, shop.orders.Order"], MEMBER, "+    def is_empty"),
    "class": (["class", "A draft order", "--path", "shop/draft.py"], CLASS, "+class Draft(Order):"),
    "comment": (["comment", "Money.convert"], COMMENTED, "+        "),
    "complete": (
        ["complete", "shop/money.py:13"],
        "```python\n  # in that one\n```",
        "in that one",
    ),
}


@pytest.fixture
def shop(bare: Repository) -> Repository:
    for path, text in FILES.items():
        (bare.root / path).parent.mkdir(exist_ok=True)
        (bare.root / path).write_text(text)
    subprocess.run(["git", "add", "-A"], cwd=bare.root, check=True)
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    command = ["git", *identity, "-c", "commit.gpgsign=false", "commit", "-qm", "shop"]
    subprocess.run(command, cwd=bare.root, check=True)
    assert bare.run("index", "--quiet").code == 0
    return bare


def script(folder: Path, *texts: str | dict[str, Any], capabilities: tuple[str, ...] = ()) -> str:
    path = folder / "script.json"
    replies = [{"text": text} if isinstance(text, str) else text for text in texts]
    value = {"version": 1, "replies": replies, "capabilities": list(capabilities)}
    path.write_text(json.dumps(value))
    return str(path)


@pytest.mark.parametrize("job", WITH_MODEL)
def test_without_a_model_the_graph_answers_and_says_so(shop: Repository, job: str) -> None:
    arguments = WITH_MODEL[job][0]
    done = shop.run(*arguments)
    assert done.code in (0, 1), done.err
    assert "no model" in done.err
    assert "docs/models.md" in done.err
    assert done.out.startswith("## ")


@pytest.mark.parametrize("job", WITH_MODEL)
def test_with_a_model_each_job_ends_in_a_draft_that_passes(
    shop: Repository, tmp_path: Path, job: str
) -> None:
    arguments, reply, part = WITH_MODEL[job]
    before = {path: (shop.root / path).read_text() for path in FILES}
    environment = {MODEL: script(tmp_path, "", reply)}
    trace = tmp_path / "trace.json"
    done = shop.run(*arguments, "--json", "--trace", str(trace), **environment)
    assert done.code == 0, (done.out, done.err)
    result: dict[str, Any] = done.value["result"]
    assert result["outcome"]["is_passed"] is True
    assert part in result["diff"] or not part
    assert {path: (shop.root / path).read_text() for path in FILES} == before
    again = shop.run(*arguments, "--json", "--replay", str(trace))
    assert again.code == 0, again.err
    assert again.value["result"]["diff"] == result["diff"]


def test_a_draft_that_names_nothing_is_mended(shop: Repository, tmp_path: Path) -> None:
    wrong = MEMBER.replace("self.lines", "self.missing_lines")
    model = {MODEL: script(tmp_path, "", wrong, "It has lines.", MEMBER)}
    done = shop.run(
        "generate", "a test for lines", "--path", "shop.orders.Order", "--json", **model
    )
    assert done.code == 0, done.err
    assert done.value["result"]["outcome"]["rounds"] == 1
    assert "missing_lines" in done.err


def test_apply_writes_only_what_passes_and_refuses_a_dirty_target(
    shop: Repository, tmp_path: Path
) -> None:
    job = ("generate", "a test for lines, shop.orders.Order", "--apply")
    done = shop.run(
        *job, "--rounds", "0", **{MODEL: script(tmp_path, "", "```python\ndef (:\n```")}
    )
    assert (done.code, "nothing was written" in done.err) == (1, True)
    assert shop.run(*job, **{MODEL: script(tmp_path, "", MEMBER)}).code == 0
    assert "def is_empty" in (shop.root / "shop/orders.py").read_text()
    assert shop.run("index", "--quiet").code == 0
    again = shop.run(*job, **{MODEL: script(tmp_path, "", MEMBER.replace("is_empty", "other"))})
    assert again.code == 2
    assert "shop/orders.py" in again.err
    assert "def other" not in (shop.root / "shop/orders.py").read_text()


def test_limits_hold_and_are_told(shop: Repository, tmp_path: Path) -> None:
    model = {MODEL: script(tmp_path, *["word " * 50] * 30)}
    done = shop.run("ask", "who reads amounts?", "--budget", "2000", "--json", **model)
    usage = done.value["result"]["outcome"]["usage"]
    assert done.code == 1
    assert usage["prompt_tokens"] + usage["completion_tokens"] <= 2_000
    assert "tokens" in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["complete", "shop/money.py"], "path:line"),
        (["complete", "shop/none.py:3"], "shop/none.py"),
        (["class", "A thing"], "--path"),
        (["generate", "something"], "what and where"),
        (["comment", "Monny.convert"], "Mon"),
        (["ask", " "], "nothing to work on"),
        (["ask", "x", "--replay", "none.json"], "none.json"),
    ],
)
def test_bad_input_is_one_line(
    shop: Repository, tmp_path: Path, arguments: list[str], said: str
) -> None:
    done = shop.run(*arguments, **{MODEL: script(tmp_path, "", "text")})
    assert done.code in (1, 2)
    assert said in done.err
    assert "Traceback" not in done.err


def test_a_file_gets_the_comments_that_it_lacks(shop: Repository, tmp_path: Path) -> None:
    reply = (
        '## GiftOrder.total\n\nThe sum in euro,\nwith """ and \\n in it.\n\n'
        "## Order\nIs documented already.\n"
    )
    path = "shop/orders.py"
    done = shop.run("comment", path, "--json", **{MODEL: script(tmp_path, "", reply)})
    assert done.code == 0, done.err
    added = [line for line in done.value["result"]["diff"].splitlines() if line.startswith("+  ")]
    assert added == [
        '+        r"""The sum in euro,',
        "+        with ''' and \\n in it.",
        '+        """',
    ]
    refused = shop.run("comment", "shop/money.py", **{MODEL: script(tmp_path, "", reply)})
    assert refused.code == 2
    assert "has its comment already" in refused.err


def test_a_model_that_fills_gaps_is_given_the_gap(shop: Repository, tmp_path: Path) -> None:
    # The prompt ends where the gap begins, and the reply is taken as it comes.
    entry = {"text": '\n    """Rain."""', "when": r"def forecast\(region\):\Z"}
    model = {MODEL: script(tmp_path, "", entry, capabilities=("infill",))}
    done = shop.run("complete", "shop/weather.py:4", "--json", **model)
    assert done.code == 0, done.err
    assert '+    """Rain."""' in done.value["result"]["diff"].splitlines()


def test_the_best_of_several_candidates_is_chosen(shop: Repository, tmp_path: Path) -> None:
    job = ("generate", "a test for lines, shop.orders.Order", "--candidates", "3", "--json")
    broken = MEMBER.replace("self.lines", "self.(")
    wrong = MEMBER.replace("self.lines", "self.missing_lines")
    done = shop.run(*job, "--rounds", "0", **{MODEL: script(tmp_path, "", broken, wrong, broken)})
    assert done.code == 1
    assert "missing_lines" in done.value["result"]["diff"]
    done = shop.run(*job, **{MODEL: script(tmp_path, "", wrong, MEMBER)})
    assert (done.code, done.value["result"]["outcome"]["usage"]["calls"]) == (0, 3)


def test_questions_in_words_are_translated_within_the_budget(
    shop: Repository, tmp_path: Path
) -> None:
    asked = {"name": "cypher", "arguments": {"question": "which classes inherit Order?"}}
    query = "```cypher\nMATCH (c:CLASS)-[:INHERITS]->(b:CLASS {name: 'Order'}) RETURN c\n```"
    replies = ({"calls": [asked]}, query)
    answer = "`shop.orders.GiftOrder` does, shop/orders.py:27"
    trace = tmp_path / "trace.json"
    tools = {MODEL: script(tmp_path, *replies, answer, capabilities=("tools",))}
    job = ("ask", "who inherits Order?", "--json")
    done = shop.run(*job, "--translate", "--trace", str(trace), **tools)
    assert done.code == 0, done.err
    assert done.value["result"]["outcome"]["usage"]["calls"] == 3
    events = json.loads(trace.read_text())["events"]
    found = next(event for event in events if event["event"] == "ToolAnswered")
    assert "shop.orders.GiftOrder" in found["text"]
    assert "asked as: MATCH" in found["text"]
    again = shop.run(*job, "--replay", str(trace))
    assert again.code == 0, again.err
    assert again.value["result"]["outcome"]["usage"]["calls"] == 3


def test_large_budgets_have_tools_that_run_things(shop: Repository, tmp_path: Path) -> None:
    text = "def f():\n    return undefined_name\n"
    checked = {"name": "check", "arguments": {"path": "shop/new.py", "file_text": text}}
    tests = {"name": "run_tests", "arguments": {"ids": ["tests/test_orders.py"]}}
    imports = {
        "name": "suggest_imports",
        "arguments": {"path": "shop/new.py", "file_text": "Money(1, 2)\n"},
    }
    trace = tmp_path / "trace.json"
    calls = {"calls": [checked, tests, imports]}
    model = {MODEL: script(tmp_path, calls, FIX, capabilities=("tools",))}
    done = shop.run("debug", "orders of 150 lines fail", "--trace", str(trace), **model)
    assert done.code == 0, done.err
    events = json.loads(trace.read_text())["events"]
    texts = [event["text"] for event in events if event["event"] == "ToolAnswered"]
    assert "undefined_name" in texts[0]
    assert "tests" in texts[1]
    assert "from shop.money import Money" in texts[2]


def test_a_class_for_a_module_that_is_there_keeps_the_rest(
    shop: Repository, tmp_path: Path
) -> None:
    code = CLASS.replace("from shop.orders import Order\n\n\n", "")
    job = ("class", "A draft order", "--path", "shop/orders.py", "--json")
    environment = {MODEL: script(tmp_path, "", code), "CODEXGRAPH_MODEL_TEMPERATURE": "0.5"}
    trace = tmp_path / "trace.json"
    done = shop.run(*job, "--trace", str(trace), **environment)
    assert done.code == 0, done.err
    lines = done.value["result"]["diff"].splitlines()
    assert [line for line in lines if line.startswith("-") and not line.startswith("---")] == []
    assert "+class Draft(Order):" in lines
    record = json.loads(trace.read_text())
    asked = [event for event in record["events"] if event["event"] == "ModelAnswered"]
    assert {event["request"]["temperature"] for event in asked} == {0.5}
    assert (
        "MAX_LINES, Order, GiftOrder, retry_payment"
        in asked[1]["request"]["messages"][1]["content"]
    )


def test_a_replay_has_the_limits_of_its_run(shop: Repository, tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    job = ("generate", "a test for lines, shop.orders.Order")
    wrong = MEMBER.replace("self.lines", "self.missing_lines")
    model = {MODEL: script(tmp_path, "", wrong)}
    assert shop.run(*job, "--rounds", "0", "--trace", str(trace), **model).code == 1
    again = shop.run(*job, "--replay", str(trace), "--json")
    assert (again.code, again.value["result"]["outcome"]["why"]) == (1, "rounds")
