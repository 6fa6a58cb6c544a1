"""What of a class, function or module a skeleton has one test each for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.call_hierarchy import own_members
from graphdb.queries.members import owners_of
from graphdb.queries.names import symbols_of_file
from graphdb.queries.rows import Follow, step
from graphdb.queries.traits import Traits, traits_of
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol

MAX_UNITS = 40
_CALLABLES = (NodeKind.FUNCTION, NodeKind.METHOD)
_SKIPPED = frozenset({"overload", "abstractmethod", "abstractproperty"})


@dataclass(frozen=True, slots=True)
class Unit:
    """Something to test. owner: its class, None for a function. tests: that call it."""

    symbol: Symbol
    owner: Symbol | None
    traits: Traits
    tests: tuple[Symbol, ...] = ()

    @property
    def decorators(self) -> frozenset[str]:
        """By their last names."""
        return frozenset(name.rpartition(".")[2] for name in self.traits.decorators)

    @property
    def needs_object(self) -> bool:
        """It is called on an object of its class."""
        is_static = "static" in self.traits.modifiers or not self.decorators.isdisjoint(
            {"staticmethod", "classmethod"}
        )
        return self.owner is not None and not is_static


def units_of(ground: Ground, symbols: Sequence[Symbol]) -> list[Unit]:
    """The units of symbols: themselves, or what a class or module has for others to call."""
    first = symbols[0]
    found = list(symbols)
    if first.kind is NodeKind.CLASS:
        found = own_members(ground.reader, symbols, (EdgeKind.HAS_METHOD,))
    elif first.kind is NodeKind.MODULE:
        in_file = symbols_of_file(ground.reader, first.file_path or "")
        found = [s for s in in_file if s.kind in _CALLABLES]
    traits = traits_of(ground.reader, found)
    is_chosen = first.kind in _CALLABLES
    kept = [s for s in found if _is_wanted(s, traits.get(s.uid, Traits()), is_chosen=is_chosen)]
    methods = [s for s in kept if s.kind is NodeKind.METHOD]
    owners = {o.full_name: o for o in owners_of(ground.reader, methods)}
    rows = step(ground.reader, kept, Follow((EdgeKind.TESTS,), incoming=True))
    tests: dict[str, list[Symbol]] = {}
    for row in rows:
        tests.setdefault(row.via, []).append(row.symbol)
    return [
        Unit(
            symbol,
            owners.get(symbol.full_name.rpartition(".")[0]),
            traits.get(symbol.uid, Traits()),
            tuple(tests.get(symbol.uid, ())),
        )
        for symbol in kept
        if symbol.kind is NodeKind.METHOD or is_top_level(symbol)
    ]


def qualified_name(symbol: Symbol) -> str:
    """The name of a symbol in its file: its uid is `language:path:name` and a number."""
    return symbol.uid.split(":", 2)[-1].partition("#")[0]


def is_top_level(symbol: Symbol) -> bool:
    """It stands in no function or class."""
    return "." not in qualified_name(symbol)


def _is_wanted(symbol: Symbol, traits: Traits, *, is_chosen: bool) -> bool:
    """Public and with a body; one that was asked for by name need not be public."""
    if symbol.kind not in _CALLABLES or symbol.is_test:
        return False
    decorators = {name.rpartition(".")[2] for name in traits.decorators}
    if not decorators.isdisjoint(_SKIPPED) or "abstract" in traits.modifiers:
        return False
    if is_chosen:
        return True
    is_constructor = "constructor" in traits.modifiers or symbol.name in ("__init__", "__new__")
    return traits.visibility in ("public", None) and not is_constructor
