"""The Python grammar and the one query that finds every node that carries a fact.

The query runs in C and names its captures after what the extractor does with them; Python code then
looks at these nodes only, never at the whole tree. Walking the tree is nearly all of a query's
cost, so there is one query, and a further pattern is almost free.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter

import tree_sitter_python
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Range, Tree

QUERY = """
(function_definition) @definition
(class_definition) @definition
(decorated_definition) @decorated
(lambda) @region
(list_comprehension) @region
(set_comprehension) @region
(dictionary_comprehension) @region
(generator_expression) @region
(assignment) @assignment
(augmented_assignment) @augmented
(named_expression) @named
(type_alias_statement) @alias
(for_statement) @loop
(for_in_clause) @loop
(with_item) @with
(except_clause) @except
(case_pattern) @pattern
(splat_pattern) @splat
(delete_statement) @delete
(import_statement) @import
(import_from_statement) @import_from
(future_import_statement) @future
(global_statement) @global
(nonlocal_statement) @nonlocal
(return_statement) @return
(yield) @yield
(raise_statement) @raise
(binary_operator) @binary
(comparison_operator) @compared
(unary_operator) @unary
(subscript) @item
(call) @call
(string) @string
(comment) @comment
(interpolation) @interpolation
(format_expression) @interpolation
(format_specifier) @format
(type_conversion) @format
(ERROR) @error
"""

_by_start = attrgetter("start_byte")
_by_last_byte = attrgetter("end_byte")
_by_end = attrgetter("end_byte", "start_byte", "kind_id")
_NESTED = frozenset({"pattern", "binary", "compared", "item"})
"""Captures of nodes that may start at the same byte; in a broken file any may."""


@cache
def language() -> Language:
    """The grammar, loaded once for a process."""
    return Language(tree_sitter_python.language())


@cache
def _query() -> Query:
    return Query(language(), QUERY)


@cache
def kind_id(kind: str, named: bool = True) -> int:
    """The number of a node kind; comparing numbers costs half of comparing names."""
    number = language().id_for_node_kind(kind, named)
    if number is None:
        message = f"the Python grammar has no node kind {kind!r}"
        raise LookupError(message)
    return number


def kind_ids(*kinds: str) -> frozenset[int]:
    """The numbers of several node kinds."""
    return frozenset(kind_id(kind) for kind in kinds)


def parse(text: bytes) -> Tree:
    """The syntax tree of UTF-8 text; it has ERROR nodes where the text is not Python."""
    return Parser(language()).parse(text)


def parse_within(text: bytes, node: Node) -> Tree:
    """The syntax tree of what a node covers, with positions in the whole text."""
    part = Range(node.start_point, node.end_point, node.start_byte, node.end_byte)
    return Parser(language(), included_ranges=[part]).parse(text)


def capture(root: Node) -> dict[str, list[Node]]:
    """All nodes that carry a fact, by capture name.

    They are in document order, calls in the order of their ends: inner ones before outer ones.
    """
    found = QueryCursor(_query()).captures(root)
    broken = root.has_error
    for name, nodes in found.items():
        # The binding returns them in an order that changes from run to run.
        if broken or name in _NESTED:
            nodes.sort(key=_by_end)
        if name != "call":
            nodes.sort(key=_by_start)
        elif not broken:
            # Each ends with a parenthesis of its own.
            nodes.sort(key=_by_last_byte)
    return found
