"""`bench run --script`, `bench gate` and `bench likelihood` as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.harness.sources import write_lines
from tests.codexgraph.conftest import command_environment

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


def test_completions_of_another_tool_are_judged(
    bare: Repository, data: Path, tmp_path: Path
) -> None:
    common = ("bench", "run", "execrepobench", "--data", str(data), "--json")
    first = ("--out", str(tmp_path / "first"))
    assert bare.run(*common, *first, "--script", "truth").code == 0
    written = tmp_path / "first/agent/generation.jsonl"
    done = bare.run(*common, "--out", str(tmp_path / "o"), "--completions", str(written))
    assert done.code == 0, done.err
    assert done.value["metrics"]["agent"]["es"] == 100.0
    assert done.value["model"] == "given:generation.jsonl"
    other = write_lines(tmp_path / "other.jsonl", [{"id": "1", "completion": "x"}])
    done = bare.run(*common, "--out", str(tmp_path / "p"), "--completions", str(other))
    assert done.value["skipped_why"][0]["reason"] == "no completion 1 is given for it"
    wrong = write_lines(tmp_path / "wrong.jsonl", [{"id": "1"}])
    done = bare.run(*common, "--out", str(tmp_path / "q"), "--completions", str(wrong))
    assert done.code == 2
    assert f"{wrong}: row 1 needs a text called completion" in done.err


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


def test_a_run_that_was_killed_goes_on_where_it_was(
    bare: Repository, data: Path, tmp_path: Path
) -> None:
    rows = [{**ROW, "repo_name": f"till{number}"} for number in range(12)]
    write_lines(data, rows)
    out = tmp_path / "out"
    common = ["bench", "run", "execrepobench", "--data", str(data), "--out", str(out), "--json"]
    common += ["--script", "truth"]
    predictions = out / "predictions.jsonl"
    process = subprocess.Popen(
        [sys.executable, "-m", "codexgraph", *common],
        cwd=bare.root,
        env=command_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if predictions.is_file() and predictions.read_bytes().count(b"\n") >= 2:
                break
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    before = predictions.read_text().splitlines()
    assert 2 <= len(before) < len(rows)
    with predictions.open("a") as file:
        file.write('{"id": "half a li')
    done = bare.run(*common, "--resume")
    assert (done.code, done.value["n"], done.value["skipped"]) == (0, 12, 0)
    assert len(done.out.splitlines()) == 1
    assert {"suite", "n", "skipped", "seconds", "metrics"} <= done.value.keys()
    after = predictions.read_text().splitlines()
    assert after[: len(before)] == before
    assert len({json.loads(line)["id"] for line in after}) == 12


def test_an_unknown_record_is_one_line(bare: Repository, data: Path, tmp_path: Path) -> None:
    common = ("bench", "run", "execrepobench", "--data", str(data), "--out", str(tmp_path / "o"))
    done = bare.run(*common, "--script", "truth", "--ids", "moon")
    assert done.code == 2
    assert "has no record 'moon'" in done.err
    assert len(done.err.strip().splitlines()) == 1
