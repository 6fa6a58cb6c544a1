"""Types of a Java file as rows of its table of expressions.

They use the kinds that expressions have where these fit: a name, an access for a qualified name, an
item for type arguments.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    TypeBuilder = Callable[["WrittenTypes", Node, int], int]

MAX_DEPTH = 200
"""Nesting beyond which an expression is left unknown: no file may exhaust the stack."""

_NAME, _ATTR = Op.NAME, Op.ATTR


class WrittenTypes:
    """The table of one file, and the types in it."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.rows: list[tuple[Any, ...]] = []
        self._names: dict[bytes, str] = {}
        self._interned: dict[tuple[Any, ...], int] = {}
        self._types: dict[tuple[int, bytes], int] = {}
        self._depth = 0
        self._type_builders = _type_builders()

    def add(self, row: tuple[Any, ...]) -> int:
        """The index of a row; equal rows share one."""
        index = self._interned.get(row)
        if index is None:
            index = self._interned[row] = len(self.rows)
            self.rows.append(row)
        return index

    def name(self, name: bytes) -> str:
        """A name as text; equal names are one object, which the stored form then holds once."""
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = name.decode()
        return known

    def slice(self, node: Node) -> str:
        """The text of a name's node."""
        return self.name(self._text[node.start_byte : node.end_byte])

    def type_(self, node: Node, scope: int) -> int:
        """The row of a type: NAME, ATTR, ITEM with type arguments, ARRAY, or CONST if primitive."""
        key = (scope, self._text[node.start_byte : node.end_byte])
        row = self._types.get(key)
        if row is None:
            builder = self._type_builders.get(node.type)
            if builder is None or self._depth > MAX_DEPTH:
                return NONE
            self._depth += 1
            row = self._types[key] = builder(self, node, scope)
            self._depth -= 1
        return row

    def type_maybe(self, node: Node | None, scope: int) -> int:
        """The row of a type that may be absent."""
        return NONE if node is None else self.type_(node, scope)

    def array_of(self, row: int, count: int) -> int:
        """A type with `count` times `[]`."""
        for _ in range(count):
            row = self.add((Op.ARRAY, row))
        return row

    def named_type(self, node: Node, scope: int) -> int:
        """A simple name of a type."""
        return self.add((_NAME, scope, self.slice(node)))

    def scoped_type(self, node: Node, scope: int) -> int:
        """`A.B`, also of identifiers."""
        parts = [c for c in node.named_children if "annotation" not in c.type and not c.is_extra]
        if len(parts) < 2:
            return NONE
        return self.add((_ATTR, self.type_(parts[0], scope), self.slice(parts[-1])))

    def primitive(self, node: Node, _scope: int) -> int:
        """`int`, `void` and their like."""
        return self.add((Op.CONST, self.slice(node)))

    def generic(self, node: Node, scope: int) -> int:
        """`C<A, B>`."""
        base, arguments = node.named_children[0], node.named_children[-1]
        rows = tuple(self._type_arguments(arguments, scope))
        index = self.add((Op.LIST, "<>", rows))
        return self.add((Op.ITEM, self.type_(base, scope), index))

    def _type_arguments(self, node: Node, scope: int) -> list[int]:
        return [self.type_(child, scope) for child in node.named_children if not child.is_extra]

    def array_type(self, node: Node, scope: int) -> int:
        """`T[][]`."""
        element = self.type_maybe(node.child_by_field_name("element"), scope)
        dimensions = node.child_by_field_name("dimensions")
        count = 1
        if dimensions is not None:
            count = self._text[dimensions.start_byte : dimensions.end_byte].count(b"[")
        return self.array_of(element, count)

    def wildcard(self, node: Node, scope: int) -> int:
        """`?`, `? extends T`, `? super T`."""
        children = [c for c in node.children if "annotation" not in c.type and not c.is_extra]
        bound = self.type_(children[-1], scope) if len(children) > 1 else NONE
        kind = "super" if any(c.type == "super" for c in children) else "extends"
        return self.add((Op.WILDCARD, kind if bound != NONE else "", bound))

    def alternatives(self, node: Node, scope: int) -> int:
        """`A | B` in a catch clause, `A & B` in a bound."""
        rows = tuple(self._type_arguments(node, scope))
        return rows[0] if len(rows) == 1 else self.add((Op.UNION, rows))

    def annotated(self, node: Node, scope: int) -> int:
        """A type behind annotations."""
        return self.type_(node.named_children[-1], scope)


@cache
def _type_builders() -> dict[str, TypeBuilder]:
    """What makes a row of each kind of node."""
    make = WrittenTypes
    return {
        "type_identifier": make.named_type,
        "identifier": make.named_type,
        "scoped_type_identifier": make.scoped_type,
        "scoped_identifier": make.scoped_type,
        "generic_type": make.generic,
        "array_type": make.array_type,
        "wildcard": make.wildcard,
        "catch_type": make.alternatives,
        "type_bound": make.alternatives,
        "annotated_type": make.annotated,
        **dict.fromkeys(
            ("integral_type", "floating_point_type", "boolean_type", "void_type"), make.primitive
        ),
    }
