"""Suites of written code with scripts for writers: the gold has full marks, the others none."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.generation.port import Control, Generated, GenerationTask, Kind
from benchmarks.generation.suites import WRITING_SUITES, writing_suite
from benchmarks.generation.writing import Setting, code_of
from benchmarks.generation.writing_run import WritingRequest, run_writing
from benchmarks.harness.report import write_report
from graphdb.errors import CodexGraphError, ModelUnavailableError
from graphdb.registry import open_reader
from tests.benchmarks.generation.toy import HereSource, repository, task_rows
from tests.benchmarks.harness.sources import (
    commit,
    dependency_row,
    shop_repository,
    write_lines,
)
from tests.benchmarks.harness.test_suites import PATCH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

GOLD_LINE = "        self.lines.append(parse_amount(text))"


def silent(_: str) -> None:
    pass


def functions(tmp_path: Path) -> WritingRequest:
    shop_repository(tmp_path / "repos")
    wanted = ["shop.money.parse_amount", "shop.orders.Order.lines", "shop.orders.MAX_LINES"]
    rows = [
        dependency_row("shop.orders.Order.add_line", 17, wanted, "Add a line."),
        dependency_row("shop.orders.Order.total", 23, [], "The sum."),
    ]
    data = write_lines(tmp_path / "data.jsonl", rows)
    return WritingRequest("evocodebench", data, tmp_path / "repos", tmp_path / "out")


def completion(tmp_path: Path) -> WritingRequest:
    head = shop_repository(tmp_path / "repos")[-1]
    text = (tmp_path / "repos/ada+shop/shop/orders.py").read_text()
    before, _, after = text.partition(GOLD_LINE + "\n")
    row = {
        "prompt": before,
        "groundtruth": GOLD_LINE,
        "right_context": after,
        "metadata": {"task_id": "1", "repository": f"shop@{head}", "file": "shop/orders.py"},
    }
    data = write_lines(tmp_path / "data.jsonl", [row])
    return WritingRequest("crosscodeeval", data, tmp_path / "repos", tmp_path / "out")


def contained(tmp_path: Path) -> WritingRequest:
    row = {
        "repo_name": "till",
        "file_name": "till/pay.py",
        "context_code": [["till/money.py", "def exchange_rate(currency):\n    return 1\n"]],
        "prefix_code": "from till import money\n\n\ndef pay(amount):\n",
        "middle_code": "    return amount * money.exchange_rate('EUR')\n",
        "suffix_code": "\n",
        "fill_type": "line",
    }
    data = write_lines(tmp_path / "data.jsonl", [row])
    return WritingRequest("execrepobench", data, None, tmp_path / "out")


def issue(tmp_path: Path) -> WritingRequest:
    first = shop_repository(tmp_path / "repos")[0]
    row = {
        "instance_id": "shop-1",
        "repo": "ada/shop",
        "base_commit": first,
        "problem_statement": "One line too many.",
        "patch": PATCH,
    }
    data = write_lines(tmp_path / "data.jsonl", [row])
    return WritingRequest("swebench", data, tmp_path / "repos", tmp_path / "out")


def skeleton(tmp_path: Path) -> WritingRequest:
    row = {
        "task_id": "P/Order.java",
        "target": "shop/Order.java",
        "code": "```java\npackage shop;\n\npublic class Order {\n    // TODO\n}\n```",
        "code_context": "```java\npackage shop;\n\npublic class Money {\n}\n```",
    }
    data = write_lines(tmp_path / "data.jsonl", [row])
    return WritingRequest("javabench", data, None, tmp_path / "out")


FULL = {
    functions: {"recall@1": 100.0},
    completion: {"em": 100.0, "es": 100.0, "id_em": 100.0, "id_f1": 100.0},
    contained: {"es": 100.0},
    issue: {"file@1": 100.0, "module@5": 100.0, "function@5": 100.0},
}


@pytest.mark.parametrize("make", FULL, ids=lambda make: make.__name__)
def test_the_gold_has_full_marks_and_nothing_has_none(make: Any, tmp_path: Path) -> None:
    request = make(tmp_path)
    found = run_writing(request, Setting(), "truth", silent)
    assert found["skipped"] == 0
    scores = found["metrics"]["agent"]
    assert {name: scores[name] for name in FULL[make]} == FULL[make]
    for script in ("empty", "wrong"):
        scores = run_writing(request, Setting(), script, silent)["metrics"]["agent"]
        assert all(scores[name] < 50.0 for name in FULL[make]), scores


def test_an_endpoint_that_fails_is_no_wrong_answer(tmp_path: Path) -> None:
    request = functions(tmp_path)
    found = run_writing(request, Setting(), "unreachable", silent)
    assert (found["n"], found["skipped"]) == (0, 2)
    assert {row["status"] for row in found["skipped_why"]} == {"environment"}
    assert found["metrics"]["agent"]["recall@1"] is None


def test_what_failed_for_the_endpoint_is_tried_again(tmp_path: Path) -> None:
    request = completion(tmp_path)
    writer = Writer(fails=1)
    assert run_writing(request, Setting(), writer, silent)["n"] == 0
    found = run_writing(replace(request, resume=True), Setting(), writer, silent)
    assert (found["n"], found["model"]) == (1, "counting")
    run_writing(replace(request, resume=True), Setting(), writer, silent)
    assert len(writer.seen) == 2
    with pytest.raises(CodexGraphError, match="another run"):
        run_writing(replace(request, resume=True), Setting(samples=2), writer, silent)


def test_samples_make_pass_and_recall_at_k(tmp_path: Path) -> None:
    request = functions(tmp_path)
    body = "self.lines.append(parse_amount(text))"
    writer = Writer(texts=["pass", f"```python\n{body}\n```"])
    setting = Setting(samples=2, ks=(1, 2))
    scores = run_writing(request, setting, writer, silent)["metrics"]["agent"]
    assert scores["recall_n"] == 1
    assert (scores["recall@1"], scores["recall@2"]) == (0.0, 66.67)
    assert scores["pass@1"] is None
    lines = (request.out / "agent/completion.jsonl").read_text().splitlines()
    assert [json.loads(line)["completion"].strip() for line in lines[:2]] == ["pass", body]


@pytest.mark.slow
def test_functions_pass_where_their_tests_can_run(tmp_path: Path) -> None:
    request = functions(tmp_path)
    folder = tmp_path / "repos/ada+shop"
    lines = (
        "from shop.orders import Order\n\n\n"
        "def test_line():\n    order = Order('Ada')\n    order.add_line('1.00 EUR')\n"
        "    assert len(order.lines) == 1\n\n\ndef test_nothing():\n    assert Order\n"
    )
    orders = (folder / "shop/orders.py").read_text()
    commit(folder, {"tests/test_lines.py": lines, "shop/orders.py": f"{orders}\n\nEND = True\n"})
    told = {
        ("add_line", 17): ("tests/test_lines.py::test_line", ""),
        ("total", 23): (
            "shop/tests/test_orders.py::test_total_of_lines",
            "its tests fail with the true body",
        ),
        ("__init__", 13): ("tests/test_lines.py::test_nothing", "its tests pass without the body"),
    }
    write_lines(
        request.data,
        [
            {**dependency_row(f"shop.orders.Order.{name}", line, [], ""), "tests": [test]}
            for (name, line), (test, _) in told.items()
        ],
    )
    bodies = ["pass", "self.lines.append(parse_amount(text))"]
    setting = Setting(
        samples=2,
        ks=(1, 2),
        repos=tmp_path / "repos",
        workshop=HereSource(tmp_path / "cache"),
    )
    scores = run_writing(request, setting, Writer(texts=bodies), silent)["metrics"]["agent"]
    assert (scores["pass_n"], scores["pass@1"], scores["pass@2"]) == (1, 50.0, 100.0)
    answered = (request.out / "predictions.jsonl").read_text().splitlines()
    reasons = [json.loads(line)["answer"]["agent"][0]["untested"] for line in answered]
    assert all(said.startswith(why) for said, (_, why) in zip(reasons, told.values(), strict=True))
    assert reasons[0] == ""


def test_controls_differ_in_what_they_are_given(tmp_path: Path) -> None:
    request = replace(completion(tmp_path), controls=tuple(Control))
    writer = Writer()
    found = run_writing(request, Setting(), writer, silent)
    assert found["retrievers"] == [str(control) for control in Control]
    seen = writer.seen
    assert seen[Control.AGENT]["edges"]["CALLS"] > 0
    assert seen[Control.NO_EDGES]["edges"] == {}
    assert seen[Control.NO_EDGES]["nodes"] == seen[Control.AGENT]["nodes"]
    for control in (Control.EMPTY_GRAPH, Control.BM25, Control.NONE):
        assert not any(seen[control]["nodes"].values())
    assert "def parse_amount" in seen[Control.BM25]["context"]
    others = set(Control) - {Control.BM25}
    assert {seen[control]["context"] for control in others} == {""}
    assert GOLD_LINE.strip() not in seen[Control.AGENT]["file"]
    write_report(request.out)
    assert "no-edges" in (request.out / "report.md").read_text()


def test_an_unfinished_class_is_told_by_its_text(tmp_path: Path) -> None:
    request = skeleton(tmp_path)
    good = Writer(texts=["```java\npackage shop;\n\npublic class Order {\n}\n```"])
    assert run_writing(request, Setting(), good, silent)["metrics"]["agent"]["finished"] == 100.0
    line = json.loads((request.out / "agent/samples.jsonl").read_text())
    assert (line["task_id"], line["target"]) == ("P/Order.java", "shop/Order.java")
    assert line["completion"].startswith("```java\npackage shop;")
    todo = Writer(texts=["public class Order { /* TODO */ }"])
    assert run_writing(request, Setting(), todo, silent)["metrics"]["agent"]["finished"] == 0.0


@pytest.mark.slow
def test_classes_are_judged_by_their_tests(tmp_path: Path) -> None:
    revision = repository(tmp_path / "repos")
    data = tmp_path / "tasks.json"
    data.write_text(json.dumps(task_rows(revision)))
    request = WritingRequest("repoclassbench", data, tmp_path / "repos", tmp_path / "out")
    setting = Setting(
        gate={"good": "", "wrong": "the ground truth fails"},
        repos=tmp_path / "repos",
        workshop=HereSource(tmp_path / "cache"),
        is_oracle=True,
    )
    found = run_writing(request, setting, "truth", silent)
    reasons = {row["reason"] for row in found["skipped_why"]}
    assert reasons == {"not in the gate's table", "the gate left it out: the ground truth fails"}
    assert found["feedback"] == "oracle"
    scores = found["metrics"]["agent"]
    assert (found["n"], scores["P@1"], scores["TR"], scores["TR_official"]) == (1, 100, 100, 100)
    half = Writer(texts=["class Money:\n    def __init__(self, cents):\n        self.cents = 2\n"])
    scores = run_writing(request, setting, half, silent)["metrics"]["agent"]
    assert (scores["P@1"], scores["TR"]) == (0.0, 0.0)
    assert half.seen[Control.AGENT]["oracle"].startswith("tests/test_money.py::test_plus[1]")
    assert "class Money" not in half.seen[Control.AGENT]["file"]
    assert "tests/test_money.py" not in half.seen[Control.AGENT]["files"]
    line = json.loads((tmp_path / "out/agent/evaluation.jsonl").read_text())
    assert (line["test_status"], len(line["failed_tests"])) == (False, 2)


def test_classes_without_a_gate_are_not_asked(tmp_path: Path) -> None:
    revision = repository(tmp_path / "repos")
    data = tmp_path / "tasks.json"
    data.write_text(json.dumps(task_rows(revision)))
    request = WritingRequest("repoclassbench", data, tmp_path / "repos", tmp_path / "out")
    found = run_writing(request, Setting(), "truth", silent)
    assert {row["status"] for row in found["skipped_why"]} == {"environment"}


def test_each_suite_can_be_made_and_others_are_refused(tmp_path: Path) -> None:
    for name in WRITING_SUITES:
        assert writing_suite(name).card.title
    with pytest.raises(CodexGraphError, match="nothing to be written"):
        writing_suite("moon")
    with pytest.raises(CodexGraphError, match="no script 'x'"):
        run_writing(contained(tmp_path), Setting(), "x", silent)


def test_an_unreadable_record_fails_by_itself(tmp_path: Path) -> None:
    request = contained(tmp_path)
    broken = Writer(fails=1, error=KeyError("field"))
    found = run_writing(request, Setting(), broken, silent)
    assert found["skipped_why"][0]["status"] == "failed"


def test_the_code_of_an_answer_is_its_longest_fence() -> None:
    assert code_of("Here:\n```python\nx = 1\n```\nbye\n```\ny\n```") == "x = 1\n"
    assert code_of("x = 1\n") == "x = 1\n"
    assert code_of("```\nx\n```") == "x\n"


@dataclass(slots=True)
class Writer:
    """Writes given texts in turn, fails as often as it is told, and notes what it was given."""

    texts: list[str] = field(default_factory=lambda: [GOLD_LINE])
    fails: int = 0
    error: Exception = field(default_factory=lambda: ModelUnavailableError("no answer"))
    model: str = "counting"
    limits: Mapping[str, float] = field(default_factory=dict[str, float])
    seen: dict[Any, dict[str, Any]] = field(default_factory=dict[Any, dict[str, Any]])

    def generate(self, task: GenerationTask) -> Generated:
        if self.fails:
            self.fails -= 1
            self.seen["failed"] = {}
            raise self.error
        reader = open_reader(task.store)
        counts = reader.counts()
        reader.close()
        path = task.root / task.path
        written = self.texts[task.sample % len(self.texts)]
        told = ""
        for check in task.checks:
            from agent.draft import Draft

            told = str(check.run(Draft(written)).problems[0].message)
        self.seen[task.control] = {
            "nodes": dict(counts.nodes),
            "edges": {name: n for name, n in counts.edges.items() if n},
            "context": task.context,
            "file": path.read_text() if path.is_file() and task.kind is not Kind.TESTS else "",
            "files": [p.relative_to(task.root).as_posix() for p in task.root.rglob("*.py")],
            "oracle": told,
        }
        return Generated(written, tokens=10)
