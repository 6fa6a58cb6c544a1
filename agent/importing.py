"""Puts import statements where a reader would: sorted, into the groups that the file has. Pure.

Statements are taken as text. What the file imports already is not added again; a statement that
cannot be placed by the file's own order goes behind the others.
"""

from __future__ import annotations

import ast
import re
import sys
from typing import TYPE_CHECKING, NamedTuple

from agent.edits import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_FUTURE, _STDLIB, _OTHER, _LOCAL = range(4)
_JAVA_IMPORT = re.compile(r"^\s*import\s+(?P<static>static\s+)?(?P<name>[\w.]+(?:\.\*)?)\s*;")
_JAVA_PACKAGE = re.compile(r"^\s*package\s+[\w.]+\s*;")
_LONGEST_LINE = 88


class _Found(NamedTuple):
    """An import statement of a file: its lines (1-based, inclusive) and where it sorts.

    top: the package that it imports from.
    """

    first: int
    last: int
    key: tuple[int, int, str]
    group: int
    top: str


def with_imports(text: str, statements: Iterable[str], language: str) -> str:
    """A text with import statements added. Raises ValueError for what is no import statement.

    A Python text that does not parse gets them behind its leading comments and docstring.
    """
    add = {"python": _add_python, "java": _add_java}.get(language)
    if add is None:
        raise ValueError(f"where {language} imports is not known")
    end = "\r\n" if "\r\n" in text else "\n"
    plain = text.replace("\r\n", "\n")
    for statement in statements:
        plain = add(plain, statement.strip())
    return plain.replace("\n", end)


# Python


def _add_python(text: str, statement: str) -> str:
    node = _python_import(statement)
    tree = _parsed(text)
    lines = lines_of(text)
    if tree is None:
        at = _after_comments(lines)
        return "".join([*lines[:at], statement + "\n", *lines[at:]])
    nodes = _leading_imports(tree)
    node = _lacking(node, nodes)
    if node is None:
        return text
    if isinstance(node, ast.ImportFrom):
        merged = _merged(lines, nodes, node)
        if merged is not None:
            return merged
    return _placed(lines, tree, nodes, node)


def _python_import(statement: str) -> ast.Import | ast.ImportFrom:
    try:
        body = ast.parse(statement).body
    except SyntaxError as error:
        raise ValueError(f"{statement!r} is no import statement") from error
    if len(body) != 1 or not isinstance(body[0], ast.Import | ast.ImportFrom):
        raise ValueError(f"{statement!r} is no import statement")
    return body[0]


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _leading_imports(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """The imports at the top of a module, up to its first other statement."""
    found: list[ast.Import | ast.ImportFrom] = []
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif not (number == 0 and isinstance(node, ast.Expr)):
            break
    return found


def _lacking(
    node: ast.Import | ast.ImportFrom, nodes: list[ast.Import | ast.ImportFrom]
) -> ast.Import | ast.ImportFrom | None:
    """The part of a statement that the file does not import yet; None for nothing."""
    had = {(_module(n), alias.name, alias.asname) for n in nodes for alias in n.names}
    names = [alias for alias in node.names if (_module(node), alias.name, alias.asname) not in had]
    if not names:
        return None
    if isinstance(node, ast.Import):
        return ast.Import(names)
    return ast.ImportFrom(node.module, names, node.level)


def _module(node: ast.Import | ast.ImportFrom) -> str | None:
    return "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else None


def _merged(
    lines: list[str], nodes: list[ast.Import | ast.ImportFrom], node: ast.ImportFrom
) -> str | None:
    """The text with the names added to a statement on one line for the same module, if it fits."""
    for known in nodes:
        is_same = isinstance(known, ast.ImportFrom) and _module(known) == _module(node)
        if not is_same or known.end_lineno != known.lineno or known.names[0].name == "*":
            continue
        line = lines[known.lineno - 1]
        if line.rstrip("\n")[known.end_col_offset :].strip() or "(" in line or ";" in line:
            continue
        names = sorted([*known.names, *node.names], key=lambda a: _name_order(a.name))
        new = ast.unparse(ast.ImportFrom(node.module, names, node.level))
        if len(new) <= _LONGEST_LINE:
            return "".join([*lines[: known.lineno - 1], new + "\n", *lines[known.lineno :]])
    return None


def _name_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort has it."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name


def _placed(
    lines: list[str],
    tree: ast.Module,
    nodes: list[ast.Import | ast.ImportFrom],
    node: ast.Import | ast.ImportFrom,
) -> str:
    """The text with a statement of its own, sorted into its group."""
    new = ast.unparse(node) + "\n"
    group = _group(node)
    found = [_Found(n.lineno, n.end_lineno or n.lineno, _key(n), _group(n), _top(n)) for n in nodes]
    same = [f for f in found if f.group == group]
    # A project's own packages are often a block apart from those of others.
    same = [f for f in same if f.top == _top(node)] or _first_block(same)
    if same:
        before = [f for f in same if f.key <= _key(node)]
        at = before[-1].last if before else same[0].first - 1
        return "".join([*lines[:at], new, *lines[at:]])
    earlier = [f for f in found if f.group < group]
    later = [f for f in found if f.group > group]
    if earlier:
        return _between(lines, earlier[-1].last, ["\n", new])
    if later:
        at = later[0].first - 1
        return "".join([*lines[:at], new, "\n", *lines[at:]])
    return _first_import(lines, tree, new)


def _first_block(found: list[_Found]) -> list[_Found]:
    """The statements up to the first line between them that is none."""
    block = found[:1]
    for one in found[1:]:
        if one.first != block[-1].last + 1:
            break
        block.append(one)
    return block


def _top(node: ast.Import | ast.ImportFrom) -> str:
    return (_module(node) or node.names[0].name).partition(".")[0]


def _first_import(lines: list[str], tree: ast.Module, new: str) -> str:
    """The text with its first import, behind its docstring or leading comments."""
    first = tree.body[0] if tree.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return _between(lines, first.end_lineno or first.lineno, ["\n", new])
    at = _after_comments(lines)
    rest = lines[at:]
    gap = ["\n", "\n"] if rest and rest[0].strip() else []
    return "".join([*lines[:at], new, *gap, *rest])


def _between(lines: list[str], at: int, new: list[str]) -> str:
    """Lines put in behind a line that may be the last one and not ended."""
    before = lines[:at]
    if before and not before[-1].endswith("\n"):
        before[-1] += "\n"
    return "".join([*before, *new, *lines[at:]])


def _after_comments(lines: list[str]) -> int:
    """How many lines a file begins with that are comments, and the blank ones behind them."""
    at = 0
    while at < len(lines) and lines[at].startswith("#"):
        at += 1
    while at and at < len(lines) and not lines[at].strip():
        at += 1
    return at


def _group(node: ast.Import | ast.ImportFrom) -> int:
    if isinstance(node, ast.ImportFrom):
        if node.level:
            return _LOCAL
        if node.module == "__future__":
            return _FUTURE
    name = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
    return _STDLIB if (name or "").partition(".")[0] in sys.stdlib_module_names else _OTHER


def _key(node: ast.Import | ast.ImportFrom) -> tuple[int, int, str]:
    """Plain imports before `from`, both by module; parents' modules before a package's own."""
    if isinstance(node, ast.ImportFrom):
        return 1, -node.level, (node.module or "").lower()
    return 0, 0, node.names[0].name.lower()


# Java


def _add_java(text: str, statement: str) -> str:
    match = _JAVA_IMPORT.fullmatch(statement)
    if match is None:
        raise ValueError(f"{statement!r} is no import statement")
    name, is_static = match["name"], bool(match["static"])
    lines = lines_of(text)
    found = [(n, m) for n, line in enumerate(lines) if (m := _JAVA_IMPORT.match(line))]
    star = f"{name.rpartition('.')[0]}.*"
    if any(bool(m["static"]) == is_static and m["name"] in (name, star) for _, m in found):
        return text
    new = f"import {'static ' if is_static else ''}{name};\n"
    same = [(n, m["name"]) for n, m in found if bool(m["static"]) == is_static]
    if same:
        before = [n for n, other in same if other < name]
        at = before[-1] + 1 if before else same[0][0]
        return "".join([*lines[:at], new, *lines[at:]])
    if found:
        # A group of its own: static imports stand first, as most formatters have them.
        at = found[0][0] if is_static else found[-1][0] + 1
        gap = [new, "\n"] if is_static else ["\n", new]
        return "".join([*lines[:at], *gap, *lines[at:]])
    package = next((n for n, line in enumerate(lines) if _JAVA_PACKAGE.match(line)), None)
    if package is not None:
        return _between(lines, package + 1, ["\n", new])
    at = _after_java_comment(lines)
    return "".join([*lines[:at], new, "\n", *lines[at:]])


def _after_java_comment(lines: list[str]) -> int:
    """How many lines the comment takes that a file begins with, when it is about the file.

    A comment right above a class is the class's.
    """
    at, is_open = 0, False
    for line in lines:
        text = line.strip()
        is_open = is_open or text.startswith("/*")
        if not is_open and not text.startswith("//"):
            break
        is_open = is_open and "*/" not in text
        at += 1
    if at == len(lines) or lines[at].strip():
        return 0
    return at + 1
