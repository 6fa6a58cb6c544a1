"""What an expression may evaluate to: constructors, annotations, returns, attributes, protocols.

Values are denotations (see `lookup`) and further: ("inst", path, class), ("bound", path, function,
path and number of the receiver's class or None), ("super", path, class, receiver's path, class),
("xinst", …) for instances of what lies outside (see `outside`), ("xcall", value) for a callable by
annotation, ("xmeth", atom, name) for a method of an outside instance. Sets of values only grow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op
from indexer.languages.python import builtin_calls, outside, stdlib
from indexer.languages.python.annotations import Annotations
from indexer.languages.python.containers import Containers
from indexer.languages.python.outside import HOLE
from indexer.solver import ANYTHING, NOTHING, OPEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from indexer.languages.python.hierarchy import Hierarchy
    from indexer.languages.python.lookup import Denotation, Names
    from indexer.solver import Solver, Values

_GETTERS = frozenset({"builtins.property", "functools.cached_property"})


class Evaluator(Containers):
    """Evaluates expressions of all files over one solver."""

    def __init__(self, names: Names, hierarchy: Hierarchy, solver: Solver) -> None:
        self.names = names
        self.hierarchy = hierarchy
        self.solver = solver
        self.annotations = Annotations(names, hierarchy)
        self._home = ""
        self._known: dict[int, Values] = {}
        self._ops: dict[int, Callable[[str, tuple[Any, ...]], Values]] = {
            Op.NAME: self._name,
            Op.ATTR: self._attr,
            Op.CALL: self._call,
            Op.CONST: lambda _, row: frozenset({outside.instance(f"builtins.{row[1]}")}),
            Op.LIST: self._collection,
            Op.DICT: self._dictionary,
            Op.ITEM: self._item,
            Op.UNION: lambda path, row: self.union(path, row[1]),
            Op.LAMBDA: lambda path, row: frozenset({("lam", path, row[1], row[2])}),
            Op.AWAIT: lambda path, row: outside.awaited(self.of(path, row[1])),
            Op.ITER: self._iter,
            Op.ENTER: self._enter,
            Op.UNPACK: self._unpack,
            Op.INSTANCE: self._instance,
            Op.IMPORT: lambda path, row: frozenset(self.names.imported(path, row)),
            Op.IMPORT_FROM: lambda path, row: frozenset(self.names.imported(path, row)),
            Op.OPERATOR: self._operator,
        }

    # Expressions

    def begin(self, path: str) -> None:
        """Remember what a file's expressions are, while questions are asked for it alone."""
        self._home, self._known = path, {}

    def of(self, path: str, expr: int) -> Values:
        """The values that an expression may have; empty when nothing is known."""
        if expr == NONE:
            return NOTHING
        # Between questions every answer is final, and its reads are noted for the same cell.
        if self.solver.under_way or path != self._home:
            return self._evaluate(path, expr)
        known = self._known.get(expr)
        if known is None:
            known = self._known[expr] = self._evaluate(path, expr)
        return known

    def _evaluate(self, path: str, expr: int) -> Values:
        row = self.names.file(path).facts.exprs[expr]
        rule = self._ops.get(row[0])
        return NOTHING if rule is None else rule(path, row)

    def union(self, path: str, parts: Iterable[int]) -> Values:
        """The values of several expressions together."""
        found = NOTHING
        for part in parts:
            found |= self.of(path, part)
        return found

    def value_of(self, denotation: Denotation) -> Values:
        """A denotation as a value: variables and fields are looked up."""
        if denotation[0] in {"var", "field"}:
            return self.solver.get(denotation)
        return frozenset({denotation})

    def _name(self, path: str, row: tuple[Any, ...]) -> Values:
        found = NOTHING
        for denotation in self.names.named(path, row):
            found |= self.value_of(denotation)
        if len(row) > len(("op", "scope", "name", "in force", "class")):
            found = self._without(path, found, row[5])
        if len(row) > len(("op", "scope", "name")) and row[4] != NONE:
            return self._narrowed(path, found, row[4])
        return found

    def _without(self, path: str, values: Values, classes: tuple[int, ...]) -> Values:
        """What is left of values that are no instances of some classes, told by names alone."""
        exprs = self.names.file(path).facts.exprs
        parts: list[int] = []
        for cls in classes:
            is_tuple = cls != NONE and exprs[cls][0] == Op.LIST
            parts += exprs[cls][2] if is_tuple else (cls,)
        told = {d for part in parts for d in self.names.static(path, part)}
        return frozenset(v for v in values if not self._is_among(v, told))

    def _is_among(self, value: Denotation, classes: set[Denotation]) -> bool:
        if value[0] == "inst":
            return not classes.isdisjoint(self.hierarchy.order((value[1], value[2])))
        return value[0] == "xinst" and ("ext", value[1]) in classes

    def _narrowed(self, path: str, values: Values, cls: int) -> Values:
        """What is left of values that are instances of a class, or just an instance of it."""
        told = self._instance(path, (Op.INSTANCE, cls))
        if not told or told == ANYTHING:
            return values
        classes = {("cls", t[1], t[2]) for t in told}
        kept = (v for v in values if v[0] == "inst")
        return (
            frozenset(v for v in kept if classes & set(self.hierarchy.order((v[1], v[2])))) or told
        )

    def _attr(self, path: str, row: tuple[Any, ...]) -> Values:
        found = NOTHING
        for owner in self.of(path, row[1]):
            if owner == OPEN:
                return ANYTHING
            members = self.attribute(owner, row[2])
            if owner == HOLE:
                found |= {HOLE}
            elif not members:
                found |= stdlib.attribute(self, owner, row[2])
            for member, bound in members:
                found |= self.member(member, bound)
        return found

    def attribute(self, owner: Denotation, name: str) -> list[tuple[Denotation, Denotation]]:
        """What `owner.name` denotes, each with the owner it was found through."""
        kind = owner[0]
        if kind in {"mod", "ns", "ext"}:
            return [(d, owner) for d in self.names.attributes([owner], name)]
        if kind == "cls":
            return [(d, owner) for d in self.hierarchy.find((owner[1], owner[2]), name)]
        if kind == "inst":
            if name == "__class__":
                return [(("cls", owner[1], owner[2]), owner)]
            return [(d, owner) for d in self.hierarchy.find((owner[1], owner[2]), name)]
        if kind == "super":
            found = self.hierarchy.find((owner[3], owner[4]), name, after=(owner[1], owner[2]))
            return [(d, ("inst", owner[3], owner[4])) for d in found]
        return []

    def member(self, member: Denotation, owner: Denotation) -> Values:
        """The value of a member when it is read through its owner."""
        if member[0] == "field":
            return self._field_value(member, owner)
        if member[0] != "fn" or owner[0] not in {"inst", "cls"}:
            return self.value_of(member)
        definition = self.names.definition(member[1], member[2])
        if owner[0] == "inst" and self.hierarchy.is_property(member):
            return self.returned(member[1], member[2], owner)
        if "staticmethod" in definition.decorator_names:
            return frozenset({member})
        if owner[0] == "cls" and "classmethod" not in definition.decorator_names:
            return frozenset({member})
        return frozenset({("bound", member[1], member[2], owner[0], owner[1], owner[2])})

    def _field_value(self, field: Denotation, owner: Denotation) -> Values:
        """A field's value; a descriptor among its values gives what its `__get__` returns."""
        values = self.value_of(field)
        getters = self.accessors(field, values, "__get__")
        if not getters or owner[0] != "inst":
            return values
        found: set[Denotation] = {v for v in values if v not in getters}
        for member, through in getters.values():
            found |= self.returned(member[1], member[2], through)
        return frozenset(found)

    def accessors(
        self, field: Denotation, values: Values, name: str
    ) -> dict[Denotation, tuple[Denotation, Denotation]]:
        """What runs for each descriptor that a field of a class body may hold: function, receiver.

        name: `__get__` or `__set__`; `property(f)` runs f.
        """
        found: dict[Denotation, tuple[Denotation, Denotation]] = {}
        if not self.hierarchy.is_in_body(field):
            return found
        for value in values:
            if value[0] == "inst":
                for member in self.hierarchy.find((value[1], value[2]), name):
                    if member[0] == "fn":
                        found[value] = (member, value)
            elif value[0] == "xinst" and value[1] in _GETTERS and name == "__get__":
                getter: Denotation = value[3] or ("none",)
                if getter[0] == "fn":
                    found[value] = (getter, ("inst", field[1], field[2]))
        return found

    def result_of(self, path: str, number: int) -> Values:
        """What a function may return, whoever calls it."""
        return self.solver.get(("ret", path, number))

    def lambda_result(self, function: Denotation) -> Values:
        """What a lambda gives; a variable, because lambdas may call each other in a circle."""
        return self.solver.get(function)

    def returned(self, path: str, number: int, receiver: Denotation | None) -> Values:
        """What calling a function gives; a result that is the receiver has the receiver's class."""
        found = self.result_of(path, number)
        if receiver is None or receiver[0] not in {"inst", "cls"}:
            return found
        index = self.names.file(path)
        owner = index.class_of(number)
        own = ("inst", path, owner)
        if owner == NONE or own not in found or not self._returns_self(path, number):
            return found
        return (found - {own}) | {("inst", receiver[1], receiver[2])}

    def _returns_self(self, path: str, number: int) -> bool:
        """True when the function returns its receiver, or says `Self`, or builds `cls()`."""
        index = self.names.file(path)
        definition = index.facts.definitions[number]
        if definition.annotation != NONE:
            return self.annotations.is_self(path, definition)
        if not definition.parameters:
            return False
        first = definition.parameters[0].name
        for value in definition.returns:
            row = index.expr(value)
            if row[0] == Op.CALL and row[1] != NONE:
                row = index.facts.exprs[row[1]]
            if row[0] == Op.NAME and row[2] == first:
                return True
        return False

    def _call(self, path: str, row: tuple[Any, ...]) -> Values:
        special = self._super(path, row)
        if special is not None:
            return special
        found = NOTHING
        for callee in self.of(path, row[1]):
            found |= self.called(callee, path, row)
        return found

    def called(self, callee: Denotation, path: str, row: tuple[Any, ...]) -> Values:
        """What calling a value gives."""
        kind = callee[0]
        if kind == "cls":
            return frozenset({("inst", callee[1], callee[2])})
        if kind == "fn":
            return self.returned(callee[1], callee[2], None)
        if kind == "bound":
            return self.returned(callee[1], callee[2], (callee[3], callee[4], callee[5]))
        if kind == "inst":
            found = NOTHING
            for member, owner in self.attribute(callee, "__call__"):
                if member[0] == "fn":
                    found |= self.returned(member[1], member[2], owner)
            return found
        if kind == "lam":
            return self.lambda_result(callee)
        if kind == "xcall":
            return frozenset({callee[1]}) if callee[1] is not None else NOTHING
        if kind in {"open", "hole"}:
            return frozenset({callee})
        return self._called_outside(callee, path, row)

    def _called_outside(self, callee: Denotation, path: str, row: tuple[Any, ...]) -> Values:
        if callee[0] == "ext":
            return builtin_calls.result(self, callee[1], path, row)
        if callee[0] == "xinst":
            return stdlib.method(stdlib.Call(self, path, row), callee, "__call__")
        if callee[0] != "xmeth":
            return NOTHING
        name = f"{callee[1][1]}.{callee[2]}"
        if builtin_calls.is_known(name):
            return builtin_calls.result(self, name, path, row)
        return stdlib.method(stdlib.Call(self, path, row), callee[1], callee[2])

    def inherited(self, owner: Denotation, method: str) -> Values:
        """What a special method gives that only something outside the repository defines."""
        return stdlib.protocol(self, owner, method)

    def _super(self, path: str, row: tuple[Any, ...]) -> Values | None:
        """`super()` and `super(C, self)`, as the object whose look-up starts behind a class."""
        exprs = self.names.file(path).facts.exprs
        if row[1] == NONE or exprs[row[1]][0] != Op.NAME or exprs[row[1]][2] != "super":
            return None
        number = self.names.file(path).class_at(exprs[row[1]][1])
        if number == NONE:
            return NOTHING
        own = (path, number)
        if row[2]:
            named = [d for d in self.names.static(path, row[2][0]) if d[0] == "cls"]
            if len(named) == 1:
                return frozenset({("super", named[0][1], named[0][2], *own)})
        return frozenset({("super", *own, *own)})
