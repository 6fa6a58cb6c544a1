"""Tests by the real agent, in the format of TestBench: checked and measured in the project."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agent.models.scripted import ScriptedModel
from benchmarks.generation.writing import Setting
from benchmarks.generation.writing_run import WritingRequest, run_writing
from codexgraph.config import Config
from codexgraph.wiring_bench_agent import AgentWriter
from tests.agent.testing.java_world import cache, tools_or_skip
from tests.agent.testing.programs import JAVA, JAVA_CART, JAVA_TESTS
from tests.benchmarks.generation.test_writing_run import silent
from tests.benchmarks.generation.toy import HereSource
from tests.benchmarks.harness.sources import commit, git, write_lines
from tests.codexgraph.test_bench_classes import Drafts

if TYPE_CHECKING:
    from pathlib import Path

METHOD = JAVA[JAVA_CART][JAVA[JAVA_CART].index("    public boolean add") :].partition("\n    }\n")[
    0
]
GOOD = JAVA[f"{JAVA_TESTS}/GoodTest.java"].replace("GoodTest", "CartTest")


@pytest.mark.slow
def test_a_test_is_mended_by_what_the_project_says(tmp_path: Path) -> None:
    tools_or_skip()
    folder = tmp_path / "repos/till"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, {JAVA_CART: JAVA[JAVA_CART]})
    row = {
        "project_name": "till",
        "relative_path": f"till/{JAVA_CART}",
        "source_code": METHOD + "\n    }\n",
        "class_name": "Cart",
        "method_name": "add",
        "simple_context": "public class Cart { Sum sum(); }",
        "full_context": JAVA[JAVA_CART],
    }
    data = write_lines(tmp_path / "data.jsonl", [row])
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/tools").symlink_to(cache())
    wrong = GOOD.replace("assertEquals(6,", "assertEquals(7,")
    drafts = Drafts([GOOD.replace("new Cart(2)", "new Trolley(2)"), wrong, GOOD], [])
    request = WritingRequest("testbench", data, tmp_path / "repos", tmp_path / "out")
    setting = Setting(
        description="full", repos=tmp_path / "repos", workshop=HereSource(tmp_path / "cache")
    )
    writer = AgentWriter(ScriptedModel(drafts), Config(tmp_path), tmp_path / "traces")
    found = run_writing(request, setting, writer, silent)
    assert found["skipped_why"] == []
    asked = drafts.prompts[0]
    assert "Write a JUnit 5 test class called CartTest in package shop" in asked
    assert "Its whole file:" in asked
    said = [prompt.partition("WHAT THE CHECKS SAY")[2] for prompt in drafts.prompts]
    assert any("compile failed" in text and "cannot find symbol" in text for text in said)
    assert any("tests failed" in text and "expected: <7>" in text for text in said)
    scores = found["metrics"]["agent"]
    assert [scores[name] for name in ("syntax", "compiles", "passes")] == [100.0] * 3
    assert scores["mutants"] > 80.0
    result = json.loads((request.out / "agent/result.jsonl").read_text())
    assert result["SourceCode&Full"] == ["Accept"]
    coverage = json.loads((request.out / "agent/coverage.jsonl").read_text())
    assert coverage["class_metric"] == scores["lines"] > 90.0
