"""Which of nested intervals owns a byte: a list of the bytes at which the owner changes.

A base of the languages' regions and not a part of them, because the look-up is asked for every
expression of a file.
"""

from __future__ import annotations

from bisect import bisect_right


class Intervals:
    """From byte `_starts[i]` on, `_owners[i]` owns; 0 owns from the start."""

    def __init__(self) -> None:
        self._starts, self._owners = [0], [0]

    def _mark(self, byte: int, owner: int) -> None:
        if self._starts[-1] == byte:
            self._owners[-1] = owner
        else:
            self._starts.append(byte)
            self._owners.append(owner)

    def scope_at(self, byte: int) -> int:
        """The innermost scope that owns a byte."""
        return self._owners[bisect_right(self._starts, byte) - 1]
