"""JavaBench, class-wise: a class from a skeleton with TODOs.

Whether the whole project compiles and passes is judged by JavaBench's own program, which reads the
`samples.jsonl` that is written here. By themselves the records tell whether a class is finished:
it parses, and has no TODO left.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.generation.metrics import parses
from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of, percent
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.javabench import SUITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.desk import Desk

_MARK = "TODO"


@dataclass(slots=True)
class SkeletonSuite:
    """Records with a skeleton and what it may use."""

    card: DataCard = field(default_factory=lambda: SUITE.card)
    needs_repositories: bool = False

    def load(self, path: Path) -> list[Record]:
        """One record a class."""
        return SUITE.load(path)

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:  # noqa: ARG002 - nothing to choose
        """All types of the project as the records show them, and the skeleton."""
        target, skeleton = record.fields["target"], record.fields["skeleton"]
        if target is None:
            raise SkipRecordError("the record shows no skeleton")
        types = {**SUITE.project(record), **skeleton}
        desk.workspace.set_files({name: text.encode() for name, text in types.items()})
        text = skeleton[target]
        name = target.rpartition("/")[2].removesuffix(".java")
        return Laid(Kind.CLASS, target, name, text, text, before=text)

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged by its text
        """Whether the class is finished."""
        code = code_of(sample.text)
        return {
            "text": sample.text,
            "target": laid.path,
            "parses": bool(code.strip()) and parses(code, "java"),
            "has_todo": _MARK in code,
            "can_replace": f"class {laid.name}" in code or f" {laid.name}" in code,
        }

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - there is none
        """The records hold no solution."""
        raise SkipRecordError("the record holds no solution")

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:  # noqa: ARG002 - no cut-offs
        """Shares of the first samples."""
        first = [samples[0] for samples in answers if samples]
        finished = [float(s["parses"] and s["can_replace"] and not s["has_todo"]) for s in first]
        return {
            "syntax": percent([float(s["parses"]) for s in first]),
            "completion": percent([float(not s["has_todo"]) for s in first]),
            "finished": percent(finished),
        }

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """`samples.jsonl`, which JavaBench's `evaluation.py class-wise` compiles and tests."""
        rows = [
            {
                "task_id": name,
                "target": s["target"],
                "completion": f"```java\n{code_of(s['text'])}\n```",
            }
            for name, samples in answers.items()
            for s in samples
        ]
        return {"samples.jsonl": rows}

    def close(self) -> None:
        """Nothing is open."""


def suite() -> SkeletonSuite:
    """JavaBench."""
    return SkeletonSuite()
