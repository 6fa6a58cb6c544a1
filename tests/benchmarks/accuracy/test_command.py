"""`codexgraph bench accuracy` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.accuracy.suites import SUITES
from codexgraph.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / "tests/benchmarks/data/own-python.jsonl"
JAVA = ROOT / "tests/benchmarks/data/own-java.jsonl"


@pytest.fixture
def bench(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.delenv("CODEXGRAPH_BENCH_DATA", raising=False)
    monkeypatch.delenv("CODEXGRAPH_BENCH_REPOS", raising=False)

    def run(*options: str) -> tuple[int, str, str]:
        code = main(["bench", "accuracy", *options])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


Bench = Any


def test_one_suite_is_one_object(bench: Bench) -> None:
    code, out, err = bench("--suite", "pycg-micro", "--data", str(PYTHON), "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert {"suite", "n", "skipped", "seconds", "metrics"} <= result.keys()
    assert (result["suite"], result["skipped"], "misses" in result) == ("pycg-micro", 0, False)
    assert result["n"] == len(PYTHON.read_text().splitlines())
    metrics = result["metrics"]
    for level in ("all", "exact", "inferred"):
        assert 0.5 < metrics[level]["precision"] <= 1
        assert 0.3 < metrics[level]["recall"] <= 1
    assert metrics["exact"]["recall"] <= metrics["inferred"]["recall"] <= metrics["all"]["recall"]
    assert 0 < metrics["sound_share"] <= 1
    assert 0 < metrics["complete_share"] <= 1
    assert metrics["by_category"]["imports"]["recall"] == 1
    assert metrics["ablation"][0]["step"] == "names"


def test_misses_agree_with_the_figures(bench: Bench) -> None:
    options = ("--suite", "pycg-micro", "--data", str(PYTHON), "--misses")
    _, out, _ = bench(*options, "--json")
    result = json.loads(out)
    figures = result["metrics"]["all"]
    kinds = [row["miss"] for row in result["misses"]]
    assert kinds.count("missing") == figures["wanted"] - figures["found"]
    assert kinds.count("wrong") == figures["judged"] - figures["right"]
    _, out, _ = bench(*options)
    assert out.count(" -> ") == len(kinds)


def test_several_suites_are_a_list(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "pycg-micro").mkdir()
    (tmp_path / "pycg-micro" / "own.jsonl").write_bytes(PYTHON.read_bytes())
    code, out, err = bench("--data", str(tmp_path), "--json")
    assert code == 0
    results = {result["suite"]: result for result in json.loads(out)}
    assert results.keys() == SUITES.keys()
    assert results["pycg-micro"]["n"] > 0
    assert all(r["metrics"] == {} for name, r in results.items() if name != "pycg-micro")
    assert err.count("skipped: no data") == len(SUITES) - 1


def test_java_programs_have_their_groups(bench: Bench) -> None:
    code, out, _ = bench("--suite", "swarm-java", "--data", str(JAVA))
    assert code == 0
    assert "not_reflective" in out


@pytest.mark.parametrize("suite", SUITES)
def test_without_data_a_suite_says_where_they_come_from(bench: Bench, suite: str) -> None:
    code, out, err = bench("--suite", suite)
    assert (code, err) == (2, "")
    assert out.startswith(f"{suite}: skipped: no data (give --data or set CODEXGRAPH_BENCH_DATA)")
    assert len(out.splitlines()) == 1


def test_without_sources_a_suite_says_which(bench: Bench, tmp_path: Path) -> None:
    data = tmp_path / "app.json"
    data.write_text("{}")
    code, out, _ = bench("--suite", "macro", "--data", str(data))
    assert code == 2
    assert "skipped: no sources (give --repos or set CODEXGRAPH_BENCH_REPOS)" in out


def test_a_repository_that_is_not_there_is_named(bench: Bench, tmp_path: Path) -> None:
    data = tmp_path / "app.json"
    data.write_text('{"app.main": ["app.run"]}')
    options = ("--suite", "macro", "--data", str(data), "--repos", str(tmp_path), "--json")
    code, out, err = bench(*options)
    assert code == 2
    assert json.loads(out)["skipped"] == 1
    assert "macro: skipped: no folder in" in err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--suite", "micro"), "micro is no suite: choose among pycg-micro"),
        (("--data", str(PYTHON)), "is of one suite: name it with --suite"),
        (("--suite", "pycg-micro", "--data", __file__), "test_command.py:1 is no JSON"),
    ],
)
def test_mistakes_are_one_line(bench: Bench, options: tuple[str, ...], message: str) -> None:
    code, out, err = bench(*options)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1


def test_the_document_has_the_page_of_the_command(bench: Bench) -> None:
    head = (ROOT / "benchmarks/accuracy/page.md").read_text()
    assert all(f"| {suite} |" in head for suite in SUITES)
    _, out, _ = bench("--suite", "pycg-micro", "--data", str(PYTHON), "--markdown")
    assert out.startswith(head)
    assert "| names | " in out
    assert (ROOT / "docs/accuracy.md").read_text().startswith(head), "run `make accuracy`"
