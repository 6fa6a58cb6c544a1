"""The table of a gate run as Markdown, task by task and summed up by repository."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.generation.rows import replace_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

NAME = "gate.md"
_HEAD = ("task", "class", "status", "tests", "truth", "removed", "mutant", "seconds", "reason")


def write_report(folder: Path, table: Mapping[str, Any]) -> Path:
    """Write `gate.md` beside the rows; where it is."""
    path = folder / NAME
    replace_text(path, "\n".join(lines(table)) + "\n")
    return path


class Summary(NamedTuple):
    """What the gate found in one repository: how many tasks each of the columns is true of."""

    repository: str
    tasks: int
    truth_passes: int
    removed_fails: int
    mutant_fails: int
    passed: int
    left_out: int
    environment: int


SUMMARY = (
    *("repository", "tasks", "ground truth passes", "class removed fails", "mutant fails"),
    *("passed", "left out", "environment"),
)


def summary(rows: Sequence[Mapping[str, Any]]) -> list[Summary]:
    """By repository, in the order of the rows."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(str(row["repository"]), []).append(row)
    found: list[Summary] = []
    for name, group in groups.items():
        statuses = Counter(str(row["status"]) for row in group)
        found.append(
            Summary(
                name,
                len(group),
                sum(_passes(row["truth"]) is True for row in group),
                sum(_passes(row["removed"]) is False for row in group),
                sum(any(_passes(m) is False for m in row["mutants"].values()) for row in group),
                statuses["passed"],
                statuses["left out"],
                statuses["environment"],
            )
        )
    return found


def _passes(run: Mapping[str, Any] | None) -> bool | None:
    """Whether all tests of a run passed; None where it was not tried."""
    return None if run is None else bool(run["is_passed"])


def lines(table: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the page."""
    rows = table["rows"]
    yield f"# Gate of {len(rows)} tasks in {table['suite']}'s format ({table['data']})"
    yield ""
    yield f"- Data SHA-256: {table['data_sha256']}"
    yield f"- codexgraph {table['tool_version']}"
    yield f"- Isolation: {table['isolation']}"
    for place in sorted({(r["repository"], r["commit"], r["interpreter"]) for r in rows}):
        yield f"- {place[0]} at {place[1]}, {place[2] or 'no interpreter'}"
    yield ""
    yield from _table(SUMMARY, summary(rows))
    yield ""
    yield (
        "Tests: the benchmark's count / executed. Truth, removed, mutant: passed of executed, or "
        "`no compile`; `+` marks a run that was stopped at its first failure."
    )
    yield ""
    yield from _table(_HEAD, [_cells(row) for row in rows])


def _cells(row: Mapping[str, Any]) -> tuple[object, ...]:
    truth = row["truth"]
    tests = f"{truth['official']} / {truth['run']}" if truth else "-"
    last = list(row["mutants"].items())[-1:]
    mutant = f"{last[0][0]}: {_share(last[0][1])}" if last else "-"
    return (
        row["id"],
        row["class"],
        row["status"],
        tests,
        _share(truth),
        _share(row["removed"]),
        mutant,
        row["seconds"],
        row["reason"],
    )


def _share(run: Mapping[str, Any] | None) -> str:
    if run is None:
        return "-"
    if run["compiled"] is False:
        return "no compile"
    return f"{run['passed']} of {run['run']}{'+' if run['is_cut'] else ''}"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |"
