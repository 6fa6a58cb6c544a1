"""RepoClassBench: a whole class from its description, judged by the tests of its repository.

Only tasks that the gate passed are asked. The class and the tests that judge it are hidden from the
index. The writer may compile. With oracle feedback it may also run those tests, as in the paper;
without, it never sees them: two different scores, never to be mixed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import fmean
from typing import TYPE_CHECKING, Any

from agent.draft import CheckResult, Problem, Status
from benchmarks.generation.classtasks import ClassTask, commit_of, load_tasks
from benchmarks.generation.port import Generated, Kind
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.generation.writing import Judgement, Laid, Setting, code_of, pass_rates, percent
from benchmarks.harness.suite import DataCard, Record, SkipRecordError
from benchmarks.suites.repoclassbench import SUITE
from graphdb.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from agent.draft import Check, Draft
    from benchmarks.generation.projects import Project
    from benchmarks.generation.testrun import TestRun
    from benchmarks.harness.desk import Desk

_FEEDBACK = 1_000
"""Characters of the tests' complaints that a writer with an oracle is told, as in the benchmark."""


@dataclass(slots=True)
class ClassWriting:
    """Records of classes; projects are opened once a repository and commit."""

    card: DataCard = field(default_factory=lambda: SUITE.card)
    needs_repositories: bool = True
    _tasks: dict[str, ClassTask] = field(default_factory=dict[str, ClassTask])
    _projects: dict[str, Project] = field(default_factory=dict[str, "Project"])

    def load(self, path: Path) -> list[Record]:
        """One record a class."""
        self._tasks = {task.id: task for task in load_tasks(path)}
        return SUITE.load(path)

    def lay_out(self, record: Record, desk: Desk, setting: Setting) -> Laid:
        """The repository without the class and without the tests that judge it."""
        task = self._tasks[record.id]
        if setting.gate is None or setting.workshop is None or setting.repos is None:
            raise BrokenEnvironmentError("classes are judged by tests: run bench gate, give --gate")
        if task.id not in setting.gate:
            raise SkipRecordError("not in the gate's table")
        if setting.gate[task.id]:
            raise SkipRecordError(f"the gate left it out: {setting.gate[task.id]}")
        commit = commit_of(task, list(self._tasks.values()), setting.repos)
        project = self._project(task, commit, setting)
        files = desk.files_at(task.repository, commit)
        text = (project.sandbox.folder / task.path).read_text(encoding="utf-8")
        before = task.removed(text)
        hidden = {name.partition("::")[0] for name in task.tests} | {task.test_file, task.path}
        kept = {path: data for path, data in files.items() if path not in hidden}
        if before:
            kept[task.path] = before.encode()
        desk.workspace.set_files(kept)
        described = task.sketchy if setting.description == "sketchy" else task.detailed
        return Laid(
            kind=Kind.CLASS,
            path=task.path,
            name=task.class_name,
            text=described,
            query=described,
            before=before,
            checks=_checks(project, task, text, is_oracle=setting.is_oracle),
            hidden={"file": text, "project": project},
        )

    def judge(self, record: Record, laid: Laid, sample: Generated, desk: Desk) -> Judgement:  # noqa: ARG002 - judged in the project's own copy
        """Compile and test the class."""
        task, project = self._tasks[record.id], laid.hidden["project"]
        run: TestRun = project.attempt(task, task.placed(laid.hidden["file"], code_of(sample.text)))
        return {
            "text": sample.text,
            "is_passed": run.is_passed,
            "compiled": run.compiled,
            "executed": len(run.results),
            "passed": run.passed,
            "official": run.official,
            "trouble": run.trouble,
            "compile_status": run.compiled is not False,
            "test_status": run.is_passed,
            "passed_tests": sorted(n for n, r in run.results.items() if r == "passed"),
            "failed_tests": sorted(n for n, r in run.results.items() if r != "passed"),
        }

    def gold(self, record: Record, laid: Laid) -> Generated:  # noqa: ARG002 - the task has it
        """The class as it was written."""
        return Generated(self._tasks[record.id].truth)

    def score(self, answers: Sequence[Sequence[Judgement]], setting: Setting) -> dict[str, Any]:
        """P@k, CR, and TR two ways; see docs/benchmarks.md."""
        samples = [one for group in answers for one in group]
        compiled = [float(s["compiled"]) for s in samples if s["compiled"] is not None]
        found: dict[str, Any] = {
            name.replace("pass@", "P@"): value
            for name, value in pass_rates(answers, setting.ks, "is_passed").items()
        }
        return found | {
            "TR": percent([_share(group) for group in answers if group]),
            "TR_official": _official(samples),
            "CR": percent(compiled),
        }

    def exports(self, answers: Mapping[str, Sequence[Judgement]]) -> dict[str, Any]:
        """The fields of the benchmark's `EvaluationData`, one line a sample."""
        wanted = ("compile_status", "test_status", "passed_tests", "failed_tests")
        rows = [
            {"task_id": name, "code": code_of(s["text"]), "feedbacks": s["trouble"]}
            | {key: s[key] for key in wanted}
            for name, samples in answers.items()
            for s in samples
        ]
        return {"evaluation.jsonl": rows}

    def close(self) -> None:
        """Remove the projects' copies."""
        for project in self._projects.values():
            project.close()
        self._projects = {}

    def _project(self, task: ClassTask, commit: str, setting: Setting) -> Project:
        key = f"{task.repository} {commit}"
        if key not in self._projects:
            assert setting.workshop is not None  # noqa: S101 - lay_out has looked
            assert setting.repos is not None  # noqa: S101 - lay_out has looked
            same = [t for t in self._tasks.values() if t.repository == task.repository]
            self._projects[key] = setting.workshop.open(
                setting.repos, task.repository, commit, same
            )
        return self._projects[key]


def _share(group: Sequence[Judgement]) -> float:
    """The mean share of executed tests that pass; nothing compiled or executed is 0."""
    return fmean(s["passed"] / s["executed"] if s["executed"] else 0.0 for s in group)


def _official(samples: Sequence[Judgement]) -> float | None:
    """The benchmark's sum over all tasks: a class that does not compile fails its `@Test`s.

    Parameterised tests count once there and once a case elsewhere, so that figure favours them.
    """
    whole = sum(s["executed"] or s["official"] for s in samples)
    return round(100 * sum(s["passed"] for s in samples) / whole, 2) if whole else None


def _checks(project: Project, task: ClassTask, file: str, *, is_oracle: bool) -> tuple[Check, ...]:
    checks: list[Check] = []
    if task.is_java:
        checks.append(_InProject(task, file, project.compiles, "compile"))
    if is_oracle:
        checks.append(_InProject(task, file, project.attempt, "oracle tests"))
    return tuple(checks)


@dataclass(slots=True)
class _InProject:
    """A draft tried in the project that judges it.

    Compiling is what a user can do, too, and takes the place of the agent's own check: the sources
    that the writer sees are no whole project. The tests are feedback that a user does not have.
    """

    task: ClassTask
    file: str
    attempt: Callable[[ClassTask, str], TestRun]
    name: str

    def run(self, draft: Draft) -> CheckResult:
        """Try a draft; an environment that broke is a skip."""
        try:
            run = self.attempt(self.task, self.task.placed(self.file, code_of(draft.text)))
        except (BrokenEnvironmentError, SandboxError, OSError) as error:
            return CheckResult(self.name, Status.SKIPPED, reason=str(error))
        if run.is_passed or (run.compiled and not run.results):
            return CheckResult(self.name, Status.PASSED, score=1.0, seconds=run.seconds)
        problem = Problem(run.trouble[:_FEEDBACK], self.task.path)
        share = run.passed / len(run.results) if run.results else 0.0
        return CheckResult(self.name, Status.FAILED, (problem,), score=share, seconds=run.seconds)


def suite() -> ClassWriting:
    """RepoClassBench."""
    return ClassWriting()
