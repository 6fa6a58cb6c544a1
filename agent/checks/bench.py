"""The sandbox that the checks of one task share: opened when needed, restored after each use.

Copying a repository takes longer than most checks, so it is done once, and each draft is laid over
the copy and taken off again.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from agent.sandbox.projects import Tools, find_project

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path
    from types import TracebackType

    from agent.draft import Edit
    from agent.sandbox.local import LocalSandbox
    from agent.sandbox.projects import Project


class Bench:
    """A copy of a repository for the checks of its drafts; a context manager that removes it.

    opener: makes the sandbox; it may raise SandboxError, and so may everything here.
    """

    def __init__(
        self, root: Path, opener: Callable[[], LocalSandbox], tools: Tools | None = None
    ) -> None:
        self.root = root
        self.tools = tools or Tools()
        self._opener = opener
        self._sandbox: LocalSandbox | None = None
        self._lock = Lock()

    @contextmanager
    def laid(self, edits: Sequence[Edit], *, is_run: bool) -> Generator[LocalSandbox]:
        """The copy with edits in it, one user at a time; restored when it is given back.

        is_run: code of the draft runs, which may change any file, not only those of the draft.
        Otherwise what a build tool leaves behind is kept for its next run.
        """
        with self._lock:
            if self._sandbox is None:
                self._sandbox = self._opener()
            sandbox = self._sandbox
            try:
                sandbox.apply(edits)
                yield sandbox
            finally:
                sandbox.reset(None if is_run else [edit.path for edit in edits])

    def project(self, path: str) -> Project | None:
        """How the project of a file is compiled and tested."""
        return find_project(self.root, path, self.tools)

    def close(self) -> None:
        """Remove the copy; calling it twice is allowed."""
        with self._lock:
            if self._sandbox is not None:
                self._sandbox.close()
                self._sandbox = None

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
