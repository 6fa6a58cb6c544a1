"""Recent changes of some lines of a file, read from what git prints.

Git is asked through a port, which runs it safely; a file or line that it does not know has none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.answers.ground import Hunk

if TYPE_CHECKING:
    from collections.abc import Callable

_COMMITS = 2
_GAP, _END = " …", "\0"
_MARK = "\x01"
_HEAD = re.compile(r"^@@ -\d+(?:,\d+)? \+(?P<start>\d+)(?:,(?P<count>\d+))? @@")
_MAX_LINES = 16
_DIFF = ("--no-color", "--no-ext-diff", "--no-textconv")


@dataclass(frozen=True, slots=True)
class GitChanges:
    """Asks git. run: arguments of git -> what it prints, None where it fails."""

    run: Callable[..., str | None]

    def __call__(self, path: str, first: int, last: int) -> list[Hunk]:
        """What is not committed of these lines, then the last commits that changed them.

        Lines are those of the file now; the commits are found by the lines of the last one.
        """
        now = self.run("diff", "--unified=1", *_DIFF, "HEAD", "--", path) or ""
        found = [
            hunk
            for hunk in read_hunks(now, path, "not committed")
            if hunk.line <= last and hunk.line + _length(hunk) > first
        ]
        log = self.run(
            "log",
            f"--max-count={_COMMITS}",
            f"--format={_MARK}%h, %ar: %s",
            *_DIFF,
            f"-L{first},{max(first, last)}:{path}",
        )
        for commit in (log or "").split(_MARK)[1:]:
            what, _, diff = commit.partition("\n")
            found += read_hunks(diff, path, what, first)
        return found


def read_hunks(diff: str, path: str, what: str, line: int | None = None) -> list[Hunk]:
    """The hunks of a unified diff of one file: changed lines with one around them.

    line: where the hunks are now, for diffs of other versions of the file.
    """
    found: list[Hunk] = []
    lines: list[str] = []
    start = 0
    for text in [*diff.splitlines(), _END]:
        head = _HEAD.match(text)
        if head or text == _END:
            if any(map(_is_change, lines)):
                found.append(Hunk(path, line or start, what, _compact(lines)))
            lines = []
            start = int(head["start"]) if head else 0
        elif start and text.startswith(("+", "-", " ")):
            lines.append(text)
        else:
            start = 0
    return found


def _is_change(line: str) -> bool:
    return line.startswith(("+", "-"))


def _compact(lines: list[str]) -> str:
    """Changed lines and those right beside them; what is left out between is a line of dots."""
    near = {n + d for n, text in enumerate(lines) if _is_change(text) for d in (-1, 0, 1)}
    shown: list[str] = []
    for number, text in enumerate(lines):
        if number in near:
            shown.append(text)
        elif shown and shown[-1] != _GAP:
            shown.append(_GAP)
    shown = shown[:-1] if shown[-1] == _GAP else shown
    more = len(shown) - _MAX_LINES
    return "\n".join([*shown[:_MAX_LINES], *([f"… {more} more lines"] if more > 0 else [])])


def _length(hunk: Hunk) -> int:
    """How many lines the hunk covers after the change; one where it only removes."""
    return max(1, sum(not line.startswith("-") for line in hunk.text.splitlines()))
