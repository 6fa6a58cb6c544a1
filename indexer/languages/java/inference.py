"""What type parameters stand for, told by matching declared types with those that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.java.types import (
    ARRAY,
    CLASS,
    NULL,
    VARIABLE,
    WILDCARD,
    Bindings,
    boxed,
    lower,
    substitute,
)

if TYPE_CHECKING:
    from indexer.languages.java.classes import Classes
    from indexer.languages.java.conversions import Conversions
    from indexer.languages.java.members import Members
    from indexer.languages.java.types import Type


class Inference:
    """Matches types; `found` grows with what is learnt of the variables of one owner."""

    def __init__(self, classes: Classes, conversions: Conversions, members: Members) -> None:
        self._classes = classes
        self._conversions = conversions
        self._members = members

    def match(
        self, wanted: Type | None, given: Type | None, owner: object, found: Bindings
    ) -> None:
        """Learn from a value of type `given` where `wanted` is declared."""
        if wanted is None or given is None or given[0] == NULL:
            return
        kind = wanted[0]
        if kind == WILDCARD:
            self.match(wanted[2], lower(given), owner, found)
        elif kind == VARIABLE:
            if wanted[1] == owner:
                self._learn((owner, wanted[2]), lower(boxed(given)), found)
        elif kind == ARRAY:
            if given[0] == ARRAY:
                self.match(wanted[1], given[1], owner, found)
        elif kind == CLASS and wanted[2]:
            self._match_class(wanted, given, owner, found)

    def _match_class(self, wanted: Type, given: Type, owner: object, found: Bindings) -> None:
        if given[0] == VARIABLE:
            given = self._classes.bound(given)
        if given[0] != CLASS:
            return
        seen = self._classes.as_super(given, wanted[1])
        if seen is not None and len(seen[2]) == len(wanted[2]):
            for part, argument in zip(wanted[2], seen[2], strict=True):
                self.match(part, argument, owner, found)

    def _learn(self, variable: tuple[object, str], type_: Type | None, found: Bindings) -> None:
        known = found.get(variable)
        if known is None or type_ is None:
            found[variable] = known or type_
        elif known != type_ and self._conversions.is_subtype(known, type_):
            found[variable] = type_

    def function(self, wanted: Type | None) -> tuple[list[Type | None], Type | None] | None:
        """Parameters and result of a functional interface's method; None where it has none."""
        if wanted is None or wanted[0] != CLASS:
            return None
        member = self._members.function(wanted[1])
        if member is None:
            return None
        arguments: Bindings = {k: lower(t) for k, t in self._classes.bindings(wanted).items()}
        view: Bindings = {
            name: substitute(type_, arguments)
            for name, type_ in self._classes.bindings(member.view).items()
        }
        if not wanted[2]:
            view = {}
        parameters = [substitute(p, view) for p in member.method.parameters]
        return parameters, substitute(member.method.result, view)
