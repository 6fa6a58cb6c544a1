"""Writes edits to a repository: all of them or none, and only over what they were made from.

A target that git calls changed is refused: what a person has not committed cannot be got back.
Each file is opened step by step from the root without following links, so that no path, whatever
happens meanwhile, leads out of the repository.
"""

from __future__ import annotations

import errno
import os
import signal
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from agent.encodings import declared_encoding, encoding_of
from graphdb.errors import CodexGraphError
from graphdb.git import ask_git

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence
    from pathlib import Path

    from agent.draft import Edit

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


_ENDING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT})


class ApplyRefusedError(CodexGraphError):
    """Edits that are not written; the message names the file and says why and what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """One file that was written. before: its bytes then, None where it did not exist."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Undo:
    """What `undo` needs to take edits back. folders: those made for them, outermost first."""

    files: tuple[Written, ...]
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Target:
    """mode: None for a new file, which gets the usual one."""

    path: str
    before: bytes | None
    after: bytes
    mode: int | None


def apply(root: Path, edits: Iterable[Edit]) -> Undo:
    """Write edits to the files below a root.

    Raises ApplyRefusedError, with the files as they were, for a target that has changed, lies
    outside the root, behind a link or in a `.git` folder, or that cannot be written.
    """
    wanted = list(edits)
    _refuse_twice(wanted)
    targets = [_target(root, edit) for edit in wanted]
    _refuse_dirty(root, targets)
    return _write_all(root, targets)


def undo(root: Path, done: Undo) -> None:
    """Take edits back. Raises ApplyRefusedError when a file is no longer as it was written."""
    targets: list[_Target] = []
    for file in done.files:
        found, mode = _read(root, file.path)
        if found != file.after:
            raise ApplyRefusedError(f"{file.path} has changed since it was written: undo by hand")
        targets.append(_Target(file.path, found, file.before or b"", mode))
    _write_all(root, [t for t, f in zip(targets, done.files, strict=True) if f.before is not None])
    with _undisturbed():
        for file in done.files:
            if file.before is None:
                _remove(root, file.path)
    _remove_folders(root, done.folders)


# What is refused


def _refuse_twice(edits: list[Edit]) -> None:
    seen: set[str] = set()
    for edit in edits:
        path = "/".join(_parts(edit.path))
        if path in seen:
            raise ApplyRefusedError(f"{path} is edited twice: make one edit of the two")
        seen.add(path)


def _parts(path: str) -> tuple[str, ...]:
    """The steps of a path. Raises ApplyRefusedError for one that no edit may have."""
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if not parts or path.startswith("/") or ".." in parts or "\0" in path or "\\" in path:
        raise ApplyRefusedError(f"{path!r} is no path in the repository: give one relative to it")
    # Some file systems take `.GIT` or a name with trailing dots for the same folder.
    if any(part.casefold().rstrip(". ") == ".git" for part in parts):
        raise ApplyRefusedError(f"{path} lies in git's own folder, which is not edited")
    return parts


def _target(root: Path, edit: Edit) -> _Target:
    path = "/".join(_parts(edit.path))
    found, mode = _read(root, path)
    if edit.before is None:
        if found is not None:
            raise ApplyRefusedError(f"{path} exists already: the edit would replace it")
        return _Target(path, None, _encoded(path, edit.after, "utf-8", b""), mode)
    if found is None:
        raise ApplyRefusedError(f"{path} is gone: the edit was made from an earlier state")
    mark, encoding = encoding_of(path, found)
    if "\ufffd" in edit.before and "\ufffd".encode() not in found:
        raise ApplyRefusedError(f"{path} is not UTF-8 and was read with losses: edit it by hand")
    old, new = edit.before, edit.after
    if old != _with_crlf(old) and _encoded(path, old, encoding, mark) != found:
        # A text that was read with plain line ends stands for a file that has others.
        old = _with_crlf(old)
    if "\n" in old and old == _with_crlf(old):
        new = _with_crlf(new)
    if _encoded(path, old, encoding, mark) != found:
        raise ApplyRefusedError(f"{path} has changed since it was read: make the edit anew")
    if not mark and declared_encoding(path, new) != declared_encoding(path, old):
        encoding = declared_encoding(path, new) or "utf-8"
    return _Target(path, found, _encoded(path, new, encoding, mark), mode)


def _encoded(path: str, text: str, encoding: str, mark: bytes) -> bytes:
    text = text.removeprefix("\ufeff")
    try:
        return mark + text.encode(encoding)
    except UnicodeEncodeError as error:
        what = f"{text[error.start]!r}"
        raise ApplyRefusedError(f"{path} is in {encoding}, which cannot write {what}") from error


def _with_crlf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", "\r\n")


def _refuse_dirty(root: Path, targets: Sequence[_Target]) -> None:
    """Refuse targets that are not as git's HEAD has them; without git, `before` was held to them.

    A new file that git would ignore is refused, too: nobody would see that an environment, an index
    or a build got one.

    The bare content is compared, because `git status` may run filters that a repository configures.
    """
    if ask_git(root, "rev-parse", "--is-inside-work-tree") != b"true\n":
        return
    for target in targets:
        if target.before is None:
            if ask_git(root, "check-ignore", "-q", "--", target.path) is not None:
                raise ApplyRefusedError(f"{target.path} would be ignored by git: write it by hand")
            continue
        committed = ask_git(root, "cat-file", "blob", f"HEAD:./{target.path}")
        if committed is None:
            raise ApplyRefusedError(f"{target.path} is not in git's HEAD: commit it first")
        if _plain(committed) != _plain(target.before or b""):
            said = "has changes that are not committed: commit or stash them first"
            raise ApplyRefusedError(f"{target.path} {said}")


def _plain(data: bytes) -> bytes:
    """Without carriage returns, which git may add when it checks a file out."""
    return data.replace(b"\r\n", b"\n")


# Writing


def _write_all(root: Path, targets: Sequence[_Target]) -> Undo:
    """Prepare all files beside their targets, then put them in place; whatever fails, undo it."""
    made: list[str] = []
    ready: list[tuple[_Target, str]] = []
    placed: list[_Target] = []
    try:
        for target in targets:
            _make_folders(root, target.path, made)
            ready.append((target, _prepare(root, target)))
        with _undisturbed():
            for target, temporary in ready:
                _place(root, target, temporary)
                placed.append(target)
    except BaseException as error:
        for target, temporary in ready:
            if target not in placed:
                _discard(root, target.path, temporary)
        left = [target.path for target in reversed(placed) if not _restore(root, target)]
        _remove_folders(root, made)
        if isinstance(error, OSError):
            rest = f"; {', '.join(left)} could not be put back" if left else ", nothing was changed"
            said = error.strerror or str(error)
            raise ApplyRefusedError(f"{error.filename or root}: {said}{rest}") from error
        raise
    files = tuple(Written(t.path, t.before, t.after) for t in targets)
    return Undo(files, tuple(made))


@contextmanager
def _undisturbed() -> Generator[None]:
    """Let no signal that ends a program come between the first file and the last.

    What cannot be held off, such as a loss of power, leaves each file old or new, never half.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


@contextmanager
def _folder_of(root: Path, path: str) -> Generator[tuple[int, str]]:
    """The open folder around a path, and its last name.

    Raises FileNotFoundError where there is no such folder, ApplyRefusedError where a link is one.
    """
    *folders, name = _parts(path)
    current = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for folder in folders:
            inner = os.open(folder, _FOLDER, dir_fd=current)
            os.close(current)
            current = inner
        yield current, name
    except OSError as error:
        if error.errno in (errno.ENOTDIR, errno.ELOOP):
            said = f"{path} lies behind a link or a file, which is not followed"
            raise ApplyRefusedError(said) from error
        raise
    finally:
        os.close(current)


def _read(root: Path, path: str) -> tuple[bytes | None, int | None]:
    """A file's bytes and mode; nothing where there is none."""
    try:
        with _folder_of(root, path) as (folder, name):
            state = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISREG(state.st_mode):
                what = "a link, which is not followed" if stat.S_ISLNK(state.st_mode) else "no file"
                raise ApplyRefusedError(f"{path} is {what}")
            with os.fdopen(os.open(name, _READ, dir_fd=folder), "rb") as file:
                return file.read(), stat.S_IMODE(state.st_mode)
    except FileNotFoundError:
        return None, None
    except OSError as error:
        raise ApplyRefusedError(f"{path}: {error.strerror}: it cannot be read") from error


_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def _make_folders(root: Path, path: str, made: list[str]) -> None:
    """Make the folders that a new file lacks, and add those that were made, outermost first."""
    parts = path.split("/")[:-1]
    for depth in range(1, len(parts) + 1):
        inner = "/".join(parts[:depth])
        with _folder_of(root, inner) as (folder, name):
            try:
                os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                made.append(inner)  # first: an interruption may come between the two
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=folder)


def _prepare(root: Path, target: _Target) -> str:
    """Write the new text under another name in the target's folder; that name."""
    with _folder_of(root, target.path) as (folder, name):
        if target.mode is not None and not target.mode & 0o222:
            # Who may write the folder could replace the file all the same.
            raise PermissionError(errno.EACCES, "the file is read-only", target.path)
        temporary = f".{name[:100]}.{token_hex(4)}.tmp"
        try:
            with os.fdopen(os.open(temporary, _CREATE, 0o666, dir_fd=folder), "wb") as file:
                if target.mode is not None:
                    os.fchmod(file.fileno(), target.mode)
                file.write(target.after)
                file.flush()
                os.fsync(file.fileno())
        except BaseException as error:
            with suppress(OSError):
                os.unlink(temporary, dir_fd=folder)
            if isinstance(error, OSError):
                raise OSError(error.errno, error.strerror, target.path) from error
            raise
        return temporary


def _place(root: Path, target: _Target, temporary: str) -> None:
    """Put a prepared file in its place, unless what stands there has changed by now."""
    if _read(root, target.path)[0] != target.before:
        raise ApplyRefusedError(f"{target.path} changed while it was written: nothing was changed")
    with _folder_of(root, target.path) as (folder, name):
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)


def _discard(root: Path, path: str, temporary: str) -> None:
    with suppress(OSError, ApplyRefusedError), _folder_of(root, path) as (folder, _):
        os.unlink(temporary, dir_fd=folder)


def _restore(root: Path, target: _Target) -> bool:
    """Put back what a file was; False when that fails as well."""
    try:
        if target.before is None:
            _remove(root, target.path)
        else:
            back = _Target(target.path, target.after, target.before, target.mode)
            _place(root, back, _prepare(root, back))
    except (OSError, CodexGraphError):
        return False
    return True


def _remove(root: Path, path: str) -> None:
    with _folder_of(root, path) as (folder, name):
        os.unlink(name, dir_fd=folder)


def _remove_folders(root: Path, folders: Sequence[str]) -> None:
    """Remove folders that were made, as far as they are empty."""
    for path in reversed(folders):
        with suppress(OSError, ApplyRefusedError), _folder_of(root, path) as (folder, name):
            os.rmdir(name, dir_fd=folder)
