"""Base and derived classes of a class; overridden and overriding members of a member.

Both are walked by edges between classes and between members; inherited members that the graph also
attaches to a derived class are not overrides and never appear here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.errors import NotFoundError
from graphdb.queries.call_hierarchy import own_members
from graphdb.queries.levels import walk
from graphdb.queries.rows import ALL_TIERS, Follow
from graphdb.schema import EdgeKind, NodeKind
from graphdb.symbols import TypeHierarchy

if TYPE_CHECKING:
    from graphdb.store import GraphReader
    from graphdb.symbols import Relations, Symbol

TYPE_EDGES = (EdgeKind.INHERITS, EdgeKind.IMPLEMENTS)


def supertypes(reader: GraphReader, symbol: Symbol, depth: int | None = None) -> Relations:
    """Base classes, or the members that a member overrides; nearest first."""
    return walk(reader, [symbol], Follow(_edges(symbol), False, ALL_TIERS), depth=depth)


def subtypes(reader: GraphReader, symbol: Symbol, depth: int | None = None) -> Relations:
    """Derived classes, or the members that override a member; nearest first."""
    return walk(reader, [symbol], Follow(_edges(symbol), True, ALL_TIERS), depth=depth)


def type_hierarchy(reader: GraphReader, symbol: Symbol, depth: int | None = None) -> TypeHierarchy:
    """Both directions at once, with a class's own members.

    Raises NotFoundError for a symbol that can have no hierarchy.
    """
    is_class = symbol.kind in (NodeKind.CLASS, NodeKind.EXTERNAL)
    return TypeHierarchy(
        symbol=symbol,
        supertypes=supertypes(reader, symbol, depth).items,
        subtypes=subtypes(reader, symbol, depth).items,
        members=tuple(own_members(reader, [symbol])) if is_class else (),
    )


def _edges(symbol: Symbol) -> tuple[EdgeKind, ...]:
    if symbol.kind in (NodeKind.CLASS, NodeKind.EXTERNAL):
        return TYPE_EDGES
    if symbol.kind in (NodeKind.METHOD, NodeKind.FIELD):
        return (EdgeKind.OVERRIDES,)
    kind = symbol.kind.value.lower()
    raise NotFoundError(
        f"{symbol.full_name} is a {kind}: only classes, methods and fields have a hierarchy"
    )
