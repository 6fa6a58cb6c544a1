"""Local variables, parameters and pattern variables: which one a name means at a place.

Local names hide fields, so a use of one is settled within the file. A declaration gets its row in
the table of expressions when it is first used: most types of locals are never asked for.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from indexer.facts import NONE, Op
from indexer.languages.java.grammar import kind_id

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.java.expressions import Expressions
    from indexer.languages.java.regions import Regions, Visibility

_UNRESOLVED = -2


class _Source(NamedTuple):
    """What a declaration says: its type, its value, or which parameter of which lambda it is."""

    type_: Node | None = None
    value: Node | None = None
    dimensions: int = 0
    is_element: bool = False
    number: int = NONE
    position: int = 0


class _Declared:
    """The declarations of one name, in document order."""

    __slots__ = ("ends", "rows", "sources", "starts")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.rows: list[int] = []
        self.sources: list[_Source] = []


class LocalNames:
    """The local names of one file."""

    def __init__(self, text: bytes, regions: Regions, visibility: Visibility) -> None:
        self._text = text
        self._regions = regions
        self._visibility = visibility
        self._table: dict[bytes, _Declared] = {}
        self._inferred = b"var"
        targets = ("lambda_expression", "method_reference", "ternary_expression")
        self._targets = {kind_id(kind) for kind in targets}

    def read(self, found: dict[str, list[Node]]) -> None:
        """Enter all declarations of a file."""
        for node in found.get("local", ()):
            self._variables(node)
        for node in found.get("parameter", ()):
            self._parameter(node)
        for node in found.get("caught", ()):
            self._caught(node)
        for node in found.get("loop", ()):
            self._loop(node)
        for node in found.get("resource", ()):
            type_, value = node.child_by_field_name("type"), node.child_by_field_name("value")
            self._named(node, _Source(type_, value))
        for node in found.get("tested", ()):
            self._named(node, _Source(node.child_by_field_name("right")))
        for node in found.get("pattern", ()):
            self._pattern(node)
        for number, node in enumerate(found.get("lambda", ())):
            self._lambda(node, number)
        self._sort()

    def _sort(self) -> None:
        for declared in self._table.values():
            starts = declared.starts
            if any(starts[i] > starts[i + 1] for i in range(len(starts) - 1)):
                order = sorted(range(len(starts)), key=starts.__getitem__)
                declared.starts = [starts[i] for i in order]
                declared.ends = [declared.ends[i] for i in order]
                declared.sources = [declared.sources[i] for i in order]
        for declared in self._table.values():
            declared.rows = [_UNRESOLVED] * len(declared.starts)

    def _add(self, name: Node, source: _Source) -> None:
        start = name.start_byte
        text = self._text[start : name.end_byte]
        declared = self._table.get(text)
        if declared is None:
            declared = self._table[text] = _Declared()
        declared.starts.append(start)
        declared.ends.append(self._visibility.end(start))
        declared.sources.append(source)

    def _variables(self, node: Node) -> None:
        type_ = node.child_by_field_name("type")
        for child in node.children_by_field_name("declarator"):
            name = child.child_by_field_name("name")
            if name is not None:
                value = child.child_by_field_name("value")
                self._add(name, _Source(type_, value, dimensions(child)))

    def _named(self, node: Node, source: _Source) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self._add(name, source)

    def _parameter(self, node: Node) -> None:
        name = node.child_by_field_name("name")
        if name is not None:
            self._add(name, _Source(node.child_by_field_name("type"), None, dimensions(node)))
            return
        name, type_ = spread(node)
        if name is not None:
            self._add(name, _Source(type_, None, 1))

    def _caught(self, node: Node) -> None:
        types = [c for c in node.named_children if c.type == "catch_type"]
        self._named(node, _Source(types[0] if types else None))

    def _loop(self, node: Node) -> None:
        type_, value = node.child_by_field_name("type"), node.child_by_field_name("value")
        is_inferred = self._is_inferred(type_)
        self._named(node, _Source(type_, value if is_inferred else None, is_element=is_inferred))

    def _pattern(self, node: Node) -> None:
        children = node.named_children
        if len(children) >= 2 and children[-1].type == "identifier":
            self._add(children[-1], _Source(children[-2]))

    def _lambda(self, node: Node, number: int) -> None:
        parameters = node.child_by_field_name("parameters")
        if parameters is None or parameters.type == "formal_parameters":
            return
        names = [parameters] if parameters.type == "identifier" else parameters.named_children
        for position, name in enumerate(names):
            self._add(name, _Source(number=number, position=position))

    def _is_inferred(self, type_: Node | None) -> bool:
        return type_ is not None and self._text[type_.start_byte : type_.end_byte] == self._inferred

    def row(self, name: bytes, byte: int, exprs: Expressions) -> int:
        """The row of the local variable that a name means at a byte; `NONE` when it means none."""
        declared = self._table.get(name)
        if declared is None:
            return NONE
        index = bisect_right(declared.starts, byte) - 1
        while index >= 0:
            if byte < declared.ends[index]:
                if self._is_hidden(name, declared.starts[index], byte, exprs):
                    return NONE
                row = declared.rows[index]
                return row if row != _UNRESOLVED else self._resolve(declared, index, name, exprs)
            index -= 1
        return NONE

    def has(self, name: bytes, byte: int, exprs: Expressions) -> bool:
        """True when a name means a local variable at a byte."""
        declared = self._table.get(name)
        if declared is None:
            return False
        starts, ends = declared.starts, declared.ends
        for index in range(bisect_right(starts, byte) - 1, -1, -1):
            if byte < ends[index]:
                return not self._is_hidden(name, starts[index], byte, exprs)
        return False

    def _is_hidden(self, name: bytes, start: int, byte: int, exprs: Expressions) -> bool:
        """True when a field of a local class between declaration and use has the name."""
        if name not in exprs.field_names:
            return False
        regions = self._regions.regions
        outer = self._regions.class_around(self._regions.scope_at(start))
        scope = self._regions.scope_at(byte)
        while scope > 0 and regions[scope].definition != outer:
            if (scope, name) in exprs.fields:
                return True
            scope = regions[scope].parent
        return False

    def _resolve(self, declared: _Declared, index: int, name: bytes, exprs: Expressions) -> int:
        source, text = declared.sources[index], exprs.name(name)
        if source.number != NONE:
            row = exprs.add((Op.ARGUMENT, str(source.number), str(source.position)))
        else:
            # A declaration that uses itself finds a variable of which nothing is known.
            declared.rows[index] = exprs.add((Op.LOCAL, text, NONE, NONE))
            scope = self._regions.scope_at(declared.starts[index])
            row = self._typed(text, source, scope, exprs)
        declared.rows[index] = row
        return row

    def _typed(self, name: str, source: _Source, scope: int, exprs: Expressions) -> int:
        if source.is_element:
            element = exprs.add((Op.ITER, exprs.maybe(source.value, scope)))
            return exprs.add((Op.LOCAL, name, NONE, element))
        if self._is_inferred(source.type_):
            return exprs.add((Op.LOCAL, name, NONE, exprs.maybe(source.value, scope)))
        row = exprs.array_of(exprs.type_maybe(source.type_, scope), source.dimensions)
        value = source.value
        is_target = value is not None and value.kind_id in self._targets
        return exprs.add((Op.LOCAL, name, row, exprs.maybe(value, scope) if is_target else NONE))

    def declare_functional(self, exprs: Expressions) -> None:
        """Give rows to locals that hold a lambda: what the lambda is for is said there alone."""
        for name, declared in self._table.items():
            for index, source in enumerate(declared.sources):
                value = source.value
                if value is None or source.type_ is None or value.kind_id not in self._targets:
                    continue
                if declared.rows[index] == _UNRESOLVED:
                    self._resolve(declared, index, name, exprs)


def dimensions(node: Node) -> int:
    """How many `[]` stand behind a declared name."""
    found = node.child_by_field_name("dimensions")
    return 0 if found is None or found.text is None else found.text.count(b"[")


def spread(node: Node) -> tuple[Node | None, Node | None]:
    """Name and type of `T... name`, which the grammar gives no fields."""
    children = [c for c in node.named_children if c.type != "modifiers"]
    if len(children) < 2:
        return None, None
    return children[-1].child_by_field_name("name"), children[0]
