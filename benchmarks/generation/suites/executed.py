"""ExecRepoBench: a gap in a file, judged by whether the repository's program of tests ends well.

The benchmark brings `repos/NAME/evaluate_repo.py` and `envs/repo_NAME`; the first is looked for
below --repos, the second below --cache. Where either is missing only the edit similarity is told.
A gap counts only if that program tells it from nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from agent.draft import Edit
from agent.sandbox.ran import End, RunLimits
from benchmarks.generation.metrics import filled_similarity
from benchmarks.generation.suites.completion import GapSuite
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of, pass_rates, percent
from benchmarks.harness.suite import Record, SkipRecordError
from benchmarks.suites.completion import EXECREPOBENCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.sandbox.local import LocalSandbox
    from benchmarks.generation.port import Generated
    from benchmarks.harness.desk import Desk

_PROGRAM = "evaluate_repo.py"
_LIMITS = RunLimits(seconds=240.0, cpu_seconds=960.0, memory_mb=4_096)
"""The time is the benchmark's."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the tests of one repository run. python: of its environment."""

    sandbox: LocalSandbox
    python: Path

    def passes(self, path: str, text: str) -> bool:
        """Whether the program ends well with a text of a file. The copy is then as it was."""
        self.sandbox.apply([Edit(path, None, text)])
        try:
            environment = self.python.parents[1]
            ran = self.sandbox.run(
                [str(self.python), _PROGRAM],
                _LIMITS,
                environment={"PATH": f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin"},
                readable=(environment, self.python.resolve().parents[1]),
            )
        finally:
            self.sandbox.reset()
        if ran.end is End.NOT_STARTED:
            raise BrokenEnvironmentError(f"{self.python} did not start: {ran.output[:300]}")
        return ran.is_ok


@dataclass(slots=True)
class ExecutedGaps(GapSuite):
    """Records of ExecRepoBench; a sandbox is opened once a repository."""

    _places: dict[str, _Place | None] = field(default_factory=dict[str, "_Place | None"])

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:
        """The repository with the gap in its file.

        Raises SkipRecordError for a gap that the tests do not tell from nothing.
        """
        f = record.fields
        laid = GapSuite.lay_out(self, record, desk, setting)
        place = self._place(record.group, setting)
        if place is not None:
            path = _inside(record)
            if not place.passes(path, f["before"] + f["gold"] + f["after"]):
                raise SkipRecordError(f"{_PROGRAM} fails with the ground truth")
            if place.passes(path, self.shown(record)):
                raise SkipRecordError(f"{_PROGRAM} passes with the gap left empty")
        return laid

    def shown(self, record: Record) -> str:
        """The file without what stood in the gap."""
        return record.fields["before"] + record.fields["after"]

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged in the repository's own copy
        """Edit similarity, and the tests where they can run."""
        f, text = record.fields, code_of(sample.text)
        place = self._places.get(record.group)
        is_passed: bool | None = None
        if place is not None:
            is_passed = place.passes(_inside(record), f["before"] + text + f["after"])
        return {
            "repo_name": record.group,
            "file_name": f["file"],
            "fill_type": f["fill"],
            "prefix_code": f["before"],
            "middle_code": f["gold"],
            "suffix_code": f["after"],
            "text": text,
            "es": filled_similarity(text, f["gold"]),
            "is_pass": is_passed,
        }

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:
        """ES of the first samples and pass@k, over all records and by type of gap."""
        found = _scores(answers, setting)
        for kind in sorted({samples[0]["fill_type"] for samples in answers if samples}):
            own = [samples for samples in answers if samples and samples[0]["fill_type"] == kind]
            found |= {f"{kind}: {name}": value for name, value in _scores(own, setting).items()}
        return found

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """The rows that the benchmark's `-evaluation_only` reads and writes."""
        rows = [
            {name: value for name, value in sample.items() if name in _OFFICIAL}
            | {"generated_middle_code": sample["text"], "is_pass": _number(sample["is_pass"])}
            for samples in answers.values()
            for sample in samples
        ]
        return {"generation.jsonl": rows}

    def close(self) -> None:
        """Remove the copies."""
        for place in self._places.values():
            if place is not None:
                place.sandbox.close()
        self._places = {}

    def _place(self, name: str, setting: Setting) -> _Place | None:
        if name not in self._places:
            self._places[name] = _open(name, setting)
        return self._places[name]


_OFFICIAL = frozenset(
    ("repo_name", "file_name", "fill_type", "prefix_code", "middle_code", "suffix_code", "es")
)


def _open(name: str, setting: Setting) -> _Place | None:
    from agent.sandbox.local import open_sandbox

    if setting.repos is None or setting.workshop is None:
        return None
    root = setting.repos / name
    python = setting.workshop.cache.absolute() / "envs" / f"repo_{name}" / "bin" / "python"
    if not (root / _PROGRAM).is_file() or not python.is_file():
        return None
    return _Place(open_sandbox(root), python)


def _inside(record: Record) -> str:
    """The file's path in its repository; records begin it with the repository's name."""
    return str(record.fields["file"]).removeprefix(f"{record.group}/")


def _scores(answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:
    first = [samples[0] for samples in answers if samples]
    es = percent([one["es"] / 100 for one in first])
    return {"es": es, **pass_rates(answers, setting.ks, "is_pass")}


def _number(is_passed: bool | None) -> float | None:
    return None if is_passed is None else float(is_passed)


def suite() -> ExecutedGaps:
    """ExecRepoBench."""
    return ExecutedGaps(EXECREPOBENCH)
