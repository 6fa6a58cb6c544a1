"""What git says belongs to a folder: tracked files, untracked ones, and what its rules ignore.

Git is asked, never imitated, where it is there, and runs no program that a repository configures.
"""

from __future__ import annotations

import re
import subprocess
from contextlib import ExitStack
from typing import TYPE_CHECKING

from graphdb.git import GIT, ask_git, git_environment
from indexer.listing import LeftOut, LeftOutReason, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_FILES = (*GIT, "ls-files", "-z", "-t", "--stage", "--cached", "--others", "--exclude-standard")
_IGNORED = (*GIT, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
_UNREADABLE = re.compile(rb"^warning: could not open directory '(.*)': ", re.MULTILINE)
_FOLDER_MODES = (b"160000",)


class NotListedError(Exception):
    """Git is not installed, or this folder is in no work tree that git would list."""


def list_by_git(folder: Path) -> Listing:
    """What git lists in a work tree or in a folder of one. Raises NotListedError."""
    (files, warnings), (ignored, _) = _run_all((_FILES, _IGNORED), folder)
    tracked: dict[bytes, None] = {}
    untracked: list[bytes] = []
    repositories: dict[bytes, None] = {}
    for record in files.split(b"\0")[:-1]:
        if record.startswith(b"? "):
            if record.endswith(b"/"):
                repositories[record[2:-1]] = None
            else:
                untracked.append(record[2:])
            continue
        entry, _, name = record.partition(b"\t")
        # A conflict lists a file once a side.
        (repositories if entry[2:8] in _FOLDER_MODES else tracked)[name] = None
    return Listing(
        tuple(tracked),
        tuple(untracked),
        tuple(repositories),
        tuple(_outermost(ignored.split(b"\0")[:-1])),
        tuple(_unreadable(warnings, folder)),
    )


def is_ignored(folder: Path) -> bool:
    """True when an ignore rule of the repository around it leaves the whole folder out."""
    return ask_git(folder, "check-ignore", "-q", ".") is not None


def common_directory(folder: Path) -> Path | None:
    """Where the repository around a folder keeps its objects: the same for all its worktrees."""
    for place in (folder, *folder.parents):
        entry = place / ".git"
        if entry.is_dir():
            return entry.resolve()
        if entry.is_file():
            return _pointed_at(entry)
    return None


def _pointed_at(entry: Path) -> Path | None:
    """Follow a `.git` file, as worktrees and submodules have it."""
    try:
        text = entry.read_text(encoding="utf-8", errors="surrogateescape")
        git_dir = (entry.parent / text.removeprefix("gitdir:").strip()).resolve()
        common = git_dir / "commondir"
        if common.is_file():
            shared = common.read_text(encoding="utf-8", errors="surrogateescape").strip()
            return (git_dir / shared).resolve()
    except (OSError, ValueError):
        return None
    return git_dir


def _run_all(commands: Sequence[Sequence[str]], folder: Path) -> list[tuple[bytes, bytes]]:
    """Run commands side by side; the output and the warnings of each."""
    with ExitStack() as stack:
        try:
            running = [
                stack.enter_context(
                    subprocess.Popen(
                        command,
                        cwd=folder,
                        env=git_environment(),
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                    )
                )
                for command in commands
            ]
        except OSError as error:
            raise NotListedError("git is not installed") from error
        outputs = [process.communicate() for process in running]
        for process, (_, stderr) in zip(running, outputs, strict=True):
            if process.returncode:
                raise NotListedError(_first_line(stderr))
    return outputs


def _outermost(ignored: Sequence[bytes]) -> Iterator[bytes]:
    """Git also names what lies in a folder that it names; keep the folder."""
    folder = b"/"
    for name in sorted(ignored):
        if not name.startswith(folder):
            yield name
            folder = name if name.endswith(b"/") else b"/"


def _first_line(stderr: bytes) -> str:
    return next(iter(stderr.decode("utf-8", "replace").splitlines()), "git failed")


def _unreadable(warnings: bytes, folder: Path) -> list[LeftOut]:
    """Folders git could not open; it names them from the top of the work tree."""
    names = _UNREADABLE.findall(warnings)
    if not names:
        return []
    [(prefix, _)] = _run_all([(*GIT, "rev-parse", "--show-prefix")], folder)
    return [
        LeftOut(
            name.removeprefix(prefix.strip()).decode("utf-8", "backslashreplace"),
            LeftOutReason.UNREADABLE,
        )
        for name in names
    ]
