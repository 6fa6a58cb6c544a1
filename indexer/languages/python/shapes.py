"""Builders of expression rows for compound nodes: displays, conditions, operators, lambdas.

Each takes the table that is being built, the node, and the scope it is evaluated in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, SLICE, Op
from indexer.languages.python.operators import BINARY

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.expressions import Expressions

COLLECTIONS = {
    "list": "list",
    "set": "set",
    "tuple": "tuple",
    "expression_list": "tuple",
    "pattern_list": "tuple",
}
COMPREHENSIONS = {
    "list_comprehension": "list",
    "set_comprehension": "set",
    "generator_expression": "Generator",
}


def code_children(node: Node) -> list[Node]:
    """The named parts of a node that are no comments."""
    return [child for child in node.named_children if child.type != "comment"]


def union(exprs: Expressions, node: Node, scope: int) -> int:
    """`A | B`, where the grammar knows it as a type."""
    return exprs.add((Op.UNION, tuple(exprs.of(child, scope) for child in node.named_children)))


def member_type(exprs: Expressions, node: Node, scope: int) -> int:
    """`A[B].C`, where the grammar knows it as a type."""
    value, name = node.named_children[0], node.named_children[-1]
    return exprs.add((Op.ATTR, exprs.of(value, scope), exprs.slice(name)))


def dictionary(exprs: Expressions, node: Node, scope: int) -> int:
    """`{k: v}`."""
    pairs = [pair for pair in node.named_children if pair.type == "pair"]
    parts = [pair.child_by_field_name("key") for pair in pairs]
    keys = tuple((part and exprs.key(part)) or exprs.maybe(part, scope) for part in parts)
    values = tuple(exprs.maybe(pair.child_by_field_name("value"), scope) for pair in pairs)
    return exprs.add((Op.DICT, keys, values))


def collection(exprs: Expressions, node: Node, scope: int) -> int:
    """A display of a list, tuple or set."""
    rows = tuple(exprs.of(child, scope) for child in code_children(node))
    return exprs.add((Op.LIST, COLLECTIONS[node.type], rows))


def comprehension(exprs: Expressions, node: Node, scope: int) -> int:
    """A collection whose elements are all like one."""
    own = exprs.regions.of_node(node) or scope
    row = exprs.maybe(node.child_by_field_name("body"), own)
    return exprs.add((Op.LIST, COMPREHENSIONS[node.type], (row,)))


def dictionary_comprehension(exprs: Expressions, _node: Node, _scope: int) -> int:
    """A dictionary of which no pair is known."""
    return exprs.add((Op.DICT, (), ()))


def conditional(exprs: Expressions, node: Node, scope: int) -> int:
    """`a if c else b`."""
    parts = code_children(node)
    return exprs.add((Op.UNION, (exprs.of(parts[0], scope), exprs.of(parts[-1], scope))))


def boolean(exprs: Expressions, node: Node, scope: int) -> int:
    """`a or b`, `a and b`."""
    left = exprs.maybe(node.child_by_field_name("left"), scope)
    right = exprs.maybe(node.child_by_field_name("right"), scope)
    return exprs.add((Op.UNION, (left, right)))


def binary(exprs: Expressions, node: Node, scope: int) -> int:
    """`a + b`; `a | b` is a union of types until the operands say otherwise."""
    operator = node.child_by_field_name("operator")
    left = exprs.maybe(node.child_by_field_name("left"), scope)
    right = exprs.maybe(node.child_by_field_name("right"), scope)
    if operator is not None and operator.type == "|":
        return exprs.add((Op.UNION, (left, right)))
    if left == NONE or operator is None:
        return NONE
    return exprs.add((Op.OPERATOR, BINARY.get(operator.type, operator.type), left, right))


def lambda_(exprs: Expressions, node: Node, _scope: int) -> int:
    """A lambda is known by its scope."""
    own = exprs.regions.of_node(node)
    body = exprs.maybe(node.child_by_field_name("body"), own)
    return exprs.add((Op.LAMBDA, own, body))


def slice_(exprs: Expressions, _node: Node, _scope: int) -> int:
    """`a:b`, as an index."""
    return exprs.add(SLICE)


def awaited(exprs: Expressions, node: Node, scope: int) -> int:
    """`await x`."""
    return exprs.add((Op.AWAIT, exprs.of(node.named_children[0], scope)))


def first(exprs: Expressions, node: Node, scope: int) -> int:
    """The first part, of `x as y`."""
    return exprs.of(node.named_children[0], scope)


def right(exprs: Expressions, node: Node, scope: int) -> int:
    """The value of an assignment, of `a = b = value`."""
    return exprs.maybe(node.child_by_field_name("right"), scope)


def value(exprs: Expressions, node: Node, scope: int) -> int:
    """The value of a named expression or a keyword argument."""
    return exprs.maybe(node.child_by_field_name("value"), scope)
