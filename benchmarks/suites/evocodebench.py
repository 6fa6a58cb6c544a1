"""EvoCodeBench-2403 and DevEval: which symbols a function needs, found before it is written.

Both publish the same records. Records without a reference dependency are skipped, as the published
metric rules. The commit is found from the records themselves: lines and names must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.harness import context_recall
from benchmarks.harness.context_recall import Target
from benchmarks.harness.data import field_of, read_rows
from benchmarks.harness.suite import DataCard, Record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import Ask


@dataclass(slots=True)
class DependencySuite:
    """Records with `namespace`, `completion_path`, `requirement` and `dependency`.

    folders: how many folders of `completion_path` come before the repository's.
    """

    card: DataCard
    folders: int
    retrievers: tuple[str, ...] = context_recall.RETRIEVERS
    ks: tuple[int, ...] = context_recall.KS
    needs_repositories: bool = True
    _records: dict[str, list[Record]] = field(default_factory=dict[str, list[Record]])

    def load(self, path: Path) -> list[Record]:
        """One record a function."""
        records: list[Record] = []
        for row in read_rows(path, self.card):
            where = str(field_of(row, "completion_path", path)).split("/")[self.folders :]
            target = Target(
                name=field_of(row, "namespace", path),
                path="/".join(where[1:]),
                line=int((row.get("signature_position") or [1])[0]),
                text=_text(row.get("requirement") or {}),
                references=field_of(row, "dependency", path),
            )
            fields = {"target": target, "tests": list(row.get("tests") or ())}
            records.append(Record(target.name, where[0], fields))
        self._records = {}
        for record in records:
            self._records.setdefault(record.group, []).append(record)
        return records

    def answer(self, record: Record, desk: Desk, ask: Ask) -> dict[str, Any]:
        """Ask for the context of one function whose body is hidden."""
        expected = context_recall.expectations(self._records[record.group])
        shown = desk.show(record.group, lambda: desk.files_matching(record.group, expected))
        return context_recall.answer(record, desk, ask, shown)

    def score(self, answers: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
        """Coverage and ContextRecall."""
        return context_recall.score(answers, ask)


def _text(requirement: dict[str, Any]) -> str:
    """What the function is to do, and what its arguments are."""
    return " ".join(str(part) for part in requirement.values())


SUITE = DependencySuite(
    card=DataCard(
        title="EvoCodeBench-2403, ContextRecall of reference dependencies (bodies hidden)",
        source="metadata.jsonl of seketeam/EvoCodeBench, also in iwangjian/Coding-Tutor",
        version="2403",
        licence="Apache-2.0",
        obtain="metadata.jsonl is in iwangjian/Coding-Tutor, benchmark/EvoCodeBench-2403",
    ),
    folders=0,
)
