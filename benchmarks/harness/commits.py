"""Finds the commit that a data set was made from, where its records name none.

Each record says on which line of which file something is defined. The commit at which most of that
is true is taken, the newest of equals; only commits that touched the files can differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from benchmarks.harness.repositories import MissingRepositoryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.harness.repositories import Repository

_MAX_COMMITS = 4_000
_BATCH = 200


class Expectation(NamedTuple):
    """A line (1-based) of a file that must contain a text."""

    path: str
    line: int
    text: str


def find_commit(repository: Repository, expected: Sequence[Expectation]) -> str:
    """The commit at which most expectations hold. Raises MissingRepositoryError for none."""
    by_path: dict[str, list[Expectation]] = {}
    for item in expected:
        by_path.setdefault(item.path, []).append(item)
    commits = repository.commits_touching(sorted(by_path))[:_MAX_COMMITS]
    held = _held(repository, commits, by_path)
    best = max(commits, key=lambda commit: held[commit], default=None)
    if best is None or not held[best]:
        raise MissingRepositoryError(
            f"{repository.folder}: no commit has {expected[0].path} as the records describe it"
        )
    return best


def _held(
    repository: Repository, commits: Sequence[str], by_path: Mapping[str, Sequence[Expectation]]
) -> dict[str, int]:
    """How many expectations hold at each commit; a content is read once, whoever shares it."""
    names = {f"{commit}:{path}": (commit, path) for commit in commits for path in by_path}
    ids = repository.blob_ids(names)
    wanted = {(ids[name], path) for name, (_, path) in names.items() if name in ids}
    counts: dict[tuple[str, str], int] = {}
    for start in range(0, len(ordered := sorted(wanted)), _BATCH):
        batch = ordered[start : start + _BATCH]
        blobs = repository.blobs(blob for blob, _ in batch)
        for blob, path in batch:
            if blob in blobs:
                counts[blob, path] = _count(blobs[blob].splitlines(), by_path[path])
    held = dict.fromkeys(commits, 0)
    for name, (commit, path) in names.items():
        held[commit] += counts.get((ids.get(name, ""), path), 0)
    return held


def _count(lines: Sequence[bytes], expected: Sequence[Expectation]) -> int:
    return sum(
        0 < item.line <= len(lines) and item.text.encode() in lines[item.line - 1]
        for item in expected
    )
