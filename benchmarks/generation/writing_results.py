"""What the lines of a run of written code come to: metrics by control, and the original's files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.generation.metrics import macro_mean
from benchmarks.generation.rows import replace_text, write_rows, writing
from benchmarks.harness.run import ANSWERED, METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.generation.port import Control
    from benchmarks.generation.writing import Setting, WritingSuite


@dataclass(frozen=True, slots=True)
class Results:
    """The lines of a run. header: what it is."""

    suite: WritingSuite
    setting: Setting
    controls: Sequence[Control]
    header: Mapping[str, Any]
    rows: Sequence[Mapping[str, Any]]

    def write(self, folder: Path, seconds: float) -> dict[str, Any]:
        """Write the files of the original and `metrics.json`; what the latter holds."""
        for control in self.controls:
            self._export(folder / control, control)
        metrics = {**self._metrics(), "seconds": round(seconds, 1)}
        replace_text(folder / METRICS, json.dumps(metrics, indent=1) + "\n")
        return metrics

    def _metrics(self) -> dict[str, Any]:
        answered = [row for row in self.rows if row["status"] == ANSWERED]
        groups: dict[str, list[Mapping[str, Any]]] = {}
        for row in answered:
            groups.setdefault(row["repository"], []).append(row)
        reasons = Counter((r["status"], r["reason"]) for r in self.rows if r["status"] != ANSWERED)
        by_repository: dict[str, dict[str, Any]] = {
            name: {"n": len(group), **self._scores(group)} for name, group in sorted(groups.items())
        }
        scores = self._scores(answered)
        for control, row in scores.items():
            row |= {
                f"macro {name}": _macro(
                    [part[control].get(name) for part in by_repository.values()]
                )
                for name in list(row)
                if not name.endswith(("_n", "tokens"))
            }
        return {
            **self.header,
            "n": len(answered),
            "records": len(self.rows),
            "skipped": len(self.rows) - len(answered),
            "skipped_why": [
                {"status": status, "reason": reason, "count": count}
                for (status, reason), count in reasons.most_common()
            ],
            "metrics": scores,
            "by_repository": by_repository,
        }

    def _scores(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for control in self.controls:
            answers = [row["answer"][control] for row in rows]
            tokens = [sample["tokens"] for samples in answers for sample in samples]
            mean = round(sum(tokens) / len(tokens)) if tokens else None
            found[control] = {**self.suite.score(answers, self.setting), "tokens": mean}
        return found

    def _export(self, folder: Path, control: Control) -> None:
        answers = {r["id"]: r["answer"][control] for r in self.rows if r["status"] == ANSWERED}
        for name, content in self.suite.exports(answers).items():
            with writing(folder):
                folder.mkdir(exist_ok=True)
            write_rows(folder / name, content)


def _macro(values: Sequence[float | None]) -> float | None:
    """The mean over repositories, of those that have the measure."""
    mean = macro_mean({str(n): [v] for n, v in enumerate(values) if v is not None})
    return None if mean is None else round(mean, 2)
