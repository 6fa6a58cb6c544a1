"""What a variable, a field or the result of a function may be: the rules that the solver iterates.

An annotation that says something is believed; only without one are the values followed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, PARAMETER, Binding, BindKind
from indexer.languages.python import outside
from indexer.languages.python.outside import ELEMENT, HOLE, VALUE
from indexer.solver import ANYTHING, NOTHING, OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.facts import Definition
    from indexer.languages.python.hierarchy import Class
    from indexer.languages.python.values import Evaluator
    from indexer.solver import Cell, Values, Variable

MAX_VALUES = 32
"""A variable that may hold more different values than this is open: nothing follows from it."""

_CALLABLE = frozenset({"fn", "bound", "cls", "lam", "hole"})
_NONE = frozenset({outside.instance("builtins.NoneType")})


class Variables:
    """The solver's rule and owner for ("var" | "field" | "ret" | "lam", path, …)."""

    def __init__(self, values: Evaluator) -> None:
        self._values = values
        self._names = values.names
        self._hierarchy = values.hierarchy

    def rule(self, variable: Variable) -> Values:
        """The solver's rule: the value of a name in a scope, a field, or a function's result."""
        kind, path = variable[0], variable[1]
        if kind == "var":
            in_force = variable[4:]
            found = self._variable(path, variable[2], variable[3], *(in_force or (None,)))
        elif kind == "field":
            found = self._field(path, variable[2], variable[3])
        elif kind == "lam":
            found = self._values.of(path, variable[3])
        else:
            found = self._returned(path, variable[2])
        return self._bounded(found)

    def _bounded(self, found: Values) -> Values:
        return ANYTHING if len(found) > MAX_VALUES or OPEN in found else found

    def owner(self, variable: Variable) -> Cell:
        """The cell that a variable belongs to."""
        kind, path = variable[0], variable[1]
        index = self._names.file(path)
        if kind == "lam":
            return path, index.top_name(variable[2])
        if kind == "var":
            if variable[2] == 0:
                return path, variable[3]
            return path, index.top_name(variable[2])
        return path, index.top_name(index.body(variable[2]))

    def _variable(
        self, path: str, scope: int, name: str, in_force: tuple[int, ...] | None
    ) -> Values:
        """A variable's value; in_force: ordinals of the bindings that count, None for all."""
        index = self._names.file(path)
        position = index.parameters.get(scope, {}).get(name)
        if in_force is not None and PARAMETER not in in_force:
            position = None
        found = NOTHING if position is None else self._parameter(path, scope, position)
        rows = index.bindings(scope, name)
        declared = [row for row in rows if row.annotation != NONE]
        if in_force is not None:
            rows = [rows[number] for number in in_force if 0 <= number < len(rows)]
        if declared:
            return found | self._declared(path, scope, declared)
        return found | self._bound(path, rows)

    def _declared(self, path: str, scope: int, rows: list[Binding]) -> Values:
        found = NOTHING
        number = self._names.file(path).class_at(scope)
        own = (path, number) if number != NONE else None
        for row in rows:
            said = self._values.annotations.of(path, row.annotation, own)
            found |= self._believed(path, said, (row.value,))
        return found

    def _believed(self, path: str, said: Values, exprs: Iterable[int]) -> Values:
        """What an annotation says; of a callable, also the functions that it is known to be."""
        if not said:
            return self._values.union(path, exprs)
        if not any(value[0] == "xcall" for value in said):
            return said
        known = self._values.union(path, exprs)
        return said | {value for value in known if value[0] in _CALLABLE}

    def _bound(self, path: str, rows: list[Binding]) -> Values:
        found = NOTHING
        for row in self._names.effective(path, rows):
            if row.kind == BindKind.DEFINITION:
                definition = self._names.definition(path, row.definition)
                found |= {("cls" if definition.is_class else "fn", path, row.definition)}
            elif row.kind == BindKind.PARAMETER:
                found |= {HOLE}
            else:
                found |= self._values.of(path, row.value)
        return found

    def _parameter(self, path: str, scope: int, position: int) -> Values:
        index = self._names.file(path)
        number = index.facts.scopes[scope].definition
        definition = index.facts.definitions[number]
        parameter = definition.parameters[position]
        owner = index.class_of(number)
        receiver = None if position else index.receiver(number)
        if receiver is not None and (
            parameter.annotation == NONE
            or self._values.annotations.variable_of_receiver(path, definition)
        ):
            return frozenset({receiver})
        said = NOTHING
        if parameter.annotation != NONE:
            own = (path, owner) if owner != NONE else None
            said = self._values.annotations.of(path, parameter.annotation, own)
            if parameter.kind == "*":
                said = outside.holding("builtins.tuple", ELEMENT, said)
            elif parameter.kind == "**":
                said = outside.holding("builtins.dict", VALUE, said)
        if not said:
            return self._undeclared(path, number, position)
        if any(value[0] == "xcall" for value in said):
            known = self._undeclared(path, number, position)
            said |= {value for value in known if value[0] in _CALLABLE}
        return said

    def _undeclared(self, _path: str, _number: int, _position: int) -> Values:
        """What a parameter may be that no annotation tells about: a default is one case of many."""
        return frozenset({HOLE})

    def _field(self, path: str, number: int, name: str) -> Values:
        index = self._names.file(path)
        body = index.facts.definitions[number].body
        rows = index.field_rows(body, name)
        found = NOTHING
        for row in rows:
            if row.annotation != NONE:
                found |= self._values.annotations.of(path, row.annotation, (path, number))
        if found:
            return self._believed(path, found, [row.value for row in rows])
        if name in index.scopes.get(body, ()) and self._hierarchy.is_enum((path, number)):
            return frozenset({("inst", path, number)})
        for row in rows:
            found |= self._values.of(path, row.value)
        # A field that holds None alone is set from elsewhere.
        return found if found != _NONE else found | {HOLE}

    def _results(self, _path: str, definition: Definition) -> Iterable[int]:
        """The expressions that a function returns."""
        return definition.returns

    def _returned(self, path: str, number: int) -> Values:
        index = self._names.file(path)
        definition = index.facts.definitions[number]
        owner = index.class_of(number)
        own: Class | None = (path, owner) if owner != NONE else None
        if definition.annotation != NONE:
            said = self._values.annotations.of(path, definition.annotation, own)
            if own is not None and self._values.annotations.is_self(path, definition):
                said = frozenset({("inst", *own)})
            if said:
                return self._believed(path, said, self._results(path, definition))
        found = self._values.union(path, self._results(path, definition))
        if definition.yields:
            elements = self._values.union(path, definition.yields)
            found = outside.holding("typing.Generator", ELEMENT, elements)
        return found
