"""A copy of a repository: what git has and does not ignore, or the tree without build outputs.

Nothing is hard-linked, since a run would then change the original through the copy, and a link that
leads out of the tree is left out, since what it shows is not the repository's.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.errors import SandboxError
from graphdb.git import ask_git

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LIST = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
_NEVER = {".git", ".hg", ".svn", "__pycache__", "node_modules", ".tox", ".nox", ".gradle", ".venv"}
_OUTPUTS = {"target": {"pom.xml"}, "build": {"build.gradle", "build.gradle.kts", "pyproject.toml"}}
_VIRTUALENV_MARK = "pyvenv.cfg"
_CHUNK = 1 << 20
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True, slots=True)
class CopyLimits:
    """What a copy may take: MiB of content, and files."""

    size_mb: int = 2_048
    files: int = 200_000


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: paths relative to the root, bytes, and a line for each thing left out."""

    paths: tuple[str, ...]
    size: int
    notes: tuple[str, ...] = ()


def list_files(root: Path) -> Iterator[str]:
    """Files of a repository, relative to it; git's list where it has one, else the tree's."""
    listed = _git_list(root)
    if listed is None:
        yield from _walk(root, "")
        return
    for name in listed:
        inner = root / name
        if inner.is_dir() and not inner.is_symlink():
            # A submodule, or a repository inside that git does not look into.
            yield from (f"{name.rstrip('/')}/{path}" for path in list_files(inner))
        else:
            yield name


def _git_list(root: Path) -> list[str] | None:
    listed = ask_git(root, *_LIST)
    if listed is None:
        return None
    # A conflict lists a file once a side.
    return list(dict.fromkeys(os.fsdecode(name) for name in listed.split(b"\0")[:-1]))


def _walk(root: Path, folder: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except OSError:
        return  # unreadable for us, so for the tests too
    names = {entry.name for entry in entries}
    if _VIRTUALENV_MARK in names:
        return
    for entry in entries:
        path = f"{folder}/{entry.name}" if folder else entry.name
        if not entry.is_dir(follow_symlinks=False):
            yield path
        elif entry.name not in _NEVER and not _OUTPUTS.get(entry.name, set()) & names:
            yield from _walk(root, path)


def copy_files(
    root: Path,
    target: Path,
    files: Iterable[str],
    limits: CopyLimits,
    owner: tuple[int, int] | None,
) -> Copied:
    """Copy files into an empty folder. owner: of the copies, None for our own.

    Raises SandboxError when there is too much of it, or the disk is full.
    """
    copier = _Copier(root, target, limits, owner)
    try:
        for path in files:
            copier.copy(path)
    except OSError as error:
        if error.errno in _FULL:
            told = f"{target}: the disk is full after {copier.size >> 20} MiB of a copy of {root}"
            raise SandboxError(f"{told}; free some space, or set TMPDIR") from error
        raise SandboxError(f"{target}: {error.strerror or error}") from error
    return Copied(tuple(copier.paths), copier.size, tuple(copier.notes))


class _Copier:
    def __init__(
        self, root: Path, target: Path, limits: CopyLimits, owner: tuple[int, int] | None
    ) -> None:
        self._root = root
        self._real_root = root.resolve()
        self._target = target
        self._limits = limits
        self._owner = owner
        self._made: set[str] = set()
        self._inside: dict[Path, bool] = {}
        self.size = 0
        self.paths: list[str] = []
        self.notes: list[str] = []

    def copy(self, path: str) -> None:
        """Copy one file or link; what cannot be copied is a note."""
        source = self._root / path
        try:
            state = source.lstat()
        except OSError:
            return  # listed by git and deleted since
        if stat.S_ISLNK(state.st_mode):
            self._copy_link(path, source)
        elif not stat.S_ISREG(state.st_mode):
            self.notes.append(f"{path} is not copied: neither a file nor a link")
        elif not self._is_folder_inside(source.parent):
            self.notes.append(f"{path} is not copied: it lies behind a link")
        else:
            self._count(path, state.st_size)
            self._copy_file(path, source, state)

    def _count(self, path: str, size: int) -> None:
        self.size += size
        if self.size > self._limits.size_mb << 20:
            raise SandboxError(
                f"{self._root / path}: a copy of {self._root} would take more than"
                f" {self._limits.size_mb} MiB; have git ignore what tests do not need"
            )
        if len(self.paths) >= self._limits.files:
            raise SandboxError(
                f"{self._root} has more than {self._limits.files} files to copy;"
                " have git ignore what tests do not need"
            )

    def _copy_file(self, path: str, source: Path, state: os.stat_result) -> None:
        self._make_folders(path)
        try:
            reading = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError as error:
            self.notes.append(f"{path} is not copied: {error.strerror}")
            return
        target = self._target / path
        mode = stat.S_IMODE(state.st_mode) & 0o755 | 0o600
        try:
            writing = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            try:
                _copy_content(reading, writing)
                os.fchmod(writing, mode)
                os.utime(writing, ns=(state.st_atime_ns, state.st_mtime_ns))
                if self._owner is not None:
                    os.fchown(writing, *self._owner)
            finally:
                os.close(writing)
        finally:
            os.close(reading)
        self.paths.append(path)

    def _copy_link(self, path: str, source: Path) -> None:
        link = source.readlink()
        is_inside = self._is_folder_inside(source.parent) and self._is_inside(source)
        if link.is_absolute() or not is_inside:
            self.notes.append(f"{path} is not copied: it links to {link}, outside the repository")
            return
        self._count(path, 0)
        self._make_folders(path)
        target = self._target / path
        target.symlink_to(link)
        if self._owner is not None:
            os.chown(target, *self._owner, follow_symlinks=False)
        self.paths.append(path)

    def _is_inside(self, path: Path) -> bool:
        """True when a path leads to something below the root, through whatever links."""
        real = path.resolve()
        return real == self._real_root or self._real_root in real.parents

    def _is_folder_inside(self, folder: Path) -> bool:
        if folder not in self._inside:
            self._inside[folder] = self._is_inside(folder)
        return self._inside[folder]

    def _make_folders(self, path: str) -> None:
        folder = path.rpartition("/")[0]
        if not folder or folder in self._made:
            return
        self._make_folders(folder)
        made = self._target / folder
        made.mkdir(mode=0o755)
        if self._owner is not None:
            os.chown(made, *self._owner)
        self._made.add(folder)


def _copy_content(reading: int, writing: int) -> None:
    """Shares blocks until one side changes, where the file system can; never the inode."""
    try:
        while os.copy_file_range(reading, writing, _CHUNK * 64):
            continue
    except OSError as error:
        if error.errno in _FULL:
            raise
        os.lseek(reading, 0, os.SEEK_SET)
        os.lseek(writing, 0, os.SEEK_SET)
        while chunk := os.read(reading, _CHUNK):
            left = memoryview(chunk)
            while left:
                left = left[os.write(writing, left) :]
