"""Override candidates: what a method call may run instead when the receiver is of a subclass.

Also where only subclasses have the method, as with mixins and template methods; and what has all
methods of a `Protocol` may stand behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from indexer.languages.python.callers import Callers
    from indexer.languages.python.hierarchy import Class, Hierarchy
    from indexer.languages.python.lookup import Names
    from indexer.languages.python.values import Evaluator
    from indexer.links import Symbol
    from indexer.solver import Solver, Values

MAX_CANDIDATES = 24
"""More overriding methods than this say nothing about one call."""

OVER = "over"
_ABSTRACT = frozenset({"abstractmethod", "abc.abstractmethod"})


class Overrides:
    """Overriding methods by class and name."""

    def __init__(self, callers: Callers, hierarchy: Hierarchy, solver: Solver) -> None:
        self._callers = callers
        self._hierarchy = hierarchy
        self._solver = solver

    def of(self, cls: Class, name: str) -> list[Symbol]:
        """What subclasses put in the place of a member, in a fixed order; none if too many."""
        if name.startswith("__"):
            return []
        found = self._solver.get((OVER, *cls, name))
        return sorted(found) if len(found) <= MAX_CANDIDATES else []

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
