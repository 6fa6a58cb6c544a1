"""The solver's answers are the least solution, whatever is asked first."""

from __future__ import annotations

import random

import pytest

from indexer.solver import ANYTHING, NOTHING, OPEN, Cell, ReadLog, Solver, Values, Variable

System = dict[int, tuple[frozenset[int], list[int]]]
"""Variable -> (its own values, the variables whose values it also has)."""


def _random_system(seed: int) -> System:
    source = random.Random(seed)
    size = source.randint(2, 30)
    return {
        number: (
            frozenset(source.sample(range(8), source.randint(0, 2))),
            [source.randrange(size) for _ in range(source.randint(0, 3))],
        )
        for number in range(size)
    }


def _least(system: System) -> dict[int, Values]:
    values: dict[int, Values] = dict.fromkeys(system, NOTHING)
    while True:
        new = {
            n: frozenset(own).union(*(values[i] for i in inputs))
            for n, (own, inputs) in system.items()
        }
        if new == values:
            return values
        values = new


def _solver(system: System) -> Solver:
    def rule(variable: Variable) -> Values:
        own, inputs = system[variable[0]]
        found: Values = frozenset(own)
        for number in inputs:
            found |= solver.get((number,))
        return found

    solver = Solver(rule, lambda variable: (f"file{variable[0] % 3}", str(variable[0])))
    return solver


@pytest.mark.parametrize("seed", range(60))
def test_every_order_of_questions_gives_the_least_solution(seed: int) -> None:
    system = _random_system(seed)
    least = _least(system)
    order = list(system)
    for shuffle in range(5):
        random.Random(shuffle).shuffle(order)
        solver = _solver(system)
        for number in order:
            assert solver.get((number,)) == least[number]
        for number in order:
            assert _solver(system).get((number,)) == least[number]


def test_anything_absorbs_every_other_value() -> None:
    def rule(variable: Variable) -> Values:
        if variable == ("open",):
            return ANYTHING
        return frozenset({1}) | solver.get(("open",)) | solver.get(("self",))

    solver = Solver(rule, lambda _: ("file", "name"))
    assert solver.get(("self",)) == ANYTHING
    assert OPEN in solver.get(("self",))


def test_reads_are_recorded_for_the_reader_also_when_the_answer_is_known() -> None:
    system: System = {0: (NOTHING, [1]), 1: (frozenset({5}), []), 2: (NOTHING, [1])}
    solver = _solver(system)
    solver.begin(("a.py", "#"))
    solver.get((0,))
    solver.begin(("b.py", "#"))
    solver.get((2,))
    assert dict(solver.reads()) == {
        ("a.py", "#"): [("file0", "0")],
        ("file0", "0"): [("file1", "1")],
        ("b.py", "#"): [("file2", "2")],
        ("file2", "2"): [("file1", "1")],
        ("file1", "1"): [],
    }


def test_many_reads_are_all_kept() -> None:
    log, expected = ReadLog(), dict[Cell, set[Cell]]()
    for number in range(10_000):
        reader, read = ("a.py", str(number % 7000)), ("b.py", str(number))
        log.begin(reader)
        outer = log.enter(read)
        log.note(reader)
        log.leave(outer)
        expected.setdefault(reader, set()).add(read)
        expected.setdefault(read, set()).add(reader)
    found: dict[Cell, set[Cell]] = {}
    for reader, cells in log.reads():
        found.setdefault(reader, set()).update(cells)
    assert found == expected
    assert ("b.py", "3") in log.reads()
    assert ("c.py", "3") not in log.reads()
