"""Opens a repository's project: laid out, built once, and copied to where code may run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agent.sandbox.ran import Sandbox
from benchmarks.generation.environments import build_maven, build_python, lay_tree
from benchmarks.generation.maven import MavenProject
from benchmarks.generation.pytests import PytestProject
from benchmarks.generation.testrun import BrokenEnvironmentError
from benchmarks.harness.repositories import find_repository

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.generation.classtasks import ClassTask
    from benchmarks.generation.recipes import Recipe
    from benchmarks.generation.testrun import TestRun

OpenSandbox = Callable[[Path], Sandbox]
"""Makes a sandbox of a folder."""


def sandbox_of(folder: Path) -> Sandbox:
    """A closed sandbox with all files of a folder, what was built there included.

    Raises SandboxError where this system keeps nothing apart.
    """
    from agent.sandbox.local import open_sandbox

    found = (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())
    return open_sandbox(folder, [path.relative_to(folder).as_posix() for path in found])


class Project(Protocol):
    """Code whose classes can be replaced and tested."""

    sandbox: Sandbox
    interpreter: str

    def truths(self, tasks: Sequence[ClassTask]) -> Iterator[tuple[ClassTask, TestRun]]:
        """The tests of tasks with the code as it is. Raises BrokenEnvironmentError."""
        ...

    def attempt(self, task: ClassTask, text: str, *, is_probe: bool = False) -> TestRun:
        """The tests of a task with another text of its file, which is then put back.

        is_probe: the text is empty or has the interface of the old one, and only whether all tests
        pass is asked, so that some work may be spared. Raises BrokenEnvironmentError.
        """
        ...

    def compiles(self, task: ClassTask, text: str) -> TestRun:
        """Whether the project's sources, its tests left out, compile with another text of a file.

        The run has no tests, and compiled is None where nothing is compiled. Raises
        BrokenEnvironmentError.
        """
        ...

    def close(self) -> None:
        """Remove what was opened."""
        ...


class ProjectSource(Protocol):
    """Where projects come from. isolation: what keeps their code apart, in one line."""

    @property
    def isolation(self) -> str:
        """For the report."""
        ...

    @property
    def cache(self) -> Path:
        """A private folder for trees, packages and interpreters."""
        ...

    def tree(self, repos: Path, name: str, commit: str) -> Path:
        """All files of a repository at a commit. Raises MissingRepositoryError."""
        ...

    def open(self, repos: Path, name: str, commit: str, tasks: Sequence[ClassTask]) -> Project:
        """The project of a repository at a commit, built for some of its tasks.

        Raises MissingRepositoryError or BrokenEnvironmentError.
        """
        ...


@dataclass(frozen=True, slots=True)
class Workshop:
    """Where projects are made. cache: a private folder for trees, packages and interpreters.

    isolation: what the sandbox keeps apart, in one line for the report. recipes: of Python
    repositories. python: an interpreter for all of them in the place of the recipes'.
    """

    cache: Path
    open_sandbox: OpenSandbox
    isolation: str
    recipes: dict[str, Recipe]
    say: Callable[[str], None]
    python: Path | None = None
    jobs: int = 1

    def tree(self, repos: Path, name: str, commit: str) -> Path:
        """All files of a repository at a commit. Raises MissingRepositoryError."""
        return lay_tree(self.cache, find_repository(repos, name), commit).folder

    def open(self, repos: Path, name: str, commit: str, tasks: Sequence[ClassTask]) -> Project:
        """The project of a repository at a commit, built for some of its tasks.

        Raises MissingRepositoryError or BrokenEnvironmentError.
        """
        tree = lay_tree(self.cache, find_repository(repos, name), commit)
        lacking = [task.path for task in tasks if task.path in tree.missing]
        if lacking:
            raise BrokenEnvironmentError(f"{name} lacks {lacking[0]} at {commit[:12]}")
        if tasks[0].is_java:
            tests = sorted({task.tests[0] for task in tasks})
            built = build_maven(self.cache, tree, tasks[0].path, tests, self.say)
            return MavenProject(
                sandbox=self.open_sandbox(tree.folder),
                top=built.top,
                cache=self.cache.resolve() / "maven",
                compilations=built.compilations,
                interpreter=built.interpreter,
            )
        recipe = self.recipes.get(name)
        if recipe is None:
            raise BrokenEnvironmentError(f"no recipe says how to install {name}: see --recipes")
        made = build_python(self.cache, tree, recipe, self.python, self.say)
        parallel = recipe.parallel if self.jobs > 1 else ()
        return PytestProject(
            sandbox=self.open_sandbox(tree.folder),
            python=made.python,
            interpreter=made.interpreter,
            readable=(made.python.parents[1], made.base.parents[1]),
            parallel=tuple(word.format(jobs=self.jobs) for word in parallel),
        )
