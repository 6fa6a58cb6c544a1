"""The bench measures a copy: its figures are of that run, and the user's tree stays as it was."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "sample"
    shutil.copytree(ROOT / "graphdb", root, ignore=shutil.ignore_patterns("__pycache__"))
    return root


def bench(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "codexgraph", "bench", "index", str(path), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_figures_of_a_small_repository(repository: Path) -> None:
    before = {p: p.read_bytes() for p in repository.rglob("*") if p.is_file()}
    done = bench(repository, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result.keys() == {"suite", "n", "skipped", "seconds", "metrics"}
    assert result["suite"] == "index"
    assert result["n"] == len(list(repository.rglob("*.py")))
    metrics = result["metrics"]
    assert metrics["cpu_ratio"] > 1, "indexing includes parsing"
    assert 0 < metrics["unchanged_ratio"] < 1
    assert metrics["one_file_relinked"] == [1] * 5, "an appended function concerns one file"
    assert metrics["one_file_update_s"] < metrics["one_file_run_s"] < metrics["one_file_command_s"]
    assert metrics["nodes"] > result["n"]
    assert {p: p.read_bytes() for p in repository.rglob("*") if p.is_file()} == before


def test_nothing_to_measure_is_one_line(tmp_path: Path) -> None:
    done = bench(tmp_path)
    assert done.returncode == 2
    assert "has no source files" in done.stderr
    assert done.stdout == ""
