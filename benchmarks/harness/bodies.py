"""Takes code away from a file: the body of a Python function, or all that follows a cursor.

The lines stay where they were: what is removed becomes empty lines, so that positions elsewhere in
the file mean what they meant.
"""

from __future__ import annotations

import ast
import re
from textwrap import dedent, indent
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_TOKEN = re.compile(
    r"\"\"\".*?(?:\"\"\"|\Z)|'''.*?(?:'''|\Z)|/\*.*?(?:\*/|\Z)|//[^\n]*|#[^\n]*"
    r"|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?|[()\[\]{}]",
    re.DOTALL,
)
_CLOSER = {"(": ")", "[": "]", "{": "}"}


class Hidden(NamedTuple):
    """A file without one body. line: where the definition's `def` stands."""

    text: bytes
    line: int


class _Body(NamedTuple):
    """Where a body stands: `first` lines come before it, `last` is its last line (1-based)."""

    lines: list[str]
    first: int
    last: int
    indent: str
    line: int


def hide_body(text: bytes, qualified: str, line: int) -> Hidden | None:
    """The file without the body of one function, or None when it is not there.

    qualified: dotted name; its last two parts are compared. line: of two of that name the nearer.
    """
    body = _find_body(text, qualified, line)
    if body is None:
        return None
    empty = ["\n"] * (body.last - body.first - 1)
    kept = [*body.lines[: body.first], f"{body.indent}...\n", *empty, *body.lines[body.last :]]
    return Hidden("".join(kept).encode(), body.line)


def body_of(text: bytes, qualified: str, line: int) -> str | None:
    """The body that `hide_body` takes away."""
    body = _find_body(text, qualified, line)
    return None if body is None else "".join(body.lines[body.first : body.last])


def fill_body(text: bytes, qualified: str, line: int, code: str) -> bytes | None:
    """The file with another body in a function, indented as the old one; None without a function.

    code: the body, or the whole function.
    """
    body = _find_body(text, qualified, line)
    if body is None:
        return None
    filling = indent(_inner(dedent(code.expandtabs(4)).strip("\n")), body.indent)
    kept = [*body.lines[: body.first], filling + "\n", *body.lines[body.last :]]
    return "".join(kept).encode()


def _inner(code: str) -> str:
    """The body of code that is one function with nothing beside it, else the code."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        return code
    node = tree.body[0] if len(tree.body) == 1 else None
    if not isinstance(node, _Function) or node.body[0].lineno == node.lineno:
        return code
    return dedent("\n".join(code.splitlines()[_first_line(node) :]))


def _find_body(text: bytes, qualified: str, line: int) -> _Body | None:
    source = text.decode("utf-8", "replace")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    *owners, name = qualified.split(".")
    owner = owners[-1] if owners else ""
    found = [
        (owner != around, abs(node.lineno - line), node)
        for around, node in _functions(tree, "")
        if node.name == name
    ]
    if not found:
        return None
    node = min(found, key=lambda item: item[:2])[2]
    first = _first_line(node)
    if first <= node.body[0].lineno - 1 == node.lineno - 1:
        return None  # the body stands on the line of its def
    lines = source.splitlines(keepends=True)
    last = node.end_lineno or node.lineno
    return _Body(lines, first, last, " " * node.body[0].col_offset, node.lineno)


def _first_line(node: _Function) -> int:
    """How many lines of the file come before what is hidden."""
    first = node.body[0]
    is_docstring = (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )
    return (first.end_lineno or first.lineno) if is_docstring else first.lineno - 1


def _functions(node: ast.AST, around: str) -> Iterator[tuple[str, _Function]]:
    """All functions with the name of the class or function around each."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, _Function):
            yield around, child
        is_scope = isinstance(child, _Function | ast.ClassDef)
        yield from _functions(child, child.name if is_scope else around)


def closed(text: str) -> str:
    """Code that was cut at a cursor, with the brackets closed that are open there.

    Python and Java; an open bracket would make a parser give up on all of the file before it.
    """
    open_: list[str] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token in _CLOSER:
            open_.append(_CLOSER[token])
        elif open_ and token == open_[-1]:
            open_.pop()
    return f"{text.rstrip()}\n{''.join(reversed(open_))}\n" if open_ else text
