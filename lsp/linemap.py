"""Which lines of an edited text are lines of the text before it, and where they are now."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_COMPARED = 1_500
"""A longer changed part, in lines, is not compared: all of it counts as new."""


class Block(NamedTuple):
    """Lines that are the same: where they were, where they are (both 0-based), how many."""

    old: int
    new: int
    length: int


@dataclass(frozen=True, slots=True)
class LineMap:
    """Blocks in order; lines in none of them were changed."""

    blocks: tuple[Block, ...]

    def now(self, line: int) -> int | None:
        """Where a line of the old text is now (both 1-based); None when it was changed."""
        at = bisect_right(self.blocks, line - 1, key=lambda block: block.old) - 1
        if at < 0 or line - 1 >= self.blocks[at].old + self.blocks[at].length:
            return None
        return line - self.blocks[at].old + self.blocks[at].new

    def is_new(self, line: int) -> bool:
        """True when a line of the new text (1-based) was not in the old one."""
        at = bisect_right(self.blocks, line - 1, key=lambda block: block.new) - 1
        return at < 0 or line - 1 >= self.blocks[at].new + self.blocks[at].length


def compare(old: Sequence[str], new: Sequence[str]) -> LineMap:
    """Match the lines of two texts: their common ends, then what lies between."""
    shorter = min(len(old), len(new))
    head = 0
    while head < shorter and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < shorter - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    blocks = [Block(0, 0, head)]
    between = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(map(len, between)) <= MAX_COMPARED:
        matches = SequenceMatcher(None, *between, autojunk=False).get_matching_blocks()
        blocks += [Block(m.a + head, m.b + head, m.size) for m in matches]
    blocks.append(Block(len(old) - tail, len(new) - tail, tail))
    return LineMap(tuple(block for block in blocks if block.length))
