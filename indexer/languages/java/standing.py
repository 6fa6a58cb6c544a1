"""How a simple name stands in a Java text: as a value, or where it may mean something else.

The label of a `case` is looked up in the type that is switched over, and the first name of a longer
chain may be a package's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.java.grammar import parse

if TYPE_CHECKING:
    from tree_sitter import Node

_CHAINS = frozenset({"field_access", "method_invocation", "scoped_identifier"})


class Standing:
    """Answers about the names of one text."""

    def __init__(self, text: bytes) -> None:
        self._root = parse(text).root_node

    def begins_type(self, line: int, column: int) -> bool:
        """True for the first name of a qualified type, which may be a package's."""
        node = self._at(line, column)
        parent = node.parent if node is not None else None
        return parent is not None and parent.type == "scoped_type_identifier"

    def _at(self, line: int, column: int) -> Node | None:
        point = (line - 1, column)
        return self._root.descendant_for_point_range(point, point)

    def is_value(self, line: int, column: int) -> bool:
        """True for a name that must be a variable's or a type's; line from 1, column in bytes."""
        node = self._at(line, column)
        parent = node.parent if node is not None else None
        if node is None or parent is None or node.type != "identifier":
            return False
        if parent.type in {"switch_label", "element_value_pair"}:
            return False
        return not self._is_package(node, parent)

    def _is_package(self, node: Node, parent: Node) -> bool:
        """True where `a` in `a.b.c` may begin a type's name; no package begins in upper case."""
        if (node.text or b"")[:1].isupper():
            return False
        if parent.type == "scoped_identifier":
            return True
        if parent.type != "field_access" or parent.start_byte != node.start_byte:
            return False
        outer = parent.parent
        return outer is not None and outer.type in _CHAINS and outer.start_byte == parent.start_byte
