"""A tool's answer as text for a prompt: whole items only, within a budget of tokens.

All that comes from files, names and paths too, stands in one fence that is longer than any run of
backticks inside, and with its invisible characters spelt out, so that no file can end its quotation
or speak as the program does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphdb.retrieval.packing import CHARACTERS_PER_TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from agent.tool import Item, ToolResult

_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_TICKS = re.compile(r"`+")
_LINE = re.compile(r"[^\S\n]*\n\s*")
_NOTES_SHARE = 3
"""Notes and near names take at most one part in so many of a budget."""

_FENCE_COST = 10
"""Characters of the fence's own two lines and of the line ends around them, at three backticks."""


def render(result: ToolResult, tokens: int) -> str:
    """The answer in at most so many tokens, as `graphdb.retrieval.packing` counts them."""
    room = max(0, tokens) * CHARACTERS_PER_TOKEN
    said = [visible(line) for line in _said(result)]
    items = [visible(part) for part in _parts(result.items)]
    ticks = max((len(run) for text in (*said, *items) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, ticks + 1)
    inside = room - _longest_status(result) - _FENCE_COST - 2 * (len(fence) - 3)
    ending = _cut("\n".join(said), inside // _NOTES_SHARE if items else inside)
    shown = list(_fitting(items, inside - len(ending) - 1))
    body = "\n".join([*(part.rstrip("\n") for part in shown), *([ending] if ending else [])])
    status = _status(result, len(shown))
    text = f"{status}\n{fence}\n{body}\n{fence}" if body.strip() else status
    return text if len(text) <= room else status[:room]


def visible(text: str) -> str:
    """Text with what a reader cannot see written as its code, line ends and tabs left alone."""
    text = text.replace("\r\n", "\n")
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def one_line(text: str) -> str:
    """Text with its lines joined by blanks."""
    return _LINE.sub(" ", text.strip())


def _status(result: ToolResult, shown: int) -> str:
    """What the answer is, in words that no file has a part in."""
    if result.error is not None:
        return "error"
    total = max(result.total, len(result.items))
    if not total:
        return "no results"
    first = _first(result)
    if shown == 0:
        return f"{total} results"
    after = first + shown
    if first == 0 and after >= total:
        return f"{total} results" if total > 1 else "1 result"
    more = f"; more with offset={after}" if after < total else ""
    return f"results {first + 1}-{after} of {total}{more}"


def _longest_status(result: ToolResult) -> int:
    """How many characters the status may take, whatever part is shown."""
    if result.error is not None:
        return len(_status(result, 0))
    most = max(result.total, len(result.items))
    return len(f"results {most}-{most} of {most}; more with offset={most}")


def _first(result: ToolResult) -> int:
    """The offset of the first item."""
    end = result.next if result.next is not None else max(result.total, len(result.items))
    return max(0, end - len(result.items))


def _said(result: ToolResult) -> list[str]:
    said = [one_line(result.error)] if result.error else []
    if result.near:
        lead = "one of:" if len(result.near) > 1 else "perhaps:"
        said.append("\n  ".join([lead, *map(one_line, result.near)]))
    return [*said, *(f"note: {one_line(note)}" for note in result.notes)]


def _parts(items: Sequence[Item]) -> Iterator[str]:
    """Each item with the headings that it needs after the one before."""
    owner, file, known = "", None, None
    for position, item in enumerate(items):
        after = items[position + 1] if position + 1 < len(items) else None
        is_block = item.uid is not None and after is not None and after.uid == item.uid
        if item.uid is None or item.uid == known:
            yield item.text
            owner = ""
        elif item.qname and item.qname in item.text.partition("\n")[0]:
            # It says itself what it is: its place is enough.
            is_placed = item.file is None or item.file in item.text
            yield item.text if is_placed else f"{item.text}  {_place(item)}"
            owner = ""
        elif is_block or "\n" in item.text:
            yield f"## {_place(item)}  {one_line(item.qname or '')}\n{item.text}"
            owner = ""
        else:
            heading = _heading(item, file)
            line = f"{item.line}: " if item.line else ""
            lead = f"{heading}\n" if _heading(item) != owner else ""
            yield f"{lead}{line}{item.text}"
            owner = _heading(item)
        known, file = item.uid, item.file


def _place(item: Item) -> str:
    if item.file is None:
        return "external"
    file = one_line(item.file)
    return f"{file}:{item.line}" if item.line else file


def _heading(item: Item, before: str | None = None) -> str:
    """The file, if another one stood `before`, and the full name of what the item stands in."""
    file = one_line(item.file) if item.file else "external"
    owner = one_line(item.qname or "").rpartition(".")[0]
    if item.file == before and owner:
        return f"## in {owner}"
    return f"## {file}  {owner}" if owner else f"## {file}"


def _fitting(parts: Sequence[str], room: int) -> Iterator[str]:
    """The parts that fit; of a first one that is too long, its beginning."""
    used = 0
    for position, part in enumerate(parts):
        used += len(part) + 1
        if used > room:
            if position == 0 and (beginning := _cut(part, room)):
                yield beginning
            return
        yield part


def _cut(text: str, room: int) -> str:
    """A text's beginning that fits, with a mark that there is more."""
    if len(text) <= room:
        return text
    kept = text[: max(0, room - 2)]
    return f"{kept} …" if kept.strip() else ""
