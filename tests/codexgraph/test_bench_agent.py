"""The agent as a writer of benchmarks, with a model that answers from a script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.benchmarks.generation.test_writing_run import GOLD_LINE, completion, functions, issue
from tests.benchmarks.harness.sources import write_lines

if TYPE_CHECKING:
    from pathlib import Path

    from tests.codexgraph.conftest import Outcome, Repository

BODY = "self.lines.append(parse_amount(text))"
FUNCTION = f'''```python
def add_line(self, text):
    """Add a line such as 12.50 EUR."""
    {BODY}
```'''
CHANGE = """The limit is checked too late.

shop/orders.py
<<<<<<< SEARCH
        if len(self.lines) >= MAX_LINES:
=======
        if len(self.lines) > MAX_LINES:
>>>>>>> REPLACE
"""


def run(bare: Repository, tmp_path: Path, make: Any, text: str, **entry: Any) -> Outcome:
    request = make(tmp_path)
    script = tmp_path / "script.json"
    replies = [{"text": text, "repeat": True, **entry}]
    script.write_text(json.dumps({"version": 1, "replies": replies}))
    arguments = ["--data", str(request.data), "--out", str(request.out), "--json", "--model"]
    arguments += ["--repos", str(request.repos), "--control", "agent,no-translation,none"]
    return bare.run("bench", "run", request.suite, *arguments, CODEXGRAPH_MODEL_PATH=str(script))


@pytest.mark.parametrize(
    ("make", "text", "measure", "value"),
    [
        (functions, FUNCTION, "recall@1", 66.67),
        (completion, f"```python\n{GOLD_LINE}\n```", "em", 100.0),
        (issue, CHANGE, "file@1", 100.0),
    ],
    ids=["function", "completion", "localization"],
)
def test_the_agent_writes_what_a_record_asks(
    bare: Repository, tmp_path: Path, make: Any, text: str, measure: str, value: float
) -> None:
    done = run(bare, tmp_path, make, text)
    assert done.code == 0, done.err
    assert done.value["skipped"] == 0, done.value["skipped_why"]
    for control in ("agent", "no-translation"):
        assert done.value["metrics"][control][measure] == value
        assert done.value["metrics"][control]["tokens"] > 0
    trajectories = sorted((tmp_path / "out/trajectories").glob("*.json"))
    assert len(trajectories) == 3 * done.value["n"]
    assert json.loads(trajectories[0].read_text())["outcome"]


def test_a_model_that_fails_is_the_environment(bare: Repository, tmp_path: Path) -> None:
    done = run(bare, tmp_path, completion, "", error="unreachable")
    assert done.value["n"] == 0
    assert {row["status"] for row in done.value["skipped_why"]} == {"environment"}


def test_an_endpoint_that_goes_away_halfway_costs_no_answer(
    bare: Repository, tmp_path: Path
) -> None:
    request = completion(tmp_path)
    row = json.loads(request.data.read_text())
    write_lines(
        request.data,
        [row | {"metadata": row["metadata"] | {"task_id": str(number)}} for number in range(7)],
    )
    script = tmp_path / "script.json"

    def asked(*more: str, replies: list[dict[str, Any]]) -> Outcome:
        script.write_text(json.dumps({"version": 1, "replies": replies}))
        common = ["--data", str(request.data), "--repos", str(request.repos), "--json", "--model"]
        common += ["--out", str(request.out), *more]
        return bare.run("bench", "run", "crosscodeeval", *common, CODEXGRAPH_MODEL_PATH=str(script))

    good = {"text": f"```python\n{GOLD_LINE}\n```"}
    gone = {"text": "", "error": "unreachable", "repeat": True}
    done = asked(replies=[good] * 4 + [gone])
    assert done.code == 1
    assert (done.value["n"], done.value["skipped"]) == (2, 5)
    assert done.value["metrics"]["agent"]["em"] == 100.0
    counts = {row["reason"]: row["count"] for row in done.value["skipped_why"]}
    assert counts["not asked: no model answered 3 records in a row"] == 2
    assert {row["status"] for row in done.value["skipped_why"]} == {"environment"}
    rows = (request.out / "predictions.jsonl").read_text().splitlines()
    done = asked("--resume", replies=[good | {"repeat": True}])
    assert (done.code, done.value["n"], done.value["skipped"]) == (0, 7, 0)
    assert (request.out / "predictions.jsonl").read_text().splitlines()[:2] == rows[:2]
