"""Expressions of a Java file as rows of one table.

Equal expressions share a row; what carries no fact is `NONE` instead of a row. A name that means a
local variable is replaced by the variable's own row, so that only names of fields, types and
packages are left to linking.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from indexer.facts import NONE, Op
from indexer.languages.java.grammar import kind_id
from indexer.languages.java.written_types import MAX_DEPTH, WrittenTypes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from indexer.languages.java.local_names import LocalNames
    from indexer.languages.java.regions import Regions

    Builder = Callable[["Expressions", Node, int], int]

_NAME, _ATTR = Op.NAME, Op.ATTR
_SHORT = 40
"""Bytes of text that are looked at to tell a name or literal."""

is_name = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*").fullmatch
_WORDS = {b"true": "boolean", b"false": "boolean", b"null": "null"}
is_chain = re.compile(rb"[\w$\x80-\xff]+(?:\.[\w$\x80-\xff]+)*").fullmatch
_LITERALS = {
    "true": "boolean",
    "false": "boolean",
    "character_literal": "char",
    "null_literal": "null",
    "string_literal": "String",
    "instanceof_expression": "boolean",
}
_INTEGERS = (
    "decimal_integer_literal",
    "hex_integer_literal",
    "octal_integer_literal",
    "binary_integer_literal",
)
_FLOATS = ("decimal_floating_point_literal", "hex_floating_point_literal")
_COMPARISONS = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||"})


class Expressions(WrittenTypes):
    """Builds the expression table of one file.

    All methods take the scope in which a node is evaluated, because to look it up for every part of
    an expression would cost more than to read the part. `fields` has the fields that the file's
    classes declare, by scope and name.
    """

    def __init__(self, text: bytes, regions: Regions, locals_: LocalNames) -> None:
        super().__init__(text)
        self._regions = regions
        self._locals = locals_
        self.calls: dict[int, int] = {}
        self.fields: set[tuple[int, bytes]] = set()
        self.field_names: set[bytes] = set()
        self.lambdas: dict[int, int] = {}
        self._named: dict[tuple[int, bytes], int] = {}
        self.results: dict[int, list[Node]] = {}
        self._references = 0
        self._numbers = {kind_id(kind) for kind in (*_INTEGERS, *_FLOATS)}
        self._builders = _builders()
        self._literals = {
            kind_id(kind): self.add((Op.CONST, name)) for kind, name in _LITERALS.items()
        }
        self._plain = {word: self.add((Op.CONST, name)) for word, name in _WORDS.items()}

    def of(self, node: Node, scope: int) -> int:
        """The row of an expression's node, made on first use.

        Names and literals, most of all, are told by their text: to ask a node for its kind costs
        three times as much.
        """
        start, end = node.start_byte, node.end_byte
        if end - start < _SHORT:
            text = self._text[start:end]
            row = self._plain.get(text)
            if row is not None:
                return row
            if is_name(text):
                return self.variable(text, start, scope)
        row = self.calls.get(node.id)
        return row if row is not None else self._built(node, scope)

    def _built(self, node: Node, scope: int) -> int:
        kind = node.kind_id
        builder = self._builders.get(kind)
        if kind in self._literals:
            row = self._literals[kind]
        elif builder is None or self._depth > MAX_DEPTH:
            return NONE
        else:
            self._depth += 1
            row = builder(self, node, scope)
            self._depth -= 1
            if kind not in self._numbers:
                return row
        self._plain[self._text[node.start_byte : node.end_byte]] = row
        return row

    def maybe(self, node: Node | None, scope: int) -> int:
        """The row of an expression that may be absent."""
        return NONE if node is None else self.of(node, scope)

    def variable(self, name: bytes, byte: int, scope: int) -> int:
        """The row of a simple name in an expression: a local variable's, or a name to be linked."""
        row = self._locals.row(name, byte, self)
        return row if row != NONE else self.named(name, scope)

    def named(self, name: bytes, scope: int) -> int:
        """The row of a name that means no local variable; also of `this` and `super`."""
        key = (scope, name)
        row = self._named.get(key)
        if row is None:
            row = self._named[key] = self.add((_NAME, scope, self.name(name)))
        return row

    def local(self, name: bytes, byte: int) -> bool:
        """True when a simple name means a local variable."""
        return self._locals.has(name, byte, self)

    # Calls

    def call(self, node: Node, scope: int) -> tuple[int, Node | None]:
        """The row of a method call, and the node of the method's name."""
        children = node.children
        count = len(children)
        if count == 2:
            name, arguments = children
            callee = self.named(self._text[name.start_byte : name.end_byte], scope)
        elif count == 4:
            target, _, name, arguments = children
            callee = self.add((_ATTR, self.of(target, scope), self.slice(name)))
        else:
            return self._long_call(node, scope)
        row = self.add((Op.CALL, callee, self.arguments(arguments, scope), ()))
        self.calls[node.id] = row
        return row, name

    def _long_call(self, node: Node, scope: int) -> tuple[int, Node | None]:
        """A call with `super` behind a name, with type arguments or comments, or a broken one."""
        name, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
        if name is None or arguments is None:
            return NONE, None
        target = node.child_by_field_name("object")
        if target is None:
            callee = self.add((_NAME, scope, self.slice(name)))
        else:
            owner = self.of(target, scope)
            if any(child.type == "super" for child in node.children[1:]):
                owner = self.add((_ATTR, owner, "super"))
            callee = self.add((_ATTR, owner, self.slice(name)))
        given = node.child_by_field_name("type_arguments")
        types = tuple(("<", t) for t in self._type_arguments(given, scope)) if given else ()
        row = self.add((Op.CALL, callee, self.arguments(arguments, scope), types))
        self.calls[node.id] = row
        return row, name

    def arguments(self, node: Node | None, scope: int) -> tuple[int, ...]:
        """The rows of an argument list."""
        if node is None or node.end_byte - node.start_byte == len("()"):
            return ()
        of = self.of
        return tuple([of(child, scope) for child in node.named_children if not child.is_extra])

    def creation(self, node: Node, scope: int) -> tuple[int, Node | None]:
        """The row of `new C(…)`, and the node of the class's name."""
        type_ = node.child_by_field_name("type")
        if type_ is None:
            return NONE, None
        arguments = self.arguments(node.child_by_field_name("arguments"), scope)
        first = node.children[0]
        outer = NONE if first.type == "new" else self.of(first, scope)
        row = self.new(self.type_(type_, scope), arguments, outer, node)
        self.calls[node.id] = row
        return row, type_

    def new(self, type_: int, arguments: tuple[int, ...], outer: int, node: Node) -> int:
        """The row of an instance creation; `node` may have a class body."""
        body = self._regions.number_of.get(node.id)
        return self.add((Op.NEW, type_, arguments, outer, "" if body is None else str(body)))

    def creation_row(self, node: Node, scope: int) -> int:
        """The row of a creation that was not read before."""
        return self.creation(node, scope)[0]

    def call_row(self, node: Node, scope: int) -> int:
        """The row of a call that was not read before."""
        return self.call(node, scope)[0]

    # Other expressions

    def access(self, node: Node, scope: int) -> int:
        """`a.b`; also `C.this`."""
        start = node.start_byte
        text = self._text[start : node.end_byte]
        if len(text) < MAX_DEPTH and is_chain(text):
            return self.chain(text, start, scope)
        value, name = node.child_by_field_name("object"), node.child_by_field_name("field")
        if value is None or name is None:
            return NONE
        return self.add((_ATTR, self.of(value, scope), self.slice(name)))

    def chain(self, text: bytes, byte: int, scope: int) -> int:
        """The row of a dotted name that starts at a byte."""
        head, *names = text.split(b".")
        is_keyword = head == b"this" or head == b"super"
        row = self.named(head, scope) if is_keyword else self.variable(head, byte, scope)
        for name in names:
            row = self.add((_ATTR, row, self.name(name)))
        return row

    def keyword(self, node: Node, scope: int) -> int:
        """`this` and `super`."""
        return self.add((_NAME, scope, self.slice(node)))

    def inner(self, node: Node, scope: int) -> int:
        """Thousands of nested parentheses are a loop here, not a recursion."""
        while node.type == "parenthesized_expression":
            children = [c for c in node.named_children if not c.is_extra]
            if len(children) != 1:
                return NONE
            node = children[0]
        return self.of(node, scope)

    def cast(self, node: Node, scope: int) -> int:
        """`(T) x`."""
        type_ = self.type_maybe(node.child_by_field_name("type"), scope)
        return self.add((Op.CAST, type_, self.maybe(node.child_by_field_name("value"), scope)))

    def conditional(self, node: Node, scope: int) -> int:
        """`c ? a : b`."""
        parts = [node.child_by_field_name(name) for name in ("consequence", "alternative")]
        return self.add((Op.UNION, tuple(self.maybe(part, scope) for part in parts)))

    def binary(self, node: Node, scope: int) -> int:
        """`a + b`; nested ones are a loop, since sums of hundreds of strings exist."""
        pending: list[tuple[str, int]] = []
        current: Node | None = node
        while current is not None and current.type == "binary_expression":
            operator = current.child_by_field_name("operator")
            sign = "" if operator is None else operator.type
            if sign in _COMPARISONS:
                row = self.add((Op.CONST, "boolean"))
                break
            pending.append((sign, self.maybe(current.child_by_field_name("right"), scope)))
            current = current.child_by_field_name("left")
        else:
            row = self.maybe(current, scope)
        for sign, right in reversed(pending):
            row = self.add((Op.OPERATOR, sign, row, right))
        return row

    def unary(self, node: Node, scope: int) -> int:
        """`-a` is what `a` is, but for small integers, which become `int`; `!a` is a boolean."""
        operator = node.child_by_field_name("operator")
        if operator is not None and operator.type == "!":
            return self.add((Op.CONST, "boolean"))
        return self.add(
            (Op.OPERATOR, "-", self.maybe(node.child_by_field_name("operand"), scope), NONE)
        )

    def first(self, node: Node, scope: int) -> int:
        """`a++` is what `a` is."""
        return self.maybe(node.named_child(0), scope)

    def assignment(self, node: Node, scope: int) -> int:
        """`a = b` is what `a` is."""
        return self.maybe(node.child_by_field_name("left"), scope)

    def item(self, node: Node, scope: int) -> int:
        """`a[i]`."""
        return self.add((Op.ITEM, self.maybe(node.child_by_field_name("array"), scope), NONE))

    def number(self, node: Node, _scope: int) -> int:
        """A number; its last letter tells its type."""
        last = self._text[node.end_byte - 1 : node.end_byte].lower()
        if node.type in _FLOATS:
            return self.add((Op.CONST, "float" if last == b"f" else "double"))
        return self.add((Op.CONST, "long" if last == b"l" else "int"))

    def class_literal(self, node: Node, scope: int) -> int:
        """`C.class`."""
        return self.add((_ATTR, self.type_maybe(node.named_child(0), scope), "class"))

    def array(self, node: Node, scope: int) -> int:
        """`new T[n][]`."""
        row = self.type_maybe(node.child_by_field_name("type"), scope)
        count = 0
        for child in node.children_by_field_name("dimensions"):
            is_plain = child.type == "dimensions"
            count += self._text[child.start_byte : child.end_byte].count(b"[") if is_plain else 1
        return self.add((Op.CAST, self.array_of(row, count), NONE))

    def switch(self, node: Node, scope: int) -> int:
        """A switch is any of the values of its rules."""
        body = node.child_by_field_name("body")
        rows: dict[int, None] = {}
        for rule in body.named_children if body is not None else []:
            last = rule.named_children[-1] if rule.named_children else rule
            if rule.type == "switch_rule" and last.type == "expression_statement":
                rows[self.maybe(last.named_child(0), scope)] = None
        return self.add((Op.UNION, tuple(rows))) if rows else NONE

    def lambda_(self, node: Node, scope: int) -> int:
        """A lambda: its number, how many parameters it has, and what it returns."""
        known = self.calls.get(node.id)
        if known is not None:
            return known
        parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
        nodes = [] if parameters is None else [parameters]
        if parameters is not None and parameters.type != "identifier":
            nodes = [c.child_by_field_name("name") or c for c in parameters.named_children]
        names = tuple([self.slice(n) for n in nodes if not n.is_extra])
        number = self.lambdas[node.id]
        if body is None or body.type == "block":
            values = self.results.get(number, [])
            results = tuple([self.of(n, scope) for n in values])
            kind = "value" if values else "void"
        else:
            results = (self.of(body, scope),)
            calls = {"method_invocation", "assignment_expression", "update_expression"}
            kind = "either" if body.type in calls | {"object_creation_expression"} else "value"
        row = self.calls[node.id] = self.add((Op.ARROW, str(number), kind, names, results))
        return row

    def reference(self, node: Node, scope: int) -> tuple[int, Node | None]:
        """The row of `x::m`, and the node of the method's name."""
        children = node.children
        first, last = children[0], children[-1]
        if first.type == "identifier" or "type" in first.type:
            byte = first.start_byte
            is_plain = first.type == "identifier"
            name = self._text[byte : first.end_byte]
            owner = self.variable(name, byte, scope) if is_plain else self.type_(first, scope)
        else:
            owner = self.of(first, scope)
        self._references += 1
        row = self.add((Op.METHOD_REF, owner, self.slice(last), str(self._references)))
        self.calls[node.id] = row
        return row, last

    def reference_row(self, node: Node, scope: int) -> int:
        """The row of a method reference."""
        known = self.calls.get(node.id)
        return known if known is not None else self.reference(node, scope)[0]


@cache
def _builders() -> dict[int, Builder]:
    """What makes a row of each kind of node."""
    make = Expressions
    table: dict[str, Builder] = {
        "field_access": make.access,
        "this": make.keyword,
        "super": make.keyword,
        "parenthesized_expression": make.inner,
        "cast_expression": make.cast,
        "ternary_expression": make.conditional,
        "binary_expression": make.binary,
        "unary_expression": make.unary,
        "update_expression": make.first,
        "assignment_expression": make.assignment,
        "array_access": make.item,
        "class_literal": make.class_literal,
        "array_creation_expression": make.array,
        "switch_expression": make.switch,
        "lambda_expression": make.lambda_,
        "method_reference": make.reference_row,
        "method_invocation": make.call_row,
        "object_creation_expression": make.creation_row,
        **dict.fromkeys((*_INTEGERS, *_FLOATS), make.number),
    }
    return {kind_id(kind): builder for kind, builder in table.items()}
