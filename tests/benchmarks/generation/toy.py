"""A repository with two classes and their tests, and tasks of it in RepoClassBench's format."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.generation.bare import BareFolder
from benchmarks.generation.environments import lay_tree
from benchmarks.generation.pytests import PytestProject
from benchmarks.harness.repositories import find_repository
from tests.benchmarks.harness.sources import commit, git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.sandbox.ran import Ran, RunLimits
    from benchmarks.generation.classtasks import ClassTask
    from benchmarks.generation.projects import Project

MONEY = '''class Money:
    """Cents."""

    def __init__(self, cents):
        self.cents = cents

    def plus(self, other):
        return Money(self.cents + other.cents)
'''
UNTESTED = """class Untested:
    def lost(self):
        return 1
"""
FILES = {
    "shop/__init__.py": "",
    "shop/money.py": f"RATE = 3\n\n\n{MONEY}\n\n{UNTESTED}",
    "shop/order.py": "from shop.money import Money\n\n\ndef total(a, b):\n    return a.plus(b)\n",
    "tests/test_money.py": (
        "import pytest\n\nfrom shop.money import Money\n\n\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_plus(n):\n"
        "    assert Money(n).plus(Money(1)).cents == n + 1\n\n\n"
        "def test_nothing():\n    from shop.money import Untested\n    assert Untested\n\n\n"
        "def test_wrong():\n    assert Money(1).cents == 2\n\n\n"
        "def test_late():\n    assert Money.ready\n\n\n"
        "def test_early():\n    Money.ready = Money(1).plus(Money(1)).cents == 2\n"
    ),
}
TESTS = {
    "good": ["tests/test_money.py::test_plus[1]", "tests/test_money.py::test_plus[2]@group"],
    "untested": ["tests/test_money.py::test_nothing"],
    "wrong": ["tests/test_money.py::test_plus[1]", "tests/test_money.py::test_wrong"],
    "ordered": ["tests/test_money.py::test_late", "tests/test_money.py::test_early"],
    "absent": ["tests/test_money.py::test_plus[1]", "tests/test_money.py::test_gone[x]"],
}


def repository(repos: Path) -> str:
    """A git repository `shop`; its commit."""
    folder = repos / "shop"
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    return commit(folder, FILES)


def task_rows(revision: str) -> list[dict[str, Any]]:
    """The records of a data file."""
    rows: list[dict[str, Any]] = []
    for name, tests in TESTS.items():
        class_name, body = ("Untested", UNTESTED) if name == "untested" else ("Money", MONEY)
        rows.append(
            {
                "task_id": name,
                "class_name": class_name,
                "file": "/elsewhere/repos/shop/shop/money.py",
                "detailed_description": "Money has cents and plus.",
                "sketchy_description": "Money.",
                "ground_truth_class_body": body,
                "repo_metadata": {"commit_id": revision},
                "evaluation_metadata": {"test_directives": tests},
            }
        )
    return rows


def write_tasks(path: Path, revision: str) -> Path:
    """A data file of all tasks."""
    path.write_text(json.dumps(task_rows(revision)))
    return path


class QuickFolder(BareFolder):
    """Runs pytest without the plug-ins that happen to be installed here, which take seconds."""

    def run(
        self,
        command: Sequence[str],
        limits: RunLimits,
        *,
        cwd: str = "",
        environment: Mapping[str, str] | None = None,
        readable: Sequence[Path] = (),
    ) -> Ran:
        more = {**(environment or {}), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return BareFolder.run(self, command, limits, cwd=cwd, environment=more, readable=readable)


@dataclass(frozen=True)
class HereSource:
    """Projects that run with this interpreter, whose environment has pytest."""

    cache: Path
    isolation: str = "none"

    def tree(self, repos: Path, name: str, commit: str) -> Path:
        return lay_tree(self.cache, find_repository(repos, name), commit).folder

    def open(self, repos: Path, name: str, commit: str, tasks: Sequence[ClassTask]) -> Project:
        assert tasks
        tree = lay_tree(self.cache, find_repository(repos, name), commit)
        return PytestProject(
            QuickFolder(tree.folder), Path(sys.executable), "Python here", seconds=60.0
        )
