"""Where docstrings are missing in a Python text, and what they would say.

The text is parsed as it is now, not as it was indexed: an insertion must fit the lines that are
there. What callees raise is the graph's to tell.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.answers.docstyles import BLANK, Doc, Part, summary_of
from agent.edits import bare_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    _Function = ast.FunctionDef | ast.AsyncFunctionDef
    _Definition = _Function | ast.ClassDef

_PROPERTIES = ("property", "cached_property")
_WANT_NONE = (".setter", ".deleter", "overload")
_RECEIVERS = ("self", "cls", "mcs")


@dataclass(frozen=True, slots=True)
class Gap:
    """A definition without a docstring.

    line: before which it belongs, 1-based; None where there is no place for one. indent: of that
    line. name: with the names around it. start: line of the definition's head.
    """

    name: str
    line: int | None
    indent: str
    doc: Doc
    start: int


def python_gaps(text: str) -> list[Gap]:
    """The definitions of a text that have no docstring and want one.

    Setters and overloads want none: that of the getter or of the implementation is shown. Raises
    SyntaxError for what is no Python.
    """
    lines = bare_lines(text)
    return [
        _gap(name, node, lines)
        for name, node in _definitions(ast.parse(text), "")
        if ast.get_docstring(node, clean=False) is None
        and not any(ast.unparse(d).endswith(_WANT_NONE) for d in node.decorator_list)
    ]


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Definition]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            name = f"{prefix}{child.name}"
            yield name, child
            yield from _definitions(child, f"{name}.")
        else:
            yield from _definitions(child, prefix)


def _gap(name: str, node: _Definition, lines: list[str]) -> Gap:
    first = node.body[0]
    decorators = [d.lineno for d in getattr(first, "decorator_list", [])]
    line = min([first.lineno, *decorators])
    # Between the head and its body stand only blank lines and comments.
    while line - 2 > node.lineno - 1 and lines[line - 2].strip()[:1] in ("", "#"):
        line -= 1
    is_one_line = lines[first.lineno - 1][: first.col_offset].strip() != "" and not decorators
    doc = _class_doc(node) if isinstance(node, ast.ClassDef) else _function_doc(node)
    # The offset counts bytes; indentation is ASCII.
    indent = lines[first.lineno - 1][: first.col_offset]
    place, blanks = (None, "") if is_one_line else (line, indent)
    return Gap(name, place, blanks, doc, node.lineno)


def _class_doc(node: ast.ClassDef) -> Doc:
    fields = [
        Part(target.id, ast.unparse(statement.annotation))
        for statement in node.body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(target := statement.target, ast.Name)
        and not target.id.startswith("_")
    ]
    return Doc(summary_of(node.name), attributes=tuple(fields))


def _function_doc(node: _Function) -> Doc:
    own = list(_own_nodes(node))
    is_generator = any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own)
    returned = ast.unparse(node.returns) if node.returns else ""
    has_value = any(
        isinstance(n, ast.Return)
        and n.value is not None
        and not (isinstance(n.value, ast.Constant) and n.value.value is None)
        for n in own
    )
    is_told = has_value or returned not in ("", "None", "NoReturn", "Never")
    called = {ast.unparse(d).rpartition(".")[2] for d in node.decorator_list}
    is_property = not called.isdisjoint(_PROPERTIES)
    return Doc(
        summary_of(node.name),
        tuple(_parameters(node.args)),
        returns=returned if is_told and not is_generator and not is_property else None,
        yields=_yielded(node.returns) if is_generator else None,
        raises=tuple(Part(name) for name in _raised(own)),
    )


def _parameters(arguments: ast.arguments) -> Iterator[Part]:
    plain = [*arguments.posonlyargs, *arguments.args]
    if plain and plain[0].arg in _RECEIVERS:
        plain = plain[1:]
    behind = list(arguments.defaults)[-len(plain) :] if plain else []
    defaults = [None] * (len(plain) - len(behind)) + behind
    keyword = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    starred = [("*", arguments.vararg)] if arguments.vararg else []
    yield from (_part(argument, default) for argument, default in zip(plain, defaults, strict=True))
    yield from (_part(argument, None, mark) for mark, argument in starred)
    yield from (_part(argument, default) for argument, default in keyword)
    if arguments.kwarg:
        yield _part(arguments.kwarg, None, "**")


def _part(argument: ast.arg, default: ast.expr | None, mark: str = "") -> Part:
    written = ast.unparse(argument.annotation) if argument.annotation else ""
    text = f"{BLANK} Defaults to {ast.unparse(default)}." if default is not None else BLANK
    return Part(f"{mark}{argument.arg}", written, " ".join(text.split()))


def _own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function that no function or class inside it has."""
    for child in ast.iter_child_nodes(node):
        yield child
        inner = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        if not isinstance(child, inner):
            yield from _own_nodes(child)


def _raised(nodes: list[ast.AST]) -> list[str]:
    """The names of exceptions that are raised by name; a bare `raise` names none."""
    raised = [n.exc for n in nodes if isinstance(n, ast.Raise) and n.exc is not None]
    called = [e.func if isinstance(e, ast.Call) else e for e in raised]
    named = [ast.unparse(e) for e in called if isinstance(e, ast.Name | ast.Attribute)]
    return list(dict.fromkeys(n for n in named if n.rpartition(".")[2][:1].isupper()))


def _yielded(returns: ast.expr | None) -> str:
    """What a generator gives, by its annotation."""
    if isinstance(returns, ast.Subscript):
        inner = returns.slice
        return ast.unparse(inner.elts[0] if isinstance(inner, ast.Tuple) else inner)
    return ""
