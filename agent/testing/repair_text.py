"""What every repair reports, and the first of them: the code of a reply without what is around."""

from __future__ import annotations

from dataclasses import dataclass

from agent.fences import blocks, code_of


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
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    code = code_of(text)
    fenced = next((block for block in blocks(text) if block.code == code and code), None)
    if fenced is not None:
        repairs = (Repair("markdown fence removed", fenced.line),)
    elif code.strip() == text.strip():
        repairs = ()
    else:
        repairs = (Repair("talk around the code removed"),)
    return Step(code.strip("\n") + "\n", repairs)


def line_of(text: str, offset: int) -> int:
    """The 1-based line of a character."""
    return text.count("\n", 0, offset) + 1
