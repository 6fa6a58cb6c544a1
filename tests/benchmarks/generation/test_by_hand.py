"""Scores of right, wrong and malformed answers against sums done by hand, and the files of each."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.generation.writing import Setting
from benchmarks.generation.writing_run import run_writing
from tests.benchmarks.generation.test_writing_run import (
    GOLD_LINE,
    Writer,
    completion,
    contained,
    functions,
    issue,
    silent,
    skeleton,
)
from tests.benchmarks.generation.toy import MONEY, HereSource, repository, task_rows
from tests.benchmarks.harness.sources import write, write_lines

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.generation.writing_run import WritingRequest

MALFORMED = ")("


def scores(request: WritingRequest, text: str) -> dict[str, Any]:
    found = run_writing(request, Setting(), Writer(texts=[text]), silent)
    assert found["skipped_why"] == []
    return found["metrics"]["agent"]


def written(request: WritingRequest, name: str) -> list[dict[str, Any]]:
    lines = (request.out / "agent" / name).read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_a_completed_line(tmp_path: Path) -> None:
    request = completion(tmp_path)
    full = dict.fromkeys(("em", "es", "id_em", "id_precision", "id_recall", "id_f1"), 100.0)
    assert scores(request, f"Here:\n```python\n{GOLD_LINE}\n```").items() >= full.items()
    # self, lines, append, text are in both; parse stands for parse_amount. Of 30 and 37 characters
    # 30 are common: 200 * 30 / 67.
    wrong = scores(request, GOLD_LINE.replace("parse_amount", "parse"))
    assert wrong.items() >= {"em": 0.0, "es": 90.0, "id_em": 0.0, "id_f1": 80.0}.items()
    assert (wrong["id_precision"], wrong["id_recall"]) == (80.0, 80.0)
    # No identifiers, and one character of 2 and 37 in common: 200 * 1 / 39.
    none = scores(request, MALFORMED)
    assert none.items() >= {"em": 0.0, "es": 5.0, "id_em": 0.0, "id_f1": 0.0}.items()
    assert written(request, "prediction.jsonl") == [{"task_id": "1", "pred": MALFORMED}]


def test_a_filled_gap(tmp_path: Path) -> None:
    request = contained(tmp_path)
    gold = "return amount * money.exchange_rate('EUR')"
    assert scores(request, gold)["es"] == 100.0
    # "return amount" is 13 of 42 characters: 200 * 13 / 55.
    assert scores(request, "return amount")["es"] == 47.0
    # "(" stands before ")" in the gold, so one of both is common: 200 * 1 / 44.
    found = scores(request, MALFORMED)
    assert (found["es"], found["pass@1"], found["line: es"]) == (5.0, None, 5.0)
    (row,) = written(request, "generation.jsonl")
    assert (row["generated_middle_code"], row["is_pass"], row["es"]) == (MALFORMED, None, 5)


@pytest.mark.slow
def test_a_filled_gap_and_its_tests(tmp_path: Path) -> None:
    request = contained(tmp_path)
    row = json.loads(request.data.read_text())
    files = {"till/money.py": row["context_code"][0][1], "till/pay.py": "", "till/__init__.py": ""}
    till = "from till.pay import pay\nassert pay(3) == 3\n"
    write(tmp_path / "repos/till", {**files, "evaluate_repo.py": till})
    venv = [sys.executable, "-m", "venv", "--without-pip", tmp_path / "cache/envs/repo_till"]
    subprocess.run(venv, check=True)
    empty = row | {"middle_code": "    # Nothing.\n", "prefix_code": "def pay(a):\n    return a\n"}
    broken = row | {"middle_code": "    return 4\n"}
    rows = [{**one, "file_name": "till/till/pay.py"} for one in (row, empty, broken)]
    write_lines(request.data, rows)
    marker = tmp_path / "marker"
    gold = "    return amount * money.exchange_rate('EUR')"
    hostile = f"    open({str(marker)!r}, 'w').close()\n{gold}"
    texts = [gold, "    return amount", "    return 4", MALFORMED, hostile]
    setting = Setting(
        samples=5, ks=(1, 5), repos=tmp_path / "repos", workshop=HereSource(tmp_path / "cache")
    )
    found = run_writing(request, setting, Writer(texts=texts), silent)
    assert {row["reason"] for row in found["skipped_why"]} == {
        "evaluate_repo.py passes with the gap left empty",
        "evaluate_repo.py fails with the ground truth",
    }
    passed = [row["is_pass"] for row in written(request, "generation.jsonl")]
    assert passed == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert not marker.exists()
    # Two of five are right: 2/5 and 1.
    scores_ = found["metrics"]["agent"]
    assert (scores_["pass@1"], scores_["pass@5"], scores_["line: pass@1"]) == (40.0, 100.0, 40.0)


def test_a_function(tmp_path: Path) -> None:
    request = functions(tmp_path)
    # Of parse_amount, Order.lines and MAX_LINES; a second record has no reference and no recall.
    all_three = "if len(self.lines) < MAX_LINES:\n    self.lines.append(parse_amount(text))"
    for body, recall in ((all_three, 100.0), ("return parse_amount(text)", 33.33), ("def ((", 0.0)):
        found = scores(request, f"```python\n{body}\n```")
        assert (found["recall_n"], found["recall@1"], found["pass@1"]) == (1, recall, None)
    rows = written(request, "completion.jsonl")
    assert [sorted(row) for row in rows] == [["completion", "namespace"]] * 2
    assert rows[0] == {"namespace": "shop.orders.Order.add_line", "completion": "def ((\n"}


def test_places_of_an_issue(tmp_path: Path) -> None:
    request = issue(tmp_path)
    right = "See shop/orders.py:16, in `Order.add_line`."
    late = "First shop/money.py:9, then `parse_amount`, then shop/orders.py:16."
    near = "It is in `shop.orders.GiftOrder`."
    levels = ("file@1", "file@3", "module@5", "function@5")
    for text, wanted in (
        (right, (100.0, 100.0, 100.0, 100.0)),
        (late, (0.0, 100.0, 100.0, 100.0)),
        (near, (100.0, 100.0, 0.0, 0.0)),
        ("In shop/nowhere.py:1 or `moon`.", (0.0, 0.0, 0.0, 0.0)),
        (MALFORMED, (0.0, 0.0, 0.0, 0.0)),
    ):
        found = scores(request, text)
        assert tuple(found[level] for level in levels) == wanted, text
    scores(request, late)
    assert written(request, "loc_outputs.jsonl") == [
        {
            "instance_id": "shop-1",
            "found_files": ["shop/money.py", "shop/orders.py"],
            "found_modules": [
                "shop/money.py:Money",
                "shop/orders.py:Order",
                "shop/money.py:parse_amount",
            ],
            "found_entities": [
                "shop/money.py:Money.__init__",
                "shop/orders.py:Order.add_line",
                "shop/money.py:parse_amount",
            ],
        }
    ]


def test_a_finished_class(tmp_path: Path) -> None:
    request = skeleton(tmp_path)
    whole = "```java\npackage shop;\n\npublic class Order {\n}\n```"
    for text, wanted in (
        (whole, (100.0, 100.0, 100.0)),
        ("public class Order { /* TODO */ }", (100.0, 0.0, 0.0)),
        ("public class Other { }", (100.0, 100.0, 0.0)),
        ("public class Order {{", (0.0, 100.0, 0.0)),
    ):
        found = scores(request, text)
        assert tuple(found[n] for n in ("syntax", "completion", "finished")) == wanted, text


@pytest.mark.slow
def test_a_class_and_its_tests(tmp_path: Path) -> None:
    data = tmp_path / "tasks.json"
    data.write_text(json.dumps(task_rows(repository(tmp_path / "repos"))))
    setting = Setting(
        samples=3,
        ks=(1, 2, 3),
        gate={"good": ""},
        repos=tmp_path / "repos",
        workshop=HereSource(tmp_path / "cache"),
    )
    # The second gives 2 cents for any sum, which is right for one of the two tests.
    half = MONEY.replace("self.cents + other.cents", "2")
    texts = [f"```python\n{MONEY}```", f"```python\n{half}```", "class Money(:"]
    request = replace(functions(tmp_path / "other"), suite="repoclassbench", data=data)
    request = replace(request, repos=tmp_path / "repos", ids=("good",))
    found = run_writing(request, setting, Writer(texts=texts), silent)["metrics"]["agent"]
    # One of three is right: 1/3, 1 - C(2,2)/C(3,2), 1. Shares of tests: 1, 1/2, 0.
    assert (found["P@1"], found["P@2"], found["P@3"]) == (33.33, 66.67, 100.0)
    assert found["TR"] == 50.0
    # Nothing is compiled in Python; three of six tests pass over all samples.
    assert (found["CR"], found["TR_official"]) == (None, 50.0)
    rows = written(request, "evaluation.jsonl")
    fields = ["code", "compile_status", "failed_tests", "feedbacks", "passed_tests"]
    assert sorted(rows[0]) == [*fields, "task_id", "test_status"]
    assert [row["test_status"] for row in rows] == [True, False, False]
    assert rows[1]["failed_tests"] == ["tests/test_money.py::test_plus[2]"]
    assert len(rows[2]["failed_tests"]) == 2
