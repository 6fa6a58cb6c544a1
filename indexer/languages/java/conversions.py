"""Whether a value of one type may be given where another is wanted: JLS chapter 5, three-valued.

True and False are sure; None says that something about the types is not known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.java.types import (
    ARRAY,
    BOXES,
    CLASS,
    NULL,
    OBJECT_KEY,
    PRIMITIVE,
    UNBOXED,
    VARIABLE,
    WILDCARD,
    Type,
)

if TYPE_CHECKING:
    from indexer.languages.java.classes import Classes
    from indexer.languages.java.types import Key

_WIDER = {
    "byte": ("short", "int", "long", "float", "double"),
    "short": ("int", "long", "float", "double"),
    "char": ("int", "long", "float", "double"),
    "int": ("long", "float", "double"),
    "long": ("float", "double"),
    "float": ("double",),
}
_MAX_BOUNDS = 20
"""Type variables bounded by each other before nothing is known: a broken file may have a cycle."""

_OF_ARRAYS = frozenset({"java.lang.Object", "java.lang.Cloneable", "java.io.Serializable"})


class Conversions:
    """Subtyping and what method calls convert."""

    def __init__(self, classes: Classes) -> None:
        self._classes = classes
        self._known: dict[tuple[Key, Key], bool | None] = {}

    def close(self) -> None:
        """Forget everything."""
        self._known = {}

    def erased(self, type_: Type | None) -> Type | None:
        """A type without arguments; of a type variable its bound."""
        type_ = self.bounded(type_)
        if type_ is None:
            return None
        if type_[0] == CLASS:
            return (CLASS, type_[1], ()) if type_[2] else type_
        return (ARRAY, self.erased(type_[1])) if type_[0] == ARRAY else type_

    def bounded(self, type_: Type | None) -> Type | None:
        """A type whose members can be asked for: of a type variable its bound."""
        depth = 0
        while type_ is not None and type_[0] in {VARIABLE, WILDCARD} and depth < _MAX_BOUNDS:
            type_ = self._classes.bound(type_) if type_[0] == VARIABLE else type_[2]
            depth += 1
        return None if depth == _MAX_BOUNDS else type_

    def is_subtype(self, one: Type | None, other: Type | None) -> bool | None:
        """Subtyping between reference types, erased; widening between primitive ones."""
        if one is None or other is None:
            return None
        if one == other:
            return True
        one, other = self.erased(one), self.erased(other)
        if one is None or other is None:
            return None
        if one == other:
            return True
        if one[0] == PRIMITIVE or other[0] == PRIMITIVE:
            return one[0] == other[0] and other[1] in _WIDER.get(one[1], ())
        if one[0] == NULL or other == (CLASS, OBJECT_KEY, ()):
            return True
        if one[0] == ARRAY:
            if other[0] == ARRAY:
                return self._is_same_array(one[1], other[1])
            return other[0] == CLASS and other[1][1] in _OF_ARRAYS and other[1][0] == "ext"
        return other[0] == CLASS and one[0] == CLASS and self.is_subclass(one[1], other[1])

    def _is_same_array(self, one: Type | None, other: Type | None) -> bool | None:
        if one is None or other is None:
            return None
        if one[0] == PRIMITIVE or other[0] == PRIMITIVE:
            return one == other
        return self.is_subtype(one, other)

    def is_subclass(self, one: Key, other: Key) -> bool | None:
        """Whether one class is another or has it among its ancestors."""
        self._classes.note(one)
        if (one, other) not in self._known:
            found: bool | None = one == other or any(
                a.key == other for a in self._classes.line(one)
            )
            if not found and self._classes.is_open(one):
                # An unknown class may have any ancestor, but none that is final or below itself.
                is_below = any(a.key == one for a in self._classes.line(other))
                found = False if is_below or self._classes.declared(other).is_final else None
            self._known[one, other] = found
        return self._known[one, other]

    def strict(self, given: Type | None, wanted: Type | None) -> bool | None:
        """What the first phase of overload resolution allows: subtyping and widening."""
        return self.is_subtype(given, wanted)

    def loose(self, given: Type | None, wanted: Type | None) -> bool | None:
        """What the second phase allows: boxing and unboxing too."""
        found = self.is_subtype(given, wanted)
        if found is not False or given is None or wanted is None:
            return found
        if given[0] == PRIMITIVE and wanted[0] != PRIMITIVE and given[1] in BOXES:
            return self.is_subtype((CLASS, ("ext", BOXES[given[1]]), ()), wanted)
        if wanted[0] == PRIMITIVE:
            own = self.erased(given)
            if own is not None and own[0] == CLASS and own[1] in UNBOXED:
                return self.is_subtype((PRIMITIVE, UNBOXED[own[1]]), wanted)
        return False
