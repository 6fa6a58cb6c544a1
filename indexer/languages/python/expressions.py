"""Expressions of a Python file as rows of one table.

Equal expressions share a row; what carries no fact (an f-string, a comparison) is `NONE` instead of
a row. Dotted chains such as `self.a.b`, four of five expressions, are read from their text at once,
without a visit to the nodes inside.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op
from indexer.languages.python import shapes
from indexer.languages.python.grammar import capture, kind_id, kind_ids
from indexer.languages.python.quoted import Quoted, quoted_expression

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node

    from indexer.languages.python.reaching import InForce, Reaching
    from indexer.languages.python.regions import Regions
    from indexer.languages.python.source import Source

    Builder = Callable[["Expressions", Node, int], int]

MAX_DEPTH = 200
"""Nesting beyond which an expression is left unknown: no file may exhaust the stack."""

_LONG = 2 * MAX_DEPTH
"""Length of a dotted chain that may have more parts than the nesting allowed."""
_NAME, _ATTR = Op.NAME, Op.ATTR

_LITERALS = {
    "string": "str",
    "concatenated_string": "str",
    "integer": "int",
    "float": "float",
    "true": "bool",
    "false": "bool",
    "none": "NoneType",
}
_QUOTE = re.compile(rb"[\"']")

_LONGEST_KEY = 60

PREFIX = "*"
"""End of a literal of which only the start is known."""

_LITERAL_STARTS = b"'\"fF0123456789"
"""First bytes of what `Expressions.told` tells."""

_GETATTR = re.compile(rb"getattr\(").match
_TEMPLATE = re.compile(rb"[fF]?(['\"])([A-Za-z_]\w*)(?:\{|%s\1|\1\s*\+)").match
is_key = re.compile(rb"'[^'\\\n]*'|\"[^\"\\\n]*\"|-?[0-9]+").fullmatch
is_chain = re.compile(rb"[\w\x80-\xff]+(?:\.[\w\x80-\xff]+)*").fullmatch


class _Names(dict[bytes, str]):
    """Names as text, made when first asked for."""

    def __missing__(self, name: bytes) -> str:
        text = self[name] = name.decode()
        return text


class Expressions:
    """Builds the expression table of one file.

    All methods take the scope in which a node is evaluated, because to look it up for every part of
    an expression would cost more than to read the part.
    """

    def __init__(self, source: Source, regions: Regions, reaching: Reaching) -> None:
        self._source = source
        self._reaching = reaching
        self._rebound: dict[tuple[bytes, int, InForce], int] = {}
        self.restricted: list[tuple[int, InForce]] = []
        self._text = source.text
        self._has_getattr = b"getattr(" in source.text
        self.regions = regions
        self.rows: list[tuple[Any, ...]] = []
        self._names = _Names()
        self._interned: dict[tuple[Any, ...], int] = {}
        self.calls: dict[int, int] = {}
        self._chains = [dict[bytes, int]() for _ in regions.regions]
        self._quoted: list[Quoted] = []
        self._attributes: dict[int, int] = {}
        self._depth = 0
        self._identifier, self._call = kind_id("identifier"), kind_id("call")
        self._chain_kinds = kind_ids("identifier", "attribute", "dotted_name")
        self._argument_kinds = _argument_kinds()
        self._splats = kind_ids("list_splat", "dictionary_splat")
        self._builders = _builders()
        self._literals = {
            kind_id(kind): self.add((Op.CONST, name)) for kind, name in _LITERALS.items()
        }

    def of(self, node: Node, scope: int) -> int:
        """The row of a node, made on first use; `NONE` where the node carries no fact."""
        kind = node.kind_id
        if kind in self._chain_kinds:
            text = self._text[node.start_byte : node.end_byte]
            row = self._chains[scope].get(text)
            if row is not None:
                return row
            if kind == self._identifier or is_chain(text):
                return self.chain(text, scope, node.start_byte)
        elif kind == self._call:
            row = self.calls.get(node.id)
            if row is not None:
                return row
        else:
            row = self._literals.get(kind)
            if row is not None:
                return row
        builder = self._builders.get(kind)
        if builder is None or self._depth > MAX_DEPTH:
            return NONE
        self._depth += 1
        row = builder(self, node, scope)
        self._depth -= 1
        return row

    def maybe(self, node: Node | None, scope: int) -> int:
        """The row of a node that may be absent."""
        return NONE if node is None else self.of(node, scope)

    def chain(self, text: bytes, scope: int, start: int) -> int:
        """The row of a dotted chain `a.b.c`, read in a scope; `a` and `a.b` get rows too.

        start: its first byte, which tells what the first name means where it is bound repeatedly.
        """
        chains = self._chains[scope]
        row = chains.get(text)
        if row is None:
            asked = self._reaching.scopes.get(scope)
            if asked is not None and text.partition(b".")[0] in asked:
                return self._rebound_chain(text, scope, start)
            head, _, name = text.rpartition(b".")
            known = self._names[name]
            if not head:
                key: tuple[Any, ...] = (_NAME, scope, known)
            else:
                inner = chains.get(head)
                if inner is None:
                    follow = self.chain if len(text) < _LONG else self._long_chain
                    inner = follow(head, scope, start)
                key = (_ATTR, inner, known)
            # No other way leads to these rows, so that they need not be looked up.
            row = chains[text] = len(self.rows)
            self.rows.append(key)
        return row

    def name(self, name: bytes) -> str:
        """A name as text; equal names are one object, which the stored form then holds once."""
        return self._names[name]

    def _rebound_chain(self, text: bytes, scope: int, start: int) -> int:
        """A chain whose first name does not mean the same everywhere in its scope."""
        head, *names = text.split(b".")
        if self._reaching.is_read_outside(scope, head, start):
            return self.chain(text, 0, start)
        known = self._reaching.at(scope, head, start)
        row = self._rebound.get((head, scope, known))
        if row is None:
            cls = NONE if known.cls is None else self.of(known.cls, scope)
            key: tuple[Any, ...] = (_NAME, scope, self.name(head))
            excluded = tuple(self.of(each, scope) for each in known.excluded)
            if known.bindings is not None or cls != NONE or excluded:
                key = (*key, known.bindings, cls, *((excluded,) if excluded else ()))
            row = self._rebound[head, scope, known] = self.add(key)
            if known.bindings is not None:
                self.restricted.append((row, known))
        for name in names:
            row = self.add((_ATTR, row, self.name(name)))
        return row

    def _long_chain(self, text: bytes, scope: int, start: int) -> int:
        """A chain too long to go down it name by name."""
        head, *names = text.split(b".")
        row = self.chain(head, scope, start)
        for name in names:
            row = self.add((Op.ATTR, row, self.name(name)))
        return row

    def add(self, row: tuple[Any, ...]) -> int:
        """The index of a row; equal rows share one."""
        rows = self.rows
        index = self._interned.setdefault(row, len(rows))
        if index == len(rows):
            rows.append(row)
        return index

    def annotation(self, node: Node | None, scope: int) -> int:
        """The row of an annotation, in which a string means the expression that it quotes."""
        if node is None:
            return NONE
        if not _QUOTE.search(self._text, node.start_byte, node.end_byte):
            return self.of(node, scope)
        return self._with_literals(node, scope, _unquoted(self._literals))

    def call_of(self, node: Node, scope: int) -> int:
        """The row of a call that is not in the file's own tree."""
        return self.call(node, node.child_by_field_name("function") or node, scope)

    def call(self, node: Node, function: Node, scope: int) -> int:
        """The row of a call, which is kept in `calls` under the node's address."""
        arguments = node.child_by_field_name("arguments")
        if arguments is None:
            return NONE
        callee = self.of(function, scope)
        if arguments.end_byte - arguments.start_byte == len("()"):
            row: tuple[Any, ...] = (Op.CALL, callee, (), ())
        else:
            row = (Op.CALL, callee, *self._arguments(arguments, scope))
            if self._has_getattr and _GETATTR(self._text, function.start_byte):
                row = self._getattr(row, arguments)
        index = self.calls[node.id] = self.add(row)
        return index

    def _getattr(self, row: tuple[Any, ...], arguments: Node) -> tuple[Any, ...]:
        """`getattr(x, "name")` keeps the name, or what it begins with."""
        parts = [child for child in arguments.named_children if child.type != "comment"]
        if len(parts) < 2 or len(row[2]) < 2:
            return row
        name = self.told(parts[1])
        return row if name is None else (*row[:2], (row[2][0], name, *row[2][2:]), row[3])

    def told(self, node: Node) -> int | None:
        """The row of a literal that keeps its text.

        Of a name that is put together (`"visit_" + x`, `f"visit_{x}"`) the start is kept.
        """
        start = node.start_byte
        if self._text[start : start + 1] not in _LITERAL_STARTS:
            return None
        match = _TEMPLATE(self._text, start)
        if match is None:
            return self.key(node)
        return self.add((Op.CONST, "str", f'"{match[2].decode()}{PREFIX}'))

    def slice(self, node: Node) -> str:
        """The text of a name's node."""
        return self._names[self._text[node.start_byte : node.end_byte]]

    def _arguments(
        self, node: Node, scope: int
    ) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
        if node.kind_id != self._argument_kinds[0]:
            return (self.of(node, scope),), ()
        _, keyword_argument, comment = self._argument_kinds
        splats = self._splats
        of = self.of
        positional: list[int] = []
        keywords: list[tuple[str, int]] = []
        for argument in node.named_children:
            kind = argument.kind_id
            if kind == keyword_argument:
                parts = argument.children
                name = self.slice(parts[0])
                row = self.key(parts[-1]) if name == "bound" else None
                keywords.append((name, of(parts[-1], scope) if row is None else row))
            elif kind in splats:
                keywords.append(("*", of(argument.named_children[0], scope)))
            elif kind != comment:
                positional.append(of(argument, scope))
        return tuple(positional), tuple(keywords)

    def _with_literals(self, node: Node, scope: int, literals: dict[int, int]) -> int:
        outer, self._literals = self._literals, literals
        row = self.of(node, scope)
        self._literals = outer
        return row

    def quoted(self, node: Node, scope: int) -> int:
        """The row of what a string in an annotation quotes; the names in it become code."""
        found = quoted_expression(self._text, node)
        if found is None:
            return self.add((Op.CONST, "str"))
        # Calls are known by their nodes' addresses, which a freed tree would give to others.
        self._quoted.append(found)
        self._source.show(found.content)
        self._source.blank(capture(found.tree.root_node).get("string", ()))
        return self.of(found.expression, scope)

    def inner(self, node: Node, scope: int) -> int:
        """Thousands of nested parentheses are a loop here, not a recursion."""
        while node.type in {"parenthesized_expression", "type"}:
            children = shapes.code_children(node)
            if len(children) != 1:
                return NONE
            node = children[0]
        return self.of(node, scope)

    def attribute(self, node: Node, scope: int) -> int:
        """An attribute of what is no dotted chain."""
        value = node.child_by_field_name("object")
        name = node.child_by_field_name("attribute")
        if value is None or name is None or name.is_missing:
            return NONE
        row = self._attributes.get(node.id)
        if row is None:
            row = self.add((Op.ATTR, self.of(value, scope), self.slice(name)))
            self._attributes[node.id] = row
        return row

    def subscript(self, node: Node, scope: int) -> int:
        """`x[i]`, also as a generic type."""
        value = node.child_by_field_name("value")
        if value is None:
            return NONE
        return self._item(value, node.children_by_field_name("subscript"), scope)

    def generic_type(self, node: Node, scope: int) -> int:
        """`list[int]`, where the grammar knows it as a type."""
        return self._item(
            node.named_children[0], shapes.code_children(node.named_children[-1]), scope
        )

    def _item(self, base: Node, indices: list[Node], scope: int) -> int:
        """A subscription; strings in `Literal[…]` and the rest of `Annotated[…]` quote nothing."""
        quotes, name = len(indices), self._text[base.start_byte : base.end_byte].rpartition(b".")[2]
        if name in {b"Literal", b"Annotated"}:
            quotes = int(name == b"Annotated")
        rows = [self.key(index) or self.of(index, scope) for index in indices[:quotes]]
        if quotes < len(indices):
            plain = {**self._literals, kind_id("string"): self.add((Op.CONST, "str"))}
            rows += [self._with_literals(index, scope, plain) for index in indices[quotes:]]
        index = rows[0] if len(rows) == 1 else self.add((Op.LIST, "tuple", tuple(rows)))
        return self.add((Op.ITEM, self.of(base, scope), index))

    def key(self, node: Node) -> int | None:
        """The row of a plain literal that is a subscript or a key; it keeps its text."""
        kind = self._literals.get(node.kind_id)
        if kind is not None and node.end_byte - node.start_byte <= _LONGEST_KEY:
            text = self._text[node.start_byte : node.end_byte]
            if is_key(text):
                return self.add((Op.CONST, self.rows[kind][1], text.replace(b"'", b'"').decode()))
        return None


def _unquoted(literals: dict[int, int]) -> dict[int, int]:
    """The literals without strings, which `Expressions.quoted` then reads."""
    string = kind_id("string")
    return {kind: row for kind, row in literals.items() if kind != string}


@cache
def _argument_kinds() -> tuple[int, int, int]:
    return kind_id("argument_list"), kind_id("keyword_argument"), kind_id("comment")


@cache
def _builders() -> dict[int, Builder]:
    """What reads a node, by the number of its kind."""
    builders: dict[str, Builder] = {
        "string": Expressions.quoted,
        "attribute": Expressions.attribute,
        "call": Expressions.call_of,
        "subscript": Expressions.subscript,
        "generic_type": Expressions.generic_type,
        "union_type": shapes.union,
        "member_type": shapes.member_type,
        "dictionary": shapes.dictionary,
        "conditional_expression": shapes.conditional,
        "boolean_operator": shapes.boolean,
        "binary_operator": shapes.binary,
        "lambda": shapes.lambda_,
        "await": shapes.awaited,
        "assignment": shapes.right,
        "named_expression": shapes.value,
        "slice": shapes.slice_,
        "keyword_argument": shapes.value,
        "dictionary_comprehension": shapes.dictionary_comprehension,
        "as_pattern": shapes.first,
        "parenthesized_expression": Expressions.inner,
        "type": Expressions.inner,
    }
    builders.update(dict.fromkeys(shapes.COLLECTIONS, shapes.collection))
    builders.update(dict.fromkeys(shapes.COMPREHENSIONS, shapes.comprehension))
    return {kind_id(kind): builder for kind, builder in builders.items()}
