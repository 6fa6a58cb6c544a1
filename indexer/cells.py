"""Export signatures: what of a file other files can depend on, hashed name by name.

A cell is (file, module-level name). Its hash covers what other files may ask about that name, with
no positions: the signature of a function and what its result is made of, the members of a class,
the value of a variable. An edit inside a body that changes none of this leaves every cell as it
was, and then only the edited file is linked again.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Binding, BindKind, Definition, FileFacts, Op
from indexer.solver import STARS

if TYPE_CHECKING:
    from collections.abc import Iterable


_OPERANDS: dict[int, tuple[int, ...]] = {
    Op.ARRAY: (1,),
    Op.WILDCARD: (2,),
    Op.CAST: (1, 2),
    Op.NEW: (1, 2, 3),
    Op.LOCAL: (2, 3),
    Op.ARROW: (4,),
    Op.METHOD_REF: (1,),
}
"""Where the operands of an expression stand that are expressions, or tuples of them."""

_NUMBERS: dict[int, int] = {Op.NEW: 4, Op.ARROW: 1, Op.ARGUMENT: 1, Op.METHOD_REF: 3}
"""Where an expression has a number that counts others of its kind."""


def cell_hashes(facts: FileFacts) -> dict[str, bytes]:
    """Hash of each module-level name, of all that lies inside it (`inside`), and of `STARS`."""
    return _Signatures(facts).all()


def inside(name: str) -> str:
    """The cell of everything inside a module-level definition, which value flow may ask about."""
    return f"~{name}"


def scope_in(facts: FileFacts, expr: int) -> int:
    """The scope of a name in an expression; 0 for an expression without names."""
    pending = [expr]
    while pending:
        number = pending.pop()
        if number != NONE:
            row = facts.exprs[number]
            if row[0] == Op.NAME:
                return row[1]
            pending += _operands(row)
    return 0


class _Signatures:
    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._flags = dict(zip(map(id, facts.bindings), facts.flags, strict=False))
        self._by_scope: dict[int, list[Binding]] = {}
        self._attributes: dict[int, list[Binding]] = {}
        self._nested: dict[int, list[int]] = {}
        self._shared: list[Binding] = []
        self._is_whole = False
        for row in facts.bindings:
            owner = self._owner(row.scope)
            if owner == 0 and row.scope != 0:
                self._shared.append(row)  # a comprehension or lambda at module level
            else:
                self._by_scope.setdefault(owner, []).append(row)
        for row in facts.attributes:
            self._attributes.setdefault(row.scope, []).append(row)
        self._lasting: dict[int, set[str]] = {}
        for row in (*facts.bindings, *facts.attributes):
            for expr in (row.value, row.annotation):
                around = self._owner(scope_in(facts, expr))
                if around != self._owner(row.scope):
                    self._names(expr, self._lasting.setdefault(around, set()))
        for number, definition in enumerate(facts.definitions):
            self._nested.setdefault(self._owner(definition.scope), []).append(number)

    def _owner(self, scope: int) -> int:
        """The scope, or the nearest around it, that a definition or the module owns."""
        while scope > 0 and self._facts.scopes[scope].definition == NONE:
            scope = self._facts.scopes[scope].parent
        return scope

    def all(self) -> dict[str, bytes]:
        groups: dict[str, list[Any]] = {}
        for row in self._by_scope.get(0, ()):
            group = groups.setdefault(row.name, [])
            group.append(self._binding(row))
            around = self._owner(scope_in(self._facts, row.value))
            if around != 0:
                # A function that sets a global: what its own names mean is part of the value.
                group.append(self._definition(self._facts.scopes[around].definition))
        for number in self._nested.get(0, ()):
            definition = self._facts.definitions[number]
            groups.setdefault(definition.name, []).append(self._definition(number))
        if self._shared:
            shared = [self._binding(row) for row in self._shared]
            for group in groups.values():
                group.append(shared)
        stars = [(s.level, s.module) for s in self._facts.stars]
        taken = [self._expr(e) for e in self._facts.exported_from]
        groups[STARS] = [stars, self._facts.exported, taken, self._facts.package]
        hashes = {name: _digest(group) for name, group in groups.items()}
        self._is_whole = True
        for number in self._nested.get(0, ()):
            name = inside(self._facts.definitions[number].name)
            hashes[name] = _digest((hashes.get(name), self._definition(number)))
        hashes[inside("")] = _digest([self._binding(row) for row in self._shared])
        return hashes

    def _binding(self, row: Binding) -> Any:
        said = (row.name, row.kind, self._expr(row.value), self._expr(row.annotation))
        return (*said, self._flags[id(row)]) if id(row) in self._flags else said

    def _definition(self, number: int) -> Any:
        d = self._facts.definitions[number]
        head = (
            d.is_class,
            d.qualified_name,
            d.ordinal,
            d.flags,
            d.decorator_names,
            self._facts.scopes[d.body][3:],
            [self._expr(e) for e in d.decorators],
            [self._expr(e) for e in d.bases],
            [
                (p.name, p.kind, self._expr(p.annotation), self._expr(p.default))
                for p in d.parameters
            ],
            self._expr(d.annotation),
            [self._expr(e) for e in d.returns],
            [self._expr(e) for e in d.yields],
        )
        inner = [self._definition(n) for n in self._nested.get(d.body, ())]
        rows = self._by_scope.get(d.body, [])
        if d.is_class:
            attributes = self._attributes.get(d.body, [])
            fields = [(self._binding(r), r.definition != NONE) for r in attributes]
            return (head, inner, [self._binding(r) for r in rows], fields)
        return (head, inner, [self._binding(r) for r in self._relevant(d, rows)])

    def _relevant(self, d: Definition, rows: list[Binding]) -> list[Binding]:
        """Local names that what outlives a call may be made of: results, fields, closures."""
        if self._is_whole:
            return rows
        wanted = set(self._lasting.get(d.body, ()))
        for expr in (*d.returns, *d.yields):
            self._names(expr, wanted)
        if self._nested.get(d.body):
            return rows
        while True:
            before = len(wanted)
            for row in rows:
                if row.name in wanted:
                    self._names(row.value, wanted)
                    self._names(row.annotation, wanted)
            if len(wanted) == before:
                outer = self._facts.scopes[d.body].nonlocals
                return [
                    row
                    for row in rows
                    if row.name in wanted or row.name in outer or row.kind == BindKind.DEFINITION
                ]

    def _names(self, expr: int, wanted: set[str]) -> None:
        if expr == NONE:
            return
        row = self._facts.exprs[expr]
        if row[0] == Op.NAME:
            wanted.add(row[2])
            if row[3:]:
                self._names(row[4], wanted)
            return
        for operand in _operands(row):
            self._names(operand, wanted)

    def _expr(self, expr: int) -> Any:
        """An expression without indices into the file's own tables."""
        if expr == NONE:
            return None
        row = self._facts.exprs[expr]
        op = row[0]
        if op == Op.NAME:
            return (op, row[2], row[3], self._expr(row[4])) if row[3:] else (op, row[2])
        if op == Op.LAMBDA:
            return (op, self._expr(row[2]))
        parts = [self._expr(e) for e in _operands(row)]
        if op == Op.CALL:
            return (op, parts, [name for name, _ in row[3]])
        number = _NUMBERS.get(op)
        plain = [x for i, x in enumerate(row[1:], 1) if isinstance(x, str) and i != number]
        if op in {Op.IMPORT, Op.IMPORT_FROM}:
            plain = list(row[1:])
        return (op, plain, parts, row[2] if op == Op.UNPACK else None)


def _operands(row: tuple[Any, ...]) -> list[int]:
    """The expressions that an expression is made of."""
    op = row[0]
    if op in {Op.ATTR, Op.AWAIT, Op.ITER, Op.ENTER, Op.UNPACK, Op.INSTANCE}:
        return [row[1]]
    if op == Op.CALL:
        return [row[1], *row[2], *(value for _, value in row[3])]
    if op == Op.LIST:
        return list(row[2])
    if op == Op.DICT:
        return [*row[1], *row[2]]
    if op == Op.ITEM:
        return [row[1], row[2]]
    if op == Op.UNION:
        return list(row[1])
    if op == Op.LAMBDA:
        return [row[2]]
    if op in _OPERANDS:
        return _flat(row[position] for position in _OPERANDS[op])
    return [row[2], row[3]] if op == Op.OPERATOR else []


def _flat(operands: Iterable[int | tuple[int, ...]]) -> list[int]:
    found: list[int] = []
    for operand in operands:
        found += [operand] if isinstance(operand, int) else operand
    return found


def _digest(value: Any) -> bytes:
    return blake2b(repr(value).encode(), digest_size=8).digest()
