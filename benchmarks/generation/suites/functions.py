"""EvoCodeBench and DevEval: a function's body from its requirement.

Recall@k asks our own index which reference dependencies the completed function uses: the file is
written with the completion and indexed again, and an unparsable completion uses nothing. Pass@k
needs a recipe for the repository's environment, and tests that tell the true body from none.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from benchmarks.generation.classtasks import ClassTask
from benchmarks.generation.metrics import parses, recall_at_k
from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of, pass_rates, percent
from benchmarks.harness.bodies import body_of, fill_body, hide_body
from benchmarks.harness.context_recall import expectations, target_of
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.deveval import SUITE as DEVEVAL
from benchmarks.suites.evocodebench import SUITE as EVOCODEBENCH
from graphdb.errors import NotFoundError
from graphdb.queries.names import innermost_at
from graphdb.retrieval.features import USES
from graphdb.retrieval.naming import named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.generation.projects import Project
    from benchmarks.harness.desk import Desk
    from benchmarks.suites.evocodebench import DependencySuite
    from graphdb.retrieval.corpus import Corpus
    from graphdb.symbols import Symbol


@dataclass(slots=True)
class FunctionSuite:
    """Records of a `DependencySuite`."""

    source: DependencySuite
    needs_repositories: bool = True
    _records: dict[str, list[Record]] = field(default_factory=dict[str, list[Record]])
    _projects: dict[str, Project | None] = field(default_factory=dict[str, "Project | None"])

    @property
    def card(self) -> DataCard:
        """Of the data."""
        return self.source.card

    def load(self, path: Path) -> list[Record]:
        """One record a function."""
        records = self.source.load(path)
        for record in records:
            self._records.setdefault(record.group, []).append(record)
        return records

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:
        """The repository with the function's body taken away."""
        target = target_of(record)
        expected = expectations(self._records[record.group])
        shown = desk.show(record.group, lambda: desk.files_matching(record.group, expected))
        text = shown.files.get(target.path)
        hidden = hide_body(text, target.name, target.line) if text is not None else None
        if text is None or hidden is None:
            raise SkipRecordError(f"{target.path} does not define it at this commit")
        desk.workspace.set_files({**shown.files, target.path: hidden.text})
        source = hidden.text.decode("utf-8", "replace")
        lines = source.splitlines(keepends=True)
        project = self._project(record, desk, setting)
        untested = _untested(project, record, text.decode("utf-8", "replace"), source)
        return Laid(
            kind=Kind.FUNCTION,
            path=target.path,
            name=target.name,
            text=target.text,
            query=f"{target.name} {target.text}",
            line=hidden.line,
            target=_definition(desk, target.path, hidden.line),
            before="".join(lines[: hidden.line]),
            hidden={
                "file": text,
                "line": hidden.line,
                "wanted": target.wanted,
                "project": None if untested else project,
                "untested": untested,
            },
        )

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:
        """Which reference dependencies the completed function uses."""
        target, before = target_of(record), desk.workspace.files[laid.path]
        code = code_of(sample.text)
        filled = fill_body(laid.hidden["file"], target.name, target.line, code)
        is_code = filled is not None and parses(filled.decode("utf-8", "replace"), "python")
        uses: list[str] = []
        project: Project | None = laid.hidden["project"]
        is_passed = None if project is None else False
        if filled is not None and is_code:
            desk.workspace.change(laid.path, filled)
            try:
                uses = _used(desk.workspace.corpus, target.name, laid)
            finally:
                desk.workspace.change(laid.path, before)
            if project is not None:
                text = filled.decode("utf-8", "replace")
                is_passed = project.attempt(_tested(record), text).is_passed
        return {
            "completion": code,
            "parses": is_code,
            "uses": uses,
            "is_passed": is_passed,
            "untested": laid.hidden["untested"],
            "wanted": laid.hidden["wanted"],
        }

    def gold(self, record: Record, laid: Laid) -> Generated:
        """The body as it was written."""
        target = target_of(record)
        return Generated(body_of(laid.hidden["file"], target.name, target.line) or "")

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:
        """Recall@k over records with a reference, Pass@k over those whose tests could run."""
        having = [samples for samples in answers if samples and samples[0]["wanted"]]
        found: dict[str, Any] = {"recall_n": len(having)}
        for k in setting.ks:
            found[f"recall@{k}"] = percent(
                [recall_at_k(s[0]["wanted"], [one["uses"] for one in s], k) for s in having]
            )
        found["pass_n"] = sum(s[0]["is_passed"] is not None for s in answers if s)
        return found | pass_rates(answers, setting.ks, "is_passed")

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """`completion.jsonl`, one line a sample."""
        rows = [
            {"namespace": name, "completion": sample["completion"]}
            for name, samples in answers.items()
            for sample in samples
        ]
        return {"completion.jsonl": rows}

    def close(self) -> None:
        """Remove the projects' copies."""
        for project in self._projects.values():
            if project is not None:
                project.close()
        self._projects = {}

    def _project(self, record: Record, desk: Desk, setting: Setting) -> Project | None:
        """Where a repository's tests can run; None where no recipe makes an environment."""
        if record.group not in self._projects:
            expected = expectations(self._records[record.group])
            commit = desk.commit_matching(record.group, expected)
            self._projects[record.group] = None
            if commit and setting.workshop is not None and setting.repos is not None:
                with suppress(BrokenEnvironmentError):
                    self._projects[record.group] = setting.workshop.open(
                        setting.repos, record.group, commit, [_tested(record)]
                    )
        return self._projects[record.group] if record.fields["tests"] else None


def _untested(project: Project | None, record: Record, truth: str, hidden: str) -> str:
    """Why the tests of a record say nothing of its completions, "" where they do."""
    if project is None:
        return "no environment" if record.fields["tests"] else "no tests"
    task = _tested(record)
    try:
        run = project.attempt(task, truth, is_probe=True)
        if not run.is_passed:
            return f"its tests fail with the true body: {run.trouble.partition(chr(10))[0][:200]}"
        empty = project.attempt(task, hidden, is_probe=True)
    except BrokenEnvironmentError as error:
        return f"no environment: {error}"
    return "its tests pass without the body" if empty.is_passed else ""


def _definition(desk: Desk, path: str, line: int) -> Symbol | None:
    """The function in the graph; None where the index has none at its line."""
    try:
        return innermost_at(desk.workspace.reader, path, line)
    except NotFoundError:
        return None


def _tested(record: Record) -> ClassTask:
    """A function and its tests in the form that a project runs; ids may begin with the folder."""
    target = target_of(record)
    tests = (str(name).removeprefix(f"{record.group}/") for name in record.fields["tests"])
    return ClassTask(
        id=record.id,
        repository=record.group,
        commit=None,
        path=target.path,
        class_name="",
        detailed=target.text,
        sketchy=target.text,
        truth="",
        tests=tuple(tests),
        test_file=None,
    )


def _used(corpus: Corpus, name: str, laid: Laid) -> list[str]:
    """The reference dependencies that a function and what is nested in it use."""
    last = name.rpartition(".")[2].lower()
    same = [n for n in corpus.by_name.get(last, ()) if corpus.file_of(n) == laid.path]
    if not same:
        return []
    line = laid.hidden["line"]
    node = min(same, key=lambda n: (abs(corpus.start[n] - line), n))
    inside = [
        n
        for n in corpus.in_file[corpus.path[node]]
        if corpus.start[node] <= corpus.start[n] and corpus.end[n] <= corpus.end[node]
    ]
    used = {target for n in {node, *inside} for target in corpus.targets(n, USES)}
    return [one for one in laid.hidden["wanted"] if used & set(named(corpus, one))]


def evocodebench() -> FunctionSuite:
    """EvoCodeBench."""
    return FunctionSuite(EVOCODEBENCH)


def deveval() -> FunctionSuite:
    """DevEval."""
    return FunctionSuite(DEVEVAL)
