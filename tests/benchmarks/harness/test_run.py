"""A run writes its answers as it goes, goes on where it stopped, and counts what it left out."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.harness.report import write_report
from benchmarks.harness.run import METRICS, PREDICTIONS, RunRequest, run_suite
from graphdb.errors import CodexGraphError
from tests.benchmarks.harness.sources import dependency_row, shop_repository, write_lines

if TYPE_CHECKING:
    from pathlib import Path

ADD_LINE = "shop.orders.Order.add_line"
TOTAL = "shop.orders.GiftOrder.total"
LINES = "shop.orders.Order.lines"


def nothing(done: int, total: int) -> None:
    pass


@pytest.fixture
def request_(tmp_path: Path) -> RunRequest:
    shop_repository(tmp_path / "repos")
    rows = [
        dependency_row(ADD_LINE, 15, [LINES, "shop.money.parse_amount"], "Add a line."),
        dependency_row(TOTAL, 30, [LINES, "shop.orders.Nowhere"], "The sum of all lines."),
        dependency_row("shop.orders.retry_payment", 34, [], "Pay again."),
    ]
    other = dependency_row("market.stall.open", 1, ["market.stall.door"], "Open.")
    rows.append(other | {"completion_path": "market/stall.py"})
    data = write_lines(tmp_path / "data.jsonl", rows)
    return RunRequest("evocodebench", data, tmp_path / "repos", tmp_path / "out", ks=(1, 5, 10))


def statuses(out: Path) -> dict[str, str]:
    lines = (out / PREDICTIONS).read_text().splitlines()
    return {row["id"]: row["status"] for row in map(json.loads, lines)}


def test_a_run_answers_and_says_what_it_left_out(request_: RunRequest) -> None:
    metrics = run_suite(request_, nothing)
    assert statuses(request_.out) == {
        ADD_LINE: "answered",
        TOTAL: "answered",
        "shop.orders.retry_payment": "skipped",
        "market.stall.open": "environment",
    }
    assert (metrics["n"], metrics["records"], metrics["skipped"]) == (2, 4, 2)
    assert {row["status"] for row in metrics["skipped_why"]} == {"skipped", "environment"}
    assert metrics["metrics"]["coverage"] == 75.0
    assert metrics["metrics"]["graph"]["recall@10"] == 75.0
    assert metrics["metrics"]["graph"].keys() == metrics["metrics"]["bm25"].keys()
    assert len(metrics["data_sha256"]) == 64
    assert json.loads((request_.out / METRICS).read_text()) == metrics


def test_a_hidden_body_helps_nobody(request_: RunRequest) -> None:
    run_suite(request_, nothing)
    answer = json.loads((request_.out / PREDICTIONS).read_text().splitlines()[0])["answer"]
    whole = dict(answer["places"]["graph"])
    assert whole[LINES][0] <= 5
    assert ADD_LINE not in answer["first"]["graph"]


def test_a_run_that_was_stopped_goes_on(request_: RunRequest) -> None:
    whole = run_suite(request_, nothing)
    path = request_.out / PREDICTIONS
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(lines[0] + lines[1][: len(lines[1]) // 2])
    kept = json.loads(lines[0])["seconds"]
    again = run_suite(replace(request_, resume=True), nothing)
    assert again["metrics"] == whole["metrics"]
    assert json.loads(path.read_text().splitlines()[0])["seconds"] == kept
    with pytest.raises(CodexGraphError, match="another run"):
        run_suite(replace(request_, resume=True, ks=(3,)), nothing)


def test_processes_give_the_same_figures(request_: RunRequest) -> None:
    one = run_suite(request_, nothing)
    two = run_suite(replace(request_, jobs=2, out=request_.out.with_name("two")), nothing)
    assert two["metrics"] == one["metrics"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suite": "nonsense"}, "unknown suite"),
        ({"retrievers": ("magic",)}, "no retriever 'magic'"),
        ({"repos": None}, "give --repos"),
    ],
)
def test_bad_requests_are_one_line(
    request_: RunRequest, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(CodexGraphError, match=message):
        run_suite(replace(request_, **change), nothing)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no records"),
        ('{"a": 1}\n{"b": \n', "data.jsonl:2: not JSON"),
        ("[1, 2]", "must be an object"),
        ('{"a": 1}\n', "no 'completion_path'"),
    ],
)
def test_bad_data_names_file_and_line(request_: RunRequest, text: str, message: str) -> None:
    request_.data.write_text(text)
    with pytest.raises(CodexGraphError, match=message):
        run_suite(request_, nothing)


def test_missing_data_says_where_it_comes_from(request_: RunRequest) -> None:
    with pytest.raises(CodexGraphError, match=r"Coding-Tutor.*Apache-2\.0"):
        run_suite(replace(request_, data=request_.data.with_name("none.jsonl")), nothing)


def test_a_report_has_tables_and_plots(request_: RunRequest) -> None:
    run_suite(request_, nothing)
    names = {path.name for path in write_report(request_.out)}
    assert {"report.md", "report.html", "recall-k.svg"} <= names
    page = (request_.out / "report.md").read_text()
    assert "| recall@10 | 75.0 |" in page
    assert "N = 2 of 4 records" in page
    assert (request_.out / "report.html").read_text().count("<svg") >= 1
    with pytest.raises(CodexGraphError, match="give the --out"):
        write_report(request_.out.parent)
