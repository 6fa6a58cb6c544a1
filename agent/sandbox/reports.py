"""What test runners and compilers wrote, as data: JUnit's XML, and lines of compilers.

The files were written by code that nobody trusts, so they are read with bounds, and a document type
is refused: entities are the only way in which small XML becomes large.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from agent.draft import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_MAX_TEXT = 4_000
_MAX_MESSAGE = 300
_JAVAC = re.compile(r"^(?:\[ERROR\]\s+)?(/?[^\s:\[]+\.java):(?:\[(\d+),\d+\]|(\d+):)\s*(.*)$")
_PYTHON = re.compile(r'^\s*(?:E\s+)?File "([^"]+)", line (\d+)')
_PYTHON_ERROR = re.compile(r"^\s*(?:E\s+)?((?:Syntax|Indentation|Tab)Error: .*)$")


@dataclass(frozen=True, slots=True)
class Finished:
    """One test that did not pass. text: its traceback, cut to 4,000 characters."""

    name: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Cases:
    """The tests of some reports, by how they ended."""

    passed: tuple[str, ...] = ()
    failed: tuple[Finished, ...] = ()
    errors: tuple[Finished, ...] = ()
    skipped: tuple[str, ...] = ()

    def __add__(self, other: Cases) -> Cases:
        """The tests of both."""
        return Cases(
            self.passed + other.passed,
            self.failed + other.failed,
            self.errors + other.errors,
            self.skipped + other.skipped,
        )

    def names(self) -> Iterator[str]:
        """All of them."""
        yield from (*self.passed, *self.skipped)
        yield from (case.name for case in (*self.failed, *self.errors))


def dotted_name(case: ElementTree.Element) -> str:
    """`package.Class.method`, as Java's runners name a test."""
    return ".".join(part for part in (case.get("classname"), case.get("name")) if part)


def pytest_name(case: ElementTree.Element) -> str:
    """The id that pytest takes, from a report of the family xunit1."""
    file, classname = case.get("file", ""), case.get("classname", "")
    name = case.get("name", "")
    if not file:
        # A file that could not be collected is named as a module.
        return classname or name
    module = file.removesuffix(".py").replace("/", ".")
    classes = classname.removeprefix(module).strip(".")
    return "::".join(part for part in (file, *classes.split("."), name) if part)


def read_cases(
    reports: Iterable[bytes], name_of: Callable[[ElementTree.Element], str]
) -> tuple[Cases, tuple[str, ...]]:
    """Tests of JUnit reports, failures with the shortest text first; and a line a bad report."""
    passed: list[str] = []
    skipped: list[str] = []
    failed: list[Finished] = []
    errors: list[Finished] = []
    bad: list[str] = []
    for report in reports:
        try:
            cases = list(_parse(report).iter("testcase"))
        except (ElementTree.ParseError, ValueError) as error:
            bad.append(f"a report cannot be read: {error}")
            continue
        for case in cases:
            name = name_of(case)
            broken = (case.find("failure"), failed), (case.find("error"), errors)
            for found, place in broken:
                if found is not None:
                    place.append(_finished(name, found))
                    break
            else:
                (passed if case.find("skipped") is None else skipped).append(name)
    return (
        Cases(tuple(passed), _shortest_first(failed), _shortest_first(errors), tuple(skipped)),
        tuple(bad),
    )


def _parse(report: bytes) -> ElementTree.Element:
    if b"<!DOCTYPE" in report or b"<!ENTITY" in report:
        raise ValueError("it declares a document type")
    return ElementTree.fromstring(report)  # noqa: S314 - without a document type it cannot grow


def _finished(name: str, found: ElementTree.Element) -> Finished:
    text = (found.text or "").strip()
    first = next(iter(text.splitlines()), "")
    message = (found.get("message") or first or found.get("type") or "").strip()
    return Finished(name, " ".join(message.split())[:_MAX_MESSAGE], text[-_MAX_TEXT:])


def _shortest_first(found: list[Finished]) -> tuple[Finished, ...]:
    return tuple(sorted(found, key=lambda case: (len(case.text), case.name)))


def read_problems(output: str, roots: Iterable[str]) -> tuple[Problem, ...]:
    """What compilers said, with paths relative to the copy. roots: where the copy stood."""
    found: dict[Problem, None] = {}
    place: tuple[str, int] | None = None
    for line in output.splitlines():
        if java := _JAVAC.match(line):
            path, first, second, message = java.groups()
            message = message.removeprefix("error:").strip()
            found[Problem(message, _relative(path, roots), int(first or second))] = None
        elif python := _PYTHON.match(line):
            place = _relative(python[1], roots), int(python[2])
        elif (error := _PYTHON_ERROR.match(line)) and place:
            found[Problem(error[1], *place)] = None
    return tuple(found)


def _relative(path: str, roots: Iterable[str]) -> str:
    for root in roots:
        if path.startswith(f"{root}/"):
            return path[len(root) + 1 :]
    return path.removeprefix("./")
