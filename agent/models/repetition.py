"""Tells a reply that goes round in circles, as small models do until their limit of tokens.

Only what repeats to the letter counts: a list whose numbers go up says something new in each line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPAN = 800
_LONGEST_PIECE = 160


def is_circular(pieces: Sequence[str]) -> bool:
    """Whether a text's last 800 characters are one piece of at most 160, again and again.

    pieces: the text as it came, of which no more than the end is looked at.
    """
    tail = ""
    for piece in reversed(pieces):
        tail = piece[len(tail) - _SPAN :] + tail
        if len(tail) >= _SPAN:
            return any(tail.startswith(tail[size:]) for size in range(1, _LONGEST_PIECE + 1))
    return False
