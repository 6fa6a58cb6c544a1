"""Coloured parts of a text, line by line, whatever found them."""

from __future__ import annotations

import re
from bisect import bisect_right
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Hue(StrEnum):
    """What a part is."""

    KEYWORD = "keyword"
    NAME = "name"
    FUNCTION = "function"
    STRING = "string"
    NUMBER = "number"
    PARAMETER = "parameter"
    COMMENT = "comment"


class Mark(NamedTuple):
    """A part of a line, in characters."""

    start: int
    end: int
    hue: Hue


Marks = tuple[tuple[Mark, ...], ...]


def marks_of(text: str, parts: Iterable[tuple[int, int, Hue]]) -> Marks:
    """The marks of each line, from parts of the whole text, which may go over several lines."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found: list[list[Mark]] = [[] for _ in starts]
    for start, end, hue in parts:
        row = bisect_right(starts, start) - 1
        while start < end:
            line_end = starts[row + 1] - 1 if row + 1 < len(starts) else len(text)
            if start < line_end:
                mark = Mark(start - starts[row], min(end, line_end) - starts[row], hue)
                found[row].append(mark)
            start, row = line_end + 1, row + 1
    return tuple(map(tuple, found))
