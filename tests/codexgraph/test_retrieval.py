"""search, context, locate and map, and the benchmark commands, as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.harness.sources import dependency_row, shop_repository, write_lines
from tests.graphdb.retrieval.shop import FILES

if TYPE_CHECKING:
    from pathlib import Path

    from tests.codexgraph.conftest import Repository


@pytest.fixture
def shop(bare: Repository) -> Repository:
    for path, text in FILES.items():
        (bare.root / path).parent.mkdir(exist_ok=True)
        (bare.root / path).write_text(text)
    assert bare.run("index", "--quiet").code == 0
    return bare


def test_search_says_why_and_how_fresh(shop: Repository) -> None:
    done = shop.run("search", "growing backoff", "--k", "3", "--json")
    assert done.code == 0
    best = done.value["result"][0]
    assert best["symbol"]["full_name"] == "shop.orders.retry_payment"
    assert best["why"]
    assert done.value["index"]["fresh"] is True
    text = shop.run("search", "growing backoff", "--kind", "FUNCTION").out
    assert text.startswith("shop/orders.py:")


def test_context_takes_a_name_a_line_or_a_text(shop: Repository) -> None:
    for about in ("Order.add_line", "shop/orders.py:17"):
        done = shop.run("context", about, "--budget", "300", "--json")
        assert done.value["result"]["symbol"]["full_name"] == "shop.orders.Order.add_line"
        assert done.value["result"]["tokens"] <= 300
    done = shop.run("context", "why does a payment fail after a timeout?", "--json")
    assert done.value["result"]["symbol"] is None
    assert "retry_payment" in done.value["result"]["text"]


def test_locate_reads_an_issue_from_standard_input(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO('File "shop/orders.py", line 3, in add_line\n'))
    done = shop.run("locate", "-", "--json")
    assert done.value["result"]["files"][0]["path"] == "shop/orders.py"
    assert done.value["result"]["functions"][0]["symbol"]["name"] == "add_line"


def test_the_cost_of_an_answer_is_measured(shop: Repository, tmp_path: Path) -> None:
    issues = write_lines(tmp_path / "issues.jsonl", [{"problem_statement": "payment fails"}])
    done = shop.run("bench", "latency", "--n", "2", "--issues", str(issues), "--json")
    assert done.code == 0
    assert json.loads(done.out)["metrics"]["context of an issue"]["p50"] > 0
    assert "map" in shop.run("bench", "latency", "--n", "2", "--issues", str(issues)).out
    assert "give --issues" in shop.run("bench", "latency", "--n", "2").err


def test_map_fits_its_budget(shop: Repository) -> None:
    done = shop.run("map", "--budget", "60", "--json")
    assert 0 < done.value["result"]["tokens"] <= 60


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["search", "  "], 2, "the text is empty"),
        (["search", "zxqv"], 1, "nothing found"),
        (["context", "shop.orders.Nowhere"], 1, "no symbol is called"),
        (["context", "shop/none.py:3"], 1, "not indexed"),
        (["map", "--budget", "3"], 2, "budget"),
    ],
)
def test_what_cannot_be_answered_is_one_line(
    shop: Repository, arguments: list[str], code: int, message: str
) -> None:
    done = shop.run(*arguments)
    assert done.code == code
    assert message in done.err


def test_a_corpus_of_before_is_not_used_after_a_change(shop: Repository) -> None:
    shop.run("search", "orders")
    (shop.root / "shop/rain.py").write_text("def umbrella_for_rain():\n    return 1\n")
    shop.run("index", "--quiet")
    assert "umbrella_for_rain" in shop.run("search", "umbrella").out
    assert len(list((shop.root / ".codexgraph").glob("corpus-*"))) == 1


def test_a_benchmark_runs_and_reports(bare: Repository, tmp_path: Path) -> None:
    repos = tmp_path / "repos"
    shop_repository(repos)
    row = dependency_row("shop.orders.Order.add_line", 15, ["shop.orders.Order.lines"], "Add.")
    data = write_lines(tmp_path / "data.jsonl", [row])
    where = ["--data", str(data), "--repos", str(repos), "--out", str(tmp_path / "out")]
    done = bare.run("bench", "run", "evocodebench", *where, "--k", "5,10", "--json")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert result["suite"] == "evocodebench"
    assert (result["n"], result["skipped"]) == (1, 0)
    assert result["metrics"]["graph"]["recall@10"] == 100.0
    assert set(result["metrics"]) >= {"coverage", "graph", "bm25", "interleaved"}
    assert bare.run("bench", "report", str(tmp_path / "out")).code == 0
    assert (tmp_path / "out/report.html").is_file()
    assert bare.run("bench", "run", "evocodebench", *where, "--k", "0").code == 2


def test_a_generated_set_can_be_run(bare: Repository, tmp_path: Path) -> None:
    shop_repository(tmp_path / "repos")
    repos, out = str(tmp_path / "repos"), str(tmp_path / "points.jsonl")
    assert bare.run("bench", "generate", "shop", "--repos", repos, "--out", out).code == 0
    assert (tmp_path / "points.jsonl").read_text().count("\n") >= 1


def test_suites_are_listed_with_their_terms(bare: Repository) -> None:
    cards = json.loads(bare.run("bench", "list", "--json").out)
    assert cards["evocodebench"]["licence"] == "Apache-2.0"
    assert "swebench" in bare.run("bench", "list").out
