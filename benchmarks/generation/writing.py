"""What a benchmark of written code is: tasks laid out, answers judged, scores and formats.

A suite lays out what its record looks like before it is solved, and afterwards judges each sample
by the benchmark's own rules. What the environment cannot tell (no tests can run) is None in a
judgement, never a zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any, Protocol

from agent.fences import blocks
from benchmarks.generation.metrics import pass_at_k

if TYPE_CHECKING:
    from pathlib import Path

    from agent.draft import Check
    from benchmarks.generation.port import Generated, Kind
    from benchmarks.generation.projects import ProjectSource
    from benchmarks.harness.desk import Desk
    from benchmarks.harness.suite import DataCard, Record
    from graphdb.symbols import Symbol

Judgement = dict[str, Any]
"""What is known of one sample, as JSON values."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A record laid out in the desk's workspace. The fields are those of a `GenerationTask`.

    query: what the controls without tools search for.
    """

    kind: Kind
    path: str
    name: str
    text: str
    query: str
    line: int = 0
    target: Symbol | None = None
    before: str = ""
    after: str = ""
    checks: tuple[Check, ...] = ()
    hidden: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run asks. description: of several that a benchmark has, the one that is given.

    gate: task id -> why the gate left it out; None where no gate was given. samples, ks: of pass@k.
    """

    samples: int = 1
    ks: tuple[int, ...] = (1,)
    description: str = "detailed"
    is_oracle: bool = False
    gate: Mapping[str, str] | None = None
    repos: Path | None = None
    workshop: ProjectSource | None = None


class WritingSuite(Protocol):
    """One benchmark; an object of this kind is what a module of `generation/suites` offers."""

    card: DataCard
    needs_repositories: bool

    def load(self, path: Path) -> list[Record]:
        """The records of a data file, in its order. Raises DataError."""
        ...

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:
        """Put the record's sources into the workspace, its target taken away.

        Raises SkipRecordError, MissingRepositoryError or BrokenEnvironmentError.
        """
        ...

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:
        """What a sample is worth; the workspace is as `lay_out` left it, also afterwards."""
        ...

    def gold(self, record: Record, laid: Laid) -> Generated:
        """The right answer, for the script that proves the harness."""
        ...

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:
        """Metrics over records, each with its samples."""
        ...

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """Files in the original's formats: name -> a list of rows (JSON lines) or an object."""
        ...

    def close(self) -> None:
        """Release what judging has opened."""
        ...


def percent(values: Sequence[float | None]) -> float | None:
    """The mean of what is known in percent, two decimals; None where nothing is."""
    known = [value for value in values if value is not None]
    return round(100 * fmean(known), 2) if known else None


def pass_rates(
    answers: Sequence[Sequence[Judgement]], ks: Sequence[int], key: str
) -> dict[str, float | None]:
    """pass@k over records whose samples are all judged, by the unbiased estimator."""
    judged = [[bool(s[key]) for s in samples] for samples in answers if _all_known(samples, key)]
    return {
        f"pass@{k}": percent([pass_at_k(len(s), sum(s), k) for s in judged if len(s) >= k])
        for k in ks
    }


def _all_known(samples: Sequence[Judgement], key: str) -> bool:
    return bool(samples) and all(sample.get(key) is not None for sample in samples)


def code_of(text: str) -> str:
    """The code of an answer: its longest fenced block, as the agent reads it, else all of it."""
    return max((block.code for block in blocks(text)), key=len, default=text)


Factory = Callable[[], WritingSuite]
"""Makes a suite; it holds what a run has opened, so each run has its own."""
