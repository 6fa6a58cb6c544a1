"""From what a model wrote to files: code blocks, search-and-replace blocks, splices. Pure.

Models put paths, prose and half a fence around their code; what cannot be told apart with certainty
is refused, and the refusal says what was expected.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

from agent.task import UnreadableReplyError

_FENCE = re.compile(
    r"^(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n]*)\n(?P<body>.*?)(?:^(?P=fence)[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_CHANGE = re.compile(
    r"^(?P<path>[^\s`<>=][^\n`<>]*?)\s*\n(?:`{3,}[^\n]*\n)?<{5,} ?SEARCH[ \t]*\n(?P<search>.*?)"
    r"^={5,}[ \t]*\n(?P<replace>.*?)^>{5,} ?REPLACE",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Change:
    """A text of a file that is to be replaced by another; an empty search makes a new file."""

    path: str
    search: str
    replace: str


def code_blocks(reply: str) -> list[str]:
    """The bodies of fenced blocks, the last one also where its fence was not closed."""
    return [match["body"] for match in _FENCE.finditer(reply)]


def only_code(reply: str) -> str:
    """The code of a reply: its longest block, or the whole where nothing is fenced.

    Raises UnreadableReplyError for a reply without any.
    """
    blocks = code_blocks(reply)
    code = max(blocks, key=len) if blocks else reply
    if not code.strip():
        raise UnreadableReplyError("there was no code: answer with one fenced code block")
    return code.strip("\n") + "\n"


def changes(reply: str) -> list[Change]:
    """The search-and-replace blocks of a reply, each after a line with its path."""
    return [
        Change(match["path"].strip("# *`"), match["search"], match["replace"])
        for match in _CHANGE.finditer(reply)
    ]


def changed(text: str, change: Change) -> str:
    """A text with one change made. Raises UnreadableReplyError unless it fits exactly once."""
    count = text.count(change.search) if change.search else 0
    if count != 1:
        what = "does not stand in" if count == 0 else f"stands {count} times in"
        raise UnreadableReplyError(
            f"the SEARCH text {what} {change.path}: copy whole lines that stand there once"
        )
    return text.replace(change.search, change.replace)


def indented(code: str, indent: str) -> str:
    """Code moved to an indentation, blank lines left empty."""
    return textwrap.indent(textwrap.dedent(code.expandtabs(4)), indent)


def indent_of(line: str) -> str:
    """The blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip())]


def replaced_lines(text: str, first: int, last: int, code: str) -> str:
    """A text with lines `first` to `last` (1-based, inclusive) replaced, at their indentation."""
    lines = text.splitlines(keepends=True)
    indent = indent_of(lines[first - 1]) if first <= len(lines) else ""
    new = indented(code, indent).rstrip() + "\n"
    return "".join([*lines[: first - 1], new, *lines[last:]])


def inserted_after(text: str, line: int, code: str, indent: str, *, blank_lines: int = 1) -> str:
    """A text with code after a line (0 for its start), set apart by blank lines."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    new = "\n" * blank_lines + indented(code, indent).strip("\n") + "\n"
    return "".join([*lines[:line], new, *lines[line:]])
