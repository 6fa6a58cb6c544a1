"""Which of several methods a call means: the phases and the most specific method of JLS 15.12.

An argument is a type, None where it is not known, or (FUNCTION, …) for a lambda and its like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from indexer.languages.java.types import (
    CLASS,
    FUNCTION,
    PRIMITIVE,
    VARIABLE,
    Type,
    spread,
    substitute,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from indexer.languages.java.classes import Classes
    from indexer.languages.java.conversions import Conversions
    from indexer.languages.java.members import Member

    Fits = Callable[[Type, Type | None], bool | None]
    Test = Callable[[Type | None, Type | None], bool | None]

MAX_OPEN = 12
"""How many methods a call with unknown arguments may mean before it means none."""


class Choice(NamedTuple):
    """The methods that a call may mean. is_sure: the arguments prove that it is this one."""

    members: tuple[Member, ...]
    is_sure: bool


class _Candidate(NamedTuple):
    member: Member
    parameters: tuple[Type | None, ...]


class Overloads:
    """Chooses among methods. fits: whether a lambda or method reference fits a parameter's type."""

    def __init__(self, classes: Classes, conversions: Conversions) -> None:
        self._classes = classes
        self._conversions = conversions

    def choose(
        self, members: Sequence[Member], receiver: Type | None, given: list[Type | None], fits: Fits
    ) -> Choice:
        """The methods that fit the arguments best; none when no method can take them."""
        count = len(given)
        fixed = [m for m in members if len(m.method.parameters) == count]
        spread = [
            m for m in members if m.method.is_varargs and count >= len(m.method.parameters) - 1
        ]
        if len(fixed) + len(spread) <= 1 or not count:
            found = tuple(fixed[:1] or spread[:1])
            return Choice(found, True)
        exact = [_Candidate(m, self._parameters(m, receiver)) for m in fixed]
        same = [c for c in exact if c.parameters == tuple(given)]
        if len(same) == 1 and None not in given:
            # No other that applies can be more specific, whatever is not known of the types.
            return Choice((same[0].member,), True)
        conversions = self._conversions
        unsure: dict[int, _Candidate] = {}
        for test in (conversions.strict, conversions.loose):
            sure, maybe = self._applicable(exact, given, test, fits)
            unsure.update((id(c.member), c) for c in maybe)
            if sure:
                return self._best([*sure, *unsure.values()], sure, given)
        longer = [_Candidate(m, self._expanded(m, receiver, given)) for m in spread]
        sure, maybe = self._applicable(longer, given, conversions.loose, fits)
        if not unsure and (sure or maybe):
            return self._best([*sure, *maybe], sure, given)
        if unsure:
            return self._best([*unsure.values()], [], given)
        return Choice((), False)

    def _parameters(self, member: Member, receiver: Type | None) -> tuple[Type | None, ...]:
        if not member.view[2]:
            return member.method.parameters
        bindings = self._classes.bindings(member.view)
        if receiver is not None and receiver[0] == CLASS:
            outer = self._classes.captured(receiver)
            bindings = {name: substitute(t, outer) for name, t in bindings.items()}
        return tuple([substitute(p, bindings) for p in member.method.parameters])

    def _expanded(
        self, member: Member, receiver: Type | None, given: list[Type | None]
    ) -> tuple[Type | None, ...]:
        """The parameters with the last one repeated as often as there are arguments for it."""
        parameters = self._parameters(member, receiver)
        return spread(member.method._replace(parameters=parameters), given, always=True)

    def _applicable(
        self, candidates: list[_Candidate], given: list[Type | None], test: Test, fits: Fits
    ) -> tuple[list[_Candidate], list[_Candidate]]:
        sure: list[_Candidate] = []
        maybe: list[_Candidate] = []
        for candidate in candidates:
            answer: bool | None = True
            for argument, parameter in zip(given, candidate.parameters, strict=True):
                is_function = argument is not None and argument[0] == FUNCTION
                one = (
                    fits(argument, parameter)
                    if is_function and argument
                    else test(argument, parameter)
                )
                if one is False:
                    answer = False
                    break
                if one is None:
                    answer = None
            if answer:
                sure.append(candidate)
            elif answer is None:
                maybe.append(candidate)
        return sure, maybe

    def _best(
        self, possible: list[_Candidate], sure: list[_Candidate], given: list[Type | None]
    ) -> Choice:
        """The most specific of the methods that apply."""
        if len(possible) == 1:
            return Choice((possible[0].member,), True)
        known = [n for n, t in enumerate(given) if t is not None]
        pool = sure if len(sure) == len(possible) else possible
        best = [c for c in pool if all(c is o or self._is_more_specific(c, o, known) for o in pool)]
        if len(best) == 1:
            return Choice((best[0].member,), len(sure) == len(possible))
        left = best or pool
        if len(left) == len(sure) and best:
            concrete = [c for c in left if not c.member.method.is_abstract] or left
            return Choice((concrete[0].member,), len(concrete) == 1)
        return Choice(tuple(c.member for c in left) if len(left) <= MAX_OPEN else (), False)

    def _is_more_specific(self, one: _Candidate, other: _Candidate, positions: list[int]) -> bool:
        return all(self._is_narrower(one.parameters[n], other.parameters[n]) for n in positions)

    def _is_narrower(self, one: Type | None, other: Type | None) -> bool:
        if one == other:
            return True
        if other is not None and other[0] == VARIABLE and one is not None and one[0] == PRIMITIVE:
            return True
        return self._conversions.is_subtype(one, other) is True
