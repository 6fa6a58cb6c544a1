"""What a suite works with while it answers the records of one repository.

The workspace stays from record to record, so that a repository is indexed once and then updated.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.harness.commits import find_commit
from benchmarks.harness.repositories import MissingRepositoryError, find_repository
from benchmarks.harness.workspace import Workspace
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from benchmarks.harness.commits import Expectation
    from benchmarks.harness.repositories import Repository
    from graphdb.retrieval.corpus import Corpus


class Shown(NamedTuple):
    """What lies in the workspace before any change: the files and their corpus."""

    files: Mapping[str, bytes]
    corpus: Corpus


@dataclass(slots=True)
class Desk:
    """Repositories below `repos`, and one workspace in `folder`.

    repos: None for suites whose records hold all sources.
    """

    repos: Path | None
    folder: Path
    _repositories: dict[str, Repository] = field(default_factory=dict[str, "Repository"])
    _commits: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    _workspace: Workspace | None = None
    _shown: str | None = None
    _whole: Corpus | None = None
    _files: Mapping[str, bytes] = field(default_factory=dict[str, bytes])

    @property
    def workspace(self) -> Workspace:
        """The one workspace, empty at first."""
        if self._workspace is None:
            self._workspace = Workspace(self.folder)
        return self._workspace

    def show(self, name: str, files: Callable[[], Mapping[str, bytes]]) -> Shown:
        """Lay out sources under a name, unless that is what lies there.

        A suite may then change single files of the workspace, and puts them back.
        """
        if self._shown != name or self._whole is None:
            self._files = files()
            self.workspace.set_files(self._files)
            self._whole = self.workspace.corpus
            self._shown = name
        return Shown(self._files, self._whole)

    def repository(self, name: str) -> Repository:
        """A source repository. Raises MissingRepositoryError."""
        if self.repos is None:
            raise MissingRepositoryError(f"repository {name} is needed: give --repos")
        if name not in self._repositories:
            self._repositories[name] = find_repository(self.repos, name)
        return self._repositories[name]

    def files_at(self, name: str, commit: str) -> dict[str, bytes]:
        """The sources of a commit; a plain folder is taken to be at the right one."""
        repository = self.repository(name)
        resolved = repository.resolve(commit) if repository.git_dir is not None else None
        return repository.source_files(resolved)

    def files_matching(self, name: str, expected: Sequence[Expectation]) -> dict[str, bytes]:
        """The sources of the commit that fits the records best; a plain folder as it is."""
        return self.repository(name).source_files(self.commit_matching(name, expected))

    def commit_matching(self, name: str, expected: Sequence[Expectation]) -> str | None:
        """The commit that fits the records best, None for a plain folder."""
        repository = self.repository(name)
        if name not in self._commits:
            if repository.git_dir is None:
                self._commits[name] = None
            else:
                self._commits[name] = find_commit(repository, expected)
        return self._commits[name]

    def close(self) -> None:
        """Release the graph."""
        if self._workspace is not None:
            self._workspace.close()


@contextmanager
def open_desk(repos: Path | None) -> Generator[Desk]:
    """A desk in a temporary folder that goes with it. Raises CodexGraphError where none can be."""
    try:
        folder = tempfile.TemporaryDirectory(prefix="codexgraph-bench-")
    except OSError as error:
        told = error.strerror or error
        raise CodexGraphError(f"{tempfile.gettempdir()} cannot be written: {told}") from error
    with folder:
        desk = Desk(repos, Path(folder.name))
        try:
            yield desk
        finally:
            desk.close()
