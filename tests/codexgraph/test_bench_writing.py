"""`bench run --script`, `bench gate` and `bench likelihood` as a user runs them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.harness.sources import write_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.codexgraph.conftest import Repository

ROW = {
    "repo_name": "till",
    "file_name": "till/pay.py",
    "context_code": [["till/money.py", "def exchange_rate(currency):\n    return 1\n"]],
    "prefix_code": "from till import money\n\n\ndef pay(amount):\n",
    "middle_code": "    return amount * money.exchange_rate('EUR')\n",
    "suffix_code": "",
    "fill_type": "line",
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "data.jsonl", [ROW])


def test_a_script_writes_and_the_figures_are_printed(
    bare: Repository, data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    common = ("bench", "run", "execrepobench", "--data", str(data), "--out", str(out))
    done = bare.run(*common, "--script", "truth", "--control", "agent,no-edges", "--json")
    assert done.code == 0, done.err
    assert done.value["metrics"]["agent"]["es"] == 100.0
    assert done.value["model"] == "scripted:truth"
    assert bare.run("bench", "report", str(out)).code == 0
    assert "no-edges" in (out / "report.md").read_text()
    row = json.loads((out / "agent/generation.jsonl").read_text())
    assert row["is_pass"] is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--script", "moon"), "no script 'moon'"),
        (("--script", "truth", "--control", "moon"), "--control moon: choose one of agent"),
        (("--script", "truth", "--description", "moon"), "--description moon: choose"),
        (("--script", "truth", "--k", "5"), "give --samples 5"),
        (("--script", "truth", "--gate", "moon"), "no table of bench gate"),
    ],
)
def test_wrong_options_are_one_line(
    bare: Repository, data: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    common = ("bench", "run", "execrepobench", "--data", str(data), "--out", str(tmp_path / "o"))
    done = bare.run(*common, *options)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_without_a_model_it_is_said(bare: Repository, data: Path, tmp_path: Path) -> None:
    common = ("--data", str(data), "--out", str(tmp_path / "out"))
    done = bare.run("bench", "run", "execrepobench", *common, "--model")
    assert done.code == 5
    assert "model" in done.err
    done = bare.run("bench", "likelihood", *common, "--repos", str(tmp_path))
    assert done.code == 5


def test_the_gate_refuses_what_it_cannot_try(bare: Repository, data: Path, tmp_path: Path) -> None:
    common = ("--data", str(data), "--repos", str(tmp_path), "--out", str(tmp_path / "out"))
    done = bare.run("bench", "gate", "moon", *common, "--unsandboxed")
    assert done.code == 2
    assert "no gate for 'moon'" in done.err
    done = bare.run("bench", "gate", "repoclassbench", *common, "--unsandboxed")
    assert done.code == 2
    assert "another format?" in done.err
