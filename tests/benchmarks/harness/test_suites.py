"""Each suite on a data set of a few records in the format that its publisher uses."""

from __future__ import annotations

import json
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.harness.generate import generate
from benchmarks.harness.metrics import accuracy_at, reciprocal_rank
from benchmarks.harness.run import PREDICTIONS, RunRequest, run_suite
from benchmarks.harness.suite import Offering
from benchmarks.suites import SUITES, suite
from benchmarks.suites.swebench import changed_lines
from graphdb.errors import CodexGraphError
from tests.benchmarks.harness.sources import commit, git, shop_repository, write_lines

if TYPE_CHECKING:
    from pathlib import Path

PATCH = """diff --git a/shop/orders.py b/shop/orders.py
--- a/shop/orders.py
+++ b/shop/orders.py
@@ -14,4 +14,4 @@ class Order:
     def add_line(self, text):
         \"\"\"Add a line such as 12.50 EUR.\"\"\"
-        if len(self.lines) >= MAX_LINES:
+        if len(self.lines) > MAX_LINES:
diff --git a/docs/new.md b/docs/new.md
--- /dev/null
+++ b/docs/new.md
@@ -0,0 +1 @@
+New.
"""
JAVA = {
    "src/shop/Money.java": """package shop;

public class Money {
    final long cents;

    public Money(long cents) {
        this.cents = cents;
    }

    public Money plus(Money other) {
        return new Money(cents + other.cents);
    }
}
""",
    "src/shop/orders/Order.java": """package shop.orders;

import shop.Money;

public class Order {
    private Money sum = new Money(0);

    public void add(Money price) {
        sum = sum.plus(price);
    }
}
""",
}


def nothing(done: int, total: int) -> None:
    pass


def run(tmp_path: Path, name: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    data = write_lines(tmp_path / "data.jsonl", rows)
    repos = tmp_path / "repos"
    request = RunRequest(name, data, repos if repos.is_dir() else None, tmp_path / "out")
    metrics = run_suite(request, nothing)
    assert not [r for r in metrics["skipped_why"] if r["status"] == "failed"], metrics
    return metrics


def java_repository(repos: Path) -> str:
    folder = repos / "ada+till"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    return commit(folder, JAVA)


@pytest.mark.parametrize("name", SUITES)
def test_every_suite_has_a_card(name: str) -> None:
    card = suite(name).card
    assert all([card.title, card.source, card.version, card.licence, card.obtain])
    assert "\n" not in card.obtain


def test_localization_ranks_files_and_functions(tmp_path: Path) -> None:
    first, _ = shop_repository(tmp_path / "repos")
    row = {
        "instance_id": "ada__shop-1",
        "repo": "ada/shop",
        "base_commit": first,
        "problem_statement": "add_line allows too many lines\n\nMAX_LINES should be the limit.",
        "patch": PATCH,
    }
    only_new = row | {"instance_id": "ada__shop-2", "patch": PATCH[PATCH.index("diff", 5) :]}
    metrics = run(tmp_path, "swebench", [row, only_new])
    assert (metrics["n"], metrics["skipped"]) == (1, 1)
    assert metrics["metrics"]["graph"]["file@1"] == 100.0
    assert metrics["metrics"]["graph"]["function@5"] == 100.0
    line = json.loads((tmp_path / "out/loc_outputs.jsonl").read_text())
    assert line["instance_id"] == "ada__shop-1"
    assert line["found_entities"][0] == "shop/orders.py:Order.add_line"


def test_vectors_are_asked_only_by_name(tmp_path: Path) -> None:
    offered = suite("swebench-localization")
    assert isinstance(offered, Offering)
    assert offered.optional == ("graph+vectors",)
    assert not {*offered.optional} & {*offered.retrievers}
    data = write_lines(tmp_path / "data.jsonl", [])
    request = RunRequest("evocodebench", data, tmp_path, tmp_path / "out", ("graph+vectors",))
    with pytest.raises(CodexGraphError, match=r"evocodebench has no retriever 'graph\+vectors'"):
        run_suite(request, nothing)


@pytest.mark.skipif(find_spec("wordllama") is None, reason="pip install 'codexgraph[embeddings]'")
def test_localization_with_vectors_beside_without(tmp_path: Path) -> None:
    first, _ = shop_repository(tmp_path / "repos")
    row = {
        "instance_id": "ada__shop-1",
        "repo": "ada/shop",
        "base_commit": first,
        "problem_statement": "add_line allows too many lines\n\nMAX_LINES should be the limit.",
        "patch": PATCH,
    }
    data = write_lines(tmp_path / "data.jsonl", [row])
    names = ("graph", "graph+vectors")
    request = RunRequest("swebench-localization", data, tmp_path / "repos", tmp_path / "out", names)
    found = run_suite(request, nothing)
    assert found["n"] == 1
    assert found["metrics"]["graph+vectors"]["file@1"] == 100.0


def test_changed_lines_are_those_of_the_old_side() -> None:
    assert changed_lines(PATCH) == {"shop/orders.py": {16}}


@pytest.mark.parametrize(
    ("gold", "k", "expected"),
    [
        (["a"], 1, True),
        (["b"], 1, False),
        (["a", "c"], 1, True),
        (["a", "c"], 2, False),
        ([], 1, False),
    ],
)
def test_accuracy_wants_all_gold_cut_to_k(gold: list[str], k: int, expected: bool) -> None:
    assert accuracy_at(["a", "b", "c"], gold, k) is expected


def test_the_rank_of_the_first_gold_item_counts() -> None:
    assert reciprocal_rank(["a", "b"], ["b", "z"]) == 0.5
    assert reciprocal_rank(["a"], ["z"]) == 0.0


def test_a_class_needs_what_its_text_names(tmp_path: Path) -> None:
    head = java_repository(tmp_path / "repos")
    assert head
    row = {
        "task_id": 1,
        "class_name": "Order",
        "file": "till/src/shop/orders/Order.java",
        "sketchy_description": "An order adds up prices.",
        "ground_truth_class_body": JAVA["src/shop/orders/Order.java"],
        "repo_metadata": {"repo_name": "till"},
    }
    metrics = run(tmp_path, "repoclassbench", [row])["metrics"]
    assert (metrics["all_n"], metrics["unnamed_n"], metrics["named_n"]) == (1, 1, 0)
    answer = json.loads((tmp_path / "out" / PREDICTIONS).read_text())["answer"]
    assert answer["wanted"] == ["Money"]
    assert metrics["named"]["unnamed@5"] == 0.0


def test_a_method_under_test_gets_what_it_uses(tmp_path: Path) -> None:
    java_repository(tmp_path / "repos")
    source = JAVA["src/shop/orders/Order.java"]
    row = {
        "project_name": "till",
        "relative_path": "till/src/shop/orders/Order.java",
        "class_name": "Order",
        "method_name": "add",
        "source_code": "public void add(Money price) {\n    sum = sum.plus(price);\n}",
        "simple_context": "package shop.orders;\n" + "class Order {\n}\n" * 12,
        "full_context": source,
    }
    answer = run(tmp_path, "testbench", [row])["metrics"]
    assert answer["graph"]["sufficient"] == 100.0
    assert answer["graph"]["size_ratio"] <= 1.3
    assert answer["simple"]["sufficient"] == 0.0


def test_selective_types_are_picked_from_a_skeleton(tmp_path: Path) -> None:
    money, order = JAVA.values()
    other = "package shop;\n\npublic class Weather {\n    int rain;\n}\n"
    rows = [
        {
            "task_id": "P/Order.java",
            "target": "shop/orders/Order.java",
            "code": f"```java\n{order.replace('sum = sum.plus(price);', '// TODO')}```",
            "code_context": f"```java\n{money}```",
        },
        {
            "task_id": "P/Storm.java",
            "target": "shop/Storm.java",
            "code": "```java\npackage shop;\n\npublic class Storm extends Weather {\n}\n```",
            "code_context": f"```java\n{other}```",
        },
    ]
    metrics = run(tmp_path, "javabench", rows)["metrics"]
    assert metrics["graph"]["types"] == 100.0
    assert metrics["graph"]["size_ratio"] <= 1.2


def test_a_generated_set_runs_and_needs_other_files(tmp_path: Path) -> None:
    shop_repository(tmp_path / "repos")
    rows = [json.loads(line) for line in generate(tmp_path / "repos", "shop", None, 5)]
    texts = [row["groundtruth"].strip() for row in rows]
    assert "self.lines.append(parse_amount(text))" in texts
    assert all(row["metadata"]["file"] == "shop/orders.py" for row in rows)
    gold = rows[0] | {"groundtruth": "        return self.lines[0].convert(2)"}
    metrics = run(tmp_path, "crosscodeeval", [gold])
    assert metrics["metrics"]["graph"]["recall@512tokens"] == 100.0
    assert metrics["metrics"]["oracle"]["recall@512tokens"] == 100.0


def test_records_that_hold_their_sources_need_no_repository(tmp_path: Path) -> None:
    row = {
        "repo_name": "till",
        "file_name": "till/pay.py",
        "context_code": [["till/money.py", "def exchange_rate(currency):\n    return 1\n"]],
        "prefix_code": "from till import money\n\n\ndef pay(amount):\n",
        "middle_code": "    return amount * money.exchange_rate('EUR')\n",
        "suffix_code": "",
        "fill_type": "line",
    }
    metrics = run(tmp_path, "execrepobench", [row])
    assert metrics["metrics"]["identifiers"] == 1
    assert metrics["metrics"]["graph"]["recall@512tokens"] == 100.0


def test_repobench_has_snippets_of_other_files(tmp_path: Path) -> None:
    row: dict[str, Any] = {
        "repo_name": "a/shop",
        "file_path": "shop/prices.py",
        "context": [
            {"identifier": "Money", "path": "shop/money.py", "snippet": "class Money:\n    pass"},
            {
                "identifier": "exchange_rate",
                "path": "shop/money.py",
                "snippet": "def exchange_rate(currency):\n    return 1.0",
            },
        ],
        "import_statement": "from shop import money",
        "cropped_code": "def euros(amount):\n",
        "next_line": "    return amount * money.exchange_rate('EUR')",
        "gold_snippet_index": 1,
    }
    metrics = run(tmp_path, "repobench", [row])
    assert metrics["metrics"]["identifiers"] == 1
    assert metrics["metrics"]["graph"]["recall@512tokens"] == 100.0
    del row["next_line"]
    with pytest.raises(CodexGraphError, match="next_line"):
        run(tmp_path, "repobench", [row])
