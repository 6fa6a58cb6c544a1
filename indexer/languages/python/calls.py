"""Every call of a Python file.

Calls are read before anything else, inner ones first: whatever has a call as a part later finds its
row ready, and no nesting is too deep.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, SiteKind
from indexer.languages.python.grammar import kind_id

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.regions import Regions
    from indexer.languages.python.source import Source

_NAME_BYTES = b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + bytes(
    range(128, 256)
)
_CALLEES = frozenset({"call", "subscript", "parenthesized_expression"})
_LONGEST_NAME = 200
_NAME_START = frozenset(_NAME_BYTES) - frozenset(b"0123456789")


class Calls:
    """The call sites.

    names: first bytes of the plain names that are called; ends: last bytes of all names that are
    called; exports: calls of methods of `__all__`.
    """

    def __init__(self, source: Source, regions: Regions, exprs: Expressions) -> None:
        self.rows: list[int] = []
        self.names: set[int] = set()
        self.ends: set[int] = set()
        self.exports: list[tuple[bytes, Node]] = []
        self._inner_ends: dict[int, int] = {}
        self._source = source
        self._regions = regions
        self._exprs = exprs

    def read(self, nodes: list[Node], broken: bool) -> None:
        """Read the calls, given in the order of their ends; broken: the file has syntax errors."""
        call, span_at, text = self._exprs.call, self._regions.span_at, self._source.text
        ended, extend = self.ends.add, self.rows.extend
        identifier, attribute = kind_id("identifier"), kind_id("attribute")
        splat = kind_id("list_splat")
        scope = first = until = 0
        for node in nodes:
            function = node.child_by_field_name("function")
            if function is None:
                continue
            if function.kind_id == splat and function.named_children:
                # The grammar reads `[*f()]` as a call of `*f`.
                function = function.named_children[0]
            end = function.end_byte
            if not first < end <= until:
                scope, first, until = span_at(end - 1)
            value = call(node, function, scope)
            kind = function.kind_id
            if kind == identifier:
                start = function.start_byte
                self.names.add(start)
            elif kind == attribute:
                start = text.rfind(b".", 0, end) + 1
                if broken or text[start] not in _NAME_START:
                    start = name_start(text, end)
                if text.startswith(b"__all__.", function.start_byte):
                    self.exports.append((text[function.start_byte : end], node))
            else:
                self._add(node, function, scope, value)
                continue
            if start == end or value == NONE:
                continue
            line, column = function.end_point
            ended(end)
            extend((SiteKind.CALL, scope, value, line + 1, column - end + start, end - start))

    def _add(self, node: Node, function: Node, scope: int, value: int) -> None:
        end = self._inner_ends.get(function.id) or name_end(function)
        self._inner_ends[node.id] = end
        start = name_start(self._source.text, end)
        if value == NONE:
            return
        # What has no name, such as `(a or b)(…)`, is called at its last byte.
        start = min(start, end - 1)
        line, column = self._source.position(start)
        # In `handlers[key](…)` the name is read too, and something else is called.
        if b"[" not in self._source.text[end : function.end_byte]:
            self.ends.add(end)
            self.names.add(start)
        self.rows.extend((SiteKind.CALL, scope, value, line, column, end - start))


def name_end(node: Node) -> int:
    """Last byte of the last name of a callee: of `c` in `a.b.c(…)`."""
    while node.type in _CALLEES and node.named_children:
        child = node.child_by_field_name("function") or node.child_by_field_name("value")
        node = child or node.named_children[0]
    return node.end_byte


def name_start(text: bytes, end: int) -> int:
    """First byte of the name that ends at a byte; the same byte if none does."""
    first = max(0, end - _LONGEST_NAME)
    return first + len(text[first:end].rstrip(_NAME_BYTES))
