"""Every place in a Java file where something that may lie outside the method is used."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING

from indexer.facts import NONE, Definition, Op, SiteKind
from indexer.languages.java.grammar import kind_id

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.java.definitions import Definitions
    from indexer.languages.java.expressions import Expressions
    from indexer.languages.java.imports import Imports
    from indexer.languages.java.regions import Regions

_CHAIN = re.compile(rb"[\w$\x80-\xff]+(?:\.[\w$\x80-\xff]+)*").fullmatch
_CALLS = ("call", "new", "reference", "delegation")
_order = itemgetter(0, 1)


class Sites:
    """Reads all uses; `rows` has six integers for each, as in `Site`."""

    def __init__(
        self, text: bytes, regions: Regions, exprs: Expressions, definitions: list[Definition]
    ) -> None:
        self.rows: list[int] = []
        self._text = text
        self._regions = regions
        self._exprs = exprs
        self._definitions = definitions
        self._used: set[int] = set()
        self._writes: dict[int, int] = {}

    def read(self, found: dict[str, list[Node]], heads: Definitions, imports: Imports) -> None:
        """Read all uses of a file."""
        self._used.update(heads.variables)
        self._calls(found)
        for number, node, is_interface in heads.heads:
            kind = SiteKind.IMPLEMENTS if is_interface else SiteKind.BASE
            self._head(kind, self._definitions[number].body, node)
        for number, nodes in heads.annotated:
            for node in nodes:
                name = node.child_by_field_name("name")
                if name is not None:
                    self._used.add(node.start_byte)
                    self._head(SiteKind.DECORATOR, self._definitions[number].body, name)
        for value, node in imports.sites:
            self._add(SiteKind.IMPORT, 0, value, node)
        self._constants(found.get("constant", []))
        self._annotations(found.get("annotation", []))
        self._type_names(found)
        self._assigned(found)
        self._names(found.get("name", []))
        self._accesses(found.get("access", []))

    def _add(self, kind: int, scope: int, value: int, node: Node) -> None:
        line, column = node.start_point
        self.rows.extend((kind, scope, value, line + 1, column, node.end_byte - node.start_byte))

    # Calls

    def _calls(self, found: dict[str, list[Node]]) -> None:
        """Calls of all kinds, inner ones first, so that the outer ones find their rows."""
        regions, scope_at, extend = self._regions, self._regions.scope_at, self.rows.extend
        kinds = [found.get(name, []) for name in _CALLS]
        merged = [(n.end_byte, -n.start_byte, k, n) for k, nodes in enumerate(kinds) for n in nodes]
        merged.sort(key=_order)
        readers = (self._exprs.call, self._creation, self._exprs.reference, self._delegation)
        call = SiteKind.CALL
        for end, _, kind, node in merged:
            # A creation with a class body ends inside that body.
            is_anonymous = kind == 1 and node.id in regions.number_of
            scope = scope_at(node.start_byte if is_anonymous else end - 1)
            row, name = readers[kind](node, scope)
            if row != NONE and name is not None:
                line, column = name.start_point
                extend((call, scope, row, line + 1, column, name.end_byte - name.start_byte))

    def _creation(self, node: Node, scope: int) -> tuple[int, Node | None]:
        row, type_ = self._exprs.creation(node, scope)
        if type_ is None:
            return row, None
        while type_.type in {"generic_type", "annotated_type"}:
            type_ = type_.named_children[0 if type_.type == "generic_type" else -1]
        name = type_.named_children[-1] if type_.type == "scoped_type_identifier" else type_
        self._used.add(name.start_byte)
        return row, name

    def _delegation(self, node: Node, scope: int) -> tuple[int, Node | None]:
        """`this(…)` and `super(…)`."""
        keyword = node.child_by_field_name("constructor")
        if keyword is None:
            return NONE, None
        exprs = self._exprs
        callee = exprs.add((Op.NAME, scope, exprs.slice(keyword)))
        arguments = exprs.arguments(node.child_by_field_name("arguments"), scope)
        return exprs.add((Op.CALL, callee, arguments, ())), keyword

    def _constants(self, nodes: list[Node]) -> None:
        """An enum constant creates an instance of its enum."""
        for node in nodes:
            name = node.child_by_field_name("name")
            scope = self._regions.scope_at(node.start_byte)
            owner = self._regions.regions[scope].definition
            if name is None or owner == NONE:
                continue
            enum = self._regions.nodes[owner].node.child_by_field_name("name")
            if enum is None:
                continue
            exprs = self._exprs
            arguments = exprs.arguments(node.child_by_field_name("arguments"), scope)
            row = exprs.new(exprs.type_(enum, scope), arguments, NONE, node)
            self._add(SiteKind.CALL, scope, row, name)

    # Types

    def _head(self, kind: int, scope: int, node: Node) -> None:
        """A base or an annotation; the types in its arguments stay uses of their own."""
        value = self._exprs.type_(node, scope)
        inner = node
        while inner.type in {"generic_type", "annotated_type"}:
            inner = inner.named_children[0 if inner.type == "generic_type" else -1]
        name = inner.named_children[-1] if inner.type.startswith("scoped") else inner
        self._used.add(name.start_byte)
        if value != NONE:
            self._add(kind, scope, value, name)

    def _annotations(self, nodes: list[Node]) -> None:
        """Annotations of fields, parameters and local variables are uses of their types."""
        for node in nodes:
            name = node.child_by_field_name("name")
            if name is not None and node.start_byte not in self._used:
                scope = self._regions.scope_at(node.start_byte)
                self._add(SiteKind.TYPE, scope, self._exprs.type_(name, scope), name)

    def _type_names(self, found: dict[str, list[Node]]) -> None:
        exprs, used, scope_at, text = self._exprs, self._used, self._regions.scope_at, self._text
        extend, kind = self.rows.extend, SiteKind.TYPE
        for node in found.get("scoped", ()):
            last = node.named_children[-1]
            start = last.start_byte
            for child in node.named_children[1:]:
                used.add(child.start_byte)
            if start in used and last.type != "type_identifier":
                continue
            scope = scope_at(start)
            value = exprs.type_(node, scope)
            if value != NONE:
                self._add(kind, scope, value, last)
        rows: dict[tuple[int, bytes], int] = {}
        for node in found.get("type_name", ()):
            start = node.start_byte
            if start in used:
                continue
            end = node.end_byte
            key = scope_at(start), text[start:end]
            row = rows.get(key)
            if row is None:
                row = rows[key] = NONE if key[1] == b"var" else exprs.type_(node, key[0])
            if row != NONE:
                line, column = node.start_point
                extend((kind, key[0], row, line + 1, column, end - start))

    # Variables

    def _assigned(self, found: dict[str, list[Node]]) -> None:
        """Which names and accesses are written, by where they end."""
        for node in found.get("assignment", ()):
            left, operator = node.child_by_field_name("left"), node.child_by_field_name("operator")
            if left is not None:
                is_plain = operator is None or operator.type == "="
                kind = SiteKind.WRITE if is_plain else SiteKind.READ_WRITE
                self._writes[left.end_byte] = kind
        for node in found.get("update", ()):
            for child in node.named_children:
                self._writes[child.end_byte] = SiteKind.READ_WRITE

    def _names(self, nodes: list[Node]) -> None:
        """Simple names that mean no local variable."""
        exprs, scope_at, text, writes = (
            self._exprs,
            self._regions.scope_at,
            self._text,
            self._writes,
        )
        extend, read = self.rows.extend, SiteKind.READ
        local, named, seen = exprs.local, exprs.named, -1
        for node in nodes:
            start = node.start_byte
            if start == seen:
                continue
            seen, end = start, node.end_byte
            name = text[start:end]
            if local(name, start):
                continue
            scope = scope_at(start)
            row = named(name, scope)
            line, column = node.start_point
            extend((writes.get(end, read), scope, row, line + 1, column, end - start))

    def _accesses(self, nodes: list[Node]) -> None:
        """`a.b`, each at its last name."""
        this = kind_id("this")
        for node in nodes:
            name = node.child_by_field_name("field")
            if name is None or name.kind_id == this:
                continue
            end = node.end_byte
            scope = self._regions.scope_at(end - 1)
            row = self._exprs.access(node, scope)
            if row != NONE:
                self._add(self._writes.get(end, SiteKind.READ), scope, row, name)
