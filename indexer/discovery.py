"""Which files of a folder tree are indexed, and which are left out and why.

Git decides where there is git: tracked files and untracked ones that no rule ignores. A repository
inside the tree (a submodule that is checked out, or a clone) is part of it, by its own rules; a
further worktree of a repository that is listed already is not, as it would double every symbol.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from indexer.gitfiles import NotListedError, common_directory, is_ignored, list_by_git
from indexer.listing import (
    SKIPPED_FOLDERS,
    VIRTUALENV_MARK,
    Discovery,
    LeftOut,
    LeftOutReason,
    Listing,
    SourceFile,
)
from indexer.patterns import Patterns, compile_patterns
from indexer.walk import list_by_walk

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["Discovery", "LeftOut", "LeftOutReason", "SourceFile", "discover"]


def discover(
    root: Path,
    suffixes: Mapping[str, str],
    *,
    exclude: Sequence[str] = (),
    max_file_bytes: int,
) -> Discovery:
    """Find the source files below `root`.

    Args:
        root: an existing folder: a repository, a folder inside one, or none of both.
        suffixes: file suffix with its dot, in lower case, to the name of the language.
        exclude: further patterns to leave out, written as in a `.gitignore` at the root.
        max_file_bytes: larger files are left out.
    """
    root = root.resolve()
    known = {suffix.encode(): language for suffix, language in suffixes.items()}
    excluded = compile_patterns(os.fsencode(pattern) for pattern in exclude)
    gatherer = _Gatherer(root, os.fsencode(root), known, excluded, max_file_bytes)
    pending = [b""]
    while pending:
        prefix = pending.pop()
        listing = gatherer.list_folder(prefix)
        pending += gatherer.take(listing, prefix)
    return gatherer.result()


@dataclass(slots=True)
class _Gatherer:
    """Collects what the listers give for the root and the repositories inside it."""

    root: Path
    root_name: bytes
    suffixes: Mapping[bytes, str]
    excluded: Patterns
    max_file_bytes: int
    files: dict[str, SourceFile] = field(default_factory=dict[str, SourceFile])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])
    grouped: Counter[tuple[str, LeftOutReason]] = field(
        default_factory=Counter[tuple[str, LeftOutReason]]
    )
    notes: list[str] = field(default_factory=list[str])
    repositories: set[Path] = field(default_factory=set["Path"])

    def list_folder(self, prefix: bytes) -> Listing:
        """List the root or a repository inside it, by git where git can."""
        folder = self.root / os.fsdecode(prefix)
        name = _text(prefix)
        common = common_directory(folder)
        has_own = (folder / ".git").exists()
        if prefix and not has_own:
            self._leave_out(name, LeftOutReason.NESTED_REPOSITORY, "submodule not checked out")
            return Listing()
        if prefix and common in self.repositories:
            self._leave_out(name, LeftOutReason.NESTED_REPOSITORY, "a further worktree")
            return Listing()
        if common is None:
            return list_by_walk(folder)
        try:
            listing = list_by_git(folder)
        except NotListedError as error:
            self.notes.append(f"{name or '.'}: {error}; read .gitignore files instead")
            return list_by_walk(folder)
        if not has_own and not (listing.files or listing.untracked) and is_ignored(folder):
            self.notes.append("the repository around this folder ignores it; indexed all the same")
            return list_by_walk(folder)
        self.repositories.add(common)
        return listing

    def take(self, listing: Listing, prefix: bytes) -> tuple[bytes, ...]:
        """Look at what was listed; give the repositories below, ending with `/`."""
        for row in listing.left_out:
            self._leave_out(_text(prefix) + row.path, row.reason, row.detail)
        for name in listing.ignored:
            if self._is_worth_telling(name):
                self._group(prefix + name, LeftOutReason.IGNORED)
        for name in listing.files:
            self._look_at(prefix + name)
        skipped = _skipped_parents(listing.untracked)
        for name in listing.untracked:
            if folder := skipped[name.rpartition(b"/")[0]]:
                self._group_at(prefix + folder, LeftOutReason.SKIPPED_FOLDER)
            else:
                self._look_at(prefix + name)
        inside = (prefix + name + b"/" for name in listing.repositories)
        return tuple(name for name in inside if not self._excludes(name))

    def result(self) -> Discovery:
        """All that was gathered, sorted."""
        grouped = [LeftOut(path, why, number) for (path, why), number in self.grouped.items()]
        return Discovery(
            tuple(self.files[path] for path in sorted(self.files)),
            tuple(sorted({*self.left_out, *grouped})),
            tuple(self.notes),
        )

    def _look_at(self, name: bytes) -> None:
        path = self.root_name + b"/" + name
        language = self._language(name)
        try:
            status = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return  # Tracked, and deleted since.
        except OSError as error:
            if language:
                self._leave_out(_text(name), LeftOutReason.UNREADABLE, error.strerror or "")
            return
        if stat.S_ISLNK(status.st_mode):
            if language or os.path.isdir(path):
                self._leave_out(_text(name), LeftOutReason.SYMLINK, self._target(path))
        elif language:
            self._take_file(name, language, path, status)

    def _take_file(self, name: bytes, language: str, path: bytes, status: os.stat_result) -> None:
        text = _text(name)
        if self._excludes(name):
            return
        if not stat.S_ISREG(status.st_mode):
            self._leave_out(text, LeftOutReason.NOT_A_FILE)
        elif not _is_utf8(name):
            self._leave_out(text, LeftOutReason.NOT_UTF8_NAME)
        elif status.st_size > self.max_file_bytes:
            detail = f"{status.st_size:,} bytes, the limit is {self.max_file_bytes:,}"
            self._leave_out(text, LeftOutReason.TOO_LARGE, detail)
        elif not os.access(path, os.R_OK):
            self._leave_out(text, LeftOutReason.UNREADABLE, "permission denied")
        else:
            self.files[text] = SourceFile(text, language, status.st_size, status.st_mtime_ns)

    def _language(self, name: bytes) -> str | None:
        dot = name.rfind(b".")
        return self.suffixes.get(name[dot:].lower()) if dot >= 0 else None

    def _is_worth_telling(self, ignored: bytes) -> bool:
        if ignored.endswith(b"/"):
            return ignored[:-1].rpartition(b"/")[2] not in SKIPPED_FOLDERS
        return self._language(ignored) is not None

    def _excludes(self, name: bytes) -> bool:
        if not self.excluded.rules or not self.excluded.covers(name):
            return False
        self._group(name, LeftOutReason.EXCLUDED)
        return True

    def _target(self, link: bytes) -> str:
        """Where a link points, in words."""
        try:
            os.stat(link)
        except FileNotFoundError:
            return "points to nothing"
        except OSError as error:
            return error.strerror or "cannot be followed"
        root = self.root_name
        target = os.path.realpath(link)
        if not (target + b"/").startswith(root + b"/"):
            return "points outside"
        return f"points to {_text(os.path.relpath(target, root))}"

    def _leave_out(self, path: str, reason: LeftOutReason, detail: str = "") -> None:
        self.left_out.append(LeftOut(path, reason, 1, detail))

    def _group(self, name: bytes, reason: LeftOutReason) -> None:
        top, slash, _ = name.partition(b"/")
        self._group_at(top + slash, reason)

    def _group_at(self, name: bytes, reason: LeftOutReason) -> None:
        self.grouped[_text(name), reason] += 1


def _skipped_parents(untracked: Sequence[bytes]) -> dict[bytes, bytes]:
    """Folder -> the outermost folder on the way to it that holds no source, or nothing."""
    marks = (name for name in untracked if name.endswith(b"/" + VIRTUALENV_MARK))
    virtualenvs = {name.rpartition(b"/")[0] for name in marks}
    found: dict[bytes, bytes] = {b"": b""}

    def look(folder: bytes) -> bytes:
        if folder not in found:
            parent, _, last = folder.rpartition(b"/")
            is_skipped = folder in virtualenvs or last in SKIPPED_FOLDERS
            found[folder] = look(parent) or (folder + b"/" if is_skipped else b"")
        return found[folder]

    for name in untracked:
        look(name.rpartition(b"/")[0])
    return found


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
