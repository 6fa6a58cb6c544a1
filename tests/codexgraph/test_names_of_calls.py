"""A question about calls means what can be called, also where a module has the same name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "sample"
    (root / "ship").mkdir(parents=True)
    (root / "ship" / "__init__.py").write_text("")
    (root / "orders.py").write_text("def ship():\n    pass\n\n\ndef send():\n    ship()\n")
    assert run(root, "index", "--quiet").returncode == 0
    return root


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "codexgraph", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, env=environment, check=False
    )


def test_callers_of_a_function_that_shares_its_name_with_a_module(repository: Path) -> None:
    # Asked from outside the folder that is called ship, so that the name is no path.
    done = run(repository.parent, "-C", str(repository), "callers", "ship")
    assert done.returncode == 0, done.stderr
    assert "orders.ship" in done.stdout
    assert "orders.send" in done.stdout


def test_other_questions_take_the_full_name(repository: Path) -> None:
    done = run(repository.parent, "-C", str(repository), "source", "ship")
    assert "orders.ship" not in done.stdout
