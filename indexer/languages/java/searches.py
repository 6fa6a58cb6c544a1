"""Where the methods are looked for that a call may mean: scopes, imports, types, superclasses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, Op
from indexer.languages.java.types import ARRAY, CLASS, OBJECT_KEY

if TYPE_CHECKING:
    from indexer.languages.java.evaluator import Evaluator
    from indexer.languages.java.members import Member
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import Type


_OF_ALL = frozenset({"toString", "hashCode", "equals", "getClass"})
"""Methods of `Object` that give the same kind of result in whatever class."""


class Search(NamedTuple):
    """Where a method was found: its candidates, and what they are called on."""

    members: tuple[Member, ...]
    receiver: Type | None
    reason: str
    is_virtual: bool = True
    outside: str | None = None
    is_sure: bool = True


NOTHING_FOUND = Search((), None, "")


class Searches:
    """Finds candidates; stateless, so it serves all files."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules

    def unqualified(self, at: Evaluator, callee: tuple[Any, ...]) -> Search:
        """`m()`: the innermost class that has such a method, then static imports."""
        rules, name = self._rules, callee[2]
        key, reason, may_be_outside = at.class_at(callee[1]), "self", False
        while key is not None:
            members = rules.members.find(key, name)
            if members:
                own = rules.classes.own_type(key)
                return Search(members, own, reason, is_sure=not may_be_outside)
            may_be_outside = may_be_outside or rules.classes.outside(key)
            key, reason = rules.names.enclosing(key), "scope"
        for owner, is_named in rules.static_owners(at.path, name):
            members = tuple(m for m in rules.members.find(owner, name) if m.method.is_static)
            if members:
                return Search(members, None, "import", is_virtual=False)
            if is_named and owner[0] == "ext":
                return Search((), None, "import", outside=f"{owner[1]}.{name}")
            may_be_outside = may_be_outside or owner[0] == "ext"
        return NOTHING_FOUND._replace(outside="" if may_be_outside else None)

    def qualified(self, at: Evaluator, callee: tuple[Any, ...]) -> Search:
        """`x.m()`: the methods of x's type; `C.m()`, `super.m()`."""
        owner, name = callee[1], callee[2]
        row: tuple[Any, ...] = at.exprs[owner] if owner != NONE else (NONE,)
        place = at.place(owner) if row[0] in {Op.NAME, Op.ATTR} else None
        if place is not None and place.kind == "type":
            return self.of_type(place.type_, name, "class")
        if row[0] in {Op.NAME, Op.ATTR} and row[2] == "super":
            return self._of_super(at, row, name)
        type_ = self._rules.conversions.bounded(at.type_(owner))
        if type_ is None:
            return NOTHING_FOUND._replace(outside="") if at.is_outside(owner) else NOTHING_FOUND
        return self._of_value(type_, name, at.reason(owner))

    def _of_value(self, type_: Type, name: str, reason: str) -> Search:
        if type_[0] == ARRAY:
            found = self._rules.members.find(OBJECT_KEY, name)
            return Search(found, type_, reason, is_virtual=False)
        if type_[0] != CLASS:
            return NOTHING_FOUND
        return self.of_type(type_, name, reason)

    def of_type(self, type_: Type | None, name: str, reason: str) -> Search:
        """The methods of a name that a class has."""
        if type_ is None or type_[0] != CLASS:
            return NOTHING_FOUND
        key = type_[1]
        members = self._rules.members.find(key, name)
        if key[0] == "ext" and not self._rules.classes.declared(key).is_known:
            if name not in _OF_ALL:
                return Search((), type_, reason, outside=f"{key[1]}.{name}")
            return Search(members, type_, reason, is_virtual=False)
        if members:
            return Search(members, type_, reason)
        outside = "" if self._rules.classes.outside(key) else None
        return Search((), type_, reason, outside=outside)

    def _of_super(self, at: Evaluator, row: tuple[Any, ...], name: str) -> Search:
        """`super.m()`, `Interface.super.m()`, `Outer.super.m()`."""
        rules = self._rules
        key = at.class_at(row[1]) if row[0] == Op.NAME else None
        if row[0] == Op.ATTR:
            named = at.place(row[1])
            if named is None or named.type_ is None or named.type_[0] != CLASS:
                return NOTHING_FOUND
            key = named.type_[1]
            if rules.classes.declared(key).is_interface:
                members = rules.members.find(key, name)
                return Search(members, named.type_, "super", is_virtual=False)
        if key is None:
            return NOTHING_FOUND
        members = rules.members.after(key, name)
        own = rules.classes.own_type(key)
        outside = "" if not members and rules.classes.outside(key) else None
        return Search(members, own, "super", is_virtual=False, outside=outside)
