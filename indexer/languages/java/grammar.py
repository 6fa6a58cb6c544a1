"""The Java grammar and the one query that finds every node that carries a fact.

The query runs in C and names its captures after what the extractor does with them. Names are asked
for by the places where an expression may stand, so that the many other identifiers (of methods,
declarations, labels) never become Python objects.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter

import tree_sitter_java
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

_DECLARATIONS = """
(class_declaration) @type
(interface_declaration) @type
(enum_declaration) @type
(record_declaration) @type
(annotation_type_declaration) @type
(object_creation_expression (class_body)) @anonymous
(enum_constant) @constant
(method_declaration) @function
(constructor_declaration) @function
(compact_constructor_declaration) @function
(annotation_type_element_declaration) @function
(field_declaration) @field
(constant_declaration) @field
(local_variable_declaration) @local
(formal_parameter) @parameter
(spread_parameter) @parameter
(catch_formal_parameter) @caught
(enhanced_for_statement) @loop
(resource) @resource
(instanceof_expression name: (identifier)) @tested
(type_pattern) @pattern
(record_pattern_component) @pattern
(lambda_expression) @lambda
(cast_expression value: (lambda_expression)) @cast
(cast_expression value: (method_reference)) @cast
(package_declaration) @package
(import_declaration) @import
(block_comment) @comment
(ERROR) @error
"""

_BLOCKS = """
(block) @block
(constructor_body) @block
(class_body) @block
(for_statement) @block
(enhanced_for_statement) @block
(lambda_expression) @block
(catch_clause) @block
(try_with_resources_statement) @block
(switch_block_statement_group) @block
(switch_rule) @block
(method_declaration) @block
(constructor_declaration) @block
(compact_constructor_declaration) @block
"""

_USES = """
(method_invocation) @call
(object_creation_expression) @new
(explicit_constructor_invocation) @delegation
(method_reference) @reference
(return_statement (lambda_expression)) @return
(return_statement (method_reference)) @return
(return_statement (ternary_expression)) @return
(annotation) @annotation
(marker_annotation) @annotation
(type_identifier) @type_name
(scoped_type_identifier) @scoped
(field_access) @access
(assignment_expression) @assignment
(update_expression) @update
"""

_EXPRESSION_PARENTS = (
    "argument_list",
    "assignment_expression",
    "binary_expression",
    "unary_expression",
    "update_expression",
    "ternary_expression",
    "parenthesized_expression",
    "return_statement",
    "yield_statement",
    "throw_statement",
    "assert_statement",
    "expression_statement",
    "array_access",
    "array_initializer",
    "dimensions_expr",
    "annotation_argument_list",
    "element_value_array_initializer",
    "switch_label",
    "guard",
)
_EXPRESSION_FIELDS = (
    "method_invocation object",
    "field_access object",
    "variable_declarator value",
    "cast_expression value",
    "enhanced_for_statement value",
    "for_statement condition",
    "lambda_expression body",
    "instanceof_expression left",
    "element_value_pair value",
    "annotation_type_element_declaration value",
    "resource value",
    "object_creation_expression",
    "resource",
    "method_reference",
)


def _names() -> str:
    rows = [f"({parent} (identifier) @name)" for parent in _EXPRESSION_PARENTS]
    for entry in _EXPRESSION_FIELDS:
        parent, _, field = entry.partition(" ")
        rows.append(
            f"({parent} {field}: (identifier) @name)"
            if field
            else f"({parent} . (identifier) @name)"
        )
    return "\n".join(rows)


_by_start = attrgetter("start_byte")
_by_span = attrgetter("start_byte", "end_byte")
_NESTED = frozenset({"access", "scoped", "assignment", "update", "anonymous", "type", "function"})
"""Captures of nodes that may start at the same byte; in a broken file any may."""

_UNSORTED = frozenset({"block", "call", "new", "reference", "delegation"})
"""Captures whose order means nothing; that in which they come changes from run to run."""


@cache
def language() -> Language:
    """The grammar, loaded once for a process."""
    return Language(tree_sitter_java.language())


@cache
def _query() -> Query:
    return Query(language(), _DECLARATIONS + _BLOCKS + _USES + _names())


@cache
def kind_id(kind: str, named: bool = True) -> int:
    """The number of a node kind; comparing numbers costs half of comparing names."""
    number = language().id_for_node_kind(kind, named)
    if number is None:
        message = f"the Java grammar has no node kind {kind!r}"
        raise LookupError(message)
    return number


@cache
def _returns() -> Query:
    return Query(language(), "(return_statement) @return")


def returns(node: Node) -> list[Node]:
    """The return statements in a node, in document order."""
    return sorted(QueryCursor(_returns()).captures(node).get("return", []), key=_by_start)


def parse(text: bytes) -> Tree:
    """The syntax tree of UTF-8 text; it has ERROR nodes where the text is not Java."""
    return Parser(language()).parse(text)


def capture(root: Node) -> dict[str, list[Node]]:
    """All nodes that carry a fact, by capture name.

    They are in document order; blocks and calls, whose readers sort them, in none.
    """
    found = QueryCursor(_query()).captures(root)
    broken = root.has_error
    for name, nodes in found.items():
        if name in _UNSORTED:
            continue
        nodes.sort(key=_by_span if broken or name in _NESTED else _by_start)
    return found
