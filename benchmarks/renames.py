"""Texts with one name changed to one that nothing has: what a check of names should tell.

Places come from the standard library's own syntax tree for Python and from tokens for Java, so that
they do not depend on the code that is measured.
"""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIX = "Qx"
"""What a changed name ends with; no name of a repository does."""


class Use(StrEnum):
    """What kind of name is changed."""

    IMPORT = "import"
    CALL = "called name"
    NAME = "other name"
    METHOD = "called attribute"
    ATTRIBUTE = "other attribute"


class Place(NamedTuple):
    """A name in a text. line: 1-based; column, length: in UTF-8 bytes."""

    use: Use
    line: int
    column: int
    length: int


def renamed(text: str, place: Place) -> str:
    """The text with the name at a place changed."""
    lines = text.encode().split(b"\n")
    line, end = lines[place.line - 1], place.column + place.length
    lines[place.line - 1] = line[:end] + SUFFIX.encode() + line[end:]
    return b"\n".join(lines).decode()


def choose(path: str, text: str, seed: int) -> list[Place]:
    """One place of each kind of use that a text has; the same for the same seed."""
    rng = Random(f"{seed}:{path}")  # noqa: S311 - a sample, no secret
    by_use: dict[Use, list[Place]] = {}
    for place in places(path, text):
        by_use.setdefault(place.use, []).append(place)
    return [rng.choice(sorted(set(by_use[use]))) for use in Use if use in by_use]


def places(path: str, text: str) -> list[Place]:
    """All names of a text whose change is an error; none for a text that does not parse."""
    text = text.replace("\r", " ")
    return _in_java(text) if path.endswith(".java") else _in_python(text)


def _in_python(text: str) -> list[Place]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return []
    lines = [line.encode() for line in text.split("\n")]
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found: list[Place] = []
    for node in ast.walk(tree):
        for name, use, line, column in _names(node, is_called=id(node) in called):
            end = column + len(name.encode())
            # What stands inside an f-string has no place of its own before Python 3.12.
            if lines[line - 1][column:end] == name.encode() and not name.startswith("__"):
                found.append(Place(use, line, column, end - column))
    return found


def _names(node: ast.AST, *, is_called: bool) -> Iterator[tuple[str, Use, int, int]]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield node.id, Use.CALL if is_called else Use.NAME, node.lineno, node.col_offset
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        column = (node.end_col_offset or 0) - len(node.attr.encode())
        yield node.attr, Use.METHOD if is_called else Use.ATTRIBUTE, node.end_lineno or 0, column
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield alias.name, Use.IMPORT, alias.lineno, alias.col_offset


_JAVA = re.compile(
    r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?(?:\*/|\Z)',
    re.DOTALL,
)
_IMPORTED = re.compile(r"^import[ ]+(?:static[ ]+)?(?:\w+\.)+(?P<name>\w+);", re.MULTILINE)
_HEADER = re.compile(r"^(?:import|package)\b[^;]*;", re.MULTILINE)
_TOKEN = re.compile(r"(?P<name>[^\W\d][\w$]*)|\d[\w.]*|::|\S")
_BEFORE_TYPE = frozenset({"new", "extends", "throws", "instanceof"})
_BEFORE_CALL = frozenset({"return", "=", "(", ",", "!", "&", "|", "?", "-", "+", "*", "/"})
"""Behind other tokens a name with a parenthesis may be a method that is being declared."""
_NO_NAMES = frozenset(
    {"assert", "boolean", "byte", "case", "catch", "char", "class", "do", "double", "else", "false"}
    | {"final", "float", "for", "if", "int", "length", "long", "new", "null", "short", "static"}
    | {"super", "switch", "synchronized", "this", "throw", "true", "try", "void", "while"}
)
"""Words of Java where a name may stand, and what every array has."""


def _in_java(text: str) -> list[Place]:
    """Imports, types behind `new`, `extends` and the like, and what is called or read of something.

    Names that a line might declare are left out: tokens do not tell them apart.
    """
    bare = _JAVA.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    found = [_place(text, m, Use.IMPORT) for m in _IMPORTED.finditer(bare)]
    body = _HEADER.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), bare)
    tokens = list(_TOKEN.finditer(body))
    for before, match, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        use = _use(before[0], match[0], after[0])
        if use is not None and match["name"] and match[0] not in _NO_NAMES:
            found.append(_place(text, match, use))
    return found


def _use(before: str, name: str, after: str) -> Use | None:
    if before in _BEFORE_TYPE:
        return Use.NAME if after != "." else None
    if before == ".":
        is_part = after == "." or (name[:1].isupper() and not name.isupper())
        return Use.METHOD if after == "(" else None if is_part else Use.ATTRIBUTE
    is_call = after == "(" and before in _BEFORE_CALL and not name[:1].isupper()
    return Use.CALL if is_call else None


def _place(text: str, match: re.Match[str], use: Use) -> Place:
    start = match.start("name")
    line_start = text.rfind("\n", 0, start) + 1
    column = len(text[line_start:start].encode())
    return Place(use, text.count("\n", 0, start) + 1, column, len(match["name"].encode()))
