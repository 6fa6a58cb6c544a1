"""A demand-driven fixpoint solver over set-valued variables, which also records who read what.

It is the top-down solver of Le Charlier and Van Hentenryck (1992) in the form of Apinis, Seidl and
Vojdani: a variable is computed when it is first asked for, cycles are iterated until nothing grows,
and what a changed variable had influenced is computed again. With rules that only ever grow when
their inputs grow, the result is the least solution, whatever the order of the questions. So
an update that asks a few questions agrees with a full build that asks all of them.
"""

from __future__ import annotations

from array import array
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


_PACKED_ABOVE = 2048
"""Readers whose cells lie in sets; more are packed."""


class Reads:
    """The cells that were read, by the cell for which they were; as numbers, a tenth of the room.

    Iterating gives a reader with what it read, a reader more than once where that came in parts.
    """

    def __init__(self) -> None:
        self._numbers: dict[Cell, int] = {}
        self._readers: set[int] = set()
        self._flat = array("I")

    def __iter__(self) -> Iterator[tuple[Cell, list[Cell]]]:
        """The readers, each with cells that it read."""
        cells, flat, at = list(self._numbers), self._flat, 0
        while at < len(flat):
            start = at + 2
            reader, at = flat[at], start + flat[at + 1]
            yield cells[reader], [cells[number] for number in flat[start:at]]

    def __contains__(self, cell: Cell) -> bool:
        """True for a reader."""
        return self._numbers.get(cell) in self._readers

    def add(self, reads: dict[Cell, set[Cell]]) -> None:
        """Take in who read what."""
        numbers, flat = self._numbers, self._flat
        for reader, cells in reads.items():
            number = numbers.setdefault(reader, len(numbers))
            self._readers.add(number)
            flat.extend((number, len(cells)))
            flat.extend([numbers.setdefault(cell, len(numbers)) for cell in cells])


class ReadLog:
    """Notes who reads what: which cells are read while computing for which."""

    def __init__(self) -> None:
        self._packed = Reads()
        self._recent: dict[Cell, set[Cell]] = {}
        self._current: set[Cell] = set()

    def reads(self) -> Reads:
        """All that was read until now; call it between questions."""
        self._packed.add(self._recent)
        self._recent, self._current = {}, set()
        return self._packed

    def begin(self, cell: Cell) -> None:
        """Record further reads as made for `cell`; call it between questions, not inside a rule."""
        if len(self._recent) > _PACKED_ABOVE:
            self.reads()
        self._current = self._recent.setdefault(cell, set())

    def note(self, cell: Cell) -> None:
        """Record that the computation under way read a cell's facts directly."""
        self._current.add(cell)

    def enter(self, cell: Cell) -> set[Cell]:
        """Record reads for another cell until `leave`; returns what to hand to `leave`."""
        outer = self._current
        outer.add(cell)
        self._current = self._recent.setdefault(cell, set())
        return outer

    def leave(self, outer: set[Cell]) -> None:
        """Go back to the cell that was current before `enter`."""
        self._current = outer


class _Growing:
    """A variable whose value may still grow: what it depends on is still under way.

    low: the number of the earliest computation under way that the value may depend on. readers:
    who has used the value.
    """

    __slots__ = ("called", "cell", "low", "readers", "stable", "value")

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.value: Values = NOTHING
        self.stable = False
        self.called = False
        self.low = 0
        self.readers: set[_Growing] = set()


class Solver(ReadLog):
    """Least solution of `rule(variable)` over finite sets.

    A value is final as soon as nothing that it depends on is under way, which is told as Tarjan
    (1972) tells strongly connected components. Who read a final value need not be remembered.

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
        self._rule = rule
        self._owner = owner
        self._final: dict[Variable, tuple[Values, Cell]] = {}
        self._recalled: set[Variable] = set()
        self._shared: dict[Values, Values] = {}
        self._growing: dict[Variable, _Growing] = {}
        self.under_way: list[_Growing] = []
        """What is being computed, outermost first; nothing between questions."""
        self._unfinished: list[tuple[Variable, _Growing]] = []
        self._count = 0

    def close(self) -> None:
        """Forget everything but `reads`, and let go of the rule, which knows this solver."""
        self._final, self._growing, self._recalled, self._shared = {}, {}, set(), {}
        del self._rule, self._owner, self._recall

    def computed(self) -> Iterator[tuple[Variable, Cell, Values]]:
        """The variables that were computed here to the end, with their cells and values."""
        for variable, (values, cell) in self._final.items():
            if variable not in self._recalled:
                yield variable, cell, values

    def get(self, variable: Variable) -> Values:
        """The variable's value: final when asked from outside, the best so far inside a rule."""
        known = self._final.get(variable)
        if known is not None:
            self._current.add(known[1])
            return known[0]
        state = self._growing.get(variable)
        if state is None:
            cell = self._owner(variable)
            recalled = self._recall(variable, cell)
            if recalled is not None:
                self._current.add(cell)
                self._final[variable] = recalled, cell
                self._recalled.add(variable)
                return recalled
            state = self._growing[variable] = _Growing(cell)
        if state.stable or state.called:
            self._current.add(state.cell)
        else:
            outer = self.enter(state.cell)
            try:
                self._solve(variable, state)
            finally:
                self.leave(outer)
        if self.under_way and variable not in self._final:
            reader = self.under_way[-1]
            reader.low = min(reader.low, state.low)
            state.readers.add(reader)
        return state.value

    def _solve(self, variable: Variable, state: _Growing) -> None:
        first = len(self._unfinished)
        self._unfinished.append((variable, state))
        self._count += 1
        number = state.low = self._count
        self.under_way.append(state)
        state.called = True
        while not state.stable:
            state.stable = True
            value, known = self._rule(variable), state.value
            joined = ANYTHING if OPEN in value or OPEN in known else known | value
            if joined != known:
                state.value = joined
                _destabilize(state)
        state.called = False
        self.under_way.pop()
        if state.low == number:
            for each, done in self._unfinished[first:]:
                # What is not stable here nobody has asked for again since something grew.
                if done.stable:
                    # Many variables hold the same few values: one set each is a lot of memory.
                    value = self._shared.setdefault(done.value, done.value)
                    self._final[each] = value, done.cell
                    self._growing.pop(each, None)
            del self._unfinished[first:]


def _destabilize(state: _Growing) -> None:
    pending = [state]
    while pending:
        grown = pending.pop()
        readers, grown.readers = grown.readers, set()
        for reader in readers:
            if reader.stable:
                reader.stable = False
                pending.append(reader)
