"""Where the sources that a truth speaks of are: found by the files that it names.

A truth's paths begin at some folder of the repository (`src`, say), which is found, not configured.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.outcome import NoSourcesError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

_PREFIXES = ("dynamic-", "scip-", "javac-")


def repository_name(data: Path) -> str:
    """`flask` for `dynamic-flask.jsonl.gz`: what a data file says its repository is called."""
    stem = data.name.partition(".")[0]
    return next((stem.removeprefix(p) for p in _PREFIXES if stem.startswith(p)), stem)


def find_repository(repos: Path, data: Path, paths: Collection[str]) -> Path:
    """The folder whose files a truth names: `repos/NAME`, or else the best folder in `repos`.

    Raises NoSourcesError when none holds any of the files.
    """
    if not repos.is_dir():
        raise NoSourcesError(f"{repos} is not a folder: give the folder of the repositories")
    name = repository_name(data)
    if (repos / name).is_dir():
        return repos / name
    folders = [*sorted(path for path in repos.iterdir() if path.is_dir()), repos]
    best = max(folders, key=lambda folder: _held(folder, paths))
    if _held(best, paths):
        return best
    raise NoSourcesError(f"no folder in {repos} has the files that {data.name} names ({name})")


def _held(folder: Path, paths: Collection[str]) -> int:
    """How many of a truth's files a folder has, at its root or below one or two folders."""
    roots = [folder, folder / "src", folder / "lib"]
    return max(sum((root / path).is_file() for path in paths) for root in roots)


def truth_root(files: Iterable[str], paths: Collection[str]) -> str:
    """The folder of the repository, with a slash at its end or "", that the truth's paths begin at.

    It is the one below which most of them exist; the shortest of several.
    """
    known = set(files)
    roots = {""}
    for path in paths:
        roots |= {file[: -len(path)] for file in known if file.endswith("/" + path)}
    held = {root: sum(root + path in known for path in paths) for root in roots}
    return min(roots, key=lambda root: (-held[root], len(root), root))
