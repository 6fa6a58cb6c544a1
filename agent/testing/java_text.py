"""Java texts without their strings and comments, and how deep each place of them is nested.

The agent may not parse, and what is repaired does not parse anyway: a scan of delimiters is enough
to tell members from statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'',
    re.DOTALL,
)
_OPEN = re.compile(r'/\*|"""|"')
OPENING, CLOSING = "({[", ")}]"


def masked(text: str) -> str:
    """The text with strings and comments blanked, line breaks and offsets kept."""
    return _TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def unclosed(mask: str) -> int | None:
    """Where a string or comment begins that never ends; None where there is none."""
    match = _OPEN.search(mask)
    return match.start() if match else None


@dataclass(frozen=True, slots=True)
class Braces:
    """Braces of a text. members: where each member of the outermost type ends, past its brace.

    depth: how many are open at the end. extra: where one closes that was never opened.
    """

    members: tuple[int, ...]
    depth: int
    extra: int | None


def braces(mask: str) -> Braces:
    """Counts braces in a masked text."""
    depth, members = 0, list[int]()
    for offset, letter in enumerate(mask):
        if letter == "{":
            depth += 1
        elif letter == "}":
            depth -= 1
            if depth < 0:
                return Braces(tuple(members), 0, offset)
            if depth == 1:
                members.append(offset + 1)
        elif letter == ";" and depth == 1:
            members.append(offset + 1)
    return Braces(tuple(members), depth, None)
