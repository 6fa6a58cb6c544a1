"""Trees over the graph, opened level by level: who calls, what is called, bases, imports, tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.errors import NotFoundError
from graphdb.queries.call_hierarchy import incoming_calls, outgoing_calls
from graphdb.queries.levels import walk
from graphdb.queries.members import members_of
from graphdb.queries.names import symbols_of_file
from graphdb.queries.references import find_references
from graphdb.queries.rows import ALL_TIERS, Follow
from graphdb.queries.type_hierarchy import subtypes, supertypes
from graphdb.schema import EdgeKind, NodeKind, Tier
from graphdb.symbols import Relation

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

    Reads = Callable[[GraphReader, Symbol, tuple[Tier, ...]], tuple[Relation, ...]]


def _callers(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return incoming_calls(reader, symbol, 1, tiers).items


def _callees(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return outgoing_calls(reader, symbol, 1, tiers).items


def _bases(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return _of_tiers(supertypes(reader, symbol, 1).items, tiers)


def _derived(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return _of_tiers(subtypes(reader, symbol, 1).items, tiers)


def _references(
    reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]
) -> tuple[Relation, ...]:
    return find_references(reader, symbol, tiers).items


def _imports(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return _imported(reader, symbol, tiers, incoming=False)


def _importers(
    reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]
) -> tuple[Relation, ...]:
    return _imported(reader, symbol, tiers, incoming=True)


def _tests(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return walk(reader, [symbol], Follow((EdgeKind.TESTS,), True, tiers)).items


def _members(reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    del tiers  # what a class or module has is no matter of how sure a name was resolved
    found = members_of(reader, [symbol])
    return tuple(
        Relation(member, EdgeKind.CONTAINS, symbol.uid, 1, member.file_path, (), Tier.EXACT)
        for member in found
    )


TREES: dict[str, Reads] = {
    "callers": _callers,
    "callees": _callees,
    "bases": _bases,
    "derived": _derived,
    "references": _references,
    "imports": _imports,
    "importers": _importers,
    "members": _members,
    "tests": _tests,
}
"""Name of a tree -> what stands below a symbol in it."""


def children(
    reader: GraphReader, tree: str, symbol: Symbol, tiers: tuple[Tier, ...]
) -> tuple[Relation, ...]:
    """What stands below a symbol; nothing for what lies outside or can have no such tree."""
    if symbol.kind == NodeKind.EXTERNAL:
        return ()
    try:
        return TREES[tree](reader, symbol, tiers)
    except NotFoundError:
        return ()


def _of_tiers(rows: tuple[Relation, ...], tiers: tuple[Tier, ...]) -> tuple[Relation, ...]:
    return tuple(row for row in rows if row.tier in tiers)


def _imported(
    reader: GraphReader, symbol: Symbol, tiers: tuple[Tier, ...], *, incoming: bool
) -> tuple[Relation, ...]:
    """Imports of a module; of anything else, those of the module that it is in."""
    root = symbol
    if symbol.kind != NodeKind.MODULE and symbol.file_path and not incoming:
        in_file = symbols_of_file(reader, symbol.file_path)
        root = next((s for s in in_file if s.kind == NodeKind.MODULE), symbol)
    follow = Follow((EdgeKind.IMPORTS,), incoming, tiers or ALL_TIERS)
    return walk(reader, [root], follow).items
