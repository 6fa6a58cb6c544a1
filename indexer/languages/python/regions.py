"""Regions of names in a Python file: which scope owns a byte, and which definitions there are.

A function's scope is the interval of its body: decorators, defaults, annotations and bases lie
outside it and so fall to the enclosing scope, as the language has it. With type parameters (PEP
695) the interval starts there. What a comprehension iterates over first belongs to the scope around
it.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from indexer.facts import NONE, ScopeKind
from indexer.languages.intervals import Intervals
from indexer.languages.python.grammar import kind_id

if TYPE_CHECKING:
    from tree_sitter import Node

_CONDITIONAL = frozenset(
    {
        "if_statement",
        "elif_clause",
        "else_clause",
        "try_statement",
        "except_clause",
        "for_statement",
    }
    | {"while_statement", "with_statement", "finally_clause", "case_clause"}
)
_OUTSIDE = NONE
"""Stands for a scope's kind: an interval inside a scope that belongs to the scope around it."""


class Region(NamedTuple):
    """One scope while it is being built."""

    kind: int
    parent: int
    definition: int
    start: int
    end: int


class Regions(Intervals):
    """Scopes and definitions of one file, in document order; scope 0 is the module.

    nodes: the definitions; bodies: their blocks; body_scope: the scopes these open. decorated: the
    decorated definition around the definition that starts at a byte. type_parameters: those of
    definitions, by their numbers. lambdas: lambda nodes and their scopes. first_clauses: where the
    first clauses of comprehensions start.
    """

    def __init__(self, text: bytes, found: dict[str, list[Node]]) -> None:
        self.nodes = sorted(found.get("definition", []), key=lambda node: node.start_byte)
        self.bodies = [node.child_by_field_name("body") for node in self.nodes]
        self.regions = [Region(ScopeKind.MODULE, NONE, NONE, 0, max(len(text), 1))]
        self.body_scope = [NONE] * len(self.nodes)
        self.decorated: dict[int, Node] = {}
        for node in found.get("decorated", []):
            inner = node.child_by_field_name("definition")
            if inner is not None:
                self.decorated[inner.start_byte] = node
        self.type_parameters: dict[int, Node] = {}
        self.lambdas: list[tuple[Node, int]] = []
        self.first_clauses: set[int] = set()
        self._by_node: dict[int, int] = {}
        super().__init__()
        items = self._definition_items()
        for node in found.get("region", []):
            items += self._region_items(node)
        items.sort()
        self._sweep(items)

    def _definition_items(self) -> list[tuple[int, int, int, int, int, Node]]:
        items: list[tuple[int, int, int, int, int, Node]] = []
        class_kind = kind_id("class_definition")
        for number, (node, body) in enumerate(zip(self.nodes, self.bodies, strict=True)):
            kind = ScopeKind.CLASS if node.kind_id == class_kind else ScopeKind.FUNCTION
            start, end = (
                (body.start_byte, body.end_byte) if body else (node.end_byte, node.end_byte)
            )
            type_parameters = node.child_by_field_name("type_parameters")
            if type_parameters is not None:
                self.type_parameters[number] = type_parameters
                start = type_parameters.start_byte
            items.append((start, -end, kind, number, node.id, node))
        return items

    def _region_items(self, node: Node) -> list[tuple[int, int, int, int, int, Node]]:
        start, end = node.start_byte, node.end_byte
        if node.kind_id == kind_id("lambda"):
            return [(start, -end, ScopeKind.LAMBDA, NONE, node.id, node)]
        items = [(start, -end, ScopeKind.COMPREHENSION, NONE, node.id, node)]
        clause_kind = kind_id("for_in_clause")
        for clause in node.children:
            if clause.kind_id == clause_kind:
                self.first_clauses.add(clause.start_byte)
                iterated = clause.child_by_field_name("right")
                if iterated is not None:
                    outside = (
                        iterated.start_byte,
                        -iterated.end_byte,
                        _OUTSIDE,
                        NONE,
                        iterated.id,
                        iterated,
                    )
                    items.append(outside)
                break
        return items

    def _sweep(self, items: list[tuple[int, int, int, int, int, Node]]) -> None:
        """Turn nested intervals into change points: from byte `starts[i]` on, `owners[i]` owns."""
        stack = [(self.regions[0].end, 0)]
        for start, negative_end, kind, number, node_id, node in items:
            while stack[-1][0] <= start and len(stack) > 1:
                ended, _ = stack.pop()
                self._mark(ended, stack[-1][1])
            owner = stack[-1][1]
            if kind == _OUTSIDE:
                index = max(self.regions[owner].parent, 0)
            else:
                index = len(self.regions)
                self.regions.append(Region(kind, owner, number, start, -negative_end))
                self._by_node[node_id] = index
                if number != NONE:
                    self.body_scope[number] = index
                elif kind == ScopeKind.LAMBDA:
                    self.lambdas.append((node, index))
            self._mark(start, index)
            stack.append((-negative_end, index))
        while len(stack) > 1:
            ended, _ = stack.pop()
            self._mark(ended, stack[-1][1])

    def span_at(self, byte: int) -> tuple[int, int, int]:
        """The innermost scope that owns a byte, and between which bytes it surely does."""
        index = bisect_right(self._starts, byte)
        until = self._starts[index] if index < len(self._starts) else self.regions[0].end + 1
        return self._owners[index - 1], self._starts[index - 1], until

    def of_node(self, node: Node) -> int:
        """The scope that a lambda or comprehension node opens."""
        return self._by_node.get(node.id, 0)

    def binding_scope(self, scope: int) -> int:
        """Where a walrus in this scope binds: the nearest scope that is no comprehension."""
        while self.regions[scope].kind == ScopeKind.COMPREHENSION:
            scope = self.regions[scope].parent
        return scope


def is_conditional(node: Node) -> bool:
    """True when a statement stands below an `if`, `try` or loop of its scope."""
    parent = node.parent
    if parent is None or parent.type != "block" or parent.parent is None:
        return False
    return parent.parent.type in _CONDITIONAL
