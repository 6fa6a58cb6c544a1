"""TestBench: a test class for a Java method, repaired and measured five ways (`testbench.py`).

A measure that the environment could not take is None and the verdict with it; nothing of that
counts against the writer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.testbench import (
    Judged,
    Verdict,
    coverage_rows,
    extent,
    measure,
    prompts,
    result_row,
    score,
)
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.testbench import SUITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from agent.sandbox.local import LocalSandbox
    from benchmarks.harness.desk import Desk

_CONTEXTS = {
    "source": "SourceCodeOnly",
    "simple": "SourceCode&Simple",
    "full": "SourceCode&Full",
}
_DEFAULT = "simple"


@dataclass(slots=True)
class TestWriting:
    """Records with a Java method; a sandbox is opened once a project."""

    card: DataCard = field(default_factory=lambda: SUITE.card)
    needs_repositories: bool = True
    _records: dict[str, Record] = field(default_factory=dict[str, Record])
    _sandboxes: dict[str, LocalSandbox] = field(default_factory=dict[str, "LocalSandbox"])

    def load(self, path: Path) -> list[Record]:
        """One record a method."""
        records = SUITE.load(path)
        self._records = {record.id: record for record in records}
        return records

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:
        """The project as it is; the test that is asked for is taken away."""
        if setting.workshop is None or setting.repos is None:
            raise BrokenEnvironmentError("tests are measured by running them: a cache is needed")
        expected = SUITE.expected(record)
        commit = desk.commit_matching(record.group, expected)
        if commit is None:
            raise BrokenEnvironmentError(f"{record.group} is no git directory: fetch it with git")
        files = dict(desk.files_matching(record.group, expected))
        place = extent(record)
        files.pop(place.test, None)
        desk.workspace.set_files(files)
        name = _CONTEXTS.get(setting.description, _CONTEXTS[_DEFAULT])
        text = prompts(record)[name]
        root = setting.workshop.tree(setting.repos, record.group, commit)
        return Laid(
            kind=Kind.TESTS,
            path=place.test,
            name=f"{record.fields['class_name']}.{record.fields['method_name']}",
            text=text,
            query=text,
            hidden={"root": root, "cache": setting.workshop.cache / "tools", "context": name},
        )

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - measured in the project's own copy
        """The five measures of one test class, after repair."""
        from agent.testing.measuring import Setup

        root: Path = laid.hidden["root"]
        if record.group not in self._sandboxes:
            from agent.sandbox.local import open_sandbox

            self._sandboxes[record.group] = open_sandbox(root)
        setup = Setup(root, laid.hidden["cache"])
        found = measure(record, code_of(sample.text), self._sandboxes[record.group], setup)
        return asdict(found) | {"context": laid.hidden["context"]}

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - there is none
        """The benchmark has no tests of its own."""
        raise SkipRecordError("the record holds no test")

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:  # noqa: ARG002 - no cut-offs
        """The five measures over all samples."""
        return score([_judged(sample) for samples in answers for sample in samples])

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """Rows of TestBench's result and coverage files."""
        results: list[dict[str, Any]] = []
        coverage: list[dict[str, Any]] = []
        for name, samples in answers.items():
            context = {s["context"]: [_judged(one) for one in samples] for s in samples[:1]}
            results.append(result_row(self._records[name], context))
            coverage += coverage_rows(self._records[name], context)
        return {"result.jsonl": results, "coverage.jsonl": coverage}

    def close(self) -> None:
        """Remove the projects' copies."""
        for sandbox in self._sandboxes.values():
            sandbox.close()
        self._sandboxes = {}


def _judged(row: Judgement) -> Judged:
    verdict = Verdict(row["verdict"]) if row["verdict"] is not None else None
    return Judged(verdict, row["code"], tuple(row["repairs"]), row["measures"])


def suite() -> TestWriting:
    """TestBench."""
    return TestWriting()
