"""SWE-bench localization: the places that an answer names, scored as LocAgent's are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.writing import Judgement, Laid, Setting, percent
from benchmarks.harness.metrics import accuracy_at
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.swebench import LEVELS, SUITE, changed_lines, gold_of
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk

KS = (1, 3, 5, 10)


@dataclass(slots=True)
class IssueSuite:
    """Records with `problem_statement`, `base_commit` and `patch`."""

    card: DataCard = field(default_factory=lambda: SUITE.card)
    needs_repositories: bool = True

    def load(self, path: Path) -> list[Record]:
        """One record an instance."""
        return SUITE.load(path)

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:  # noqa: ARG002 - nothing to choose
        """The commit before the fix."""
        changed = changed_lines(record.fields["patch"])
        if not any(path.endswith(tuple(SUFFIXES)) for path in changed):
            raise SkipRecordError("the fix changes no existing file of an indexed language")
        desk.workspace.set_files(desk.files_at(record.group, record.fields["base_commit"]))
        gold = gold_of(desk.workspace.corpus, changed)
        if not gold["file"]:
            raise SkipRecordError("no changed file is in the index")
        text = record.fields["problem_statement"]
        return Laid(Kind.LOCALIZATION, "", "", text, text, hidden={"gold": gold})

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged by its names
        """What was named, beside the gold; files that an answer edits count as named."""
        found = {level: list(sample.found.get(level, ())) for level in LEVELS}
        found["file"] = list(dict.fromkeys([*found["file"], *(e.path for e in sample.edits)]))
        return {"found": found, "gold": laid.hidden["gold"]}

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - read off the graph
        """What the fix changes."""
        return Generated("", found={k: tuple(v) for k, v in laid.hidden["gold"].items()})

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:  # noqa: ARG002 - its own cut-offs
        """LocAgent's accuracy at k by level, over instances that have gold there."""
        first = [samples[0] for samples in answers if samples]
        found: dict[str, Any] = {}
        for level in LEVELS:
            pairs = [(a["found"][level], a["gold"][level]) for a in first if a["gold"][level]]
            found[f"{level}_n"] = len(pairs)
            for k in KS:
                found[f"{level}@{k}"] = percent([float(accuracy_at(r, g, k)) for r, g in pairs])
        return found

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """LocAgent's `loc_outputs.jsonl`."""
        rows = [
            {
                "instance_id": name,
                "found_files": samples[0]["found"]["file"],
                "found_modules": samples[0]["found"]["module"],
                "found_entities": samples[0]["found"]["function"],
            }
            for name, samples in answers.items()
            if samples
        ]
        return {"loc_outputs.jsonl": rows}

    def close(self) -> None:
        """Nothing is open."""


def suite() -> IssueSuite:
    """SWE-bench localization."""
    return IssueSuite()
