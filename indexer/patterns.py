"""Patterns of a `.gitignore`, for where git itself cannot be asked.

They become regular expressions over bytes, as git matches bytes. The surprising choice: no library.
The one there is lets a rule for a folder speak of all that lies below it, so `!/src/` brings back
an ignored `src/build/`; git is at hand as the oracle of the property test that holds this one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLASSES = {
    b"alnum": b"0-9A-Za-z",
    b"alpha": b"A-Za-z",
    b"blank": rb" \t",
    b"cntrl": rb"\x00-\x1f\x7f",
    b"digit": b"0-9",
    b"graph": rb"\x21-\x7e",
    b"lower": b"a-z",
    b"print": rb"\x20-\x7e",
    b"punct": rb"\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e",
    b"space": rb"\t-\r ",
    b"upper": b"A-Z",
    b"xdigit": b"0-9A-Fa-f",
}
_SPECIAL = re.compile(rb"[*?\[\\]")
_TRAILING_BLANKS = re.compile(rb"((?:[^\\]|\\.)*?) *", re.DOTALL)


class _NeverMatchesError(Exception):
    """A pattern such as an open bracket, which git takes and which fits no name."""


@dataclass(frozen=True, slots=True)
class _Rule:
    expression: re.Pattern[bytes]
    is_negated: bool
    is_for_folders: bool
    is_for_last_part: bool


@dataclass(frozen=True, slots=True)
class Patterns:
    """The rules of one file or setting, the last one first."""

    rules: tuple[_Rule, ...]

    def verdict(self, name: bytes) -> bool | None:
        """Whether a name is left out (True) or kept (False); None where no rule speaks of it.

        The name is relative to the folder of the rules; that of a folder ends with `/`. Only the
        name itself is judged: who walks a tree asks at every folder on the way.
        """
        is_folder = name.endswith(b"/")
        whole = name[:-1] if is_folder else name
        last = whole.rpartition(b"/")[2]
        for rule in self.rules:
            if rule.is_for_folders and not is_folder:
                continue
            if rule.expression.fullmatch(last if rule.is_for_last_part else whole):
                return not rule.is_negated
        return None

    def covers(self, path: bytes) -> bool:
        """Whether a path, or a folder on the way to it, is left out."""
        end = path.find(b"/")
        while end >= 0:
            if self.verdict(path[: end + 1]):
                return True
            end = path.find(b"/", end + 1)
        return bool(self.verdict(path))


def compile_patterns(lines: Iterable[bytes]) -> Patterns:
    """The rules of these lines; blank lines, comments and what can fit no name are none."""
    rules = [rule for line in lines if (rule := _rule(line)) is not None]
    return Patterns(tuple(reversed(rules)))


def _rule(line: bytes) -> _Rule | None:
    if line.startswith(b"#"):
        return None
    match = _TRAILING_BLANKS.fullmatch(line)
    text = match[1] if match else line
    is_negated = text.startswith(b"!")
    text = text[1:] if is_negated else text
    is_for_folders = text.endswith(b"/")
    text = text[:-1] if is_for_folders else text
    try:
        expression = re.compile(_translate(text.removeprefix(b"/")), re.DOTALL)
    except _NeverMatchesError:
        return None
    return _Rule(expression, is_negated, is_for_folders, b"/" not in text)


def _translate(pattern: bytes) -> bytes:
    """A whole pattern as a regular expression."""
    parts: list[bytes] = []
    at = 0
    while at < len(pattern):
        this = pattern[at : at + 1]
        if this == b"*":
            part, at = _stars(pattern, at)
        elif this == b"[":
            part, at = _bracket(pattern, at + 1)
        elif this == b"?":
            part, at = b"[^/]", at + 1
        else:
            at += this == b"\\"
            part, at = re.escape(_byte(pattern, at)), at + 1
        parts.append(part)
    return b"".join(parts)


def _byte(pattern: bytes, at: int) -> bytes:
    if at >= len(pattern):
        raise _NeverMatchesError
    return pattern[at : at + 1]


def _stars(pattern: bytes, at: int) -> tuple[bytes, int]:
    """One or more stars; two or more that fill a part of the path match across folders."""
    end = at
    while pattern[end : end + 1] == b"*":
        end += 1
    # Git takes the part before the first wildcard off, so there `a**/b` counts as if it had a `/`.
    starts_part = pattern[at - 1 : at] == b"/" or not _SPECIAL.search(pattern, 0, at)
    ends_part = end == len(pattern) or pattern[end : end + 1] == b"/"
    if end - at == 1 or not (starts_part and ends_part):
        return b"[^/]*", end
    if end == len(pattern):
        return b".*", end
    return b"(?:.*/)?", end + 1


def _bracket(pattern: bytes, at: int) -> tuple[bytes, int]:
    """A set of bytes, from behind its `[`; it never matches a `/`."""
    is_negated = pattern[at : at + 1] in (b"!", b"^")
    at += is_negated
    members: list[bytes] = []
    is_first = True
    while is_first or _byte(pattern, at) != b"]":
        is_first = False
        part, at = _member(pattern, at)
        members.append(part)
    inside = b"".join(members)
    if is_negated:
        return b"[^/" + inside + b"]", at + 1
    return b"(?!/)[" + inside + b"]", at + 1


def _member(pattern: bytes, at: int) -> tuple[bytes, int]:
    """One byte, range or class inside a set."""
    if pattern.startswith(b"[:", at):
        end = pattern.find(b"]", at + 2)
        if end < 0:
            raise _NeverMatchesError
        if pattern[end - 1 : end] == b":" and end - 1 >= at + 2:
            name = pattern[at + 2 : end - 1]
            if name not in _CLASSES:
                raise _NeverMatchesError
            return _CLASSES[name], end + 1
    low, at = _member_byte(pattern, at)
    is_range = pattern[at : at + 1] == b"-" and pattern[at + 1 : at + 2] not in (b"", b"]")
    if not is_range:
        return _hex(low), at
    high, at = _member_byte(pattern, at + 1)
    # A range that runs backwards still has its first byte.
    return _hex(low) + (_hex(low) + b"-" + _hex(high) if low <= high else b""), at


def _member_byte(pattern: bytes, at: int) -> tuple[bytes, int]:
    at += pattern[at : at + 1] == b"\\"
    return _byte(pattern, at), at + 1


def _hex(byte: bytes) -> bytes:
    return rb"\x%02x" % byte[0]
