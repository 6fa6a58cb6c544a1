"""A pytest module with one test a unit, each of which fails until a person has written it.

A test fails in its first line, before anything is called: a skeleton must not run code with values
that were made up.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.answers.python_values import UNKNOWN, Imports, PythonValues
from agent.answers.relations import look
from agent.answers.signatures import python_signature
from agent.answers.subjects import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from agent.answers.units import Unit
    from graphdb.symbols import Symbol

_TO_DO = "to be written: set the values, say what is expected, remove this line"
_WORDS = re.compile(r"(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PROPERTIES = frozenset(
    {"property", "cached_property", "abstractproperty", "locked_cached_property"}
)
_MAX_DOC = 88


def python_module(ground: Ground, subject: Symbol, units: Sequence[Unit]) -> str:
    """The text of a test module for units of one file."""
    imports = Imports()
    imports.add("pytest")
    values = PythonValues(ground, imports)
    names: set[str] = set()
    tests = [_test(values, imports, unit, names) for unit in units]
    heads = "\n\n".join(imports.blocks())
    return "\n\n\n".join([f'"""Tests of {short_name(subject)}."""\n\n{heads}', *tests]) + "\n"


def _test(values: PythonValues, imports: Imports, unit: Unit, names: set[str]) -> str:
    symbol = unit.symbol
    signature = python_signature(symbol.signature or "")
    has_receiver = unit.owner is not None and "staticmethod" not in unit.decorators
    made, arguments = values.call(symbol, has_receiver=has_receiver)
    lines = [f'pytest.fail("{_TO_DO}")']
    target = _target(values, unit, lines)
    lines += [_assignment(*each) for each in made]
    if target is None:
        lines = [f'pytest.skip("{symbol.name} is inside a function: test what calls it")']
    else:
        is_value = not unit.decorators.isdisjoint(_PROPERTIES)
        call = target if is_value else _call(target, arguments, unit)
        if signature and signature.is_async:
            imports.add("asyncio")
            call = f"asyncio.run({call})"
        is_statement = not unit.decorators.isdisjoint({"setter", "deleter"})
        returns = signature is not None and signature.returns != "None"
        has_result = is_value or (returns and not is_statement)
        lines += [f"result = {call}", "assert result == ..."] if has_result else [call]
    name = _unique(_test_name(unit), names)
    doc = _doc(look(symbol).removeprefix("async ").removeprefix("def "))
    body = "\n".join(f"    {line}" for line in [doc, *lines])
    return f"def {name}() -> None:\n{body}"


def _call(target: str, arguments: str, unit: Unit) -> str:
    if "setter" in unit.decorators:
        return f"{target} = {arguments}"
    return f"del {target}" if "deleter" in unit.decorators else f"{target}({arguments})"


def _target(values: PythonValues, unit: Unit, lines: list[str]) -> str | None:
    """What is called; an object that it is called on is made in a line of its own."""
    if unit.owner is None:
        return values.reference(unit.symbol)
    if not unit.needs_object:
        owner = values.reference(unit.owner)
        return f"{owner}.{unit.symbol.name}" if owner else None
    made = values.instance(unit.owner)
    variable = snake_case(unit.owner.name)
    lines.append(_assignment(variable, made or UNKNOWN, unit.owner.name))
    return f"{variable}.{unit.symbol.name}"


def _assignment(name: str, value: str, of_type: str) -> str:
    note = f"  # {' '.join(of_type.split())}" if value == UNKNOWN and of_type else ""
    return f"{name} = {value}{note}"


def _test_name(unit: Unit) -> str:
    name = unit.symbol.name.strip("_") or unit.symbol.name
    return f"test_{name}" if unit.owner is None else f"test_{snake_case(unit.owner.name)}_{name}"


def _unique(name: str, names: set[str]) -> str:
    number, found = 2, name
    while found in names:
        found, number = f"{name}_{number}", number + 1
    names.add(found)
    return found


def snake_case(name: str) -> str:
    """`HTTPServer` as http_server."""
    return _WORDS.sub("_", name).lower().strip("_") or "made"


def _doc(text: str) -> str:
    """A docstring of one line; a signature has quotes and backslashes of its own."""
    text = text.replace("\\", "/").replace('"', "'")
    return f'"""{text if len(text) <= _MAX_DOC else f"{text[: _MAX_DOC - 1]}…"}"""'
