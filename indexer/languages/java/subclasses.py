"""Who extends a class and overrides its methods: the way back from a declaration.

Files say by themselves under which simple names their classes name bases, so that only classes that
could be meant are looked at; a look-up of such a name is noted like that of a type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.java.members import Member
from indexer.languages.java.packages import DECLARED, DERIVED
from indexer.languages.java.types import CLASS, OBJECT_KEY, Method

if TYPE_CHECKING:
    from indexer.languages.java.classes import Classes
    from indexer.languages.java.members import Members
    from indexer.languages.java.names import Names
    from indexer.languages.java.types import Key
    from indexer.solver import Cell, ReadLog

MAX_OVERRIDES = 12
"""More methods than these may run at a call: then none is named, since that would say nothing."""

_MAX_SUBCLASSES = 200


class Subclasses:
    """Direct and indirect subclasses, and the methods in them that override another."""

    def __init__(self, names: Names, classes: Classes, members: Members, log: ReadLog) -> None:
        self._names = names
        self._classes = classes
        self._members = members
        self._log = log
        self._direct: dict[Key, tuple[Key, ...]] = {}
        self._overriding: dict[tuple[Key, int], tuple[Cell, tuple[Method, ...], Method]] = {}

    def close(self) -> None:
        """Forget everything."""
        self._direct, self._overriding = {}, {}

    def direct(self, key: Key) -> tuple[Key, ...]:
        """The classes of the repository that name a class as their base."""
        name = key[1].rpartition(".")[2] if key[0] == "ext" else self._names.definition(key).name
        offer = DERIVED + name
        self._log.note(("", offer))
        known = self._direct.get(key)
        for path, who in self._names.packages.group(offer):
            self._log.note((path, who.partition(".")[0].partition("#")[0]))
        if known is None:
            found = [self._class(path, who) for path, who in self._names.packages.group(offer)]
            known = self._direct[key] = tuple(
                c for c in found if c is not None and self._extends(c, key)
            )
        return known

    def _class(self, path: str, who: str) -> Key | None:
        qualified, _, ordinal = who.partition("#")
        for number, d in enumerate(self._names.file(path).facts.definitions):
            if d.is_class and d.qualified_name == qualified and d.ordinal == int(ordinal or 1):
                return ("cls", path, number)
        return None

    def _extends(self, key: Key, base: Key) -> bool:
        return any(t[0] == CLASS and t[1] == base for t in self._classes.declared(key).supers)

    def all(self, key: Key) -> list[Key]:
        """All subclasses, nearest first; none at all when there are too many of them."""
        found: dict[Key, None] = {}
        pending = [key]
        while pending:
            for sub in self.direct(pending.pop(0)):
                if sub not in found and sub != key:
                    found[sub] = None
                    pending.append(sub)
            if len(found) > _MAX_SUBCLASSES:
                return []
        return list(found)

    def overriding(self, key: Key, method: Method) -> tuple[Method, ...]:
        """Methods of the repository that may run instead of a method called on a class's object."""
        known = self._overriding.get((key, id(method)))
        if known is not None:
            self._log.note(known[0])
            return known[1]
        cell = (f"<{key[1]}", f"{key[2:]}.{method.name}/{len(method.parameters)}")
        outer = self._log.enter(cell)
        found = self._find_overriding(key, method)
        self._log.leave(outer)
        self._overriding[key, id(method)] = cell, found, method
        return found

    def _find_overriding(self, key: Key, method: Method) -> tuple[Method, ...]:
        if key == OBJECT_KEY:
            return self._of_any_class(method)
        if self._classes.declared(key).is_final and key[0] == "ext":
            return ()
        found: dict[Method, None] = {}
        for sub in self.all(key):
            for own in self._classes.own(sub, method.name):
                if self._members.overrides(own, sub, method):
                    found[own] = None
            if method.is_abstract:
                self._inherited(sub, method, found)
        rows = [m for m in found if m.symbol is not None and m.symbol[0] == "fn" and m != method]
        return tuple(rows) if len(rows) <= MAX_OVERRIDES else ()

    def _inherited(self, sub: Key, method: Method, found: dict[Method, None]) -> None:
        """What a class inherits from elsewhere may be what implements an interface's method."""
        for member in self._members.find(sub, method.name):
            other = member.method
            if other.is_abstract or other.symbol == method.symbol:
                continue
            if len(other.parameters) == len(method.parameters) and self._is_same(
                sub, other, method
            ):
                found[other] = None

    def _is_same(self, sub: Key, one: Method, other: Method) -> bool:
        if not one.parameters:
            return True
        own = self._classes.own_type(sub)
        views = [self._classes.as_super(own, m.owner) for m in (one, other)]
        if views[0] is None or views[1] is None:
            return False
        first, second = Member(one, views[0]), Member(other, views[1])
        return self._members.parameters(first) == self._members.parameters(second)

    def _of_any_class(self, method: Method) -> tuple[Method, ...]:
        """The methods that stand in for one of `Object`'s, when they are few."""
        offer = DECLARED + method.name
        self._log.note(("", offer))
        group = self._names.packages.group(offer)
        if len(group) > MAX_OVERRIDES:
            return ()
        found: list[Method] = []
        for path, who in group:
            key = self._class(path, who)
            if key is not None:
                own = self._classes.own(key, method.name)
                found += [m for m in own if len(m.parameters) == len(method.parameters)]
        return tuple(m for m in found if not m.is_static)
