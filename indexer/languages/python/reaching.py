"""Which bindings of a name may be in force at a place, and what `isinstance` says of it there.

Told from the blocks alone: a binding ends the earlier ones for what follows in its block, branches
of one `if` exclude each other, and a loop leads back. A function inside sees all bindings. Only
names that are bound twice in a scope, in a class body, or tested, are looked at.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from indexer.facts import NONE, PARAMETER, ScopeKind
from indexer.languages.python.narrowing import told_by

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from indexer.languages.python.narrowing import Told
    from indexer.languages.python.regions import Regions

_SCOPES = frozenset({"function_definition", "class_definition", "lambda", "module"})
_LOOPS = frozenset({"for_statement", "while_statement"})
_CLAUSES = frozenset({"elif_clause", "else_clause"})
_TARGETS = frozenset({"pattern_list", "tuple_pattern", "list_pattern"})
_MAX_BINDINGS = 64
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*")


class _Span(NamedTuple):
    start: int
    end: int

    def holds(self, byte: int) -> bool:
        return self.start <= byte < self.end


class _Branch(NamedTuple):
    """A clause of an `if`, or of a loop with `else`, around a binding."""

    whole: _Span
    clause: _Span
    clauses: int


class _Bound(NamedTuple):
    """One binding: from where it holds, in which block, and what lies around it."""

    byte: int
    start: int
    block: _Span
    branches: tuple[_Branch, ...]
    loops: tuple[_Span, ...]


class _Test(NamedTuple):
    """Where a name is an instance of the class that a node names, or is none."""

    told: Told
    cls: Node


class InForce(NamedTuple):
    """What is known of a name at a place.

    scope: the one that binds it. bindings: first bytes of the bound names that may be in force,
    `PARAMETER` among them, or None where all may be. cls: names the class that it is tested for.
    excluded: names the classes that it is no instance of.
    """

    scope: int
    bindings: tuple[int, ...] | None
    cls: Node | None
    excluded: tuple[Node, ...] = ()


class Reaching:
    """Answers for one file; made before any expression is read.

    scopes: for each scope the names to ask about.
    """

    def __init__(self, regions: Regions, text: bytes, found: dict[str, list[Node]]) -> None:
        self._regions = regions
        self._text = text
        self._bound: dict[tuple[int, bytes], list[_Bound]] = {}
        self._tests: dict[tuple[int, bytes], list[_Test]] = {}
        self._declared = {
            text[name.start_byte : name.end_byte]
            for kind in ("global", "nonlocal")
            for node in found.get(kind, ())
            for name in node.named_children
        }
        nodes: defaultdict[tuple[int, bytes], list[tuple[int, int, Node]]] = defaultdict(list)
        for byte, start, node in self._bindings(found):
            word = _WORD.match(text, byte)
            if word is not None:
                nodes[regions.scope_at(node.start_byte), word[0]].append((byte, start, node))
        self._parameters: dict[int, frozenset[bytes]] = {}
        self._nodes = {
            key: rows
            for key, rows in nodes.items()
            if (len(rows) > 1 or self._is_class(key[0]) or key[1] in self._words(key[0]))
            and len(rows) <= _MAX_BINDINGS
            and key[1] not in self._declared
        }
        for call in found.get("call", ()) if b"isinstance(" in text else ():
            if text.startswith(b"isinstance(", call.start_byte):
                self._test(call)
        self.scopes: dict[int, set[bytes]] = {}
        for scope, name in (*self._nodes, *self._tests):
            self.scopes.setdefault(scope, set()).add(name)
        for number, region in enumerate(regions.regions):
            inherited = self.scopes.get(region.parent)
            is_seen = region.kind == ScopeKind.COMPREHENSION and not self._is_class(region.parent)
            if inherited and is_seen:
                self.scopes.setdefault(number, set()).update(inherited)

    def at(self, scope: int, name: bytes, byte: int) -> InForce:
        """What is known of a name, read in a scope at a byte."""
        while (scope, name) not in self._nodes and (scope, name) not in self._tests:
            if self._regions.regions[scope].kind != ScopeKind.COMPREHENSION:
                return InForce(scope, None, None)
            scope = self._regions.regions[scope].parent
        rows = self._rows(scope, name)
        cls, excluded = self._tested(scope, name, byte, rows)
        reach = _reach(rows, byte) if rows else set[int]()
        is_whole = PARAMETER in reach or name not in self._words(scope)
        if not rows or (is_whole and len(reach - {PARAMETER}) == len(rows)):
            return InForce(scope, None, cls, excluded)
        return InForce(scope, tuple(sorted(reach)), cls, excluded)

    def _tested(
        self, scope: int, name: bytes, byte: int, rows: list[_Bound]
    ) -> tuple[Node | None, tuple[Node, ...]]:
        """What tests say of a name that has not been bound again since."""
        told = [
            test
            for test in self._tests.get((scope, name), ())
            if test.told.start <= byte < test.told.end
            and not any(test.told.start <= row.start <= byte for row in rows)
        ]
        held = [test for test in told if test.told.holds]
        cls = max(held, key=lambda test: test.told.start).cls if held else None
        return cls, tuple(test.cls for test in told if not test.told.holds)

    def is_read_outside(self, scope: int, name: bytes, byte: int) -> bool:
        """True where a class body reads a name that it binds only later: the module's is meant."""
        rows = self._rows(scope, name) if self._is_class(scope) else []
        return bool(rows) and _reach(rows, byte) == {PARAMETER}

    def bound(self, scope: int, name: bytes) -> set[int]:
        """First bytes of all bindings of a name that are looked at here."""
        return {row.byte for row in self._rows(scope, name)}

    def _is_class(self, scope: int) -> bool:
        return self._regions.regions[scope].kind == ScopeKind.CLASS

    def _words(self, scope: int) -> frozenset[bytes]:
        """The words in a function's parameter list: its parameters, and maybe others."""
        known = self._parameters.get(scope)
        if known is None:
            definition = self._regions.regions[scope].definition
            node = self._regions.nodes[definition] if definition != NONE else None
            inner = node.child_by_field_name("parameters") if node is not None else None
            words: list[bytes] = []
            if inner is not None:
                words = _WORD.findall(self._text, inner.start_byte, inner.end_byte)
            known = self._parameters[scope] = frozenset(words)
        return known

    def _bindings(self, found: dict[str, list[Node]]) -> Iterator[tuple[int, int, Node]]:
        """The names that are bound: first byte of the name, where it holds from, the statement."""
        for node in found.get("assignment", ()):
            left = node.child_by_field_name("left")
            if left is not None and node.child_count > len(("left", "=")):
                yield from ((b, node.end_byte, node) for b in self._targets(left))
        for node in found.get("loop", ()):
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if left is not None and right is not None and node.type == "for_statement":
                yield from ((b, right.end_byte, node) for b in self._targets(left))
        for kind in ("with", "except"):
            for node in found.get(kind, ()):
                value = node.child_by_field_name("value")
                alias = value.child_by_field_name("alias") if value is not None else None
                if value is not None and alias is not None and alias.named_children:
                    yield from (
                        (b, value.end_byte, node) for b in self._targets(alias.named_children[0])
                    )
        for node in self._regions.nodes:
            name = node.child_by_field_name("name")
            if name is not None:
                yield name.start_byte, node.end_byte, node
        yield from self._imports(found)

    def _imports(self, found: dict[str, list[Node]]) -> Iterator[tuple[int, int, Node]]:
        for kind in ("import", "import_from"):
            for node in found.get(kind, ()):
                for child in node.children_by_field_name("name"):
                    named = child.child_by_field_name("alias") or child
                    first = named.named_children[0] if named.type == "dotted_name" else named
                    yield first.start_byte, node.end_byte, node

    def _targets(self, node: Node) -> Iterator[int]:
        pending = [node]
        while pending:
            node = pending.pop()
            if node.type == "identifier":
                yield node.start_byte
            elif node.type in _TARGETS:
                pending += node.named_children

    def _rows(self, scope: int, name: bytes) -> list[_Bound]:
        key = (scope, name)
        known = self._bound.get(key)
        if known is None:
            nodes = self._nodes.get(key, [])
            known = self._bound[key] = [_bound(byte, start, node) for byte, start, node in nodes]
            known.sort(key=lambda row: (row.start, row.byte))
        return known

    # isinstance

    def _test(self, call: Node) -> None:
        arguments = call.child_by_field_name("arguments")
        parts = arguments.named_children if arguments is not None else []
        if len(parts) != 2 or parts[0].type != "identifier":
            return
        name = self._text[parts[0].start_byte : parts[0].end_byte]
        scope = self._regions.scope_at(call.start_byte)
        for told in told_by(call):
            self._tests.setdefault((scope, name), []).append(_Test(told, parts[1]))


def _bound(byte: int, start: int, node: Node) -> _Bound:
    """Where a binding lies, seen from its scope's body."""
    branches: list[_Branch] = []
    loops: list[_Span] = []
    block: _Span | None = None
    child, parent = node, node.parent
    if node.type == "for_statement":
        body = node.child_by_field_name("body") or node
        block = _Span(start, body.end_byte)
        loops.append(_Span(node.start_byte, node.end_byte))
    while parent is not None and parent.type not in _SCOPES:
        if parent.type == "block" and block is None:
            outer = parent.parent
            if outer is None or outer.type != "with_statement":
                block = _Span(parent.start_byte, parent.end_byte)
        if parent.type in _LOOPS:
            loops.append(_Span(parent.start_byte, parent.end_byte))
        branch = _branch(child, parent)
        if branch is not None:
            branches.append(branch)
        child, parent = parent, parent.parent
    if block is None:
        block = _Span(0, 1 << 60)
    return _Bound(byte, start, block, tuple(branches), tuple(loops))


def _branch(child: Node, parent: Node) -> _Branch | None:
    """The clause of a branching statement that a node is."""
    is_if = parent.type == "if_statement"
    if not is_if and parent.type not in _LOOPS:
        return None
    clauses = [c for c in parent.named_children if c.type in _CLAUSES]
    if (not is_if and not clauses) or (child.type not in _CLAUSES and child.type != "block"):
        return None
    has_else = any(clause.type == "else_clause" for clause in clauses)
    return _Branch(
        _Span(parent.start_byte, parent.end_byte),
        _Span(child.start_byte, child.end_byte),
        len(clauses) + 1 if has_else else 0,
    )


def _reach(rows: list[_Bound], byte: int) -> set[int]:
    """First bytes of the bindings that may be in force; `PARAMETER` for what was before."""
    found: set[int] = set()
    covered: dict[_Span, set[_Span]] = {}
    stop: int | None = None
    for row in reversed([row for row in rows if row.start <= byte]):
        if any(b.whole.holds(byte) and not b.clause.holds(byte) for b in row.branches) and not any(
            loop.holds(byte) for loop in row.loops
        ):
            continue
        found.add(row.byte)
        if row.block.holds(byte) or _completes(row, covered, byte):
            stop = row.start
            break
    if stop is None:
        found.add(PARAMETER)
    for row in rows:
        if row.start > byte and any(
            loop.holds(byte) and (stop is None or stop < loop.start) for loop in row.loops
        ):
            found.add(row.byte)
    return found


def _completes(row: _Bound, covered: dict[_Span, set[_Span]], byte: int) -> bool:
    """True when with this binding every branch of a statement before the byte has one."""
    if not row.branches:
        return False
    branch = row.branches[0]
    if not branch.clauses or branch.whole.holds(byte):
        return False
    if row.block.start < branch.clause.start or row.block.end > branch.clause.end:
        return False
    if any(loop.start >= branch.clause.start for loop in row.loops):
        return False
    clauses = covered.setdefault(branch.whole, set())
    clauses.add(branch.clause)
    # A statement that itself lies in a branch decides nothing beyond it.
    return len(clauses) == branch.clauses and len(row.branches) == 1
