"""Which lines of which indexed files differ between a revision and the work tree.

An index has line numbers of the content it was made from, so the side of the difference is chosen
per file: the new lines when the file is as indexed, the old ones when the index is that of the
revision.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from indexer.freshness import content_hash, run_git

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_OPTIONS = ("--unified=0", "--no-color", "--no-ext-diff", "--no-renames", "--relative")

Ranges = list[range]


def changed_lines(
    root: Path, revision: str, hashes: Mapping[str, str]
) -> dict[str, tuple[range, ...]]:
    """Changed lines of every indexed file that differs from `revision`.

    Args:
        root: the folder that was indexed.
        revision: anything that git understands as a commit.
        hashes: content hash of every indexed file, by path.

    Raises:
        CodexGraphError: git is missing, this is no work tree, or the revision is unknown.
    """
    if revision.startswith("-"):
        raise CodexGraphError(f"{revision!r} is not a revision")
    prefixes = ("--src-prefix=a/", "--dst-prefix=b/")
    output = run_git(root, "diff", *_OPTIONS, *prefixes, revision, "--", ".")
    if output is None:
        raise CodexGraphError(
            f"git cannot compare {root} with {revision!r}: it must be a git work tree and a commit"
        )
    found: dict[str, tuple[range, ...]] = {}
    for path, (old, new) in parse_diff(output).items():
        if path in hashes:
            is_old = _is_as_in(root, revision, path, hashes[path])
            found[path] = tuple(old if is_old else new)
    return found


def parse_diff(text: str) -> dict[str, tuple[Ranges, Ranges]]:
    """Old and new line ranges of every file in a diff without context lines."""
    found: dict[str, tuple[Ranges, Ranges]] = {}
    path = ""
    in_header = False
    for line in text.split("\n"):
        if line.startswith("diff --git "):
            in_header, path = True, ""
        elif in_header and line.startswith(("--- ", "+++ ")):
            path = _path(line[4:]) or path
        elif match := _HUNK.match(line):
            in_header = False
            old, new = found.setdefault(path, ([], []))
            old.append(_range(match[1], match[2]))
            new.append(_range(match[3], match[4]))
    return found


def _range(start: str, count: str | None) -> range:
    """The lines of one side of a hunk; an empty side stands for the line before it."""
    first, length = int(start), 1 if count is None else int(count)
    return range(max(first, 1), max(first, 1) + max(length, 1))


def _path(text: str) -> str:
    text = text.rstrip("\t")
    if text.startswith('"'):
        text = text[1:-1].encode("latin-1", "replace").decode("unicode_escape")
    return "" if text == "/dev/null" else text.partition("/")[2]


def _is_as_in(root: Path, revision: str, path: str, indexed: str) -> bool:
    """True when the file differs from what was indexed, which is what the revision has."""
    try:
        if content_hash((root / path).read_bytes()) == indexed:
            return False
    except OSError:
        return True
    old = run_git(root, "show", f"{revision}:./{path}")
    return old is not None and content_hash(old.encode("utf-8", "surrogateescape")) == indexed
