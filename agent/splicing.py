"""Puts code into a text: in the place of a definition, into a class, at a line. Pure.

The text decides about indentation and line ends; what stands inside a string that is no docstring
is not moved, because blanks there are data.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from itertools import pairwise

from agent.edits import lines_of

_BLANKS = re.compile(r"[ \t]*")
_DEFAULT_UNIT = "    "
_TRIVIAL = re.compile(r"^\s*(?:pass|\.\.\.)\s*(?:#.*)?$")
_HEADER = re.compile(r"^(?P<head>\s*class\b[^#\n]*:)\s*(?:pass|\.\.\.)\s*(?:#.*)?$")


def indent_of(line: str) -> str:
    """The blanks that a line begins with."""
    found = _BLANKS.match(line)
    return found[0] if found else ""


def with_ends_of(text: str, new: str) -> str:
    """New text with the line ends of the text that it goes into."""
    return new.replace("\n", "\r\n") if "\r\n" in text else new


def indent_unit(text: str) -> str:
    """By how much a text indents: a tab, or the commonest step between its lines."""
    indents = [indent_of(line) for line in text.split("\n") if line.strip()]
    tabs = sum(indent.startswith("\t") for indent in indents)
    if tabs and tabs * 2 >= sum(bool(indent) for indent in indents):
        return "\t"
    widths = [len(indent) for indent in indents if "\t" not in indent]
    steps = Counter(b - a for a, b in pairwise(widths) if 1 < b - a <= 8)
    return " " * steps.most_common(1)[0][0] if steps else _DEFAULT_UNIT


def reindented(code: str, indent: str, unit: str = "") -> str:
    """Code moved so that its first line has an indentation; blank lines are left empty.

    unit: the step of the text that it goes into, when it is a tab and the code has blanks.
    """
    lines = code.replace("\r\n", "\n").strip("\n").split("\n")
    fixed = _inside_strings(lines)
    if unit == "\t":
        lines = [line if n in fixed else _with_tabs(line) for n, line in enumerate(lines)]
    movable = [line for n, line in enumerate(lines) if line.strip() and n not in fixed]
    own = min((indent_of(line) for line in movable), key=len, default="")
    moved: list[str] = []
    for number, line in enumerate(lines):
        if number in fixed:
            moved.append(line)
        elif not line.strip():
            moved.append("")
        else:
            moved.append(indent + line.removeprefix(own))
    return "\n".join(moved) + "\n"


def _with_tabs(line: str) -> str:
    blanks = indent_of(line)
    width = len(blanks.expandtabs(4))
    return "\t" * (width // 4) + " " * (width % 4) + line[len(blanks) :]


def _inside_strings(lines: list[str]) -> set[int]:
    """Numbers of lines that begin inside a string but no docstring; none for other languages."""
    source = "\n".join(lines) + "\n"
    margin = min((indent_of(line) for line in lines if line.strip()), key=len, default="")
    if margin:
        # What is indented as a whole is no program; a head makes it the body of one.
        source = f"if 1:\n{source}"
    shift = 2 if margin else 1
    found: set[int] = set()
    is_start = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            first, last = token.start[0], token.end[0]
            if token.type == tokenize.STRING and last > first and not is_start:
                found.update(range(first - shift + 1, last - shift + 1))
            is_start = token.type in _BEFORE or (is_start and token.type in _BETWEEN)
    except (tokenize.TokenError, SyntaxError):
        return found
    return found


_BEFORE = frozenset({tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT})
_BETWEEN = frozenset({tokenize.COMMENT, tokenize.NL})
"""What stands before a statement, and what may stand between that and the statement."""


def replaced(text: str, first: int, last: int, code: str) -> str:
    """A text with lines `first` to `last` (1-based, inclusive) replaced, at their indentation.

    Raises ValueError for lines that the text does not have.
    """
    lines = _lines_with(text, first, last)
    indent = indent_of(lines[first - 1])
    new = with_ends_of(text, reindented(code, indent, indent_unit(text)))
    if last == len(lines) and not text.endswith("\n"):
        new = new.rstrip("\r\n")
    return "".join([*lines[: first - 1], new, *lines[last:]])


def inserted(text: str, line: int, code: str, indent: str = "") -> str:
    """A text with code before a line; one more than the text has for its end.

    Raises ValueError for a line that the text does not have.
    """
    lines = lines_of(text)
    if not 1 <= line <= len(lines) + 1:
        raise ValueError(f"line {line} is outside of a text of {len(lines)} lines")
    lines = _ended(lines, text)
    new = with_ends_of(text, reindented(code, indent, indent_unit(text)))
    return "".join([*lines[: line - 1], new, *lines[line - 1 :]])


def added_method(text: str, first: int, last: int, code: str) -> str:
    """A text with a method at the end of the class whose lines are `first` to `last`.

    A Java class ends in a brace, a Python one with its last line; a body that says nothing is
    replaced. Raises ValueError for lines that the text does not have, or a class on one line.
    """
    lines = _ended(_lines_with(text, first, last), text)
    outer, unit = indent_of(_head(lines, first, last)), indent_unit(text)
    closing = lines[last - 1].strip()
    new = with_ends_of(text, reindented(code, outer + unit, unit))
    blank = with_ends_of(text, "\n")
    if closing.endswith("}"):
        if closing != "}":
            raise ValueError(f"the class at line {first} stands on one line: write it whole")
        before, after = lines[: last - 1], lines[last - 1 :]
        gap = [] if before[-1].rstrip().endswith("{") or not before[-1].strip() else [blank]
        return "".join([*before, *gap, new, *after])
    inline = _HEADER.match(lines[last - 1].rstrip("\r\n"))
    if inline is not None:
        before = [*lines[: last - 1], with_ends_of(text, inline["head"] + "\n")]
        return "".join([*before, new, *lines[last:]])
    if _TRIVIAL.match(lines[last - 1]) and lines[last - 2].rstrip().endswith(":") and last > first:
        return "".join([*lines[: last - 1], new, *lines[last:]])
    if last == first:
        raise ValueError(f"the class at line {first} stands on one line: write it whole")
    return "".join([*lines[:last], blank, new, *lines[last:]])


def _head(lines: list[str], first: int, last: int) -> str:
    """The line of a class's own head, behind its decorators and annotations."""
    heads = (line for line in lines[first - 1 : last] if re.search(_KINDS, line))
    return next(heads, lines[first - 1])


_KINDS = r"^\s*(?!@)(?:[\w-]+\s+)*(?:class|interface|enum|record|@interface)\s+\w"


def _lines_with(text: str, first: int, last: int) -> list[str]:
    lines = lines_of(text)
    if not 1 <= first <= last <= len(lines):
        raise ValueError(f"lines {first} to {last} are outside of a text of {len(lines)} lines")
    return lines


def _ended(lines: list[str], text: str) -> list[str]:
    """Lines of which the last one is ended too, so that something can follow."""
    if lines and not lines[-1].endswith("\n"):
        return [*lines[:-1], lines[-1] + with_ends_of(text, "\n")]
    return lines
