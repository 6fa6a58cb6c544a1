"""What a look at the folder tree gives: files to index, and what was left out and why.

Nothing is left out in silence: whatever looks like source and is not indexed has a row here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SKIPPED_FOLDERS = frozenset(
    {
        b".codexgraph",
        b".eggs",
        b".git",
        b".hg",
        b".hypothesis",
        b".mypy_cache",
        b".nox",
        b".pytest_cache",
        b".ruff_cache",
        b".svn",
        b".tox",
        b"__pycache__",
        b"__pypackages__",
        b"node_modules",
    }
)
"""Folder names that hold no source of the repository, unless git tracks files in them."""

VIRTUALENV_MARK = b"pyvenv.cfg"


class LeftOutReason(StrEnum):
    """Why something in the tree is not indexed."""

    IGNORED = "ignored-by-git"
    EXCLUDED = "excluded"
    SKIPPED_FOLDER = "skipped-folder"
    TOO_LARGE = "too-large"
    SYMLINK = "symlink"
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not-a-file"
    NOT_UTF8_NAME = "not-utf8-name"
    NESTED_REPOSITORY = "nested-repository"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to index: `path` is relative to the root, with `/`."""

    path: str
    language: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True, order=True)
class LeftOut:
    """Something that is not indexed.

    path: relative to the root; a folder ends with `/`. count: how many files or whole folders the
    row stands for; what an ignore rule or a setting leaves out is one row per top folder. detail:
    the rest of the sentence, such as the size or where a link points.
    """

    path: str
    reason: LeftOutReason
    count: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What one lister saw below one folder; names are bytes, relative to that folder.

    files: not yet looked at. untracked: files that git neither tracks nor ignores. repositories:
    folders that are repositories of their own. ignored: files and folders (ending with `/`) that an
    ignore rule leaves out.
    """

    files: tuple[bytes, ...] = ()
    untracked: tuple[bytes, ...] = ()
    repositories: tuple[bytes, ...] = ()
    ignored: tuple[bytes, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files to index, sorted by path, what was left out, and one-line notes for the user."""

    files: tuple[SourceFile, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()
