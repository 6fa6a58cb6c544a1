"""Classes and functions of a Python file: heads, parameters, docstrings, results.

Parameter lists without defaults and annotations, most of them, are read from their text, once for
each text.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import TYPE_CHECKING

from indexer.facts import NONE, Definition, Op, Parameter, ScopeKind
from indexer.languages.python.grammar import kind_id
from indexer.languages.python.regions import is_conditional

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.regions import Regions
    from indexer.languages.python.source import Source

_PLAIN_PARAMETERS = re.compile(rb"\(\s*(?:[A-Za-z_]\w*\s*(?:,\s*|(?=\))))*\)")
_DOCSTRING_START = re.compile(rb"[rRuU]?[\"']|[(#]")
_BYTES_OR_FORMATTED = re.compile(rb"[rR]?[bBfFtT]")
_STARS = {"list_splat_pattern": "*", "dictionary_splat_pattern": "**"}
_NO_BASES = frozenset({"keyword_argument", "comment", "dictionary_splat", "list_splat"})


class Definitions:
    """Reads class and function definitions."""

    def __init__(self, source: Source, regions: Regions, exprs: Expressions) -> None:
        self._source = source
        self._text = source.text
        self._regions = regions
        self._exprs = exprs
        self._plain: dict[bytes, tuple[Parameter, ...]] = {b"()": ()}
        self._names: dict[str, Parameter] = {}
        self._class_kind = kind_id("class_definition")

    def read(self, found: dict[str, list[Node]]) -> list[Definition]:
        """All definitions, in document order."""
        self._returns = self._by_definition(found.get("return", []))
        self._yields = self._by_definition(found.get("yield", []))
        ordinals: dict[str, int] = {}
        names: list[str] = []
        result: list[Definition] = []
        for number, node in enumerate(self._regions.nodes):
            scope = self._regions.scope_at(node.start_byte)
            name = node.child_by_field_name("name") or node
            qualified = self._qualify(scope, self._exprs.slice(name), names)
            names.append(qualified)
            ordinal = ordinals[qualified] = ordinals.get(qualified, 0) + 1
            result.append(self._definition(node, number, name, (scope, qualified, ordinal)))
        self._mark_abstract(found.get("raise", []), result)
        for number, row in enumerate(result):
            # Only where a name is defined twice does it matter whether one of them always wins.
            if ordinals[row.qualified_name] > 1 and is_conditional(self._outer(number)):
                result[number] = row._replace(flags=(*row.flags, "conditional"))
        return result

    def _mark_abstract(self, raises: list[Node], result: list[Definition]) -> None:
        """A function that only raises NotImplementedError is there to be overridden."""
        for node in raises:
            if not self._text.startswith(b"raise NotImplementedError", node.start_byte):
                continue
            number = self._regions.regions[self._regions.scope_at(node.start_byte)].definition
            body = self._regions.bodies[number] if number != NONE else None
            if body is None or body.end_byte != node.end_byte:
                continue
            first = body.named_children[0]
            is_docstring = first.type == "expression_statement" and result[number].docstring
            if first.start_byte == node.start_byte or (
                is_docstring and first.next_named_sibling == node
            ):
                row = result[number]
                result[number] = row._replace(flags=(*row.flags, "abstract"))

    def _outer(self, number: int) -> Node:
        node = self._regions.nodes[number]
        return self._regions.decorated.get(node.start_byte, node)

    def _qualify(self, scope: int, name: str, names: list[str]) -> str:
        regions = self._regions.regions
        while scope != 0 and regions[scope].definition == NONE:
            scope = regions[scope].parent
        owner = regions[scope].definition
        return name if owner == NONE else f"{names[owner]}.{name}"

    def _definition(
        self, node: Node, number: int, name: Node, identity: tuple[int, str, int]
    ) -> Definition:
        scope, qualified, ordinal = identity
        outer = self._outer(number)
        body = self._regions.bodies[number]
        is_class = node.kind_id == self._class_kind
        head = node.child_by_field_name("superclasses" if is_class else "parameters")
        annotation = None if is_class else node.child_by_field_name("return_type")
        body_scope = self._regions.body_scope[number]
        # Type parameters open the scope before the body does.
        inside = body_scope if number in self._regions.type_parameters else scope
        start, first, end = outer.start_byte, node.start_byte, node.end_byte
        line, column = name.start_point
        last = annotation or head or node.child_by_field_name("type_parameters") or name
        decorators, decorator_names = self._decorators(outer, scope) if start != first else ((), ())
        return Definition(
            is_class,
            self._exprs.slice(name),
            scope,
            body_scope,
            qualified,
            ordinal,
            outer.start_point[0] + 1,
            node.end_point[0] + 1,
            start,
            end,
            line + 1,
            column,
            self._signature(first, last.end_byte),
            self.docstring(body),
            decorators,
            decorator_names,
            self._bases(head, inside) if is_class else (),
            () if is_class or head is None else self._parameters(head, inside),
            self._exprs.annotation(annotation, inside),
            tuple(self._returns.get(number, ())),
            tuple(self._yields.get(number, ())),
            self._flags(number, first),
            blake2b(self._text[start:end], digest_size=8).hexdigest(),
        )

    def _flags(self, number: int, start: int) -> tuple[str, ...]:
        generator = ("generator",) if number in self._yields else ()
        return (*generator, "async") if self._text.startswith(b"async", start) else generator

    def _signature(self, start: int, end: int) -> str:
        """The head of a definition on one line: `def f(a, b) -> C` or `class A(B)`."""
        head = self._source.without_comments(start, end)
        return " ".join(head.decode().split())

    def _decorators(self, outer: Node, scope: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
        nodes = [d for d in outer.named_children if d.type == "decorator" and d.named_child_count]
        rows = tuple(self._exprs.of(node.named_children[0], scope) for node in nodes)
        return rows, tuple(self._source.slice(node.named_children[0]) for node in nodes)

    def _bases(self, arguments: Node | None, scope: int) -> tuple[int, ...]:
        if arguments is None:
            return ()
        bases = [c for c in arguments.named_children if c.type not in _NO_BASES]
        return tuple(self._exprs.of(base, scope) for base in bases)

    def _parameters(self, node: Node, scope: int) -> tuple[Parameter, ...]:
        text = self._text[node.start_byte : node.end_byte]
        plain = self._plain.get(text)
        if plain is not None:
            return plain
        if _PLAIN_PARAMETERS.fullmatch(text):
            names = text[1:-1].decode().replace(",", " ").split()
            rows = self._plain[text] = tuple(map(self._named, names))
            return rows
        return self._full_parameters(node, scope)

    def _named(self, name: str) -> Parameter:
        """The parameter that is a name only; equal ones are one."""
        row = self._names.get(name)
        if row is None:
            row = self._names[name] = Parameter(name, "", NONE, NONE)
        return row

    def _full_parameters(self, node: Node, scope: int) -> tuple[Parameter, ...]:
        rows: list[Parameter] = []
        keyword_only = False
        for child in node.named_children:
            kind = child.type
            if kind == "positional_separator":
                rows = [row._replace(kind="/") for row in rows]
            elif kind == "keyword_separator":
                keyword_only = True
            elif kind not in {"comment", "ERROR"}:
                row = self._parameter(child, kind, scope)
                rows.append(row._replace(kind="=") if keyword_only and not row.kind else row)
                keyword_only = keyword_only or row.kind == "*"
        return tuple(rows)

    def _parameter(self, node: Node, kind: str, scope: int) -> Parameter:
        annotation = default = NONE
        inner = node
        if kind in {"default_parameter", "typed_default_parameter"}:
            default = self._exprs.maybe(node.child_by_field_name("value"), scope)
            inner = node.child_by_field_name("name") or node
        if kind in {"typed_parameter", "typed_default_parameter"}:
            annotation = self._exprs.annotation(node.child_by_field_name("type"), scope)
        if kind == "typed_parameter":
            inner = node.named_children[0]
        star = _STARS.get(inner.type, "")
        if star and inner.named_children:
            inner = inner.named_children[0]
        return Parameter(self._exprs.slice(inner), star, annotation, default)

    def docstring(self, body: Node | None) -> str | None:
        """The docstring of a body or module, quotes and prefix taken off, else None."""
        if body is None or not _DOCSTRING_START.match(self._text, body.start_byte):
            return None
        first = body.named_child(0) if body.named_child_count else None
        while first is not None and first.type == "comment":
            first = first.next_named_sibling
        if first is None or first.type != "expression_statement" or not first.named_child_count:
            return None
        string = first.named_children[0]
        while string.type == "parenthesized_expression" and string.named_child_count == 1:
            string = string.named_children[0]
        strings = string.named_children if string.type == "concatenated_string" else [string]
        if not all(map(self._is_text, strings)):
            return None
        parts = [p for s in strings for p in s.named_children if p.type == "string_content"]
        return "".join(map(self._source.slice, parts)).strip()

    def _is_text(self, node: Node) -> bool:
        is_string = node.type == "string"
        return is_string and not _BYTES_OR_FORMATTED.match(self._text, node.start_byte)

    def _by_definition(self, nodes: list[Node]) -> dict[int, dict[int, None]]:
        """Values returned or yielded, by the function that does it."""
        result: dict[int, dict[int, None]] = {}
        regions = self._regions.regions
        for node in nodes:
            scope = self._regions.scope_at(node.start_byte)
            region = regions[self._regions.binding_scope(scope)]
            if region.kind != ScopeKind.FUNCTION:
                continue
            result.setdefault(region.definition, {})[self._result(node, scope)] = None
        return result

    def _result(self, node: Node, scope: int) -> int:
        """The row of what is returned or yielded; of an element of it for `yield from`."""
        children = node.children
        if len(children) == 1:
            return NONE
        value = children[1]
        if value.type in {"from", "comment"}:
            named = [child for child in node.named_children if child.type != "comment"]
            if not named:
                return NONE
            is_from = any(child.type == "from" for child in children)
            row = self._exprs.of(named[0], scope)
            return self._exprs.add((Op.ITER, row)) if is_from and row != NONE else row
        return self._exprs.of(value, scope)
