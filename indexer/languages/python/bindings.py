"""Every statement of a Python file that binds names: assignments, loops, `with`, patterns, `del`.

Attributes bound through a method's receiver (`self.x = …`) are kept beside the names of the class
body, because to everything that asks later both are the class's fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, BindKind, Definition, Op, ScopeKind, SiteKind
from indexer.languages.python.exports import Exports
from indexer.languages.python.grammar import kind_id
from indexer.languages.python.imports import Imports
from indexer.languages.python.scopes import BoundNames

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.calls import Calls
    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.regions import Regions
    from indexer.languages.python.source import Source

_TUPLES = frozenset(
    {"pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list"}
)
_SPLATS = frozenset({"list_splat_pattern", "list_splat"})


_Target = tuple[int, int, int, "str | None", int, int]
"""What goes to a target: binding kind, value, annotation, its text, and the statement's extent."""


class Bindings:
    """Reads binding statements into `names`, `exports` and `imports`."""

    def __init__(
        self, source: Source, regions: Regions, exprs: Expressions, definitions: list[Definition]
    ) -> None:
        self.names = BoundNames(source, regions, definitions)
        self.exports = Exports(source, exprs)
        self.imports = Imports(source, self.names, exprs)
        self._text = source.text
        self._source = source
        self._regions = regions
        self._exprs = exprs
        self.definitions = definitions
        self.protocols: list[tuple[int, int, int, int]] = []
        self.stores: list[tuple[int, int]] = []
        self._identifier = kind_id("identifier")
        self._attribute = kind_id("attribute")
        self._subscript = kind_id("subscript")
        self._equals = kind_id("=", named=False)

    def read(self, found: dict[str, list[Node]], calls: Calls) -> None:
        """Read all binding statements of a file."""
        self.names.declare(found)
        self._read_definitions()
        readers = {
            "assignment": self._assignment,
            "augmented": self._augmented,
            "named": self._named,
            "alias": self._alias,
            "loop": self._loop,
            "with": self._with,
            "except": self._except,
            "pattern": self._pattern,
            "splat": self._splat,
            "delete": self._delete,
            "raise": self._raise,
        }
        for name, reader in readers.items():
            for node in found.get(name, ()):
                reader(node)
        self.imports.read(found)
        for function, node in calls.exports:
            self.exports.call(function, node)

    def _read_definitions(self) -> None:
        for number, d in enumerate(self.definitions):
            conditional = "conditional" in d.flags
            row = (NONE, NONE, None, d.name_line, d.name_column, number, d.start_byte, d.end_byte)
            self.names.bind(d.scope, d.name, BindKind.DEFINITION, (*row, conditional))
        for number, node in self._regions.type_parameters.items():
            scope = self._regions.body_scope[number]
            for parameter in node.named_children:
                self._parameter(parameter, scope)
        for node, scope in self._regions.lambdas:
            parameters = node.child_by_field_name("parameters")
            for parameter in parameters.named_children if parameters is not None else ():
                self._parameter(parameter, scope)

    def _parameter(self, node: Node, scope: int) -> None:
        """A parameter that no definition lists: of a lambda, or of a type."""
        inner = node
        while inner.kind_id != self._identifier and inner.named_children:
            inner = inner.named_children[0]
        if inner.kind_id == self._identifier:
            self.names.used.add(inner.start_byte)
            line, column = inner.start_point
            row = (NONE, NONE, None, line + 1, column, NONE, node.start_byte, node.end_byte, False)
            self.names.bind(scope, self._source.slice(inner), BindKind.PARAMETER, row)

    def _assignment(self, node: Node) -> None:
        parts = node.children
        if len(parts) != len(("left", "=", "right")) or parts[1].kind_id != self._equals:
            self._annotated(node)
            return
        left, equals, right = parts
        scope = self.names.at(equals.start_byte)
        value = self._exprs.told(right)
        if value is None:
            value = self._exprs.of(right, scope)
        target = (BindKind.ASSIGN, value, NONE, None, node.start_byte, node.end_byte)
        if left.kind_id == self._identifier:
            self._name(left, target, scope)
            if self._text.startswith(b"__", left.start_byte):
                self._special(left, right, scope)
        else:
            self._target(left, target, scope)

    def _annotated(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        annotation = node.child_by_field_name("type")
        if left is None:
            return
        scope = self.names.at(left.end_byte)
        value = self._exprs.maybe(right, scope)
        row = self._exprs.annotation(annotation, scope)
        text = None if annotation is None else self._source.slice(annotation)
        self._target(
            left, (BindKind.ASSIGN, value, row, text, node.start_byte, node.end_byte), scope
        )
        if right is not None and left.kind_id == self._identifier:
            self._special(left, right, scope)

    def _target(self, node: Node, target: _Target, scope: int) -> None:
        """Bind one target of an assignment, a loop or a `with`, and all targets in it."""
        stack = [(node, target)]
        while stack:
            node, target = stack.pop()
            kind = node.kind_id
            if kind == self._identifier:
                self._name(node, target, scope)
            elif kind == self._attribute:
                self.names.writes[node.end_byte] = SiteKind.WRITE
                if not self._receiver_attribute(node, target, scope):
                    self._store(node, target, scope)
            elif kind == self._subscript:
                self._store(node, target, scope)
            else:
                stack += reversed(self._parts(node, target))

    def _parts(self, node: Node, target: _Target) -> list[tuple[Node, _Target]]:
        """The targets in a target, each with what goes to it."""
        kind, value, *_, start, end = target
        children = [child for child in node.named_children if child.type != "comment"]
        if node.type in _SPLATS:
            return [(child, (kind, NONE, NONE, None, start, end)) for child in children]
        if node.type == "parenthesized_expression":
            return [(child, target) for child in children]
        if node.type not in _TUPLES:
            return []
        parts: list[tuple[Node, _Target]] = []
        for position, child in enumerate(children):
            row = NONE if value == NONE else self._exprs.add((Op.UNPACK, value, position))
            parts.append((child, (kind, row, NONE, None, start, end)))
        return parts

    def _name(self, node: Node, target: _Target, scope: int) -> None:
        names = self.names
        start = node.start_byte
        name = self._exprs.slice(node)
        if names.globals and names.is_global(scope, name):
            names.writes[node.end_byte] = SiteKind.WRITE
        else:
            names.used.add(start)
        line, column = node.start_point
        kind, value, annotation, text, first, last = target
        row = (value, annotation, text, line + 1, column, NONE, first, last, False)
        names.bind(scope, name, kind, row)

    def _store(self, node: Node, target: _Target, scope: int) -> None:
        """`a.b = …` and `a[b] = …`."""
        if target[1] != NONE:
            self.stores.append((self._exprs.of(node, scope), target[1]))

    def _receiver_attribute(self, node: Node, target: _Target, scope: int) -> bool:
        """`self.x = …` in a method binds a field of the class."""
        receiver, dot, name = self._text[node.start_byte : node.end_byte].partition(b".")
        if not dot or b"." in name:
            return False
        method = self.names.receiver(scope, receiver.strip())
        if method == NONE:
            return False
        name = name.strip()
        line, column = node.end_point
        kind, value, annotation, text, start, end = target
        row = (
            self.definitions[method].scope, name.decode(), kind, value, annotation,
            text, line + 1, column - len(name), method, start, end, False,
        )  # fmt: skip
        self.names.attributes.append(row)
        return True

    def _special(self, left: Node, right: Node, scope: int) -> None:
        """`__all__` and `__slots__`, whose strings are names."""
        name = self._source.slice(left)
        if name == "__all__" and scope == 0:
            self.exports.assign(right)
        elif name == "__slots__" and self._regions.regions[scope].kind == ScopeKind.CLASS:
            for text, node in self.exports.strings(right):
                line, column = node.start_point
                row = (NONE, NONE, None, line + 1, column + 1, NONE, node.start_byte, node.end_byte)
                self.names.bind(scope, text, BindKind.SLOT, (*row, False))

    def _augmented(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return
        if left.kind_id == self._attribute:
            self.names.writes[left.end_byte] = SiteKind.READ_WRITE
        elif left.kind_id == self._identifier:
            scope = self.names.at(left.start_byte)
            name = self._source.slice(left)
            if name == "__all__" and scope == 0:
                self.exports.extend(right)
            if not self.names.is_global(scope, name):
                extent = (node.start_byte, node.end_byte)
                self._name(left, (BindKind.ASSIGN, NONE, NONE, None, *extent), scope)
                self.names.used.discard(left.start_byte)
            self.names.writes[left.end_byte] = SiteKind.READ_WRITE

    def _named(self, node: Node) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is None:
            return
        scope = self.names.at(node.start_byte)
        row = self._exprs.maybe(value, scope)
        target = (BindKind.ASSIGN, row, NONE, None, node.start_byte, node.end_byte)
        self._name(name, target, self._regions.binding_scope(scope))

    def _alias(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        while left is not None and left.kind_id != self._identifier:
            left = left.named_children[0] if left.named_children else None
        if left is not None:
            scope = self.names.at(node.start_byte)
            value = self._exprs.maybe(right, scope)
            extent = (node.start_byte, node.end_byte)
            self._name(left, (BindKind.ASSIGN, value, NONE, None, *extent), scope)

    def _loop(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None:
            return
        start = node.start_byte
        scope = outer = self.names.at(start)
        if start in self._regions.first_clauses:
            outer = self._regions.regions[scope].parent
        value = self._exprs.maybe(right, outer)
        if value != NONE:
            value = self._exprs.add((Op.ITER, value))
            if right is not None:
                self.protocols.append((outer, value, right.start_byte, right.end_byte))
        extent = (left.start_byte, left.end_byte if right is None else right.end_byte)
        self._target(left, (BindKind.LOOP, value, NONE, None, *extent), scope)

    def _with(self, node: Node) -> None:
        value = node.child_by_field_name("value")
        self._as_target(node, value, BindKind.WITH, Op.ENTER)
        if value is not None:
            context = value.named_children[0] if value.type == "as_pattern" else value
            scope = self.names.at(context.start_byte)
            row = self._exprs.of(context, scope)
            if row != NONE:
                entered = self._exprs.add((Op.ENTER, row))
                self.protocols.append((scope, entered, context.start_byte, context.end_byte))

    def _except(self, node: Node) -> None:
        value = node.child_by_field_name("value")
        self._as_target(node, value, BindKind.EXCEPT, Op.INSTANCE)

    def _as_target(self, node: Node, value: Node | None, kind: int, op: int) -> None:
        """The `y` of `with x as y` and `except x as y`."""
        alias = value.child_by_field_name("alias") if value is not None else None
        if value is None or alias is None or not alias.named_children:
            return
        scope = self.names.at(alias.start_byte)
        row = self._exprs.add((op, self._exprs.of(value.named_children[0], scope)))
        extent = (node.start_byte, node.end_byte)
        self._target(alias.named_children[0], (kind, row, NONE, None, *extent), scope)

    def _pattern(self, node: Node) -> None:
        """A bare name in a `case` binds; a dotted one or a class is read."""
        for child in node.named_children:
            kind = child.type
            if kind == "keyword_pattern":
                child, kind = child.named_children[-1], "dotted_name"
            if (
                kind == "dotted_name"
                and child.type == "dotted_name"
                and len(child.named_children) == 1
            ):
                self._capture(node, child.named_children[0])
            elif kind == "as_pattern":
                self._capture(node, child.named_children[-1])

    def _splat(self, node: Node) -> None:
        """`*rest` and `**rest` in a `case`."""
        if node.named_children:
            self._capture(node, node.named_children[-1])

    def _capture(self, node: Node, name: Node) -> None:
        if name.kind_id == self._identifier and self._source.slice(name) != "_":
            extent = (node.start_byte, node.end_byte)
            target = (BindKind.PATTERN, NONE, NONE, None, *extent)
            self._name(name, target, self.names.at(name.start_byte))

    def _raise(self, node: Node) -> None:
        """`raise A` makes an instance of A."""
        value = node.named_children[0] if node.named_children else None
        if value is not None and value.kind_id in {self._identifier, self._attribute}:
            scope = self.names.at(node.start_byte)
            row = self._exprs.add((Op.INSTANCE, self._exprs.of(value, scope)))
            self.protocols.append((scope, row, value.start_byte, value.end_byte))

    def _delete(self, node: Node) -> None:
        """What `del` takes away is written to."""
        stack = list(node.named_children)
        while stack:
            item = stack.pop()
            if item.type in _TUPLES or item.type == "parenthesized_expression":
                stack.extend(item.named_children)
            elif item.kind_id in {self._identifier, self._attribute}:
                self.names.writes[item.end_byte] = SiteKind.WRITE
