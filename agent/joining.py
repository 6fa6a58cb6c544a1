"""Joins what a model wrote with the module that it is for: imports to imports, definitions by name.

A reply that has every name of the module is the module written anew; any other one is added to it,
so that nothing is lost which a model did not repeat.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from agent.edits import lines_of
from agent.importing import with_imports
from agent.splicing import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_IMPORTS = (ast.Import, ast.ImportFrom)


def joined(before: str | None, code: str, path: str) -> str:
    """The text of a file after a reply. before: None for a new file.

    A Java file is written whole, as it holds one class. Where one of the two does not parse, the
    code stands behind the text, for the checks to tell.
    """
    if before is None or not before.strip() or path.endswith(".java"):
        return code
    old, new = _parsed(before), _parsed(code)
    if old is None or new is None:
        return f"{before.rstrip()}\n\n\n{code}"
    if set(names_in(before)) <= set(_names(new)):
        return code
    text = before
    for node in new.body:
        if isinstance(node, _Definition):
            text = _with_definition(text, node, _source(code, node))
        elif not isinstance(node, _IMPORTS) and not _is_docstring(new, node):
            text = f"{text.rstrip()}\n\n\n{_source(code, node)}"
    statements = [ast.unparse(node) for node in new.body if isinstance(node, _IMPORTS)]
    return with_imports(text, statements, "python")


def names_in(text: str) -> tuple[str, ...]:
    """What a Python module defines at its top, without imports; nothing where it does not parse."""
    tree = _parsed(text)
    return tuple(dict.fromkeys(_names(tree))) if tree else ()


def _names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, _Definition):
            yield node.name
        elif not isinstance(node, _IMPORTS):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                    yield inner.id


def _with_definition(text: str, node: _Definition, source: str) -> str:
    tree = _parsed(text)
    same = [
        each
        for each in (tree.body if tree else ())
        if isinstance(each, _Definition) and each.name == node.name
    ]
    if not same:
        return f"{text.rstrip()}\n\n\n{source}"
    return replaced(text, _first(same[-1]), same[-1].end_lineno or same[-1].lineno, source)


def _first(node: ast.stmt) -> int:
    """The first line, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _source(code: str, node: ast.stmt) -> str:
    return "".join(lines_of(code)[_first(node) - 1 : node.end_lineno]).rstrip() + "\n"


def _is_docstring(tree: ast.Module, node: ast.stmt) -> bool:
    return node is tree.body[0] and ast.get_docstring(tree, clean=False) is not None


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return None
