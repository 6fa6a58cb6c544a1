"""Between a place in a text as lines and columns and as one number of characters, from 0."""

from __future__ import annotations


def offset_of(text: str, location: tuple[int, int]) -> int:
    """The characters before a line and column."""
    row, column = location
    at = 0
    for _ in range(row):
        at = text.find("\n", at) + 1
        if at == 0:
            return len(text)
    return min(at + column, len(text))


def location_of(text: str, offset: int) -> tuple[int, int]:
    """The line and column of a number of characters."""
    before = text[:offset]
    return before.count("\n"), offset - (before.rfind("\n") + 1)
