"""What a reply has around its code: fences and talk. And what every repair reports."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^\s*(```+|~~~+)\s*[\w+#.-]*\s*$")
_CODE_LINE = re.compile(
    r"^\s*(package |import |from \w[\w.]* import |@|public |class |final |abstract |def |async def "
    r'|if __name__|/\*|//|#!?|"""|\'\'\'|interface |enum |record |with |try:|[A-Za-z_]\w* *=[^=])'
)
_TALK = re.compile(r"^[A-Z][\w'`,()-]*( +[\w'`\"*,()./:-]+){2,}[.:!?]?$")
"""A line of at least three words from a capital on, with none of the signs of code."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One change. line: 1-based, in the text as it was before that change."""

    what: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A text after a kind of repair, and what was done to it."""

    text: str
    repairs: tuple[Repair, ...] = ()


def without_markdown(text: str) -> Step:
    """The code of a reply: its longest fenced block, or what is left without lines of talk."""
    lines = text.splitlines()
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    if fences:
        return _longest_block(lines, fences)
    kept = list(range(len(lines)))
    while kept and not lines[kept[-1]].strip():
        kept.pop()
    while kept and _is_talk(lines[kept[-1]]):
        kept.pop()
    while kept and _is_talk(lines[kept[0]]):
        kept.pop(0)
        while kept and not lines[kept[0]].strip():
            kept.pop(0)
    dropped = [n for n, line in enumerate(lines) if n not in set(kept) and line.strip()]
    repairs = tuple(Repair("talk around the code removed", n + 1) for n in dropped[:1])
    return Step(_joined([lines[n] for n in kept]), repairs)


def _longest_block(lines: list[str], fences: list[int]) -> Step:
    starts, ends = fences[::2], [*fences[1::2], len(lines)]
    first_end = ends[0]
    if len(fences) == 1 and _looks_like_code(lines[: fences[0]]):
        # Only the closing fence came: the reply began inside the block.
        starts, ends, first_end = [-1], [fences[0]], fences[0]
    pairs = list(zip(starts, ends, strict=False))
    start, end = max(pairs, key=lambda pair: (pair[1] - pair[0], -pair[0]))
    line = (start if start >= 0 else first_end) + 1
    return Step(_joined(lines[start + 1 : end]), (Repair("markdown fence removed", line),))


def _looks_like_code(lines: list[str]) -> bool:
    said = [line for line in lines if line.strip()]
    return bool(said) and bool(_CODE_LINE.match(said[0]))


def _is_talk(line: str) -> bool:
    return bool(_TALK.match(line.strip())) and not _CODE_LINE.match(line)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n") + "\n"


def line_of(text: str, offset: int) -> int:
    """The 1-based line of a character."""
    return text.count("\n", 0, offset) + 1
