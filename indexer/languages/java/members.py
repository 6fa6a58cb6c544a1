"""Methods that a class has, inherited ones included, and that of a functional interface."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.languages.java.types import OBJECT_KEY, Method, substitute

if TYPE_CHECKING:
    from indexer.languages.java.classes import Classes
    from indexer.languages.java.conversions import Conversions
    from indexer.languages.java.names import Names
    from indexer.languages.java.types import Key, Type


class Member(NamedTuple):
    """A method, and the class that declares it as a type in terms of the class that was asked."""

    method: Method
    view: Type


class Members:
    """Methods by class and name, memoised."""

    def __init__(self, names: Names, classes: Classes, conversions: Conversions) -> None:
        self._names = names
        self._classes = classes
        self._conversions = conversions
        self._found: dict[tuple[Key, str], tuple[Member, ...]] = {}
        self._functions: dict[Key, Member | None] = {}

    def close(self) -> None:
        """Forget everything."""
        self._found, self._functions = {}, {}

    def find(self, key: Key, name: str) -> tuple[Member, ...]:
        """The methods of a name that a class has; what it overrides is left out."""
        known = self._found.get((key, name))
        self._classes.note(key)
        if known is None:
            own = self._classes.own_type(key)
            found = [Member(m, own) for m in self._classes.own(key, name)]
            for ancestor in self._classes.line(key):
                for method in self._classes.own(ancestor.key, name):
                    if method.is_private and ancestor.key[1] != key[1]:
                        continue
                    member = Member(method, ancestor.type_)
                    if not any(self._hides(other, member) for other in found):
                        found.append(member)
            known = self._found[key, name] = tuple(found)
        return known

    def after(self, key: Key, name: str) -> tuple[Member, ...]:
        """The methods of a name that a class inherits, as `super.m()` looks for them."""
        found: list[Member] = []
        for ancestor in self._classes.line(key):
            for method in self._classes.own(ancestor.key, name):
                member = Member(method, ancestor.type_)
                if not any(self._hides(other, member) for other in found):
                    found.append(member)
        return tuple(found)

    def _hides(self, one: Member, other: Member) -> bool:
        """True when a method overrides another, or stands before it with the same parameters."""
        mine, others = one.method.parameters, other.method.parameters
        return len(mine) == len(others) and (
            not mine or self.parameters(one) == self.parameters(other)
        )

    def parameters(self, member: Member) -> tuple[Type | None, ...]:
        """The erased parameters of a method, seen from the class that has it."""
        bindings = self._classes.bindings(member.view)
        erased = self._conversions.erased
        return tuple([erased(substitute(p, bindings)) for p in member.method.parameters])

    def overrides(self, one: Method, key: Key, other: Method) -> bool:
        """True when a method of a class overrides one of its ancestors'."""
        if one.is_static or other.is_static or len(one.parameters) != len(other.parameters):
            return False
        if not one.parameters:
            return True
        own = self._classes.own_type(key)
        view = self._classes.as_super(own, other.owner)
        if view is None:
            return False
        return self.parameters(Member(one, own)) == self.parameters(Member(other, view))

    def function(self, key: Key) -> Member | None:
        """The one abstract method of a functional interface, else None."""
        self._classes.note(key)
        if key not in self._functions:
            self._functions[key] = self._function(key)
        return self._functions[key]

    def _function(self, key: Key) -> Member | None:
        if not self._classes.declared(key).is_interface:
            return None
        found: list[Member] = []
        names: set[str] = set()
        for owner in (key, *(a.key for a in self._classes.line(key))):
            if owner == OBJECT_KEY or not self._classes.declared(owner).is_interface:
                continue
            names.update(self._classes.abstract_names(owner))
        for name in sorted(names):
            members = self.find(key, name)
            found += [m for m in members if m.method.is_abstract and not self._is_objects(m)]
        return found[0] if len(found) == 1 else None

    def _is_objects(self, member: Member) -> bool:
        """True for what every object has, such as `equals` in Comparator."""
        others = self._classes.own(OBJECT_KEY, member.method.name)
        return any(len(o.parameters) == len(member.method.parameters) for o in others)
