"""CrossCodeEval and ExecRepoBench: what stands at a cursor.

CrossCodeEval's scores are those of its `eval_metric.py`. ExecRepoBench's is whether the tests of
the repository pass with the gap filled; without an environment only its edit similarity is told.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.generation.metrics import edit_similarity, language_of, match
from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of, pass_rates, percent
from benchmarks.harness.baselines import WINDOW
from benchmarks.harness.bodies import closed
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.completion import CROSSCODEEVAL, EXECREPOBENCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.suites.completion import CompletionSuite

_SCORES = ("em", "id_em", "id_precision", "id_recall", "id_f1")


@dataclass(slots=True)
class GapSuite:
    """Records of a `CompletionSuite`. is_executed: scored by tests, as ExecRepoBench."""

    source: CompletionSuite
    is_executed: bool = False

    @property
    def card(self) -> DataCard:
        """Of the data."""
        return self.source.card

    @property
    def needs_repositories(self) -> bool:
        """False when a record holds all the sources itself."""
        return self.source.needs_repositories

    def load(self, path: Path) -> list[Record]:
        """One record a cursor."""
        return self.source.load(path)

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:  # noqa: ARG002 - nothing to choose
        """The repository with the file cut at the cursor."""
        f = record.fields
        if language_of(f["file"]) is None:
            raise SkipRecordError("the file is of no indexed language")
        files = dict(self.source.sources(record, desk))
        files[f["file"]] = closed(f["before"]).encode()
        desk.workspace.set_files(files)
        return Laid(
            kind=Kind.COMPLETION,
            path=f["file"],
            name=f"{f['file']}:{f['before'].count(chr(10)) + 1}",
            text="",
            query="\n".join(f["before"].splitlines()[-WINDOW:]),
            line=f["before"].count("\n") + 1,
            before=f["before"],
            after=f["after"],
        )

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged by its text
        """The scores of one completion."""
        text, gold = code_of(sample.text), record.fields["gold"]
        if self.is_executed:
            return {"text": text, "es": edit_similarity(text, gold), "is_pass": None}
        found = match(laid.before, text, gold, language_of(laid.path) or "")
        return {"text": text, **asdict(found)}

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - the record has it
        """The line as it was written."""
        return Generated(record.fields["gold"])

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:
        """Means over records of the first sample, as the original scores one."""
        first = [samples[0] for samples in answers if samples]
        found: dict[str, Any] = {"es": percent([one["es"] / 100 for one in first])}
        if self.is_executed:
            return found | pass_rates(answers, setting.ks, "is_pass")
        return {name: percent([one[name] for one in first]) for name in _SCORES} | found

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """`prediction.jsonl` of CrossCodeEval, or ExecRepoBench's three output fields."""
        if self.is_executed:
            rows = [
                {"id": name, "generated_middle_code": s["text"], "is_pass": s["is_pass"]}
                | {"es": s["es"] / 100}
                for name, samples in answers.items()
                for s in samples
            ]
            return {"generation.jsonl": rows}
        rows = [
            {"task_id": name, "pred": sample["text"]}
            for name, samples in answers.items()
            for sample in samples[:1]
        ]
        return {"prediction.jsonl": rows}

    def close(self) -> None:
        """Nothing is open."""


def crosscodeeval() -> GapSuite:
    """CrossCodeEval."""
    return GapSuite(CROSSCODEEVAL)


def execrepobench() -> GapSuite:
    """ExecRepoBench."""
    return GapSuite(EXECREPOBENCH, is_executed=True)
