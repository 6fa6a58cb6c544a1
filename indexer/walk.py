"""The lister for folders that are in no git repository: a walk that honours `.gitignore` files.

Links are never followed, so a loop cannot catch it. A folder with a `.git` of its own is handed
back as a repository, to be listed by git.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.listing import SKIPPED_FOLDERS, VIRTUALENV_MARK, LeftOut, LeftOutReason, Listing
from indexer.patterns import Patterns, compile_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class _Rules:
    """The `.gitignore` of one folder; `prefix` is that folder, empty or ending with `/`."""

    prefix: bytes
    patterns: Patterns


@dataclass(frozen=True, slots=True)
class _Seen:
    files: list[bytes] = field(default_factory=list[bytes])
    repositories: list[bytes] = field(default_factory=list[bytes])
    ignored: list[bytes] = field(default_factory=list[bytes])
    left_out: list[LeftOut] = field(default_factory=list[LeftOut])

    def skip(self, folder: bytes, why: str) -> None:
        """Leave a folder out that holds no source of the repository."""
        self.left_out.append(LeftOut(_text(folder), LeftOutReason.SKIPPED_FOLDER, 1, why))


def list_by_walk(folder: Path) -> Listing:
    """Every file below a folder that no ignore rule found on the way leaves out."""
    seen = _Seen()
    root = os.fsencode(folder)
    pending: list[tuple[bytes, tuple[_Rules, ...]]] = [(b"", ())]
    while pending:
        prefix, rules = pending.pop()
        try:
            with os.scandir(root + b"/" + prefix) as scan:
                entries = {entry.name: entry for entry in scan}
        except OSError as error:
            name = _text(prefix) or "./"
            seen.left_out.append(LeftOut(name, LeftOutReason.UNREADABLE, 1, error.strerror or ""))
            continue
        if prefix and b".git" in entries:
            seen.repositories.append(prefix.removesuffix(b"/"))
        elif prefix and VIRTUALENV_MARK in entries:
            seen.skip(prefix, "virtual environment")
        else:
            if b".gitignore" in entries:
                rules = (*_rules_in(entries[b".gitignore"], prefix), *rules)
            pending += [(name, rules) for name in _sort_out(entries.values(), prefix, rules, seen)]
    return Listing(
        files=tuple(seen.files),
        repositories=tuple(seen.repositories),
        ignored=tuple(seen.ignored),
        left_out=tuple(seen.left_out),
    )


def _sort_out(
    entries: Iterable[os.DirEntry[bytes]], prefix: bytes, rules: tuple[_Rules, ...], seen: _Seen
) -> Iterator[bytes]:
    """Note the files of one folder in `seen`; give the folders to go into, ending with `/`."""
    for entry in entries:
        name = prefix + entry.name
        if not entry.is_dir(follow_symlinks=False):
            (seen.ignored if _is_ignored(name, rules) else seen.files).append(name)
        elif entry.name in {b".git", b".codexgraph"}:
            continue
        elif _is_ignored(name + b"/", rules):
            seen.ignored.append(name + b"/")
        elif entry.name in SKIPPED_FOLDERS:
            seen.skip(name + b"/", "tool folder")
        else:
            yield name + b"/"


def _rules_in(entry: os.DirEntry[bytes], prefix: bytes) -> Iterator[_Rules]:
    """The rules of a `.gitignore`; git does not follow one that is a link, and skips a bad one."""
    if not entry.is_file(follow_symlinks=False):
        return
    try:
        text = Path(os.fsdecode(entry.path)).read_bytes()
    except OSError:
        return
    lines = text.removeprefix(codecs.BOM_UTF8).split(b"\n")
    yield _Rules(prefix, compile_patterns(line.removesuffix(b"\r") for line in lines))


def _is_ignored(name: bytes, rules: tuple[_Rules, ...]) -> bool:
    """The innermost file that speaks of a name decides."""
    for level in rules:
        verdict = level.patterns.verdict(name.removeprefix(level.prefix))
        if verdict is not None:
            return verdict
    return False


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
