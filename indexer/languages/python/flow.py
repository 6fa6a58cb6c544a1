"""Value flow: what reaches parameters, fields and containers from elsewhere.

A second evaluation over the first one's rules. It is asked only where types leave a hole, so what
it finds never weakens what they prove. Bounded: sets of values and of callers have a largest size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.cells import inside
from indexer.facts import NONE, Op, Parameter
from indexer.languages.python import builtin_calls, outside
from indexer.languages.python.callers import DECORATED, MAX_CALLS
from indexer.languages.python.flow_cells import flow_cell
from indexer.languages.python.outside import ELEMENT, HOLE, VALUE
from indexer.languages.python.values import Evaluator
from indexer.languages.python.variables import Variables
from indexer.mentions import FILLED, STORED
from indexer.solver import ANYTHING, NOTHING, OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.facts import Definition
    from indexer.languages.python.callers import Callers
    from indexer.languages.python.lookup import Denotation
    from indexer.mentions import Fill, Mentions
    from indexer.solver import Cell, Values, Variable

MAX_FLOWING = 64
"""A variable that more different values than this flow into is open."""

FLOW = "flow"
"""First item of a flow variable, before the denotation of what it is for."""


class FlowEvaluator(Evaluator):
    """Evaluates expressions with what flows into them."""

    def value_of(self, denotation: Denotation) -> Values:
        """A denotation as a value, with what flows into variables and fields."""
        if denotation[0] in {"var", "field"}:
            return self.solver.get((FLOW, *denotation))
        return frozenset({denotation})

    def result_of(self, path: str, number: int) -> Values:
        """What a function may return, whoever calls it.

        Its head is read with it, by whoever has the function as a value: names of parameters.
        """
        index = self.names.file(path)
        self.solver.note((path, index.top_name(index.body(number))))
        return self.solver.get((FLOW, "ret", path, number))

    def lambda_result(self, function: Denotation) -> Values:
        """What a lambda gives, whoever calls it."""
        return self.solver.get((FLOW, *function))

    def called(self, callee: Denotation, path: str, row: tuple[Any, ...]) -> Values:
        """What calling a value gives; a parameter that is returned is this call's argument."""
        found = super().called(callee, path, row)
        if callee[0] not in {"fn", "bound"}:
            return found
        parameters = self.names.definition(callee[1], callee[2]).parameters
        taken = int(callee[0] == "bound")
        for position in self.solver.get((FLOW, "passes", callee[1], callee[2])):
            found |= self.argument((path, row, taken), parameters, position)
        return found

    def argument(
        self,
        call: tuple[str, tuple[Any, ...], int],
        parameters: tuple[Parameter, ...],
        position: int,
    ) -> Values:
        """What a call, of which the receiver takes some parameters, passes to a parameter."""
        path, row, taken = call
        parameter = parameters[position]
        positional, keywords = row[2], row[3]
        if parameter.kind == "*":
            return self._rest(path, positional[max(0, position - taken) :])
        if parameter.kind == "**":
            return self._named_rest(path, keywords, parameters)
        for name, value in keywords:
            if name == parameter.name and parameter.kind != "/":
                return self.of(path, value)
        number = position - taken
        if parameter.kind != "=" and 0 <= number < len(positional):
            return self.of(path, positional[number])
        found = NOTHING
        for name, value in keywords:
            if name == "*":
                found |= self._spread(path, value, parameter.name, number - len(positional))
        return found

    def _rest(self, path: str, arguments: tuple[int, ...]) -> Values:
        found: Values = frozenset({outside.instance("builtins.tuple")})
        for position, argument in enumerate(arguments):
            found |= outside.holding("builtins.tuple", position, self.of(path, argument))
        return found

    def _named_rest(
        self,
        path: str,
        keywords: tuple[tuple[str, int], ...],
        parameters: tuple[Parameter, ...],
    ) -> Values:
        known = {parameter.name for parameter in parameters}
        found: Values = frozenset({outside.instance("builtins.dict")})
        for name, value in keywords:
            if name != "*" and name not in known:
                found |= outside.holding("builtins.dict", f'="{name}"', self.of(path, value))
        return found

    def _spread(self, path: str, value: int, name: str, number: int) -> Values:
        """What `*args` and `**kwargs` of a call pass to a parameter."""
        found = NOTHING
        for atom in self.of(path, value):
            if atom[0] != "xinst":
                continue
            slot = atom[2]
            if slot in {f'="{name}"', number, ELEMENT}:
                found |= {atom[3]}
        return found


def gives(
    row: tuple[Any, ...], parameters: tuple[Parameter, ...], position: int, number: int
) -> bool:
    """True when a CALL row surely gives a parameter; `number`: its place among the arguments."""
    parameter = parameters[position]
    if any(name == parameter.name for name, _ in row[3]):
        return True
    return parameter.kind != "=" and 0 <= number < len(row[2])


class FlowVariables(Variables):
    """The solver's rules for flow variables."""

    def __init__(self, values: FlowEvaluator, types: Evaluator) -> None:
        super().__init__(values)
        self._flow = values
        self._types = types
        self.callers: Callers

    def rule(self, variable: Variable) -> Values:
        """The value of (FLOW, kind, path, …)."""
        kind, path = variable[1], variable[2]
        self._flow.solver.note((path, self._place(variable)))
        if kind == "par":
            return self._bounded(self._passed(path, variable[3], variable[4]))
        if kind == "callers":
            return self.callers.of_function(path, variable[3])
        if kind == "direct":
            return self.callers.by_types(path, variable[3])
        if kind == "lambda":
            return self.callers.of_lambda(path, variable[3])
        if kind == "passes":
            definition = self._names.definition(path, variable[3])
            positions = [self._passing(path, definition, e) for e in definition.returns]
            return frozenset(p for group in positions for p in group)
        found = super().rule(variable[1:])
        if kind not in {"ret", "lam"} and found != ANYTHING:
            found |= self._filled(variable[1:5], found)
        return self._bounded(found)

    def _bounded(self, found: Values) -> Values:
        found -= {HOLE}
        return ANYTHING if len(found) > MAX_FLOWING or OPEN in found else found

    def owner(self, variable: Variable) -> Cell:
        """The cell of a flow variable, its own: an update compares what it says."""
        return variable[2], flow_cell(self._names.file(variable[2]).facts, variable)

    def _place(self, variable: Variable) -> str:
        """The cell of what the file says where a flow variable lies."""
        index = self._names.file(variable[2])
        if variable[1] not in {"var", "lambda", "lam"}:
            return inside(index.top_name(index.body(variable[3])))
        if variable[1] == "var" and variable[3] == 0:
            return variable[4]
        return inside(index.top_name(variable[3]))

    def _undeclared(self, path: str, number: int, position: int) -> Values:
        found = self._flow.solver.get((FLOW, "par", path, number, position))
        default = self._names.definition(path, number).parameters[position].default
        if default != NONE and self._may_be_left_out(path, number, position):
            found |= self._flow.of(path, default)
        return found

    def _may_be_left_out(self, path: str, number: int, position: int) -> bool:
        """True unless calls are known and all of them give the parameter.

        Only calls found by types say that there are any: a condition that value flow could still
        overturn would make the solution depend on the order of the questions.
        """
        solver = self._flow.solver
        if not solver.get((FLOW, "direct", path, number)):
            return True
        parameters = self._names.definition(path, number).parameters
        for _, where, call, taken in solver.get((FLOW, "callers", path, number)):
            if call > DECORATED:
                row = self._names.file(where).facts.exprs[call]
                if not gives(row, parameters, position, position - taken):
                    return True
        return False

    def _variable(
        self, path: str, scope: int, name: str, in_force: tuple[int, ...] | None
    ) -> Values:
        found = super()._variable(path, scope, name, in_force)
        index = self._names.file(path)
        if index.is_lambda(scope) and name in index.lambda_parameters(scope):
            found |= self._lambda_parameter(path, scope, name)
        if scope == 0:
            found |= self._stored(("var", path, 0, name), name)
        return found

    def _field(self, path: str, number: int, name: str) -> Values:
        found = super()._field(path, number, name)
        return found | self._stored(("field", path, number, name), name)

    def _results(self, path: str, definition: Definition) -> Iterable[int]:
        # What is passed through is told apart by its calls: see `FlowEvaluator.called`.
        return [e for e in definition.returns if not self._passing(path, definition, e)]

    def _passing(self, path: str, definition: Definition, expr: int) -> list[int]:
        """Positions of the parameters that a returned expression passes on as they are."""
        if expr == NONE:
            return []
        row = self._names.file(path).facts.exprs[expr]
        if row[0] == Op.NAME:
            names = [p.name for p in definition.parameters] if row[1] == definition.body else []
            return [names.index(row[2])] if row[2] in names else []
        if row[0] != Op.CALL or row[3]:
            return []
        found: list[int] = []
        for callee in self._types.of(path, row[1]):
            positions: Iterable[int] = ()
            if callee[0] in {"fn", "bound"}:
                positions = self._flow.solver.get((FLOW, "passes", callee[1], callee[2]))
            elif callee[0] == "ext" and builtin_calls.passes(callee[1]):
                positions = (0,)
            for position in positions:
                number = position - int(callee[0] == "bound")
                if 0 <= number < len(row[2]):
                    found += self._passing(path, definition, row[2][number])
        return found

    # Parameters

    def _passed(self, path: str, number: int, position: int) -> Values:
        parameters = self._names.definition(path, number).parameters
        found = NOTHING
        for _, where, call, taken in self._flow.solver.get((FLOW, "callers", path, number)):
            if call > DECORATED:
                row = self._names.file(where).facts.exprs[call]
                found |= self._flow.argument((where, row, taken), parameters, position)
            elif not position:
                found |= self._decorated(where, DECORATED - call, taken)
        return found

    def _decorated(self, path: str, number: int, which: int) -> Values:
        """What a decorator is given: the definition, as the decorators below it left it."""
        definition = self._names.definition(path, number)
        kind = "cls" if definition.is_class else "fn"
        given: Values = frozenset({(kind, path, number)})
        for decorator in reversed(definition.decorators[which + 1 :]):
            made = NOTHING
            for callee in self._types.of(path, decorator):
                if callee[0] == "fn":
                    made |= self._flow.result_of(callee[1], callee[2])
            wrapped = {v for v in made if v[0] == "fn" and not self._is_transparent(v)}
            given = frozenset(wrapped) or given
        return given

    def _is_transparent(self, function: Denotation) -> bool:
        """A wrapper by `functools.wraps` stands for what it wraps."""
        names = self._names.definition(function[1], function[2]).decorator_names
        return any(name.partition("(")[0].rpartition(".")[2] == "wraps" for name in names)

    def _lambda_parameter(self, path: str, scope: int, name: str) -> Values:
        names = self._names.file(path).lambda_parameters(scope)
        parameters = tuple(Parameter(each, "", NONE, NONE) for each in names)
        found = NOTHING
        for _, where, call, taken in self._flow.solver.get((FLOW, "lambda", path, scope)):
            row = self._names.file(where).facts.exprs[call]
            found |= self._flow.argument((where, row, taken), parameters, names.index(name))
        return found

    # Assignments from elsewhere

    def _stored(self, target: Denotation, name: str) -> Values:
        """What is assigned to a field, or to a module's variable, through something else."""
        found = NOTHING
        for path, mentions in self.callers.mentioning(name + STORED, target[1], MAX_CALLS):
            for place, value in mentions.stores.get(name, ()):
                if self._denotes(path, place, target):
                    found |= self._flow.of(path, value)
        return found

    def _denotes(self, path: str, expr: int, target: Denotation) -> bool:
        self.callers.note_around(path, expr)
        row = self._names.file(path).expr(expr)
        if row[0] == Op.NAME:
            return target in self._names.lookup(path, row[1], row[2])
        if row[0] != Op.ATTR or (target[0] == "var" and target[2] != 0):
            return False
        owners = self._types.of(path, row[1])
        if HOLE in owners:
            owners |= self._flow.of(path, row[1])
        return any(target == m for owner in owners for m, _ in self._flow.attribute(owner, row[2]))

    def _filled(self, target: Denotation, known: Values) -> Values:
        """What is put into the containers that a variable or a field holds."""
        kinds = {value[1] for value in known if value[0] == "xinst" and value[1] in FILLABLE}
        found = NOTHING
        for path, fill, keys in self._fills(target) if kinds else ():
            values = self._flow.of(path, fill.value)
            if fill.spread:
                values = self._flow.elements(values)
            for key in keys[:-1]:
                # A container inside the container: what it is made of shows by its keys alone.
                values = outside.holding(_DICT, self._slot(_DICT, path, key), values)
            for kind in kinds:
                found |= outside.holding(kind, self._slot(kind, path, keys[-1]), values)
        return found

    def _slot(self, kind: str, path: str, key: int) -> str:
        if kind not in outside.DICTIONARIES:
            return ELEMENT
        return self._flow.key(path, key) or VALUE

    def _fills(self, target: Denotation) -> list[tuple[str, Fill, list[int]]]:
        """What is put into a target: file, fill, and the keys from the innermost outwards."""
        name = target[3]
        if target[0] == "var" and target[2] != 0:
            # Only its own file sees a local variable.
            self._flow.solver.note((target[1], name + FILLED))
            files: Iterable[tuple[str, Mentions]] = [
                (target[1], self._names.file(target[1]).mentions())
            ]
        else:
            files = self.callers.mentioning(name + FILLED, target[1], MAX_CALLS)
        found: list[tuple[str, Fill, list[int]]] = []
        for path, mentions in files:
            for fill in mentions.fills.get(name, ()):
                container, keys = fill.container, [fill.key]
                while container != NONE and self._names.file(path).expr(container)[0] == Op.ITEM:
                    _, container, key = self._names.file(path).expr(container)
                    keys.append(key)
                if self._denotes(path, container, target):
                    found.append((path, fill, keys))
        return found


_DICT = "builtins.dict"
FILLABLE = outside.DICTIONARIES | {
    "builtins.list",
    "builtins.set",
    "collections.deque",
}
