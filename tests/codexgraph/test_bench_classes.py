"""Whole classes by the real agent: judged in the sandbox, with the tests as feedback or without."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agent.models.scripted import ScriptedModel
from benchmarks.generation.environments import lay_tree
from benchmarks.generation.projects import sandbox_of
from benchmarks.generation.pytests import PytestProject
from benchmarks.generation.writing import Setting
from benchmarks.generation.writing_run import WritingRequest, run_writing
from benchmarks.harness.repositories import find_repository
from codexgraph.config import Config
from codexgraph.wiring_bench_agent import AgentWriter
from tests.benchmarks.generation.test_writing_run import silent
from tests.benchmarks.generation.toy import MONEY, repository, task_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.messages import Request
    from benchmarks.generation.classtasks import ClassTask
    from benchmarks.generation.projects import Project

HALF = MONEY.replace("self.cents + other.cents", "2")


@dataclass(frozen=True)
class SandboxedSource:
    """Projects whose tests run with this interpreter, in the agent's own sandbox."""

    cache: Path
    isolation: str = "the agent's sandbox"

    def tree(self, repos: Path, name: str, commit: str) -> Path:
        return lay_tree(self.cache, find_repository(repos, name), commit).folder

    def open(self, repos: Path, name: str, commit: str, tasks: Sequence[ClassTask]) -> Project:
        assert tasks
        readable = (Path(sys.prefix), Path(sys.base_prefix))
        sandbox = sandbox_of(self.tree(repos, name, commit))
        return PytestProject(sandbox, Path(sys.executable), "Python here", readable)


@dataclass
class Drafts:
    """Gives drafts in turn, the last one again and again, and keeps the prompts."""

    texts: list[str]
    prompts: list[str]
    count: int = 0

    def __call__(self, request: Request) -> str:
        self.prompts.append(request.messages[-1].content)
        if "Do the task" not in self.prompts[-1]:
            return "Nothing to look up."
        self.count += 1
        return f"```python\n{self.texts[min(self.count, len(self.texts)) - 1]}```"


def run(tmp_path: Path, drafts: Drafts, *, is_oracle: bool = False) -> dict[str, float]:
    data = tmp_path / "tasks.json"
    if not data.exists():
        data.write_text(json.dumps(task_rows(repository(tmp_path / "repos"))))
    out = tmp_path / f"out-{is_oracle}"
    request = WritingRequest("repoclassbench", data, tmp_path / "repos", out, ids=("good", "wrong"))
    setting = Setting(
        gate={"good": "", "wrong": "its tests fail"},
        repos=tmp_path / "repos",
        workshop=SandboxedSource(tmp_path / "cache"),
        is_oracle=is_oracle,
    )
    writer = AgentWriter(ScriptedModel(drafts), Config(tmp_path), tmp_path / "traces")
    found = run_writing(request, setting, writer, silent)
    assert [row["reason"] for row in found["skipped_why"]] == [
        "the gate left it out: its tests fail"
    ]
    return found["metrics"]["agent"]


@pytest.mark.slow
def test_tests_are_feedback_with_an_oracle_and_unknown_without(tmp_path: Path) -> None:
    for is_oracle, passed, tests in ((False, 0.0, 50.0), (True, 100.0, 100.0)):
        drafts = Drafts([HALF, MONEY], [])
        found = run(tmp_path, drafts, is_oracle=is_oracle)
        assert (found["P@1"], found["TR"]) == (passed, tests)
        told = [prompt for prompt in drafts.prompts if "test_plus" in prompt]
        assert bool(told) is is_oracle
        assert drafts.count == (2 if is_oracle else 1)
        if is_oracle:
            assert "oracle tests failed" in told[-1]
            assert "test_plus[2]: assert 2 == (2 + 1)" in told[-1]


@pytest.mark.slow
def test_what_a_class_does_stays_in_the_sandbox(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    tries = "\n    ".join(
        (
            "import os, pathlib, socket",
            f"for place in ({str(marker)!r}, 'tests/test_money.py'):",
            "    try: pathlib.Path(place).write_text('def test_plus(): pass')",
            "    except OSError: pass",
        )
    )
    hostile = MONEY.replace('    """Cents."""\n', f'    """Cents."""\n    {tries}\n')
    found = run(tmp_path, Drafts([hostile], []))
    assert found["P@1"] in (0.0, 100.0)
    assert not marker.exists()
    # The tests that it wrote over are back for whoever comes next.
    after = run(tmp_path, Drafts([HALF], []))
    assert (after["P@1"], after["TR"]) == (0.0, 50.0)
