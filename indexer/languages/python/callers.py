"""Who may call a function: the way back that value flow needs to reach its parameters.

Calls are sought by name, in the files that mention it, and taken only where the callee denotes the
function. A function that is handed on as a value is also called by whom it was handed to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.cells import inside, scope_in
from indexer.facts import NONE, Op, ScopeKind
from indexer.mentions import CALLED, DEFINED, EXTENDED, HANDED, INDIRECT, LAMBDAS
from indexer.testcode import is_aside

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.languages.python.hierarchy import Class
    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.values import Evaluator
    from indexer.mentions import Mentions
    from indexer.project import Project
    from indexer.solver import Solver, Values

MAX_CALLS = 48
"""Calls by one name above which nothing is concluded from their arguments."""

_FEW = 12
"""Calls by one name up to which receivers are followed by value flow too."""

CALLEE = "callee"
"""First item of the solver's variable for what a call's callee denotes by types."""

FOLLOWED = "followed"
"""First item of the solver's variable for what a call's callee denotes by value flow."""

DERIVED = "derived"
"""First item of the solver's variable for the classes right below a class."""

MAX_DERIVED = 256
"""More classes below one than this are not looked through."""

PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})
_BUILDERS = frozenset({"__init__", "__new__"})

DECORATED = -1
"""Stands for a call's row where a decorator is applied to a definition."""


class Callers:
    """Finds calls. types: what expressions denote without value flow; flow: with it."""

    def __init__(self, project: Project, types: Evaluator, flow: Evaluator, solver: Solver) -> None:
        self._project = project
        self._types = types
        self._flow = flow
        self._names = types.names
        self._hierarchy = types.hierarchy
        self._solver = solver

    def mentioning(
        self, mention: str, where: str, most: int | None = None
    ) -> Iterable[tuple[str, Mentions]]:
        """The files with a mention, and what they mention; none with more than `most` in all.

        where: the file asked for. What tests and examples do with the rest of the code is not how
        it is used, so they tell only of each other.
        """
        self._solver.note(("", mention))
        rows = self._project.mentioning(mention)
        if not is_aside(where):
            rows = [row for row in rows if not is_aside(row[0])]
        if most is None or sum(count for _, count in rows) <= most:
            for path, _ in rows:
                yield path, self._names.file(path).mentions()

    def of_function(self, path: str, number: int) -> Values:
        """Calls of a function: ("call", path, row, arguments that the receiver takes).

        A decorator's use is ("call", path, DECORATED - number of what is decorated, its place).
        """
        definition = self._names.definition(path, number)
        target: Denotation = ("fn", path, number)
        names = self._called_as(path, number)
        found: set[Denotation] = set()
        for name in names:
            found |= self._by_name(target, name)
        if definition.name == "__call__":
            found |= self._indirect(target, {path})
        for name in names:
            found |= self._handed(target, name)
        return frozenset(found)

    def of_lambda(self, path: str, scope: int) -> Values:
        """Calls of a lambda, as for a function."""
        index = self._names.file(path)
        self._solver.note((path, LAMBDAS))
        places = {path}
        for call in index.mentions().lambdas.get(scope, ()):
            places |= self._places(path, call)
        return frozenset(self._indirect(("lam", path, scope), places))

    def derived(self, cls: Class) -> list[Class]:
        """All classes below a class, in a fixed order; none where there are too many to tell."""
        found: set[Class] = set()
        pending = [cls]
        while pending:
            below = self._solver.get((DERIVED, *pending.pop()))
            fresh = {(path, number) for _, path, number in below} - found
            found |= fresh
            pending += fresh
            if len(found) > MAX_DERIVED:
                return []
        return sorted(found)

    def implementing(self, cls: Class) -> list[Class]:
        """Classes that have every method of a `Protocol`, whether they say so or not (PEP 544)."""
        if not any(d[1] in PROTOCOLS for group in self._hierarchy.bases(cls) for d in group):
            return []
        names = [n for n, found in self._hierarchy.members(cls).items() if found[0][0] == "fn"]
        if not names:
            return []
        rarest = max(names, key=lambda name: (len(name), name))
        found: set[Class] = set()
        for path, mentions in self.mentioning(rarest + DEFINED, cls[0], MAX_DERIVED):
            for number in mentions.methods.get(rarest, ()):
                other = (path, number)
                if other != cls and all(self._hierarchy.find(other, name) for name in names):
                    found.add(other)
        return sorted(found)

    def callee(self, path: str, call: int) -> Values:
        """What a call's callee denotes; the solver's rule for `CALLEE`."""
        self.note_around(path, call)
        return self._types.of(path, self._names.file(path).facts.exprs[call][1])

    def followed(self, path: str, call: int) -> Values:
        """What value flow adds to it; the solver's rule for `FOLLOWED`."""
        self.note_around(path, call)
        return self._flow.of(path, self._names.file(path).facts.exprs[call][1])

    def note_around(self, path: str, expr: int) -> None:
        """Note what an expression stands in: names are bound there, or some day will be."""
        index = self._names.file(path)
        scope = scope_in(index.facts, expr)
        self._solver.note((path, inside(index.top_name(scope))))

    def directly_derived(self, cls: Class) -> Values:
        """The classes that name a class among their bases; the solver's rule for `DERIVED`."""
        own: Denotation = ("cls", *cls)
        name = self._names.definition(*cls).name
        found: set[Denotation] = set()
        for path, mentions in self.mentioning(name + EXTENDED, cls[0]):
            for number in mentions.derived.get(name, ()):
                bases = self._hierarchy.bases((path, number))
                if any(own in group for group in bases):
                    found.add(("cls", path, number))
        return frozenset(found)

    def _called_as(self, path: str, number: int) -> list[str]:
        """The names under which a function is called directly."""
        definition = self._names.definition(path, number)
        names = [definition.name]
        owner = self._names.file(path).class_of(number)
        if owner == NONE or definition.name not in _BUILDERS:
            return names
        own: Denotation = ("fn", path, number)
        names += [
            self._names.definition(*cls).name
            for cls in [(path, owner), *self.derived((path, owner))]
            if own in self._hierarchy.find(cls, definition.name)
        ]
        return list(dict.fromkeys(names))

    def _by_name(self, target: Denotation, name: str) -> set[Denotation]:
        found: set[Denotation] = set()
        files = list(self.mentioning(name + CALLED, target[1], MAX_CALLS))
        count = sum(len(mentions.calls.get(name, ())) for _, mentions in files)
        for path, mentions in files:
            for call in mentions.calls.get(name, ()):
                found |= self._matched(target, path, call, followed=count <= _FEW)
            for decorated in mentions.decorated.get(name, ()):
                for place in self._decorates(target, path, decorated):
                    found.add(("call", path, DECORATED - decorated, place))
        return found

    def by_types(self, path: str, number: int) -> Values:
        """The calls of a function that are found without value flow."""
        target: Denotation = ("fn", path, number)
        found: set[Denotation] = set()
        for name in self._called_as(path, number):
            for where, mentions in self.mentioning(name + CALLED, path, MAX_CALLS):
                for call in mentions.calls.get(name, ()):
                    found |= self._matched(target, where, call, followed=False)
        return frozenset(found)

    def _matched(
        self, target: Denotation, path: str, call: int, *, followed: bool
    ) -> set[Denotation]:
        """The call if it may run the target, with how many arguments the receiver takes."""
        values = self._solver.get((CALLEE, path, call))
        if followed:
            values |= self._solver.get((FOLLOWED, path, call))
        found: set[Denotation] = set()
        for value in values:
            taken = self._taken(value, target)
            if taken is not None:
                found.add(("call", path, call, taken))
        return found

    def _taken(self, value: Denotation, target: Denotation) -> int | None:
        """How many parameters are taken before a call's arguments, if calling runs the target."""
        kind = value[0]
        if kind in {"fn", "lam"}:
            return 0 if value[:3] == target else None
        if kind == "bound":
            return 1 if ("fn", *value[1:3]) == target else None
        if kind not in {"cls", "inst"} or target[0] != "fn":
            return None
        name = "__call__"
        if kind == "cls":
            name = self._names.definition(target[1], target[2]).name
            if name not in _BUILDERS:
                return None
        return 1 if target in self._hierarchy.find((value[1], value[2]), name) else None

    def _decorates(self, target: Denotation, path: str, number: int) -> list[int]:
        """The places among a definition's decorators that the target has."""
        decorators = self._names.definition(path, number).decorators
        for decorator in decorators:
            self.note_around(path, decorator)
        return [i for i, e in enumerate(decorators) if target in self._types.of(path, e)]

    def _handed(self, target: Denotation, name: str) -> set[Denotation]:
        """Calls by those that were handed the function."""
        places = {target[1]} if self._is_inner(target) else set[str]()
        for path, mentions in self.mentioning(name + HANDED, target[1], MAX_CALLS):
            for row in mentions.handed.get(name, ()):
                if self._hands(target, path, row):
                    places |= {path, *self._places(path, row)}
        return self._indirect(target, places) if places else set()

    def _is_inner(self, target: Denotation) -> bool:
        """A function inside another may be returned to a caller."""
        facts = self._names.file(target[1]).facts
        number: int = target[2]
        scope = facts.scopes[facts.definitions[number].scope]
        return scope.kind == ScopeKind.FUNCTION

    def _hands(self, target: Denotation, path: str, call: int) -> bool:
        self.note_around(path, call)
        row = self._names.file(path).facts.exprs[call]
        arguments: tuple[int, ...] = (call,)
        if row[0] == Op.CALL:
            arguments = (*row[2], *(value for _, value in row[3]))
        elif row[0] in {Op.LIST, Op.DICT}:
            arguments = row[2]
        for argument in arguments:
            for value in self._types.of(path, argument):
                if value[:3] == target or (value[0] == "bound" and value[1:3] == target[1:3]):
                    return True
        return False

    def _places(self, path: str, call: int) -> set[str]:
        """The files of what a call runs."""
        self.note_around(path, call)
        row = self._names.file(path).facts.exprs[call]
        if row[0] != Op.CALL:
            return set()
        callee = row[1]
        return {
            value[1]
            for value in self._flow.of(path, callee)
            if value[0] in {"fn", "bound", "cls", "inst"}
        }

    def _indirect(self, target: Denotation, places: set[str]) -> set[Denotation]:
        found: set[Denotation] = set()
        for path in sorted(places):
            self._solver.note((path, INDIRECT))
            mentions = self._names.file(path).mentions()
            if len(mentions.indirect) <= 4 * MAX_CALLS:
                for call in mentions.indirect:
                    found |= self._matched(target, path, call, followed=True)
            for number in mentions.made_to_order[:MAX_CALLS]:
                for place in self._decorates(target, path, number):
                    found.add(("call", path, DECORATED - number, place))
        return found
