"""RepoClassBench's tasks as work on files: the class as it was, taken away, or written anew.

A Java record holds the whole file, a Python record the class alone. A record may be wrong about its
own class (its file holds another); the gate finds those, nothing here knows them.
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.harness.commits import Expectation, find_commit
from benchmarks.harness.repositories import find_repository
from benchmarks.harness.suite import DataError
from benchmarks.suites.repoclassbench import SUITE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from benchmarks.harness.suite import Record

_COMMITS = "java_commits.json"
_SAMPLED = 20
"""Lines of each ground truth that are looked for where no commit is known."""


@dataclass(frozen=True, slots=True)
class ClassTask:
    """One class to be written. path, test_file: in the repository. commit: None if not recorded.

    tests: pytest ids, or the name of one Java test class. truth: the class, in Java its whole file.
    """

    id: str
    repository: str
    commit: str | None
    path: str
    class_name: str
    detailed: str
    sketchy: str
    truth: str
    tests: tuple[str, ...]
    test_file: str | None

    @property
    def is_java(self) -> bool:
        """True for Java."""
        return self.path.endswith(".java")

    @property
    def defined_name(self) -> str:
        """The class that is in the file: of a Java file the one that it is named for."""
        return (
            self.path.rpartition("/")[2].removesuffix(".java") if self.is_java else self.class_name
        )

    def restored(self, text: str) -> str:
        """The file with the class as it was written. Raises BrokenEnvironmentError."""
        return self.placed(text, self.truth)

    def removed(self, text: str) -> str:
        """The file without the class: an empty one in Java, where it is all that the file has."""
        return "" if self.is_java else self.placed(text, "")

    def placed(self, text: str, code: str) -> str:
        """The file with other code in the place of the class.

        Raises BrokenEnvironmentError for a file that has no such class.
        """
        if self.is_java:
            return code
        first, last = self._lines(text)
        lines = text.splitlines(keepends=True)
        body = code if not code or code.endswith("\n") else code + "\n"
        return "".join([*lines[: first - 1], body, *lines[last:]])

    def _lines(self, text: str) -> tuple[int, int]:
        """First and last line of a Python class, its decorators included."""
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            raise BrokenEnvironmentError(f"{self.path} does not parse: {error}") from error
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name == self.class_name:
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                return first, node.end_lineno or node.lineno
        raise BrokenEnvironmentError(f"{self.path} has no class {self.class_name} at this commit")


def load_tasks(path: Path) -> list[ClassTask]:
    """The tasks of a data file. Raises DataError."""
    commits = _commits(path)
    return [_task(record, commits) for record in SUITE.load(path)]


def commit_of(task: ClassTask, tasks: Sequence[ClassTask], repos: Path) -> str:
    """The commit of a task's repository: recorded, else the one that fits its tasks best.

    Raises MissingRepositoryError.
    """
    repository = find_repository(repos, task.repository)
    if task.commit:
        return repository.resolve(task.commit)
    expected: list[Expectation] = []
    for other in tasks:
        if other.repository == task.repository:
            lines = other.truth.splitlines()
            step = max(1, len(lines) // _SAMPLED)
            expected += [
                Expectation(other.path, i + 1, lines[i]) for i in range(0, len(lines), step)
            ]
    return find_commit(repository, expected)


def _task(record: Record, commits: Mapping[str, str]) -> ClassTask:
    f = record.fields
    tests: dict[str, Any] = f["tests"]
    directives = tests.get("test_directives") or [tests.get("test_class_name") or ""]
    test_file = str(tests.get("test_file") or "").removeprefix(f"{record.group}/") or None
    return ClassTask(
        id=record.id,
        repository=record.group,
        commit=f["commit"] or commits.get(record.group),
        path=f["file"],
        class_name=f["class"],
        detailed=f["detailed"],
        sketchy=f["sketchy"],
        truth=f["truth"],
        tests=tuple(str(name) for name in directives),
        test_file=test_file,
    )


def _commits(path: Path) -> dict[str, str]:
    """Repository -> commit, from a file beside the data: the Java records name none."""
    beside = path.with_name(_COMMITS)
    if not beside.is_file():
        return {}
    try:
        found = json.loads(beside.read_text(encoding="utf-8"))
        return {name: str(row["newest"]) for name, row in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{beside}: expected {{name: {{newest: commit}}}} ({error})") from error
