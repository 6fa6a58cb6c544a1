"""How well a path fits what was typed: its letters in their order, close together, near the end."""

from __future__ import annotations

import re
from typing import NamedTuple


class Rank(NamedTuple):
    """Smaller is better. spread: how far the letters are apart. length: of the path.

    place: 0 exact name, 1 start of the name, 2 in the name, 3 in the path, 4 letters apart.
    """

    place: int
    spread: int
    length: int


def fuzzy_rank(text: str, path: str) -> Rank | None:
    """The rank of a path, None when the letters of `text` do not stand in it in their order."""
    low, whole = text.strip().lower(), path.lower()
    name = whole.rpartition("/")[2]
    if not low:
        return Rank(3, 0, len(path))
    if name in (low, low + name[name.rfind(".") :]):
        return Rank(0, 0, len(path))
    if name.startswith(low):
        return Rank(1, 0, len(path))
    if low in name:
        return Rank(2, name.index(low), len(path))
    if low in whole:
        return Rank(3, 0, len(path))
    match = re.search(_pattern(low), whole)
    return Rank(4, match.end() - match.start(), len(path)) if match else None


def _pattern(letters: str) -> str:
    return "[^\n]*?".join(re.escape(letter) for letter in letters if not letter.isspace())
