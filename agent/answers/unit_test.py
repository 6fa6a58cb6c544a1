"""Skeleton tests: a new test file with a failing test for each thing that others may call."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from agent.answers.answer import (
    TEMPLATE,
    GraphAnswer,
    Row,
    Section,
    code_of,
    counted,
    inline,
    rows_section,
)
from agent.answers.places_of_tests import path_of_test
from agent.answers.relations import look
from agent.answers.subjects import UnclearNameError, find_subject, short_name
from agent.answers.units import MAX_UNITS, units_of
from agent.draft import Edit
from agent.testing.neighbours import example_test
from graphdb.queries.source import source_of
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from agent.answers.subjects import Subject
    from agent.answers.units import Unit
    from graphdb.symbols import Symbol

_MAX_NAMES = 8
_MAX_EXAMPLE = 40
"""Lines of a test that is shown to follow."""
_KINDS = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.MODULE)


def skeleton_tests(ground: Ground, name: str) -> GraphAnswer:
    """A test file for what a name stands for, with the tests that are there already."""
    try:
        subject = find_subject(ground, name, _KINDS)
    except UnclearNameError as unclear:
        return unclear.answer
    symbol = subject.first
    title = f"Test skeleton of {subject.name}"
    units = units_of(ground, subject.symbols) if symbol.kind in _KINDS else []
    path = symbol.file_path or ""
    if not units or not path.endswith((".py", ".java")):
        text = "It has nothing that a test could call: no public function or method with a body."
        return GraphAnswer(title, (Section("", (text,)),), is_found=False)
    written = units[:MAX_UNITS]
    edit = _edit(ground, subject, written)
    sections = [_summary(edit, units)]
    sections += _there(units)
    sections += _example(ground, units[0])
    code = code_of(edit.after, f"{edit.path}:1", 400)
    sections.append(Section("The skeleton", codes=(code,)))
    return GraphAnswer(title, tuple(sections), (edit,), TEMPLATE)


def _edit(ground: Ground, subject: Subject, units: Sequence[Unit]) -> Edit:
    path = path_of_test(ground, subject.first.file_path or "")
    if path.endswith(".py"):
        from agent.answers.python_tests import python_module

        return Edit(path, None, python_module(ground, subject.first, units))
    from agent.answers.java_tests import java_class

    owner = units[0].owner or subject.first
    mine = [unit for unit in units if unit.owner is not None]
    return Edit(path, None, java_class(ground, owner, mine, path))


def _summary(edit: Edit, units: Sequence[Unit]) -> Section:
    left = len(units) - MAX_UNITS
    texts = [
        f"A new file, {edit.path}, with {counted(min(len(units), MAX_UNITS), 'test')}. Each fails "
        "until its values and what is expected have been written."
    ]
    if left > 0:
        texts.append(f"{counted(left, 'further method')} left out: ask for them one by one.")
    bare = [unit for unit in units if not unit.tests]
    if bare and len(bare) < len(units):
        names = [inline(unit.symbol.name) for unit in bare[:_MAX_NAMES]]
        more = f" and {len(bare) - _MAX_NAMES} more" if len(bare) > _MAX_NAMES else ""
        texts.append(f"No test calls {', '.join(names)}{more}.")
    return Section("", tuple(texts))


def _there(units: Sequence[Unit]) -> list[Section]:
    """The tests that call the units already."""
    found = {test.uid: (test, unit) for unit in units for test in unit.tests}
    if not found:
        return [Section("Tests that are there", ("No test in the graph calls it.",))]
    there = sorted(found.values(), key=lambda pair: _order(*pair))
    rows = [Row(short_name(t), t.location, f"calls {u.symbol.name}") for t, u in there]
    return [rows_section("Tests that are there", rows)]


def _order(test: Symbol, unit: Unit) -> tuple[bool, str, int]:
    """Tests in the file that is called after the unit's come first."""
    stem = PurePosixPath(unit.symbol.file_path or "").stem.lower()
    words = PurePosixPath(test.file_path or "").stem.lower()
    is_named = words.replace("test", "").strip("_s") == stem.strip("_s")
    return not is_named, test.file_path or "", test.start_line or 0


def _example(ground: Ground, unit: Unit) -> list[Section]:
    """A test to see how tests are written here: a short one of the unit, else of a neighbour."""
    own = [test for test in unit.tests if _lines(test) <= _MAX_EXAMPLE]
    example = min(own, key=lambda t: (_order(t, unit)[0], _lines(t), t.uid), default=None)
    if example is None:
        example = example_test(ground.reader, unit.symbol, unit.owner or unit.symbol)
    code = source_of(ground.reader, example).code if example else None
    if example is None or code is None:
        return []
    from agent.tools.texts import dedented

    text = "\n".join(dedented(code))
    return [Section(f"A test to follow: {look(example)}", codes=(code_of(text, example.location),))]


def _lines(symbol: Symbol) -> int:
    return (symbol.end_line or 0) - (symbol.start_line or 0) + 1
