"""The outcome of an index run as data; a file that could not be read is a row, not a log line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphdb.delta import IndexMeta
    from indexer.listing import LeftOut

MAX_LINES_PER_GROUP = 10
"""How many problems, and how many left-out rows, the text summary shows; `to_json` has them all."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something about one file that makes its part of the graph incomplete.

    line: 1-based, or None for the file as a whole. kind: a short constant word, such as `syntax`,
    `encoding`, `binary`, `unreadable`, `crash`. message: one line for people.
    """

    file_path: str
    line: int | None
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run did.

    mode: `full`, `incremental` or `unchanged`. meta: what the graph says of itself now. files: how
    many are in the graph. nodes and edges: how many the graph has by label and by type.
    relinked_files: how many were linked anew in this run. seconds: wall time by phase, in the order
    of the phases, with `total` last. peak_memory_mb: resident, of the largest process of the run.
    """

    mode: str
    meta: IndexMeta
    files: int
    nodes: Mapping[str, int]
    edges: Mapping[str, int]
    unresolved_calls: int
    seconds: Mapping[str, float]
    peak_memory_mb: float
    relinked_files: int
    problems: tuple[Problem, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The report as plain values, ready for `json.dumps`."""
        return {
            "mode": self.mode,
            "files": self.files,
            "nodes": dict(self.nodes),
            "edges": dict(self.edges),
            "unresolved_calls": self.unresolved_calls,
            "relinked_files": self.relinked_files,
            "problems": [
                {"file_path": p.file_path, "line": p.line, "kind": p.kind, "message": p.message}
                for p in self.problems
            ],
            "left_out": [
                {"path": x.path, "reason": str(x.reason), "count": x.count, "detail": x.detail}
                for x in self.left_out
            ],
            "seconds": {phase: round(value, 3) for phase, value in self.seconds.items()},
            "peak_memory_mb": round(self.peak_memory_mb, 1),
            "notes": list(self.notes),
        }

    def summary_lines(self) -> list[str]:
        """The report for people: a handful of lines, long lists cut and what is left counted."""
        sizes = [
            _count(self.files, "file"),
            _count(sum(n for label, n in self.nodes.items() if label in _KINDS), "node"),
            _count(sum(self.edges.values()), "edge"),
        ]
        lines = [
            f"{_MODES.get(self.mode, self.mode)}: {', '.join(sizes)}",
            f"nodes: {_by_size(self.nodes)}",
            f"edges: {_by_size(self.edges)}",
            f"call sites not resolved: {self.unresolved_calls:,} (counted, not guessed)",
            f"{self.seconds.get('total', 0.0):.2f} s ({_phases(self.seconds)}), "
            f"{self.peak_memory_mb:.0f} MB at most, {_count(self.relinked_files, 'file')} linked",
        ]
        lines += _group(
            "problems", [_problem_line(p) for p in self.problems], _kinds(self.problems)
        )
        lines += _group(
            "left out", [_left_out_line(x) for x in self.left_out], _reasons(self.left_out)
        )
        lines += [f"note: {note}" for note in self.notes]
        return [line for line in lines if line]


_KINDS = frozenset(kind.value for kind in NodeKind)
"""Labels of which each node has exactly one; the others stand beside them."""

_MODES = {"full": "indexed anew", "incremental": "updated", "unchanged": "nothing changed"}


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _by_size(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {number:,}" for name, number in ranked if number) or "none"


def _phases(seconds: Mapping[str, float]) -> str:
    parts = [f"{phase} {value:.2f}" for phase, value in seconds.items() if phase != "total"]
    return ", ".join(parts) or "one phase"


def _kinds(problems: tuple[Problem, ...]) -> str:
    return _by_size(Counter(problem.kind for problem in problems))


def _reasons(rows: tuple[LeftOut, ...]) -> str:
    totals: Counter[str] = Counter()
    for row in rows:
        totals[str(row.reason)] += row.count
    return _by_size(totals)


def _group(title: str, rows: list[str], totals: str) -> list[str]:
    if not rows:
        return []
    shown = [f"  {row}" for row in rows[:MAX_LINES_PER_GROUP]]
    rest = len(rows) - len(shown)
    return [f"{title}: {totals}", *shown, *([f"  ... and {rest:,} more"] if rest else [])]


def _problem_line(problem: Problem) -> str:
    place = problem.file_path if problem.line is None else f"{problem.file_path}:{problem.line}"
    return f"{place}: {problem.message}"


def _left_out_line(row: LeftOut) -> str:
    number = f" ({row.count:,})" if row.count > 1 else ""
    detail = f", {row.detail}" if row.detail else ""
    return f"{row.path}{number}: {row.reason}{detail}"
