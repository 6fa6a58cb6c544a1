"""A class that rewrites its tests helps neither itself later nor anybody else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.generation.classtasks import load_tasks
from benchmarks.generation.environments import lay_tree
from benchmarks.generation.projects import sandbox_of
from benchmarks.generation.pytests import PytestProject
from benchmarks.harness.repositories import find_repository
from graphdb.errors import SandboxError
from tests.benchmarks.generation.toy import FILES, MONEY, repository, write_tasks

HOSTILE = (
    "import pathlib\n"
    "pathlib.Path('tests/test_money.py').write_text('def test_nothing(): pass')\n"
    "pathlib.Path('left.txt').write_text('here')\n"
)


@pytest.mark.slow
def test_what_code_of_a_model_changes_is_undone(tmp_path: Path) -> None:
    revision = repository(tmp_path / "repos")
    tasks = {t.id: t for t in load_tasks(write_tasks(tmp_path / "tasks.json", revision))}
    tree = lay_tree(tmp_path / "cache", find_repository(tmp_path / "repos", "shop"), revision)
    try:
        sandbox = sandbox_of(tree.folder)
    except SandboxError as error:
        pytest.skip(str(error))
    prefixes = {Path(sys.prefix), Path(sys.base_prefix)}
    project = PytestProject(sandbox, Path(sys.executable), "here", readable=tuple(prefixes))
    try:
        good = tasks["good"]
        text = FILES["shop/money.py"]
        project.attempt(good, HOSTILE + text)
        assert not (sandbox.folder / "left.txt").exists()
        assert (sandbox.folder / "tests/test_money.py").read_text() == FILES["tests/test_money.py"]
        wrong = project.attempt(good, text.replace(MONEY, "class Money:\n    pass\n"))
        assert wrong.passed == 0
        right = project.attempt(good, text)
        assert right.is_passed, right.trouble
    finally:
        project.close()


def test_a_sandbox_copies_what_was_built(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target/a.class").write_bytes(b"1")
    (tmp_path / ".gitignore").write_text("target\n")
    try:
        sandbox = sandbox_of(tmp_path)
    except SandboxError as error:
        pytest.skip(str(error))
    try:
        assert (sandbox.folder / "target/a.class").read_bytes() == b"1"
    finally:
        sandbox.close()
