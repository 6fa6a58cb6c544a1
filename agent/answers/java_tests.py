"""A JUnit class with one test a unit, each of which fails until a person has written it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.answers.java_values import JavaValues
from agent.answers.signatures import java_signature, type_variables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from agent.answers.units import Unit
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

JUNIT5, JUNIT4 = "org.junit.jupiter.api", "org.junit"
_WORDS_OF_JAVA = (
    "assert boolean break byte case catch char class continue default do double else enum final "
    "float for if import int interface long native new package return short static super switch "
    "this throw try void volatile while"
)
_KEYWORDS = frozenset(_WORDS_OF_JAVA.split())
"""Keywords that a class's name in small letters may be."""

_TO_DO = "to be written: set the values, say what is expected, remove this line"


def junit_version(reader: GraphReader) -> int:
    """4 or 5: what more of the repository's files import; 5 where none does."""
    cypher = (
        "MATCH (n:MODULE)-[:IMPORTS]->(m:EXTERNAL) WHERE n.repo = $repo AND m.full_name = $name "
        "RETURN count(n) AS n"
    )
    four, five = (
        int(reader.query(cypher, {"name": f"{package}.Test"}, max_rows=None).rows[0][0])
        for package in (JUNIT4, JUNIT5)
    )
    return 4 if four > five else 5


def java_class(ground: Ground, owner: Symbol, units: Sequence[Unit], path: str) -> str:
    """The text of a test class at a path for methods of one class."""
    version = junit_version(ground.reader)
    package = owner.full_name[: -len(owner.uid.split(":", 2)[-1].partition("#")[0]) - 1]
    values = JavaValues(ground, owner)
    names: dict[str, int] = {}
    tests = [_test(values, unit, names, version) for unit in units]
    has_result = any("assertEquals(" in test for test in tests)
    asserts = f"{JUNIT4}.Assert" if version == 4 else f"{JUNIT5}.Assertions"
    statics = [f"{asserts}.assertEquals"] * has_result + [f"{asserts}.fail"]
    test_import = f"{JUNIT4 if version == 4 else JUNIT5}.Test"
    imports = sorted({test_import, *values.imports})
    name = path.rpartition("/")[2].removesuffix(".java")
    parts = [f"package {package};\n"] if package else []
    parts.append("\n".join(f"import static {static};" for static in statics) + "\n")
    parts.append("\n".join(f"import {each};" for each in imports) + "\n")
    visible = "public " if version == 4 else ""
    parts.append(f"{visible}class {name} {{\n\n" + "\n\n".join(tests) + "\n}\n")
    return "\n".join(parts)


def _test(values: JavaValues, unit: Unit, names: dict[str, int], version: int) -> str:
    signature = java_signature(unit.symbol.signature or "")
    if signature is None or unit.owner is None:
        return ""
    variables = {**type_variables(unit.owner.signature or ""), **signature.variables}
    lines = [f'fail("{_TO_DO}");']
    is_constructor = "constructor" in unit.traits.modifiers
    if is_constructor:
        target = f"new {values.reference(unit.owner)}"
    elif unit.needs_object:
        target = _receiver(values, unit, lines)
    else:
        target = f"{values.reference(unit.owner)}.{unit.symbol.name}"
    taken = {line.split(" = ")[0].rpartition(" ")[2] for line in lines}
    arguments: list[str] = []
    for parameter in signature.parameters:
        erased = values.local_type(parameter.type, variables)
        name = f"{parameter.name}Value" if parameter.name in taken else parameter.name
        lines.append(f"final {erased} {name} = {values.value(erased, parameter.name)};")
        arguments.append(name)
    call = f"{target}({', '.join(arguments)})"
    if signature.returns == "void":
        lines.append(f"{call};")
    else:
        result = "actual" if "result" in {*taken, *arguments} else "result"
        lines += [
            f"final Object {result} = {call};",
            f'assertEquals("what it should give", {result});',
        ]
    is_any = any(name in variables or name == "Throwable" for name in signature.throws)
    head = f"void {_test_name(unit, names)}() throws {'Throwable' if is_any else 'Exception'} {{"
    written = ", ".join(f"{p.type} {p.name}" for p in signature.parameters)
    return "\n".join(
        [
            f"    // {unit.symbol.name}({written})",
            "    @Test",
            f"    {'public ' if version == 4 else ''}{head}",
            *(f"        {line}" for line in lines),
            "    }",
        ]
    )


def _receiver(values: JavaValues, unit: Unit, lines: list[str]) -> str:
    """The object that a method is called on, made in a line of its own."""
    owner = unit.owner
    if owner is None:
        return unit.symbol.name
    name = values.reference(owner)
    made = values.instance(owner)
    variable = owner.name[:1].lower() + owner.name[1:]
    variable = f"{variable}Object" if variable in _KEYWORDS else variable
    note = "" if made else f" // a {owner.name}: nothing in the graph shows how to make one"
    lines.append(f"final {name} {variable} = {made or 'null'};{note}")
    return f"{variable}.{unit.symbol.name}"


def _test_name(unit: Unit, names: dict[str, int]) -> str:
    name = f"test{unit.symbol.name[:1].upper()}{unit.symbol.name[1:]}"
    names[name] = names.get(name, 0) + 1
    return name if names[name] == 1 else f"{name}{names[name]}"
