"""Which names a file calls, hands on, extends, fills and sets: the way back from a definition.

Linking goes from a use to what it means; value flow also asks who may call a function. The answer
is looked for only in files that mention its name, so each file lists the names it mentions, by the
last part of what is written and by what the file itself renames.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from indexer.facts import NONE, SLICE, BindKind, Op, ScopeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.facts import FileFacts

CALLED = "()"
HANDED = ","
EXTENDED = "<"
FILLED = "+"
STORED = "="
DEFINED = ":"
"""What happens to a name, as the end of a mention: `run()`, `callback,`, `Base<`, `run:`."""

INDIRECT = "()"
"""The mention of calls whose callee has no name of its own, or a variable's."""

LAMBDAS = ","
"""The mention of calls that are given a lambda."""

_FILLERS = frozenset(
    {"append", "appendleft", "add", "insert", "extend", "update", "setdefault", "push", "put"}
    | {"put_nowait", "__setitem__", "register"}
)


_NAMED = frozenset({Op.NAME, Op.ATTR})
_PASSED = _NAMED | {Op.ITEM}


class Fill(NamedTuple):
    """Something put into a container: the container, the key if it is told, and the value."""

    container: int
    key: int
    value: int
    spread: bool


class Mentions:
    """The mentions of one file, by name.

    calls: CALL rows; handed: rows that pass the name on (calls, displays, returned values).
    decorated: definitions decorated with it; derived: classes with such a base; fills; stores:
    target and value; methods: classes that define one of the name. lambdas: the calls that each is
    given to, by its scope. indirect: calls of variables, items and results; made_to_order:
    definitions decorated with the result of a call.
    """

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._renamed = _renamed(facts)
        self._variables = _variables(facts)
        self.calls: dict[str, list[int]] = {}
        self.handed: dict[str, list[int]] = {}
        self.lambdas: dict[int, list[int]] = {}
        self.decorated: dict[str, list[int]] = {}
        self.derived: dict[str, list[int]] = {}
        self.fills: dict[str, list[Fill]] = {}
        self.stores: dict[str, list[tuple[int, int]]] = {}
        self.methods: dict[str, list[int]] = {}
        self.indirect: list[int] = []
        self.made_to_order: list[int] = []
        call, displays = Op.CALL, {Op.LIST, Op.DICT}
        for number, row in enumerate(facts.exprs):
            op = row[0]
            if op == call:
                self._call(number, row)
            elif op in displays:
                self._hand(row[2], number)
        self._heads()
        for target, value in facts.stores:
            self._store(target, value)

    def counts(self) -> dict[str, int]:
        """How often each mention stands here, in the order of their names."""
        found = {name + CALLED: len(rows) for name, rows in self.calls.items()}
        for name, numbers in self.decorated.items():
            found[name + CALLED] = found.get(name + CALLED, 0) + len(numbers)
        for end, table in (
            (HANDED, self.handed),
            (EXTENDED, self.derived),
            (FILLED, self.fills),
            (STORED, self.stores),
            (DEFINED, self.methods),
        ):
            found.update((name + end, len(rows)) for name, rows in table.items())
        if self.indirect or self.made_to_order:
            found[INDIRECT] = len(self.indirect) + len(self.made_to_order)
        if self.lambdas:
            found[LAMBDAS] = len(self.lambdas)
        return dict(sorted(found.items()))

    def names(self, expr: int) -> Iterable[str]:
        """The last name of an expression, and what it is an other name for in this file."""
        if expr == NONE:
            return ()
        row = self._facts.exprs[expr]
        if row[0] in _NAMED:
            return self._renamed.get(row[2]) or (row[2],)
        return self.names(row[1]) if row[0] == Op.ITEM else ()

    def _call(self, number: int, row: tuple[Any, ...]) -> None:
        callee: int = row[1]
        if callee == NONE:
            called: tuple[Any, ...] = (NONE,)
        else:
            called = self._facts.exprs[callee]
        arguments: tuple[int, ...] = row[2]
        if called[0] in _NAMED:
            last: str = called[2]
            for name in self._renamed.get(last) or (last,):
                self.calls.setdefault(name, []).append(number)
            if last in self._variables:
                self.indirect.append(number)
            if arguments and last in _FILLERS and called[0] == Op.ATTR:
                self._fill(called, arguments)
        elif callee != NONE:
            self.indirect.append(number)
        if arguments:
            self._hand(arguments, number)
        if row[3]:
            self._hand([argument for _, argument in row[3]], number)

    def _hand(self, values: Iterable[int], row: int) -> None:
        """What a row passes on: the arguments of a call, the items of a display, a result."""
        exprs, op_of_lambda = self._facts.exprs, Op.LAMBDA
        for value in values:
            op = exprs[value][0] if value != NONE else NONE
            if op == op_of_lambda:
                self.lambdas.setdefault(exprs[value][1], []).append(row)
            elif op in _PASSED:
                for name in self.names(value):
                    self.handed.setdefault(name, []).append(row)

    def _fill(self, called: tuple[Any, ...], arguments: tuple[int, ...]) -> None:
        first, *rest = arguments
        keyed = rest and called[2] in {"setdefault", "__setitem__"}
        spread = called[2] in {"extend", "update"}
        fill = Fill(called[1], first if keyed else NONE, rest[-1] if rest else first, spread)
        for name in self.names(called[1]):
            self.fills.setdefault(name, []).append(fill)

    def _heads(self) -> None:
        scopes = self._facts.scopes
        for number, definition in enumerate(self._facts.definitions):
            around = scopes[definition.scope]
            if around.kind == ScopeKind.CLASS and not definition.is_class:
                self.methods.setdefault(definition.name, []).append(around.definition)
            for value in definition.returns:
                self._hand((value,), value)
            for base in definition.bases:
                for name in self.names(base):
                    self.derived.setdefault(name, []).append(number)
            for decorator in definition.decorators:
                if decorator != NONE and self._facts.exprs[decorator][0] == Op.CALL:
                    self.made_to_order.append(number)
                for name in self.names(decorator):
                    self.decorated.setdefault(name, []).append(number)

    def _store(self, target: int, value: int) -> None:
        if target == NONE:
            return
        row = self._facts.exprs[target]
        if row[0] == Op.ATTR:
            self.stores.setdefault(row[2], []).append((target, value))
        elif row[0] == Op.ITEM:
            spread = row[2] != NONE and self._facts.exprs[row[2]] == SLICE
            fill = Fill(row[1], row[2], value, spread)
            for name in self.names(row[1]):
                self.fills.setdefault(name, []).append(fill)


def _renamed(facts: FileFacts) -> dict[str, tuple[str, ...]]:
    """Names that stand for others here (`import a as b`, `b = a`), each followed by those."""
    found: dict[str, set[str]] = {}
    for row in (*facts.bindings, *facts.attributes):
        if row.value == NONE:
            continue
        value = facts.exprs[row.value]
        op = value[0]
        if op == Op.IMPORT_FROM:
            other = value[3]
        elif (op == Op.NAME or op == Op.ATTR) and row.kind == BindKind.ASSIGN:
            other = value[2]
        else:
            continue
        if other != row.name:
            found.setdefault(row.name, set()).add(other)
    return {name: (name, *sorted(others)) for name, others in found.items()}


def _variables(facts: FileFacts) -> frozenset[str]:
    """Names that are bound to something other than a definition or an import."""
    fixed = {BindKind.DEFINITION, BindKind.IMPORT}
    names = {row.name for row in facts.bindings if row.kind not in fixed}
    names.update(row.name for row in facts.attributes)
    for definition in facts.definitions:
        names.update(parameter.name for parameter in definition.parameters)
    return frozenset(names)


def mention_hashes(facts: FileFacts) -> dict[str, bytes]:
    """For every mention a hash of what is said there, with no positions."""
    mentions = Mentions(facts)
    said = _Said(facts)
    groups: dict[str, list[Any]] = {}
    for name, rows in mentions.calls.items():
        groups.setdefault(name + CALLED, []).extend(map(said.expr, rows))
    for name, numbers in mentions.decorated.items():
        groups.setdefault(name + CALLED, []).extend(map(said.definition, numbers))
    for name, rows in mentions.handed.items():
        groups[name + HANDED] = list(map(said.expr, rows))
    for name, numbers in mentions.derived.items():
        groups[name + EXTENDED] = list(map(said.definition, numbers))
    for name, numbers in mentions.methods.items():
        groups[name + DEFINED] = list(map(said.definition, numbers))
    for name, fills in mentions.fills.items():
        groups[name + FILLED] = [[said.expr(e) for e in fill[:3]] for fill in fills]
    for name, stores in mentions.stores.items():
        groups[name + STORED] = [[said.expr(e) for e in store] for store in stores]
    if mentions.indirect or mentions.made_to_order:
        groups[INDIRECT] = list(map(said.expr, mentions.indirect))
        groups[INDIRECT] += map(said.definition, mentions.made_to_order)
    if mentions.lambdas:
        groups[LAMBDAS] = [said.expr(e) for rows in mentions.lambdas.values() for e in rows]
    return {
        name: blake2b(repr(sorted(map(repr, group))).encode(), digest_size=8).digest()
        for name, group in groups.items()
    }


class _Said:
    """Expressions without the numbers of their tables, but with the definition they stand in."""

    def __init__(self, facts: FileFacts) -> None:
        self._facts = facts
        self._known: dict[int, str] = {}

    def expr(self, number: int) -> str:
        if number == NONE:
            return "?"
        known = self._known.get(number)
        if known is None:
            row = self._facts.exprs[number]
            if row[0] == Op.NAME:
                told = f" {row[3]} {self.expr(row[4])}" if row[3:] else ""
                known = f"{row[2]}@{self._place(row[1])}{told}"
            elif row[0] == Op.LAMBDA:
                known = f"lambda {self.expr(row[2])}"
            else:
                operands = [self._operand(row[0], i, row[i]) for i in range(1, len(row))]
                known = repr((row[0], operands))
            self._known[number] = known
        return known

    def definition(self, number: int) -> str:
        definition = self._facts.definitions[number]
        heads = [self.expr(e) for e in (*definition.decorators, *definition.bases)]
        return f"{definition.qualified_name}#{definition.ordinal} {heads}"

    def _operand(self, op: int, position: int, value: Any) -> Any:
        if op in {Op.IMPORT, Op.IMPORT_FROM} or (op == Op.UNPACK and position == 2):
            return value
        if isinstance(value, tuple):
            items = cast("tuple[Any, ...]", value)
            return [self._operand(op, position, item) for item in items]
        return self.expr(value) if isinstance(value, int) else value

    def _place(self, scope: int) -> str:
        facts = self._facts
        while scope > 0:
            definition = facts.scopes[scope].definition
            if definition != NONE:
                found = facts.definitions[definition]
                return f"{found.qualified_name}#{found.ordinal}"
            scope = facts.scopes[scope].parent
        return ""
