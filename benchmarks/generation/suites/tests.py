"""TestBench: a test class for a Java method, repaired and measured five ways (`testbench.py`).

A measure that the environment could not take is None and the verdict with it; nothing of that
counts against the writer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from agent.draft import CheckResult, Problem, Status
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
from benchmarks.suites.testbench import SUITE, method_of, symbol_of
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from agent.draft import Check, Draft
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
        corpus = desk.workspace.corpus
        target = symbol_of(desk.workspace.reader, corpus, method_of(corpus, record.fields))
        root = setting.workshop.tree(setting.repos, record.group, commit)
        return Laid(
            kind=Kind.TESTS,
            path=place.test,
            name=f"{record.fields['class_name']}.{record.fields['method_name']}",
            text=text,
            query=text,
            target=target,
            checks=self._checks(record, root, setting),
            hidden={"root": root, "cache": setting.workshop.cache / "tools", "context": name},
        )

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - measured in the project's own copy
        """The five measures of one test class, after repair."""
        from agent.testing.measuring import Setup

        root: Path = laid.hidden["root"]
        setup = Setup(root, laid.hidden["cache"])
        found = measure(record, code_of(sample.text), self._sandbox(record, root), setup)
        return asdict(found) | {"context": laid.hidden["context"]}

    def _sandbox(self, record: Record, root: Path) -> LocalSandbox:
        if record.group not in self._sandboxes:
            from agent.sandbox.local import open_sandbox

            self._sandboxes[record.group] = open_sandbox(root)
        return self._sandboxes[record.group]

    def _checks(self, record: Record, root: Path, setting: Setting) -> tuple[Check, ...]:
        """Compiling and running a draft in the project, as a user can, defects left out."""
        from agent.testing.measures import Bounds
        from agent.testing.measuring import Setup

        assert setting.workshop is not None  # noqa: S101 - lay_out has looked
        setup = Setup(root, setting.workshop.cache / "tools", bounds=Bounds(has_mutation=False))

        def judged(text: str) -> Judged:
            return measure(record, text, self._sandbox(record, root), setup)

        tried = _Tried(judged)
        return (
            _InProject("compile", tried, (Verdict.SYNTAX, Verdict.COMPILE)),
            _InProject("tests", tried, (Verdict.TEST,)),
        )

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


@dataclass(slots=True)
class _Tried:
    """Drafts tried in the project, the last one remembered: two checks ask for the same."""

    judge: Callable[[str], Judged]
    last: tuple[str, Judged] | None = None

    def __call__(self, text: str) -> Judged:
        if self.last is None or self.last[0] != text:
            self.last = text, self.judge(text)
        return self.last[1]


@dataclass(slots=True)
class _InProject:
    """A check of the agent's by the build of the project, which the sources it sees are not.

    failures: the verdicts that it tells of.
    """

    name: str
    tried: _Tried
    failures: tuple[Verdict, ...]

    def run(self, draft: Draft) -> CheckResult:
        """Try a draft; what the environment cannot tell is a skip."""
        try:
            found = self.tried(code_of(draft.text))
        except (CodexGraphError, OSError) as error:
            return CheckResult(self.name, Status.SKIPPED, reason=str(error))
        if found.verdict is None:
            reasons = "; ".join(dict.fromkeys(found.measures.get("skipped", {}).values()))
            return CheckResult(self.name, Status.SKIPPED, reason=reasons)
        if found.verdict not in self.failures:
            return CheckResult(self.name, Status.PASSED, score=1.0)
        problems = tuple(Problem(**problem) for problem in found.measures["problems"])
        return CheckResult(self.name, Status.FAILED, problems or (Problem(found.verdict),))


def _judged(row: Judgement) -> Judged:
    verdict = Verdict(row["verdict"]) if row["verdict"] is not None else None
    return Judged(verdict, row["code"], tuple(row["repairs"]), row["measures"])


def suite() -> TestWriting:
    """TestBench."""
    return TestWriting()
