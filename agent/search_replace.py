"""Search-and-replace blocks, as models write changes of a file, and how one is made. Pure.

Whole lines are searched for, and must stand in the file exactly once; the file decides about line
ends. What is not such a block is refused, because half a change is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.edits import bare_lines, lines_of
from agent.splicing import with_ends_of
from agent.task import UnreadableReplyError

_BLOCK = re.compile(
    r"^[#*` \t]*(?P<path>[^\s`<>=#*][^\n`<>]*?)[*`: \t]*\n\s*(?:`{3,}[^\n]*\n)?"
    r"<{5,} ?SEARCH[ \t]*\n(?P<search>.*?)^={7}[ \t]*\n(?P<replace>.*?)^>{5,} ?REPLACE",
    re.MULTILINE | re.DOTALL,
)
_OPENING = re.compile(r"^<{5,} ?SEARCH[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of a file that are to be replaced by others; an empty search makes a new file."""

    path: str
    search: str
    replace: str


def changes(reply: str) -> list[Change]:
    """The blocks of a reply, each after a line with its path.

    Raises UnreadableReplyError when one is not whole.
    """
    reply = reply.replace("\r\n", "\n")
    found = [
        Change(match["path"], match["search"], match["replace"]) for match in _BLOCK.finditer(reply)
    ]
    if len(_OPENING.findall(reply)) != len(found):
        raise UnreadableReplyError(
            "a SEARCH block is not whole: write the path on a line of its own, then "
            "<<<<<<< SEARCH, lines of the file, =======, the lines in their place, >>>>>>> REPLACE"
        )
    return found


def changed(text: str, change: Change) -> str:
    """A text with one change made. Raises UnreadableReplyError unless it fits exactly once."""
    lines, wanted = bare_lines(text), bare_lines(change.search)
    count = len(wanted)
    starts = range(len(lines) - count + 1) if wanted else ()
    places = [start for start in starts if lines[start : start + count] == wanted]
    if len(places) != 1:
        what = f"stands {len(places)} times in" if len(places) > 1 else "does not stand in"
        raise UnreadableReplyError(
            f"the SEARCH text {what} {change.path}: copy whole lines that stand there once"
        )
    (first,) = places
    old, new = lines_of(text), with_ends_of(text, change.replace)
    if first + count == len(old) and not text.endswith("\n"):
        new = new.rstrip("\r\n")
    return "".join([*old[:first], new, *old[first + count :]])
