"""CrossCodeEval: the line at a cursor, scored as by its `eval_metric.py`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.generation.metrics import language_of, match
from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of, percent
from benchmarks.harness.baselines import WINDOW
from benchmarks.harness.bodies import closed
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.completion import CROSSCODEEVAL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk
    from benchmarks.suites.completion import CompletionSuite

_SCORES = ("em", "id_em", "id_precision", "id_recall", "id_f1")


@dataclass(slots=True)
class GapSuite:
    """Records of a `CompletionSuite`."""

    source: CompletionSuite

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
        """The repository with its file as models may see it."""
        f = record.fields
        if language_of(f["file"]) is None:
            raise SkipRecordError("the file is of no indexed language")
        files = dict(self.source.sources(record, desk))
        files[f["file"]] = self.shown(record).encode()
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

    def shown(self, record: Record) -> str:
        """The file up to the cursor, and what closes its brackets."""
        return closed(record.fields["before"])

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged by its text
        """The scores of one completion."""
        text, gold = code_of(sample.text), record.fields["gold"]
        found = match(laid.before, text, gold, language_of(laid.path) or "")
        return {"text": text, **asdict(found)}

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - the record has it
        """The line as it was written."""
        return Generated(record.fields["gold"])

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:  # noqa: ARG002 - no cut-offs
        """Means over records of the first sample, as the original scores one."""
        first = [samples[0] for samples in answers if samples]
        found: dict[str, Any] = {"es": percent([one["es"] / 100 for one in first])}
        return {name: percent([one[name] for one in first]) for name in _SCORES} | found

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """`prediction.jsonl`."""
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
