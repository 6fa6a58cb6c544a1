"""Override candidates: what a method call may run instead when the receiver is of a subclass.

Also where only subclasses have the method, as with mixins and template methods; and what has all
methods of a `Protocol` may stand behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.python.callers import PROTOCOLS

if TYPE_CHECKING:
    from indexer.languages.python.callers import Callers
    from indexer.languages.python.hierarchy import Class, Hierarchy
    from indexer.languages.python.lookup import Names
    from indexer.languages.python.values import Evaluator
    from indexer.links import Symbol
    from indexer.solver import Solver, Values

MAX_CANDIDATES = 24
"""More overriding methods than this say nothing about one call."""

MAX_IMPLEMENTATIONS = 64
"""The same where the method itself is abstract: then one of these surely runs."""

OVER = "over"
_OF_ONE_CLASS = frozenset(
    {"__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__", "__del__"}
)
"""Methods that are called for a class that is known."""

_ABSTRACT = frozenset({"abstractmethod", "abc.abstractmethod"})


class Overrides:
    """Overriding methods by class and name."""

    def __init__(
        self, names: Names, callers: Callers, hierarchy: Hierarchy, solver: Solver
    ) -> None:
        self._names = names
        self._callers = callers
        self._hierarchy = hierarchy
        self._solver = solver

    def of(self, cls: Class, name: str) -> list[Symbol]:
        """What subclasses put in the place of a member, in a fixed order; none if too many."""
        return [] if name in _OF_ONE_CLASS else self._found(cls, name)

    def constructors(self, cls: Class) -> list[Symbol]:
        """What creating an instance of the class that a method was called on may run instead."""
        return self._found(cls, "__init__")

    def _found(self, cls: Class, name: str) -> list[Symbol]:
        found = self._solver.get((OVER, *cls, name))
        if len(found) <= MAX_CANDIDATES:
            return sorted(found)
        is_many = len(found) > MAX_IMPLEMENTATIONS
        return [] if is_many or not self._is_declared(cls, name) else sorted(found)

    def _is_declared(self, cls: Class, name: str) -> bool:
        """True for a method that an abstract class or a `Protocol` only declares."""
        if not PROTOCOLS.isdisjoint(self._hierarchy.outside(cls)):
            return True
        found = self._hierarchy.find(cls, name)
        return any(m[0] == "fn" and is_abstract(self._names, m) for m in found)

    def find(self, cls: Class, name: str, values: Evaluator) -> Values:
        """The functions that subclasses give a name, themselves or as a field's value."""
        found: set[Symbol] = set()
        for derived in (*self._callers.derived(cls), *self._callers.implementing(cls)):
            for member in self._hierarchy.own(derived, name):
                if member[0] == "fn":
                    found.add(member)
                elif member[0] == "field":
                    found |= {
                        ("fn", value[1], value[2])
                        for value in values.value_of(member)
                        if value[0] in {"fn", "bound"}
                    }
        return frozenset(found)


def is_abstract(names: Names, symbol: Symbol) -> bool:
    """True for a method that is there to be overridden and never runs itself."""
    definition = names.definition(symbol[1], symbol[2])
    return "abstract" in definition.flags or any(
        name in _ABSTRACT for name in definition.decorator_names
    )
