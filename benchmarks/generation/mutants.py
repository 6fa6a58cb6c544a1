"""Mutants that break what a class does and nothing else: every body throws, or gives a default.

They are made without knowing the task, and keep all signatures, so that they compile wherever the
class does. Constructors stay as they are: they must call others and set final fields. A test that
passes with all bodies broken does not test the class.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from indexer.languages import language

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = ("default", "throws")
"""In the order in which they are tried."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_JAVA_TOKEN = re.compile(
    r"/\*.*?(?:\*/|\Z)|//[^\n]*|\"\"\".*?(?:\"\"\"|\Z)|\"(?:[^\"\\\n]|\\.)*\"?"
    r"|'(?:[^'\\\n]|\\.)*'?|[(){};]|[A-Za-z_$][\w$]*",
    re.DOTALL,
)
_JAVA_DEFAULTS = {"void": "", "boolean": "return false;", "char": "return '\\0';"}
_JAVA_NUMBERS = ("byte", "short", "int", "long", "float", "double")
_JAVA_THROW = "throw new UnsupportedOperationException();"


class _Piece(NamedTuple):
    """A part of a text, from `start` to `end`, that becomes `text`."""

    start: int
    end: int
    text: str


def mutant(path: str, text: str, name: str, kind: str) -> str | None:
    """The file with the class `name` broken; None where there is nothing to break."""
    pieces = _java(path, text, name, kind) if path.endswith(".java") else _python(text, name, kind)
    for piece in sorted(pieces, reverse=True):
        text = text[: piece.start] + piece.text + text[piece.end :]
    return text if pieces else None


def _python(text: str, name: str, kind: str) -> list[_Piece]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return []
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    pieces: list[_Piece] = []
    for node in _methods(tree, name):
        first = node.body[1 if ast.get_docstring(node) is not None else 0]
        end_line, end_column = node.end_lineno, node.end_col_offset
        if first.lineno == node.lineno or end_line is None:
            continue
        indent = " " * first.col_offset
        body = "raise NotImplementedError" if kind == "throws" else "return None"
        start = starts[first.lineno - 1]
        last = lines[end_line - 1].encode()[: end_column or 0].decode()
        pieces.append(_Piece(start, starts[end_line - 1] + len(last), indent + body))
    return pieces


def _methods(tree: ast.Module, name: str) -> Iterator[_Function]:
    """The methods of a class but its constructor; overloads are signatures and left alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == name:
            for child in ast.walk(node):
                if isinstance(child, ast.ClassDef):
                    yield from (
                        part
                        for part in child.body
                        if isinstance(part, _Function)
                        and part.name not in _PYTHON_KEPT
                        and _does_something(part)
                    )


_PYTHON_KEPT = ("__init__", "__new__", "__init_subclass__", "__post_init__")


def _does_something(node: _Function) -> bool:
    """False for a body that is there for its signature alone."""
    rest = [
        statement
        for statement in node.body
        if not isinstance(statement, ast.Pass)
        and not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
    ]
    if len(rest) == 1 and isinstance(rest[0], ast.Raise):
        return "NotImplementedError" not in ast.dump(rest[0])
    return bool(rest)


def _java(path: str, text: str, name: str, kind: str) -> list[_Piece]:
    """Found by the indexer's own facts; positions there are bytes."""
    data = text.encode()
    facts = language("java").extract(path, data).facts
    owners = [d for d in facts.definitions if d.is_class and d.name == name]
    pieces: list[_Piece] = []
    reached = 0
    for definition in sorted(facts.definitions, key=lambda d: d.start_byte):
        inside = any(
            o.start_byte < definition.start_byte and definition.end_byte <= o.end_byte
            for o in owners
        )
        if definition.is_class or not inside or definition.start_byte < reached:
            continue
        source = data[definition.start_byte : definition.end_byte].decode()
        body = _java_body(source, definition.name)
        if body is None:
            continue
        opening, returned = body
        filling = _JAVA_THROW if kind == "throws" else _java_default(returned)
        start = len(data[: definition.start_byte].decode()) + opening
        end = start + len(source) - opening
        pieces.append(_Piece(start, end, f"{{ {filling} }}"))
        reached = definition.end_byte
    return pieces


def _java_body(source: str, name: str) -> tuple[int, str] | None:
    """Where a method's body opens and the word before its name; None without body or result."""
    depth, before, returned = 0, "", ""
    tokens = (m for m in _JAVA_TOKEN.finditer(source) if m[0][:1] not in "/\"'")
    for match in tokens:
        mark = match[0]
        if mark == "(":
            if depth == 0 and before == name and not returned:
                returned = _word_before(source, match.start(), name)
            depth += 1
        elif mark == ")":
            depth -= 1
        elif depth == 0 and mark == ";":
            return None
        elif depth == 0 and mark == "{":
            return (match.start(), returned) if returned else None
        before = mark
    return None


def _word_before(source: str, parenthesis: int, name: str) -> str:
    """What stands before a method's name: its result's type, or "" for a constructor."""
    head = source[:parenthesis].rstrip().removesuffix(name).rstrip()
    if head.endswith((">", "]")):
        return "Object"
    match = re.search(r"[\w$]+$", head)
    word = match[0] if match else ""
    return "" if word in ("public", "protected", "private") else word


def _java_default(returned: str) -> str:
    if returned in _JAVA_NUMBERS:
        return "return 0;"
    return _JAVA_DEFAULTS.get(returned, "return null;")
