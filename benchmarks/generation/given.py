"""Answers that something else has written, in the rows of the benchmarks' own prediction files.

So that a figure of ours and one of any other tool come from the same scorer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.generation.port import Generated
from benchmarks.harness.data import read_rows
from benchmarks.harness.suite import DataCard, DataError, SkipRecordError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.generation.port import GenerationTask

_IDS = ("namespace", "task_id", "instance_id", "id")
_TEXTS = ("completion", "pred", "generated_middle_code", "generation", "code")
_CARD = DataCard(
    title="Completions",
    source="another tool",
    version="",
    licence="of that tool",
    obtain="--completions names JSON lines of ids and completions",
)


@dataclass(slots=True)
class GivenAnswers:
    """A `Generator` whose answers are known: those of a record are its samples, in their order."""

    model: str
    answers: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    def generate(self, task: GenerationTask) -> Generated:
        """The answer to a task. Raises SkipRecordError where none is given."""
        given = self.answers.get(task.id, ())
        if task.sample >= len(given):
            raise SkipRecordError(f"no completion {task.sample + 1} is given for it")
        return Generated(given[task.sample], why="given")


def read_given(path: Path) -> GivenAnswers:
    """Read JSON lines with a record's id and a text each. Raises DataError.

    The id is called as in EvoCodeBench and DevEval (`namespace`), CrossCodeEval and RepoClassBench
    (`task_id`) or SWE-bench (`instance_id`), or `id`; the text `completion`, `pred` or as in
    `_TEXTS`. Rows without an id, as ExecRepoBench's, are those of the records in their order.
    """
    found: dict[str, list[str]] = {}
    for number, row in enumerate(read_rows(path, _CARD)):
        text = _first(row, _TEXTS)
        if text is None:
            names = " or ".join(_TEXTS)
            raise DataError(f"{path}: row {number + 1} needs a text called {names}")
        found.setdefault(_first(row, _IDS) or str(number), []).append(text)
    return GivenAnswers(f"given:{path.name}", {name: tuple(texts) for name, texts in found.items()})


def _first(row: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((row[name] for name in names if isinstance(row.get(name), str)), None)
