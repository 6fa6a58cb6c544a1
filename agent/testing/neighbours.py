"""What the graph knows around a target that a test of it needs: types, makers, a test to follow."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphdb.queries.members import members_of
from graphdb.queries.rows import Follow, fetch_symbols, step
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_WORD = re.compile(r"[A-Za-z_]\w*")
_PYTHON_MAKERS = ("__init__", "__new__")
_CALLABLE = (NodeKind.FUNCTION, NodeKind.METHOD)
_MAX_LINES = 40
"""A longer test is no example: it would take the place of everything else."""


def parameter_types(reader: GraphReader, symbol: Symbol, owner: Symbol) -> list[Symbol]:
    """Classes of the repository that the signatures of a target and its class's makers name."""
    asked = [symbol, *(constructors(reader, owner) if owner.kind is NodeKind.CLASS else ())]
    callables = [each for each in asked if each.kind in _CALLABLE]
    named = {word for each in callables for word in _WORD.findall(each.signature or "")}
    rows = step(reader, callables, Follow((EdgeKind.USES,), incoming=False))
    found = {row.symbol.uid: row.symbol for row in rows if row.symbol.kind is NodeKind.CLASS}
    return [s for s in found.values() if s.name in named and s.uid != owner.uid]


def constructors(reader: GraphReader, owner: Symbol) -> list[Symbol]:
    """The methods that make objects of a class: of its name in Java, `__init__` in Python."""
    if owner.kind is not NodeKind.CLASS:
        return []
    members = [m for m in members_of(reader, [owner]) if m.kind is NodeKind.METHOD]
    own = [m for m in members if m.name == owner.name and m.file_path == owner.file_path]
    return own or [m for m in members if m.name in _PYTHON_MAKERS]


def example_test(reader: GraphReader, symbol: Symbol, owner: Symbol) -> Symbol | None:
    """A test to follow: of another member of the class, else of the same file, else near it.

    A test of the target itself comes last, for it would be copied and not followed.
    """
    path = symbol.file_path or ""
    suffix = "." + path.rpartition(".")[2]
    subjects = _tested(reader, symbol, owner)
    own = {test.uid for test in subjects.get(symbol.uid, ())}
    beside = {test.uid: test for found in subjects.values() for test in found}
    tests = [*beside.values()] if beside.keys() - own else _all_tests(reader)

    def order(test: Symbol) -> tuple[bool, int, int, str]:
        nearness = len(_words(path) & _words(test.file_path or ""))
        return (test.uid in own, -nearness, -_size(test), test.uid)

    fit = [t for t in tests if (t.file_path or "").endswith(suffix) and 1 < _size(t) <= _MAX_LINES]
    return min(fit, key=order, default=None)


def _all_tests(reader: GraphReader) -> list[Symbol]:
    return fetch_symbols(reader, "n:TEST", {}, _CALLABLE)


def _tested(reader: GraphReader, symbol: Symbol, owner: Symbol) -> dict[str, list[Symbol]]:
    """The target and what stands beside it -> the tests that reach each."""
    beside = members_of(reader, [owner]) if owner.kind is NodeKind.CLASS else []
    rows = step(reader, [symbol, owner, *beside], Follow((EdgeKind.TESTS,), incoming=True))
    found: dict[str, list[Symbol]] = {}
    for row in rows:
        found.setdefault(row.via, []).append(row.symbol)
    return found


def _size(symbol: Symbol) -> int:
    return (symbol.end_line or 0) - (symbol.start_line or 0) + 1


def _words(path: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", path)} - {"test"}
