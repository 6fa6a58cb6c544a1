"""Operators and items of a Python file: the places where syntax calls a special method.

A place is kept where the operand may be an instance: what is a literal has no method of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, Op

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.regions import Regions

BINARY = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "truediv",
    "//": "floordiv",
    "%": "mod",
    "**": "pow",
    "@": "matmul",
    "<<": "lshift",
    ">>": "rshift",
    "&": "and",
    "|": "or",
    "^": "xor",
}
_COMPARED = {"==": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_CONTAINED = frozenset({"in", "not in"})
_UNARY = {"-": "neg", "+": "pos", "~": "invert"}
_VALUES = frozenset({Op.NAME, Op.ATTR, Op.CALL, Op.ITEM, Op.AWAIT, Op.UNION, Op.OPERATOR})

Protocol = tuple[int, int, int, int]
"""A use of a protocol: scope, row, first and last byte."""


class Operators:
    """Reads operators; `protocols` has what it found."""

    def __init__(self, regions: Regions, exprs: Expressions) -> None:
        self.protocols: list[Protocol] = []
        self._regions = regions
        self._exprs = exprs

    def read(self, found: dict[str, list[Node]]) -> None:
        """Read all operators and items of a file."""
        for node in found.get("binary", ()):
            parts = node.children
            if len(parts) == len(("left", "operator", "right")):
                self._operator(node, BINARY.get(parts[1].type), parts[0], parts[2])
        for node in found.get("compared", ()):
            self._compared(node.children)
        for node in found.get("unary", ()):
            parts = node.children
            self._operator(node, _UNARY.get(parts[0].type), parts[-1], None)
        for node in found.get("augmented", ()):
            parts = node.children
            name = BINARY.get(parts[1].type.rstrip("=")) if len(parts) > 2 else None
            if name is not None:
                self._operator(node, f"i{name}", parts[0], parts[2])
        for node in found.get("item", ()):
            self._item(node)

    def _compared(self, parts: list[Node]) -> None:
        for left, operator, right in zip(parts[::2], parts[1::2], parts[2::2], strict=False):
            if operator.type in _CONTAINED:
                self._operator(right, "contains", right, left)
            else:
                self._operator(left, _COMPARED.get(operator.type), left, right)

    def _operator(self, place: Node, name: str | None, left: Node, right: Node | None) -> None:
        if name is None:
            return
        scope = self._regions.scope_at(left.start_byte)
        first = self._exprs.of(left, scope)
        second = NONE if right is None else self._exprs.of(right, scope)
        if self._may_be_ours(first) or self._may_be_ours(second):
            row = self._exprs.add((Op.OPERATOR, name, first, second))
            self.protocols.append((scope, row, place.start_byte, place.end_byte))

    def _item(self, node: Node) -> None:
        value = node.child_by_field_name("value")
        if value is None:
            return
        scope = self._regions.scope_at(value.start_byte)
        row = self._exprs.of(value, scope)
        if self._may_be_ours(row):
            name = _access(node)
            use = self._exprs.add((Op.OPERATOR, name, row, NONE))
            self.protocols.append((scope, use, value.end_byte, node.end_byte))

    def _may_be_ours(self, row: int) -> bool:
        return row != NONE and self._exprs.rows[row][0] in _VALUES


def _access(node: Node) -> str:
    """How an item is used, as the special method's name."""
    parent = node.parent
    if parent is None:
        return "getitem"
    if parent.type == "assignment" and parent.child(0) == node:
        return "setitem"
    return "delitem" if parent.type == "delete_statement" else "getitem"
