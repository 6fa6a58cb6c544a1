"""Files of a folder that code nobody trusts has written to: read, written and removed by hand.

Every step of a path is opened relative to the one before and never through a link, because a run
may leave a link to anywhere in the place of any folder, also while we look.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphdb.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_MAX_READ = 32 * 1024 * 1024


def parts_of(path: str) -> tuple[str, ...]:
    """The steps of a relative path. Raises SandboxError for one that leads out or nowhere."""
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if not parts or path.startswith("/") or ".." in parts or "\0" in path:
        raise SandboxError(f"{path!r} is no path inside the repository; give one relative to it")
    return parts


class Tree:
    """A folder. owner: user and group of new files, None for our own."""

    def __init__(self, folder: Path, owner: tuple[int, int] | None = None) -> None:
        self.folder = folder
        self._owner = owner

    def write(self, path: str, content: bytes, mode: int = 0o644) -> None:
        """Replace a file, made anew: what else has its inode is left alone.

        Raises SandboxError when a link is in the way or the disk is full.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        try:
            with self._parent(path, make=True) as (folder, name):
                _remove_entry(folder, name)
                file = os.open(name, flags, mode, dir_fd=folder)
                with open(file, "wb") as out:
                    out.write(content)
                    self._own(file)
        except OSError as error:
            raise SandboxError(f"{self.folder / path}: {error.strerror}") from error

    def read(self, path: str) -> bytes | None:
        """A plain file's content, None where there is none or it is larger than 32 MiB."""
        try:
            with self._parent(path, make=False) as (folder, name):
                flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
                file = os.open(name, flags, dir_fd=folder)
        except (SandboxError, OSError):
            return None
        with open(file, "rb") as content:
            state = os.fstat(file)
            if not stat.S_ISREG(state.st_mode) or state.st_size > _MAX_READ:
                return None
            return content.read(_MAX_READ)

    def names(self, path: str) -> list[str]:
        """What a folder holds, sorted; nothing where there is no folder."""
        try:
            with self._parent(f"{path}/.any", make=False) as (folder, _):
                return sorted(os.listdir(folder))
        except (SandboxError, OSError):
            return []

    def remove(self, path: str) -> None:
        """Remove a file, a link or a whole folder, if it is there."""
        try:
            with self._parent(path, make=False) as (folder, name):
                _remove_entry(folder, name)
        except FileNotFoundError:
            return

    def make_folder(self, path: str) -> None:
        """Make a folder and those around it. Raises SandboxError when a link is in the way."""
        with self._parent(f"{path}/.any", make=True):
            return

    @contextmanager
    def _parent(self, path: str, *, make: bool) -> Generator[tuple[int, str]]:
        """The open folder around a path, and its last name."""
        *folders, name = parts_of(path)
        current = os.open(self.folder, _FOLDER)
        try:
            for folder in folders:
                if make:
                    self._make(current, folder)
                inner = os.open(folder, _FOLDER, dir_fd=current)
                os.close(current)
                current = inner
            yield current, name
        except NotADirectoryError as error:
            problem = f"{path}: a link or a file stands where a folder is needed"
            raise SandboxError(problem) from error
        finally:
            os.close(current)

    def _make(self, parent: int, name: str) -> None:
        try:
            os.mkdir(name, 0o755, dir_fd=parent)
        except FileExistsError:
            return
        folder = os.open(name, _FOLDER, dir_fd=parent)
        try:
            self._own(folder)
        finally:
            os.close(folder)

    def _own(self, file: int) -> None:
        if self._owner is not None:
            os.fchown(file, *self._owner)


def _remove_entry(folder: int, name: str) -> None:
    try:
        state = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if stat.S_ISDIR(state.st_mode):
        try:
            shutil.rmtree(name, dir_fd=folder)
        except (OSError, RecursionError):
            _force(name, f"/proc/{os.getpid()}/fd/{folder}")
    else:
        os.unlink(name, dir_fd=folder)


def remove_tree(folder: Path) -> str | None:
    """Remove a folder whatever was done to it; one line when something of it is left."""
    if not folder.exists():
        return None
    try:
        shutil.rmtree(folder)
    except (OSError, RecursionError):
        _force(folder.name, folder.parent)
    return f"{folder} could not be removed whole" if folder.exists() else None


def _force(name: str, folder: str | Path) -> None:
    """Remove folders that lack rights, or are nested deeper than Python's own stack."""
    for command in (["chmod", "-R", "u+rwX"], ["rm", "-rf"]):
        subprocess.run([*command, "--", name], cwd=folder, capture_output=True, check=False)
