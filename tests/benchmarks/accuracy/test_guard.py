"""No suite falls more than half a point below its recorded figures.

`python -m tests.benchmarks.accuracy.test_guard` records those of now: of our own programs, and of
the data that CODEXGRAPH_BENCH_DATA and CODEXGRAPH_BENCH_REPOS name, when they do.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.accuracy import DATA_VARIABLE, REPOS_VARIABLE
from benchmarks.accuracy.suites import SUITES, run_suite

DATA = Path(__file__).resolve().parents[1] / "data"
RECORDED = DATA / "recorded.json"
ALLOWED = 0.005
OWN = {
    "own-python": ("pycg-micro", DATA / "own-python.jsonl"),
    "own-java": ("swarm-java", DATA / "own-java.jsonl"),
}
OUTSIDE = os.environ.get(DATA_VARIABLE)
PROVIDE = f"set {DATA_VARIABLE} (and {REPOS_VARIABLE}) as docs/accuracy.md says"


def measured(suite: str, data: Path, repos: Path | None) -> dict[str, float]:
    """The figures that are guarded: precision and recall of each level, and what is beside them."""
    metrics = run_suite(suite, data, repos).metrics
    found: dict[str, float] = {}
    for name in ("exact", "inferred", "all"):
        found |= _figures(name, metrics.get(name, {}))
    for name in ("calls", "definitions", "supertypes", "type_references", "field_references"):
        found |= _figures(name, metrics.get(name, {}).get("inferred", {}))
    for group in ("groups", "order"):
        for name, row in metrics.get(group, {}).items():
            shares = {key: value for key, value in row.items() if key != "n"}
            found |= {f"{name} {key}": value for key, value in shares.items()}
    return found


def _figures(name: str, row: dict[str, Any]) -> dict[str, float]:
    shares = {key: row.get(key) for key in ("precision", "recall")}
    return {f"{name} {key}": share for key, share in shares.items() if share is not None}


def fallen(recorded: dict[str, float], now: dict[str, float]) -> list[str]:
    return [
        f"{name}: {now.get(name)} was {before}"
        for name, before in recorded.items()
        if now.get(name, 0.0) < before - ALLOWED
    ]


def recorded() -> dict[str, dict[str, float]]:
    return json.loads(RECORDED.read_text())


@pytest.mark.parametrize("name", OWN)
def test_our_own_programs(name: str) -> None:
    suite, data = OWN[name]
    assert fallen(recorded()[name], measured(suite, data, None)) == []


@pytest.mark.slow
@pytest.mark.parametrize("suite", SUITES)
def test_data_from_outside(suite: str) -> None:
    if not OUTSIDE:
        pytest.skip(PROVIDE)
    now = _outside(suite)
    if not now:
        pytest.skip(f"no data of {suite} in {OUTSIDE}: {PROVIDE}")
    assert fallen(recorded()[suite], now) == []


def _outside(suite: str) -> dict[str, float]:
    repos = os.environ.get(REPOS_VARIABLE)
    return measured(suite, Path(OUTSIDE or ""), Path(repos) if repos else None)


def test_a_fall_is_seen() -> None:
    before = {"all precision": 0.95, "all recall": 0.9}
    assert fallen(before, {"all precision": 0.9451, "all recall": 0.95}) == []
    assert fallen(before, {"all precision": 0.9449, "all recall": 0.9}) == [
        "all precision: 0.9449 was 0.95"
    ]
    assert fallen(before, {"all precision": 1.0}) == ["all recall: None was 0.9"]


def main() -> None:
    figures = recorded() if RECORDED.is_file() else {}
    figures |= {name: measured(suite, data, None) for name, (suite, data) in OWN.items()}
    if OUTSIDE:
        figures |= {suite: now for suite in SUITES if (now := _outside(suite))}
    RECORDED.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    sys.stdout.write(f"{len(figures)} suites in {RECORDED}\n")


if __name__ == "__main__":
    main()
