"""Lambdas and method references as arguments: what they may mean, and for which parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op
from indexer.languages.java.members import Member
from indexer.languages.java.searches import Search
from indexer.languages.java.types import ARRAY, CLASS, VARIABLE, VOID

if TYPE_CHECKING:
    from indexer.languages.java.evaluator import Evaluator
    from indexer.languages.java.overloads import Fits
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.searches import Searches
    from indexer.languages.java.types import Type


class Functional:
    """What is known of functional expressions before their parameters have types."""

    def __init__(self, rules: Rules, searches: Searches) -> None:
        self._rules = rules
        self._searches = searches

    def fits(self, at: Evaluator) -> Fits:
        """Whether a lambda or method reference of a file can be given for a parameter."""

        def fits(argument: Type, parameter: Type | None) -> bool | None:
            return self._function_fits(at, argument[1], parameter)

        return fits

    def _function_fits(self, at: Evaluator, expr: int, parameter: Type | None) -> bool | None:
        """Whether a lambda or method reference can be given for a parameter."""
        if parameter is None or parameter[0] == VARIABLE:
            return None
        if parameter[0] != CLASS:
            return False
        declared = self._rules.classes.declared(parameter[1])
        if not declared.is_known and parameter[1][0] == "ext":
            return None
        function = self._rules.inference.function(parameter)
        if function is None:
            return False
        parameters, result = function
        row = at.exprs[expr]
        if row[0] == Op.ARROW:
            if len(row[3]) != len(parameters):
                return False
            is_void = result == VOID
            return row[2] == "either" or row[2] == ("void" if is_void else "value")
        return self._reference_fits(at, row, len(parameters))

    def _reference_fits(self, at: Evaluator, row: tuple[Any, ...], count: int) -> bool | None:
        search = self.referred(at, row)
        if search is None or not search.members:
            return None
        on_type = self.is_type(at, row[1])
        for member in search.members:
            method = member.method
            needed = len(method.parameters)
            if on_type and not method.is_static and row[2] != "new":
                needed += 1
            if needed == count or (method.is_varargs and count >= needed - 1):
                return True
        return False

    def is_type(self, at: Evaluator, owner: int) -> bool:
        """True when what stands before `::` is a type."""
        if owner == NONE:
            return False
        row = at.exprs[owner]
        if row[0] in {Op.ITEM, Op.ARRAY} or (row[0] == Op.CONST):
            return True
        place = at.place(owner) if row[0] in {Op.NAME, Op.ATTR} else None
        return place is not None and place.kind == "type"

    def referred(self, at: Evaluator, row: tuple[Any, ...]) -> Search | None:
        """The methods that `x::m` may mean."""
        owner, name = row[1], row[2]
        if owner == NONE:
            return None
        if not self.is_type(at, owner):
            return self._searches.qualified(at, (Op.ATTR, owner, name))
        type_ = self._rules.conversions.bounded(at.written(owner))
        if type_ is not None and type_[0] == ARRAY:
            return Search((), type_, "class", outside="")
        if type_ is None or type_[0] != CLASS:
            return None
        if name != "new":
            return self._searches.of_type(type_, name, "class")
        key = type_[1]
        if key[0] == "ext":
            return Search((), type_, "class", outside=f"{key[1]}.<init>")
        own = self._rules.classes.own_type(key)
        found = tuple(Member(m, own) for m in self._rules.classes.constructors(key))
        return Search(found, type_, "class")
