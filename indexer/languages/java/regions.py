"""Regions of names in a Java file: which scope owns a byte, and how far a local name is seen.

Scopes are class bodies and methods only. Blocks are not scopes: a local variable is known by the
interval from its declaration to the end of its block, so that no use of it ever needs linking.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from indexer.facts import NONE, ScopeKind
from indexer.languages.intervals import Intervals

if TYPE_CHECKING:
    from tree_sitter import Node

_BODIES = frozenset({"class_body", "enum_body", "interface_body", "annotation_type_body"})


class Region(NamedTuple):
    """One scope while it is being built."""

    kind: int
    parent: int
    definition: int
    start: int
    end: int


class Defined(NamedTuple):
    """A node that defines a class or a method. body: of a class its members, of a method itself."""

    start: int
    negative_end: int
    is_class: bool
    node: Node
    body: Node


class Regions(Intervals):
    """Scopes and definitions of one file, in document order; scope 0 is the module.

    nodes: the definitions; body_scope: the scopes these open.
    """

    def __init__(self, size: int, found: dict[str, list[Node]]) -> None:
        self.nodes = _definitions(found)
        self.regions = [Region(ScopeKind.MODULE, NONE, NONE, 0, max(size, 1))]
        self.body_scope = [NONE] * len(self.nodes)
        self.number_of = {d.node.id: number for number, d in enumerate(self.nodes)}
        super().__init__()
        self._sweep()

    def _sweep(self) -> None:
        """Turn nested intervals into change points: from byte `starts[i]` on, `owners[i]` owns."""
        items = sorted((d.body.start_byte, -d.body.end_byte, n) for n, d in enumerate(self.nodes))
        stack = [(self.regions[0].end, 0)]
        for start, negative_end, number in items:
            while stack[-1][0] <= start and len(stack) > 1:
                ended, _ = stack.pop()
                self._mark(ended, stack[-1][1])
            kind = ScopeKind.CLASS if self.nodes[number].is_class else ScopeKind.FUNCTION
            index = self.body_scope[number] = len(self.regions)
            self.regions.append(Region(kind, stack[-1][1], number, start, -negative_end))
            self._mark(start, index)
            stack.append((-negative_end, index))
        while len(stack) > 1:
            ended, _ = stack.pop()
            self._mark(ended, stack[-1][1])

    def class_around(self, scope: int) -> int:
        """The definition of the innermost class around a scope, else `NONE`."""
        while scope > 0:
            region = self.regions[scope]
            if region.kind == ScopeKind.CLASS:
                return region.definition
            scope = region.parent
        return NONE


def _definitions(found: dict[str, list[Node]]) -> list[Defined]:
    rows = [
        Defined(n.start_byte, -n.end_byte, True, n, n.child_by_field_name("body") or n)
        for n in found.get("type", ())
    ]
    rows += [
        Defined(n.start_byte, -n.end_byte, True, n, _body(n)) for n in found.get("anonymous", ())
    ]
    for node in found.get("constant", ()):
        body = node.child_by_field_name("body")
        if body is not None:
            rows.append(Defined(node.start_byte, -node.end_byte, True, node, body))
    rows += [Defined(n.start_byte, -n.end_byte, False, n, n) for n in found.get("function", ())]
    return sorted(rows, key=lambda row: row[:3])


def _body(node: Node) -> Node:
    """The class body at the end of `new C() { … }`."""
    for child in reversed(node.children):
        if child.type in _BODIES:
            return child
    return node


class Visibility:
    """How far the names declared in a file's blocks are seen."""

    def __init__(self, size: int, blocks: list[Node]) -> None:
        spans = sorted({(node.start_byte, -node.end_byte) for node in blocks})
        self._starts, self._ends = [0], [size]
        stack = [size]
        for start, negative_end in spans:
            while len(stack) > 1 and stack[-1] <= start:
                self._mark(stack.pop(), stack[-1])
            stack.append(-negative_end)
            self._mark(start, -negative_end)
        while len(stack) > 1:
            self._mark(stack.pop(), stack[-1])

    def _mark(self, byte: int, end: int) -> None:
        if self._starts[-1] == byte:
            self._ends[-1] = end
        else:
            self._starts.append(byte)
            self._ends.append(end)

    def end(self, byte: int) -> int:
        """Where the innermost block that holds a byte ends."""
        return self._ends[bisect_right(self._starts, byte) - 1]
