"""Groups of modules that import each other, found in one pass over the import graph.

Tarjan's strongly connected components (SIAM J. Comput. 1, 1972), with a stack of its own because
chains of imports are longer than the interpreter's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


def import_knots(imports: Mapping[str, Collection[str]]) -> list[list[str]]:
    """Groups of two or more modules, each of which reaches each other one; the largest first.

    imports: which module imports which, by uid (`problems.import_graph`).
    """
    search = _Search(imports)
    for node in sorted(imports):
        search.visit(node)
    return sorted(search.groups, key=lambda group: (-len(group), group))


class _Search:
    """One depth-first search. low: the earliest node that one reaches, by order of visit."""

    def __init__(self, imports: Mapping[str, Collection[str]]) -> None:
        self._imports = imports
        self._order: dict[str, int] = {}
        self._low: dict[str, int] = {}
        self._open: dict[str, None] = {}
        self.groups: list[list[str]] = []

    def visit(self, start: str) -> None:
        if start in self._order:
            return
        self._enter(start)
        stack = [(start, iter(sorted(self._imports.get(start, ()))))]
        while stack:
            node, targets = stack[-1]
            target = next(targets, None)
            if target is None:
                stack.pop()
                self._leave(node, stack[-1][0] if stack else None)
            elif target not in self._order:
                self._enter(target)
                stack.append((target, iter(sorted(self._imports.get(target, ())))))
            elif target in self._open:
                self._low[node] = min(self._low[node], self._order[target])

    def _enter(self, node: str) -> None:
        self._order[node] = self._low[node] = len(self._order)
        self._open[node] = None

    def _leave(self, node: str, parent: str | None) -> None:
        if parent is not None:
            self._low[parent] = min(self._low[parent], self._low[node])
        if self._low[node] != self._order[node]:
            return
        group: list[str] = []
        while not group or group[-1] != node:
            group.append(self._open.popitem()[0])
        if len(group) > 1:
            self.groups.append(sorted(group))
