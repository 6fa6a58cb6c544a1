"""The folder on disk that a sandbox has for itself, and what is left of sandboxes that were killed.

A lock tells which are in use: the kernel gives it back however a process ends, and nothing else
says as much, since numbers of processes come again.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from agent.sandbox.tree import remove_tree
from graphdb.errors import SandboxError

_PREFIX = "codexgraph-sandbox-"
_LOCK = "lock"


class Place:
    """A new folder below TMPDIR. Raises SandboxError when none can be made."""

    def __init__(self) -> None:
        _remove_abandoned()
        try:
            self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
            # Whom a command runs as passes through; the name is not to be guessed.
            self.folder.chmod(0o711)
            new = self.folder / f"{_LOCK}.new"
            self._lock = os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            new.rename(self.folder / _LOCK)
        except OSError as error:
            told = f"{tempfile.gettempdir()}: no folder for a sandbox: {error.strerror}"
            raise SandboxError(f"{told}; set TMPDIR to one with space") from error

    def remove(self) -> None:
        """Remove it with all that it holds. Raises SandboxError if some is left."""
        if self._lock < 0:
            return
        left = remove_tree(self.folder)
        os.close(self._lock)
        self._lock = -1
        if left:
            raise SandboxError(left)


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.lstat().st_uid != os.geteuid() or folder.is_symlink():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            continue  # being made, or being removed
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            remove_tree(folder)
        except OSError:
            continue  # in use
        finally:
            os.close(lock)
