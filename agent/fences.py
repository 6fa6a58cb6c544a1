"""The code in what a model wrote: fenced blocks as CommonMark has them, and as models write them.

Beyond the standard: a fence with an info string inside a block opens an inner block, a fence in an
open docstring is text of it, and a lone fence behind code closes what the reply began with. Where
two readings are possible the one that keeps code whole wins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$")
_INNER = re.compile(r"^[ \t]*(?:`{3,}|~{3,})")
_PATH = re.compile(r"[\w.@+-]+(?:[/\\][\w.@+-]+)*\.[A-Za-z]\w{0,9}")
_LEADING = re.compile(
    r"^\s*(?:#{1,6}\s+|[-*]\s+|\d+\.\s+)?(?:[Ff]ile(?:name)?:?\s*)?[*`_\"']*"
    r"(?P<path>[\w.@+-]+(?:/[\w.@+-]+)*\.[A-Za-z]\w{0,9})[*`_\"']*:?\s*$"
)
_TITLED = re.compile(r"(?:title|file|filename|path|name)\s*[=:]\s*[\"']?(?P<path>[^\s\"'}]+)")
_COMMENTED = re.compile(
    r"^(?:#|//|--|/\*)\s*(?:[Ff]ile(?:name)?:\s*)?(?P<path>\S+?)\s*(?:\*/)?\s*$"
)
_QUOTES = re.compile(r'"""|\'\'\'')
_REMARKS = re.compile(r'"""|\'\'\'|/\*|\*/')
_ENDS = {"/*": "*/"}
_CODE = re.compile(
    r"^\s*(?:from\s+[.\w]+\s+import\b|import\s+[\w.]+|package\s+[\w.]+;|@\w|(?:async\s+)?def\s+\w+"
    r"|class\s+\w+|(?:public|private|protected|static|final|abstract)\s+\w|#include\b|[\w.]+\s*="
    r"|(?:if|for|while|with|try|return|raise|else|elif|switch)\b.*[:{;]?$|[}\])]|[\w.]+\(.*\)\s*;?$"
    r"|(?:interface|enum|record)\s+\w|\S.*[{;]$)"
)
_REMARK = re.compile(r"^\s*(?:#|//|/\*|\*/|[rR]?\"\"\"|[rR]?''')")
_PROSE_END = (".", "!", "?", ":")


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a reply. code: with its last line ended, empty for none.

    language: as written, in lower case. path: where the reply says that it belongs. is_closed:
    False when the reply ended first. line: of the opening fence, 1-based.
    """

    code: str
    language: str = ""
    path: str | None = None
    is_closed: bool = True
    line: int = 0


def blocks(reply: str) -> tuple[Block, ...]:
    """The fenced blocks of a reply, in order; inner ones are part of the outer."""
    lines = reply.replace("\r\n", "\n").split("\n")
    found: list[Block] = []
    at = 0
    while at < len(lines):
        opening = _opening(lines[at])
        if opening is None:
            at += 1
            continue
        end = _closing(lines, at + 1, opening)
        body = _dedented(lines[at + 1 : end], len(opening["indent"]))
        language, path = _info(opening["info"])
        path = path or _path_above(lines, at) or _path_inside(body)
        code = "\n".join(body) + "\n" if any(body) else ""
        found.append(Block(code, language, path, end < len(lines), at + 1))
        at = end + 1
    if len(found) == 1 and not found[0].is_closed and not found[0].language:
        return _begun_inside(lines, found[0])
    return tuple(found)


def _begun_inside(lines: list[str], block: Block) -> tuple[Block, ...]:
    """The one block of a reply, which began inside it where code stands before its only fence."""
    before = lines[: block.line - 1]
    first = next((line for line in before if line.strip()), "")
    is_code = _is_code(first) or _REMARK.match(first) is not None
    code = "\n".join(before).strip("\n") + "\n"
    return (Block(code, line=block.line),) if is_code else (block,)


def code_of(reply: str, language: str = "", path: str | None = None) -> str:
    """The code of a reply that was asked for one text; empty where there is none.

    Of several blocks the one for the path, else the longest in the language, else the longest.
    Without a fence: the reply from its first to its last line that looks like code.
    """
    found = [block for block in blocks(reply) if block.code.strip()]
    if not found:
        return _bare(reply)
    ours = [b for b in found if path is not None and b.path == path]
    spoken = [b for b in found if b.language in _NAMES.get(language, {language})]
    return max(ours or spoken or found, key=lambda block: len(block.code)).code


_NAMES = {
    "python": {"python", "py", "python3", "pycon"},
    "java": {"java"},
}


def _opening(line: str) -> re.Match[str] | None:
    match = _FENCE.match(line)
    # Backticks behind backticks are code in a line of prose.
    if match is None or (match["fence"][0] == "`" and "`" in match["info"]):
        return None
    return match


def _closing(lines: list[str], start: int, opening: re.Match[str]) -> int:
    """The line of the fence that ends a block; the number of lines where none does."""
    fence: str = opening["fence"]
    inner: list[str] = []
    quote = ""
    last_plain = len(lines)
    for number in range(start, len(lines)):
        line = lines[number]
        match = _FENCE.match(line)
        if match is None or match["fence"][0] != fence[0]:
            quote = _open(line, quote, _QUOTES)
        elif match["info"]:
            # Longer fences need longer ends, so only one as long may be meant to nest.
            inner.append(match["fence"])
        elif inner and len(match["fence"]) >= len(inner[-1]):
            inner.pop()
        elif len(match["fence"]) >= len(fence):
            if not quote or not _has_fence(lines, number + 1, fence):
                return number
            last_plain = number
    # Nothing closed it by these rules: the last fence that could have done so did.
    return _last_fence(lines, start, fence) if inner or quote else last_plain


def _open(line: str, mark: str, marks: re.Pattern[str]) -> str:
    """Which of some marks that enclose a text is open behind a line."""
    for match in marks.finditer(line):
        if not mark:
            mark = match[0]
        elif match[0] == _ENDS.get(mark, mark):
            mark = ""
    return mark


def _has_fence(lines: list[str], start: int, fence: str) -> bool:
    """True when a closing fence follows, so that the one before it may have been text."""
    return _last_fence(lines, start, fence) < len(lines)


def _last_fence(lines: list[str], start: int, fence: str) -> int:
    """The last line that could close a block before another one opens; else their number."""
    last = len(lines)
    for number in range(start, len(lines)):
        match = _FENCE.match(lines[number])
        if match is None or match["fence"][0] != fence[0]:
            continue
        if match["info"] and last < len(lines):
            break
        if not match["info"] and len(match["fence"]) >= len(fence):
            last = number
    return last


def _dedented(lines: list[str], indent: int) -> list[str]:
    """Lines without the blanks that stood before the opening fence."""
    if not indent:
        return lines
    return [line[min(indent, len(line) - len(line.lstrip(" "))) :] for line in lines]


def _info(info: str) -> tuple[str, str | None]:
    """The language and the path of an info string, in the forms in which models give them."""
    titled = _TITLED.search(info)
    first, _, rest = info.strip("{} \t").lstrip(".").partition(" ")
    language, colon, after = first.partition(":")
    if titled is not None and not language.startswith(("title", "file", "path", "name")):
        return language.lower(), titled["path"]
    for text in (after if colon else "", rest.strip(), language):
        if _PATH.fullmatch(text):
            is_only = text == language
            return ("" if is_only else language.lower()), text
    return language.lower(), titled["path"] if titled else None


def _path_above(lines: list[str], at: int) -> str | None:
    """A path that stands alone on the last line of text before a block."""
    above = next((line for line in reversed(lines[max(0, at - 2) : at]) if line.strip()), "")
    match = _LEADING.match(above)
    return match["path"] if match and not _INNER.match(above) else None


def _path_inside(body: list[str]) -> str | None:
    """A path in a comment that is a block's first line."""
    match = _COMMENTED.match(body[0]) if body else None
    path = match["path"] if match else ""
    return path if "/" in path and _PATH.fullmatch(path) else None


def _bare(reply: str) -> str:
    """A reply without fences: prose before and after it left out, where there is code at all."""
    lines = reply.replace("\r\n", "\n").split("\n")
    marked = [number for number, line in enumerate(lines) if _is_code(line)]
    if not marked:
        return ""
    first, last = marked[0], marked[-1]
    remarks = _remarks(lines)
    while first > 0 and (first - 1 in remarks or not lines[first - 1].strip()):
        first -= 1
    while last + 1 < len(lines) and (last + 1 in remarks or lines[last + 1][:1] in {" ", "\t"}):
        last += 1
    return "\n".join(lines[first : last + 1]).strip("\n") + "\n"


def _remarks(lines: list[str]) -> set[int]:
    """The numbers of lines that are comments or documentation."""
    found: set[int] = set()
    mark = ""
    for number, line in enumerate(lines):
        if mark or _REMARK.match(line):
            found.add(number)
            mark = _open(line, mark, _REMARKS)
    return found


def _is_code(line: str) -> bool:
    if not line.strip() or not _CODE.match(line):
        return False
    words = line.split()
    # "If you want to use it." begins like code and ends like a sentence.
    is_sentence = len(words) > 4 and line.rstrip().endswith(_PROSE_END) and line[:1].isupper()
    return not is_sentence
