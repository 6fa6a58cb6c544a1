"""Quoted annotations: the expression in a string such as `"list[A]"`, at its place in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.languages.python.grammar import parse_within

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

_NO_ANNOTATION = frozenset({"argument_list", "keyword_argument", "concatenated_string"})
_PREFIXES = frozenset({b"", b"r", b"u"})


class Quoted(NamedTuple):
    """What a string quotes: the tree of its text, the node of the text, that of the expression."""

    tree: Tree
    content: Node
    expression: Node


def quoted_expression(text: bytes, string: Node) -> Quoted | None:
    """The expression in a string of an annotation; None where the string is only a string."""
    parent, parts = string.parent, string.children
    if parent is None or parent.type in _NO_ANNOTATION or len(parts) != len(('"', "A", '"')):
        return None
    start, content, _ = parts
    prefix = text[start.start_byte : start.end_byte].rstrip(b"\"'").lower()
    if prefix not in _PREFIXES or content.child_count:
        return None
    tree = parse_within(text, content)
    statements = tree.root_node.named_children
    if tree.root_node.has_error or len(statements) != 1:
        return None
    statement = statements[0]
    if statement.type != "expression_statement" or not statement.named_children:
        return None
    return Quoted(tree, content, statement.named_children[0])
