"""The gate on a repository whose tasks are good, untested, wrong, and without their tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.generation.gate import GateRequest, left_out, run_gate
from benchmarks.generation.testrun import BrokenEnvironmentError
from graphdb.errors import CodexGraphError
from tests.benchmarks.generation.toy import FILES, HereSource, repository, write_tasks

if TYPE_CHECKING:
    from benchmarks.generation.projects import Project


class BrokenSource:
    """Nothing can be built here."""

    isolation = "none"
    cache = Path("nowhere")

    def tree(self, *_: object, **__: object) -> Path:
        raise BrokenEnvironmentError("no files")

    def open(self, *_: object, **__: object) -> Project:
        raise BrokenEnvironmentError("no interpreter")


@pytest.fixture(name="request_")
def fixture_request(tmp_path: Path) -> GateRequest:
    revision = repository(tmp_path / "repos")
    data = write_tasks(tmp_path / "tasks.json", revision)
    return GateRequest("repoclassbench", data, tmp_path / "repos", tmp_path / "out")


def silent(_: str) -> None:
    pass


def rows_of(table: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in table["rows"]}


@pytest.mark.slow
def test_each_task_gets_its_verdict_and_reason(request_: GateRequest, tmp_path: Path) -> None:
    table = run_gate(request_, HereSource(tmp_path / "cache"), silent)
    rows = rows_of(table)
    assert {name: row["status"] for name, row in rows.items()} == {
        "good": "passed",
        "untested": "left out",
        "wrong": "left out",
        "ordered": "passed",
        "absent": "left out",
    }
    good = rows["good"]
    assert good["truth"]["official"] == 2
    assert (good["truth"]["run"], good["truth"]["passed"]) == (2, 2)
    assert good["removed"]["passed"] == 0
    assert list(good["mutants"]) == ["default"]
    assert not good["mutants"]["default"]["is_passed"]
    assert "every body broken (default, throws)" in rows["untested"]["reason"]
    assert "1 failed" in rows["wrong"]["reason"]
    assert "1 missing" in rows["absent"]["reason"]
    assert rows["ordered"]["reason"].endswith("in reverse order: they depend on others")
    money = tmp_path / "cache" / "trees"
    left = next(money.glob("shop-*/shop/money.py")).read_text()
    assert left == FILES["shop/money.py"]
    page = (request_.out / "gate.md").read_text()
    assert "| shop | 5 | 3 | 3 | 2 | 2 | 3 | 0 |" in page
    assert left_out(request_.out)["good"] == ""
    assert "broken" in left_out(request_.out / "gate.json")["untested"]


def test_a_broken_environment_says_nothing_of_a_task(request_: GateRequest) -> None:
    table = run_gate(request_, BrokenSource(), silent)
    assert {row["status"] for row in table["rows"]} == {"environment"}
    assert {row["reason"] for row in table["rows"]} == {"no interpreter"}


@pytest.mark.slow
def test_a_run_that_was_stopped_goes_on(request_: GateRequest, tmp_path: Path) -> None:
    from dataclasses import replace

    one = replace(request_, ids=("good",))
    source = HereSource(tmp_path / "cache")
    run_gate(one, source, silent)
    said: list[str] = []
    run_gate(replace(request_, ids=("good", "wrong"), resume=True), source, said.append)
    assert [line.split()[1] for line in said] == ["wrong:"]
    rows = (request_.out / "gate.jsonl").read_text().splitlines()
    assert [json.loads(row)["id"] for row in rows] == ["good", "wrong"]


def test_what_cannot_be_asked_is_said(request_: GateRequest, tmp_path: Path) -> None:
    from dataclasses import replace

    source = BrokenSource()
    with pytest.raises(CodexGraphError, match="no task 'x'"):
        run_gate(replace(request_, ids=("x",)), source, silent)
    with pytest.raises(CodexGraphError, match="no task of moon"):
        run_gate(replace(request_, repositories=("moon",)), source, silent)
    with pytest.raises(CodexGraphError, match="no gate for 'testbench'"):
        run_gate(replace(request_, suite="testbench"), source, silent)
    with pytest.raises(CodexGraphError, match="no table of bench gate"):
        left_out(tmp_path)
