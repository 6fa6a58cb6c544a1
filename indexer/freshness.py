"""What state of the files an answer speaks of: the indexed commit against the work tree of now.

Git and the files' times name what may differ, and content hashes decide: a file that was dirty when
it was indexed, or was touched and not changed, counts as fresh. The surprising choice: the `git`
command is run directly (one process, two when the head moved), because importing a library for it
costs more time than the whole check may.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import TYPE_CHECKING

from graphdb.git import ask_git
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from graphdb.delta import IndexMeta

MAX_HASHED = 10_000
"""More files than this are not compared; the answer then says that it does not know."""

CLOCK_SLACK_S = 0.1
"""File systems stamp files with a clock that lags behind the system's."""

_STATUS = ("status", "--porcelain=v2", "--branch", "--no-renames", "--untracked-files=all", "-z")
_GONE = float("inf")


@dataclass(frozen=True, slots=True)
class Freshness:
    """How an answer relates to the files of now.

    revision, branch: what was indexed. head, head_branch: what is checked out. dirty_files: source
    files that git calls modified or untracked. changed_files: source files whose content is not
    what was indexed, new ones included. deleted_files: indexed and gone. stale_files: those of the
    answer that changed or are gone. fresh: nothing of this, and the head is the indexed commit.
    """

    revision: str | None
    branch: str | None
    indexed_at: str
    head: str | None
    head_branch: str | None
    dirty_files: tuple[str, ...]
    changed_files: tuple[str, ...]
    deleted_files: tuple[str, ...]
    stale_files: tuple[str, ...]
    fresh: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class WorkTree:
    """What git says. Paths are relative to the root of the index.

    dirty: modified, added, deleted or untracked. moved: differ between two commits; None when git
    does not know the older one. nested: folders of repositories inside, whose changes git hides.
    """

    head: str | None
    branch: str | None
    dirty: tuple[str, ...]
    moved: tuple[str, ...] | None
    nested: tuple[str, ...]


def is_source_file(path: str) -> bool:
    """True for a path of a language that is indexed."""
    return path.endswith(tuple(SUFFIXES))


def check(
    root: Path,
    meta: IndexMeta,
    files_in_answer: Iterable[str],
    hashes: Mapping[str, str],
    is_source: Callable[[str], bool] = is_source_file,
) -> Freshness:
    """Compare an index with the files below `root`.

    Args:
        root: the folder that was indexed.
        meta: what the index says of itself.
        files_in_answer: paths relative to the root that the answer speaks of.
        hashes: content hash of every indexed file, by path.
        is_source: whether a path would be indexed, were it new.
    """
    answer = tuple(dict.fromkeys(files_in_answer))
    tree = read_work_tree(root, meta.commit)
    since = _timestamp(meta.indexed_at) - CLOCK_SLACK_S
    named = _named_by_git(root, tree)
    touched = (path for path in hashes if _last_change(root, path) > since)
    known = (path for path in (*answer, *named) if path in hashes)
    suspects, note = _capped(dict.fromkeys((*known, *touched)), tree, meta)
    changed, deleted = _compare(root, suspects, hashes)
    sources = [path for path in named if path in hashes or is_source(path)]
    changed += _new_files(root, sources, hashes, since)
    gone = {*changed, *deleted}
    head = tree.head if tree else None
    return Freshness(
        revision=meta.commit,
        branch=meta.branch,
        indexed_at=meta.indexed_at,
        head=head,
        head_branch=tree.branch if tree else None,
        dirty_files=tuple(p for p in tree.dirty if p in hashes or is_source(p)) if tree else (),
        changed_files=tuple(sorted(changed)),
        deleted_files=tuple(sorted(deleted)),
        stale_files=tuple(path for path in answer if path in gone),
        fresh=not gone and note is None and (tree is None or head == meta.commit),
        note=note,
    )


def just_indexed(root: Path, meta: IndexMeta, changed: Iterable[str] = ()) -> Freshness:
    """The state of an index that a run has brought up to date; `changed` changed while it ran."""
    tree = read_work_tree(root, meta.commit)
    gone = tuple(sorted(changed))
    head = tree.head if tree else None
    return Freshness(
        revision=meta.commit,
        branch=meta.branch,
        indexed_at=meta.indexed_at,
        head=head,
        head_branch=tree.branch if tree else None,
        dirty_files=tuple(filter(is_source_file, tree.dirty)) if tree else (),
        changed_files=gone,
        deleted_files=(),
        stale_files=gone,
        fresh=not gone and (tree is None or head == meta.commit),
    )


def content_hash(data: bytes) -> str:
    """The hash by which files are compared: BLAKE2b, 128 bits, in hex."""
    return blake2b(data, digest_size=16).hexdigest()


def read_work_tree(root: Path, commit: str | None) -> WorkTree | None:
    """Ask git about `root` and about what changed since `commit`; None where there is no git."""
    prefix = _prefix(root)
    if prefix is None or (prefix and run_git(root, "check-ignore", "-q", ".") is not None):
        return None
    output = run_git(root, *_STATUS, "--", ".")
    if output is None:
        return None
    head, branch, dirty, nested = _parse_status(output, prefix)
    moved: tuple[str, ...] | None = ()
    if head != commit:
        moved = _changed_between(root, commit, head)
    return WorkTree(head, branch, dirty, moved, nested)


def _named_by_git(root: Path, tree: WorkTree | None) -> tuple[str, ...]:
    """Paths that git gives reason to look at, each once."""
    if tree is None:
        return ()
    named = dict.fromkeys((*tree.dirty, *(tree.moved or ())))
    for folder in tree.nested:
        listed = run_git(root / folder, "ls-files", "-z", "-co", "--exclude-standard") or ""
        named |= dict.fromkeys(folder + path for path in listed.split("\0") if path)
    return tuple(named)


def _capped(
    suspects: dict[str, None], tree: WorkTree | None, meta: IndexMeta
) -> tuple[list[str], str | None]:
    """What to hash, and why the answer may still be unsure."""
    note = None
    if tree and tree.moved is None and meta.commit:
        note = "git does not know the indexed commit"
    if len(suspects) > MAX_HASHED:
        note = f"{len(suspects)} files may have changed, {MAX_HASHED} were compared"
    return list(suspects)[:MAX_HASHED], note


def _new_files(
    root: Path, sources: Iterable[str], hashes: Mapping[str, str], since: float
) -> list[str]:
    """Files that are not indexed and came after it; older ones were left out for a reason."""
    others = (path for path in sources if path not in hashes)
    return [path for path in others if since < _last_change(root, path) < _GONE]


def _compare(
    root: Path, suspects: Iterable[str], hashes: Mapping[str, str]
) -> tuple[list[str], list[str]]:
    """Those of the suspects that differ from what was indexed, and those that are gone."""
    changed: list[str] = []
    deleted: list[str] = []
    for path in suspects:
        try:
            data = (root / path).read_bytes()
        except OSError:
            deleted.append(path)
            continue
        if content_hash(data) != hashes[path]:
            changed.append(path)
    return changed, deleted


def _last_change(root: Path, path: str) -> float:
    """When a file was last written, moved or copied here; the far future when it is gone."""
    try:
        status = os.stat(f"{root}/{path}")  # noqa: PTH116 - thousands of files an answer
    except OSError:
        return _GONE
    return max(status.st_mtime, status.st_ctime)


def _timestamp(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return 0.0
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _prefix(root: Path) -> str | None:
    """Path of `root` inside its work tree, ending in `/`; "" at its top, None outside of any."""
    for place in (root, *root.parents):
        if (place / ".git").exists():
            inside = root.relative_to(place).as_posix()
            return "" if inside == "." else inside + "/"
    return None


def _parse_status(
    output: str, prefix: str
) -> tuple[str | None, str | None, tuple[str, ...], tuple[str, ...]]:
    head = branch = None
    dirty: list[str] = []
    nested: list[str] = []
    for record in output.split("\0"):
        kind, _, rest = record.partition(" ")
        if kind == "#":
            key, _, value = rest.partition(" ")
            if key == "branch.oid" and value != "(initial)":
                head = value
            elif key == "branch.head" and value != "(detached)":
                branch = value
            continue
        path = _status_path(kind, rest).removeprefix(prefix)
        if not path:
            continue
        is_submodule = kind in "1u" and rest.split(" ", 2)[1].startswith("S")
        if is_submodule or path.endswith("/"):
            nested.append(path.rstrip("/") + "/")
        else:
            dirty.append(path)
    return head, branch, tuple(dirty), tuple(nested)


def _status_path(kind: str, rest: str) -> str:
    fields_before_path = {"1": 7, "u": 9, "?": 0}.get(kind)
    if fields_before_path is None:
        return ""
    return rest.split(" ", fields_before_path)[-1]


def _changed_between(root: Path, old: str | None, new: str | None) -> tuple[str, ...] | None:
    if old is None or new is None:
        return None
    options = ("--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z")
    output = run_git(root, "diff", *options, old, new, "--")
    return None if output is None else tuple(path for path in output.split("\0") if path)


def run_git(folder: Path, *arguments: str) -> str | None:
    """The output of a git command; None when it fails or git is not installed.

    Bytes that are not UTF-8 come as surrogates, so encoding with them gives the bytes back.
    """
    output = ask_git(folder, "-c", "core.quotePath=false", *arguments)
    return None if output is None else output.decode("utf-8", "surrogateescape")
