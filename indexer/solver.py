"""A demand-driven fixpoint solver over set-valued variables, which also records who read what.

It is the top-down solver of Le Charlier and Van Hentenryck (1992) in the form of Apinis, Seidl and
Vojdani: a variable is computed when it is first asked for, cycles are iterated until nothing grows,
and what a changed variable had influenced is computed again. With rules that only ever grow when
their inputs grow, the result is the least solution, whatever the order of the questions. So
an update that asks a few questions agrees with a full build that asks all of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Variable = tuple[Any, ...]
Values = frozenset[Any]
Cell = tuple[str, str]
"""What an answer depends on: (file, top-level name), or ("", dotted module name) for a look-up."""

BODY = "#"
"""Name of the cell that stands for a file's own uses."""

STARS = "*"
"""Name of the cell that stands for a module's star imports and `__all__`."""

NOTHING: Values = frozenset()
OPEN = ("open",)
ANYTHING: Values = frozenset({OPEN})
"""The largest value: too many possibilities to conclude anything. It absorbs every other."""


class ReadLog:
    """Who reads what: `reads` maps each cell to the cells that were read while computing for it."""

    def __init__(self) -> None:
        self.reads: dict[Cell, set[Cell]] = {}
        self._current: set[Cell] = set()

    def begin(self, cell: Cell) -> None:
        """Record further reads as made for `cell`; call it between questions, not inside a rule."""
        self._current = self.reads.setdefault(cell, set())

    def note(self, cell: Cell) -> None:
        """Record that the computation under way read a cell's facts directly."""
        self._current.add(cell)

    def enter(self, cell: Cell) -> set[Cell]:
        """Record reads for another cell until `leave`; returns what to hand to `leave`."""
        outer = self._current
        outer.add(cell)
        self._current = self.reads.setdefault(cell, set())
        return outer

    def leave(self, outer: set[Cell]) -> None:
        """Go back to the cell that was current before `enter`."""
        self._current = outer


class Solver(ReadLog):
    """Least solution of `rule(variable)` over finite sets.

    rule: computes a variable's value, reading others through `get`. owner: the cell that a variable
    belongs to. recall: a variable's final value where it is known beforehand, else None.
    """

    def __init__(
        self,
        rule: Callable[[Variable], Values],
        owner: Callable[[Variable], Cell],
        recall: Callable[[Variable, Cell], Values | None] = lambda _variable, _cell: None,
    ) -> None:
        super().__init__()
        self._recall = recall
        self._recalled: set[Variable] = set()
        self._rule = rule
        self._owner = owner
        self._values: dict[Variable, Values] = {}
        self._owners: dict[Variable, Cell] = {}
        self._stable: set[Variable] = set()
        self._called: set[Variable] = set()
        self._influences: dict[Variable, set[Variable]] = {}
        self._stack: list[Variable] = []

    def close(self) -> None:
        """Forget everything but `reads`, and let go of the rule, which knows this solver."""
        self._values, self._owners, self._influences = {}, {}, {}
        self._stable, self._called = set(), set()
        self._recalled = set()
        del self._rule, self._owner, self._recall

    def computed(self) -> Iterator[tuple[Variable, Cell, Values]]:
        """The variables that were computed here, with their cells and final values."""
        for variable, cell in self._owners.items():
            if variable not in self._recalled:
                yield variable, cell, self._values.get(variable, NOTHING)

    def get(self, variable: Variable) -> Values:
        """The variable's value: final when asked from outside, the best so far inside a rule."""
        if self._stack:
            self._influences.setdefault(variable, set()).add(self._stack[-1])
        if variable in self._stable or variable in self._called:
            self._current.add(self._owners[variable])
            return self._values.get(variable, NOTHING)
        owner = self._owners[variable] = self._owner(variable)
        known = self._recall(variable, owner)
        if known is not None:
            self._current.add(owner)
            self._values[variable] = known
            self._stable.add(variable)
            self._recalled.add(variable)
            return known
        outer = self.enter(owner)
        try:
            self._solve(variable)
        finally:
            self.leave(outer)
        if not self._stack:
            # Nothing is under way: all that is stable is final, so influences are no longer needed.
            self._influences.clear()
        return self._values.get(variable, NOTHING)

    def _solve(self, variable: Variable) -> None:
        while variable not in self._stable:
            self._stable.add(variable)
            self._called.add(variable)
            self._stack.append(variable)
            value = self._rule(variable)
            self._stack.pop()
            self._called.discard(variable)
            known = self._values.get(variable, NOTHING)
            joined = ANYTHING if OPEN in value or OPEN in known else known | value
            if joined != known:
                self._values[variable] = joined
                self._destabilize(variable)

    def _destabilize(self, variable: Variable) -> None:
        pending = [variable]
        while pending:
            for reader in self._influences.pop(pending.pop(), ()):
                if reader in self._stable:
                    self._stable.discard(reader)
                    pending.append(reader)
