"""Which members a class leaves for its subclasses to implement, and how it is constructed.

A member implements an abstract one if an OVERRIDES edge says so, or if it has the same name and as
many parameters and its class is no ancestor of the abstract one's: a method that is inherited from
one base may implement what another base declares, and no edge joins the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphdb.queries.call_hierarchy import OWN
from graphdb.queries.members import parameters
from graphdb.queries.rows import symbol_columns, symbol_of
from graphdb.queries.type_hierarchy import subtypes, supertypes
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

ABSTRACT, CONSTRUCTOR = "abstract", "constructor"
_ABSTRACT_DECORATORS = frozenset(
    {"abstractmethod", "abstractproperty", "abstractclassmethod", "abstractstaticmethod"}
)
_INITIALIZERS = ("__init__", "__new__")


@dataclass(frozen=True, slots=True)
class _Member:
    owner: str
    symbol: Symbol
    is_abstract: bool

    def looks_like(self, other: _Member) -> bool:
        """Whether calls of the other would fit this one."""
        if self.symbol.name != other.symbol.name:
            return False
        if NodeKind.FIELD in (self.symbol.kind, other.symbol.kind):
            return True
        return _arity(self.symbol) == _arity(other.symbol)


def abstract_members(reader: GraphReader, owner: Symbol) -> list[Symbol]:
    """The abstract members that a concrete subclass of a class still has to implement.

    They are the class's own and those of its bases, nearest first; what lies outside the repository
    is not known.
    """
    bases = supertypes(reader, owner).items
    parents: dict[str, set[str]] = {}
    for base in bases:
        parents.setdefault(base.via, set()).add(base.symbol.uid)
    order = list(dict.fromkeys([owner.uid, *(base.symbol.uid for base in bases)]))
    members = sorted(_members(reader, order), key=lambda m: order.index(m.owner))
    found: list[_Member] = []
    for member in members:
        if member.is_abstract and not any(member.looks_like(known) for known in found):
            above = _ancestors(parents, member.owner)
            rivals = [m for m in members if not m.is_abstract and m.owner not in above]
            if not any(rival.looks_like(member) for rival in rivals):
                found.append(member)
    concrete = {m.symbol.uid for m in members if not m.is_abstract}
    return [m.symbol for m in found if not _is_overridden(reader, m.symbol, concrete)]


def constructors(reader: GraphReader, owner: Symbol) -> list[Symbol]:
    """The constructors of a class, those of its nearest base that has any where it has none."""
    bases = [row.symbol for row in supertypes(reader, owner).items]
    for owner_or_base in (owner, *bases):
        cypher = (
            "MATCH (c:CLASS)-[e:HAS_METHOD]->(m:METHOD) "
            f"WHERE c.repo = $repo AND c.uid = $uid AND {OWN} "
            f"AND ('{CONSTRUCTOR}' IN m.modifiers OR m.name IN $names) "
            f"RETURN {symbol_columns('m')}"
        )
        params = {"uid": owner_or_base.uid, "names": list(_INITIALIZERS)}
        rows = reader.query(cypher, params, max_rows=None).rows
        if rows:
            return sorted(map(symbol_of, rows), key=lambda s: (s.start_line or 0, s.uid))
    return []


def _members(reader: GraphReader, classes: list[str]) -> list[_Member]:
    cypher = (
        "MATCH (c:CLASS)-[e:HAS_METHOD|HAS_FIELD]->(m) "
        f"WHERE c.repo = $repo AND c.uid IN $uids AND {OWN} "
        "RETURN c.uid AS owner, m.modifiers AS modifiers, m.decorators AS decorators, "
        f"{symbol_columns('m')}"
    )
    rows = reader.query(cypher, {"uids": classes}, max_rows=None).rows
    members = [_Member(row[0], symbol_of(row, 3), _is_abstract(row[1], row[2])) for row in rows]
    return sorted(members, key=lambda m: (m.symbol.start_line or 0, m.symbol.uid))


def _is_abstract(modifiers: list[str] | None, decorators: list[str] | None) -> bool:
    called = {decorator.rpartition(".")[2] for decorator in decorators or ()}
    return ABSTRACT in (modifiers or ()) or not called.isdisjoint(_ABSTRACT_DECORATORS)


def _ancestors(parents: Mapping[str, set[str]], uid: str) -> set[str]:
    found: set[str] = set()
    waiting = [uid]
    while waiting:
        fresh = parents.get(waiting.pop(), set()) - found
        found |= fresh
        waiting += fresh
    return found


def _is_overridden(reader: GraphReader, member: Symbol, concrete: set[str]) -> bool:
    """Whether one of the class's own or inherited concrete members overrides an abstract one."""
    if member.kind not in (NodeKind.METHOD, NodeKind.FIELD):
        return False
    return any(row.symbol.uid in concrete for row in subtypes(reader, member).items)


def _arity(symbol: Symbol) -> int:
    return len(parameters(symbol.signature or ""))
