"""Calls inside lambdas: the graph gives them to the function around, truths to the lambda.

Where lambdas are, Python's own `ast` says. The graph has no nodes for them, so that a truth's
edges *to* a lambda stay misses.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from benchmarks.accuracy.graph import Use

_Place = tuple[int, int]


class _Lambda(NamedTuple):
    """A lambda's extent, and the names that truths give it; `scope` is dotted within the file."""

    start: _Place
    end: _Place
    scope: str
    number: int


class Lambdas:
    """The lambdas of some source files."""

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._found: dict[str, list[_Lambda]] = {}
        for path, source in sources.items():
            try:
                tree = ast.parse(source)
            except (SyntaxError, ValueError):
                continue
            self._found[path] = list(_lambdas(tree))

    def callers(self, use: Use, name: str, module: str, known: Container[str]) -> set[str]:
        """Who calls at the sites of an edge, by the truth's names.

        name: of the graph's own caller; module: the file's. A lambda's name is taken where the
        truth knows it: numbered in its function, or in its module without a number (Jarvis).
        """
        found: set[str] = set()
        for site in use.sites:
            place = (site.line, site.column)
            around = [row for row in self._found.get(use.path, ()) if row.start <= place < row.end]
            names = [name]
            if around:
                inner = max(around, key=lambda row: row.start)
                scope = f"{module}.{inner.scope}" if inner.scope else module
                names = [f"{scope}.<lambda{inner.number}>", f"{module}.<lambda>", name]
            found.add(next((each for each in names if each in known), name))
        return found or {name}


def _lambdas(tree: ast.AST) -> Iterator[_Lambda]:
    """All lambdas, numbered in the order of the text within the function that holds them."""
    counts: dict[str, int] = {}
    pending: list[tuple[ast.AST, str]] = [(tree, "")]
    rows: list[tuple[_Place, _Place, str]] = []
    while pending:
        node, scope = pending.pop()
        if isinstance(node, ast.Lambda):
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            rows.append(((node.lineno, node.col_offset), end, scope))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope = f"{scope}.{node.name}" if scope else node.name
        pending += [(child, scope) for child in ast.iter_child_nodes(node)]
    for start, end, scope in sorted(rows):
        counts[scope] = counts.get(scope, 0) + 1
        yield _Lambda(start, end, scope, counts[scope])
