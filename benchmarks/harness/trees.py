"""Whole trees of commits: a build needs every file, not the sources alone.

Written blob by blob, as public snapshots may lack their largest files; those are named. A tree that
lies there already is brought back to the commit: what a broken run left behind is undone, and what
a build has made is kept.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from benchmarks.harness.repositories import write_files

if TYPE_CHECKING:
    from benchmarks.harness.repositories import Repository

_LINK, _PROGRAM = "120000", "100755"


def lay_out(repository: Repository, commit: str, folder: Path) -> list[str]:
    """Write all files of a commit; the paths that the repository lacks.

    Links that lead out of the tree are not made and count as lacking. Raises CodexGraphError for a
    path that leads out of the folder.
    """
    entries = repository.entries(commit)
    found = repository.blobs(entry.blob for entry in entries)
    folder.mkdir(parents=True, exist_ok=True)
    missing = [entry.path for entry in entries if entry.blob not in found]
    files = {e.path: found[e.blob] for e in entries if e.mode != _LINK and e.blob in found}
    write_files(folder, {p: data for p, data in files.items() if not _is(folder / p, data)})
    for entry in entries:
        if entry.mode == _PROGRAM and entry.path in files:
            (folder / entry.path).chmod(0o755)
    for entry in entries:
        if entry.mode == _LINK and entry.blob in found:
            target = found[entry.blob].decode("utf-8", "surrogateescape")
            if not _link(folder, entry.path, target):
                missing.append(entry.path)
    return sorted(missing)


def _is(path: Path, data: bytes) -> bool:
    return path.is_file() and not path.is_symlink() and path.read_bytes() == data


def _link(folder: Path, path: str, target: str) -> bool:
    """Make a link unless it leads out of the tree; whether it is there."""
    depth = 0
    for part in (*PurePosixPath(path).parent.parts, *PurePosixPath(target).parts):
        depth += -1 if part == ".." else 1
        if depth < 0 or part == "/":
            return False
    place = folder / path
    if not place.is_symlink():
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(Path(target))
    return True
