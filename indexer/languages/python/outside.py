"""Instances of classes from outside the repository, and what is known to be in them.

One such value is an atom ("xinst", class, slot, value): slot and value say one thing that it may
hold, and None there says only that it is. A list of A or B is three atoms. Because what a variable
may hold is spread over atoms, sets of values only grow while they are being solved.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from indexer.languages.python import stdlib_classes as classes
from indexer.languages.python import stdlib_types as types
from indexer.languages.python.stdlib_classes import ELEMENT, KEY, VALUE
from indexer.languages.python.stdlib_types import ANY, SELF, Term
from indexer.solver import ANYTHING, NOTHING, OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from indexer.languages.python.lookup import Denotation
    from indexer.solver import Values

__all__ = ["ELEMENT", "KEY", "VALUE"]

_MAX_DEPTH = 3
_REMEMBERED = 1 << 14
"""Atoms whose answers are kept: they are pure, and asked for again and again."""

DICTIONARIES = frozenset({"builtins.dict", "collections.OrderedDict", "collections.defaultdict"})
_TUPLES = frozenset({"tuple", "Tuple"})
_GENERATORS = frozenset({"Generator", "AsyncGenerator"}) | {
    *("Iterator", "AsyncIterator", "Iterable", "AsyncIterable")
}
"""What functions under `contextmanager` return: `with x as y` binds what is yielded."""


def instance(name: str) -> Denotation:
    """An instance of an outside class of which nothing more is known."""
    return ("xinst", name, None, None)


HOLE = ("hole",)
"""What types alone do not tell and value flow may: an undeclared parameter, a filled container."""

UNKNOWN: Values = frozenset({instance("?")})
"""An instance of some outside class: what a method of an object from another package returns."""


def holding(name: str, slot: str | int, values: Iterable[Denotation]) -> Values:
    """An instance of an outside class that holds values in a slot."""
    atoms = {("xinst", name, slot, v) for v in values if _depth(v) < _MAX_DEPTH}
    return frozenset({instance(name), *atoms})


def _depth(value: Denotation) -> int:
    depth = 0
    while value[0] == "xinst" and value[3] is not None:
        value, depth = value[3], depth + 1
    return depth


def generic(name: str, parts: list[Values | None]) -> Values:
    """An instance of the generic `name[…]`; a part is None for what is no type (`...`)."""
    if name.rpartition(".")[2] in _TUPLES:
        if len(parts) > 1 and parts[1] is None:
            return holding(name, ELEMENT, parts[0] or NOTHING)
        slots: Iterable[str | int] = range(len(parts))
    elif classes.class_of(name) is None:
        return holding(name, ELEMENT, parts[-1] or NOTHING)
    else:
        slots = classes.slots(name)
    found: Values = frozenset({instance(name)})
    for slot, part in zip(slots, parts, strict=False):
        found |= holding(name, slot, part or NOTHING)
    return found


# Terms


def evaluated(term: Term, given: Mapping[str, Values], own: Values = NOTHING) -> Values:
    """The instances that a term admits; own: those that `Self` means."""
    kind = term[0]
    if kind == "any":
        return NOTHING
    if kind == "self":
        return own
    if kind == "var":
        found = given.get(term[1])
        return _constraints(term[1]) if found is None else found
    if kind == "inst":
        return _instance(term, given, own)
    if kind == "union":
        return frozenset(v for part in term[1] for v in evaluated(part, given, own))
    return _constructed(term, given, own)


def _instance(term: Term, given: Mapping[str, Values], own: Values) -> Values:
    name, found = term[1], {instance(term[1])}
    for slot, part in zip(classes.slots(name), term[2], strict=False):
        for value in evaluated(part, given, own):
            if _depth(value) < _MAX_DEPTH:
                found.add(("xinst", name, slot, value))
    return frozenset(found)


def _constructed(term: Term, given: Mapping[str, Values], own: Values) -> Values:
    kind = term[0]
    if kind == "lit":
        return frozenset({instance(term[1])})
    if kind == "tuple":
        found: Values = frozenset({instance("builtins.tuple")})
        for position, part in enumerate(term[1]):
            found |= holding("builtins.tuple", position, evaluated(part, given, own))
        return found
    inner = evaluated(term[1], given, own)
    if kind == "type":
        return frozenset(class_of(v) for v in inner if v[0] in {"inst", "xinst"})
    if kind == "call":
        return frozenset({("xcall", None), *(("xcall", v) for v in inner if v[0] != "xinst")})
    return inner


def class_of(value: Denotation) -> Denotation:
    """The class of an instance."""
    return ("cls", value[1], value[2]) if value[0] == "inst" else ("ext", value[1])


@cache
def _constraints(variable: str) -> Values:
    return evaluated(types.constraints(variable), {})


@cache
def _parameter(name: str, slot: str | int | None) -> str | None:
    """The type parameter of a class that a slot says something about."""
    known = classes.class_of(name)
    if known is None or slot is None:
        return None
    if isinstance(slot, int):
        slot = ELEMENT
    elif slot.startswith("="):
        slot = VALUE
    slots = classes.slots(name)
    return known.parameters[slots.index(slot)] if slot in slots else None


def given(atom: Denotation) -> dict[str, Values]:
    """What an atom says about the type parameters of its class."""
    parameter = _parameter(atom[1], atom[2])
    return {} if parameter is None else {parameter: frozenset({atom[3]})}


def said(atom: Denotation, term: Term) -> Values:
    """What a term in the type parameters of an atom's class is for that atom."""
    if atom[2] is not None and not isinstance(atom[2], int) and atom[2].startswith("="):
        # A copy of a dictionary has its literal keys too.
        own = classes.order(atom[1])
        if own and term == own[0]:
            return frozenset({atom})
    return evaluated(term, given(atom), frozenset({atom}))


# Protocols


@cache
def _result(name: str, *methods: str) -> Term:
    """What the first of some methods that a class has gives; of overloads, not those for slices."""
    for method in methods:
        found = classes.member(name, method)
        if found is not None and found.value is None:
            return types.union(s.result for s in classes.without_slices(found.signatures))
    return ANY


def special(atom: Denotation, name: str) -> Values:
    """What a special method gives that a protocol runs."""
    return said(atom, _result(atom[1], name))


@cache
def _element(name: str) -> Term:
    """One element when iterating over an instance of a class, in the class's parameters."""
    found: list[Term] = []
    iterator = _result(name, "__iter__", "__aiter__")
    for each in iterator[1] if iterator[0] == "union" else (iterator,):
        if each == SELF:
            found.append(_result(name, "__next__", "__anext__"))
        elif each[0] == "inst" and (known := classes.class_of(each[1])) is not None:
            made = _result(known.name, "__next__", "__anext__")
            found.append(types.substitute(made, classes.bound(known, each[2])))
    return types.union(found)


@lru_cache(_REMEMBERED)
def iterated(atom: Denotation) -> Values:
    """One element when iterating."""
    if classes.class_of(atom[1]) is not None:
        return said(atom, _element(atom[1]))
    slot = atom[2]
    if slot is None or slot == VALUE or (isinstance(slot, str) and slot.startswith("=")):
        return NOTHING
    return frozenset({atom[3]})


@lru_cache(_REMEMBERED)
def item(atom: Denotation, key: str | None = None) -> Values:
    """What `x[…]` may be; `key`: the slot of a key that is told."""
    slot = atom[2]
    told = isinstance(slot, int) or (slot is not None and slot.startswith("="))
    if key is not None and told and key != (f"={slot}" if isinstance(slot, int) else slot):
        # Negative indices count from an end that is not known.
        return frozenset({atom[3]}) if key.startswith("=-") else NOTHING
    if classes.class_of(atom[1]) is not None:
        return said(atom, _result(atom[1], "__getitem__"))
    return NOTHING if slot is None or slot == KEY else frozenset({atom[3]})


@cache
def _slice(name: str) -> Term:
    """What a slice of an instance of a class is."""
    found = classes.member(name, "__getitem__")
    return ANY if found is None else types.union(s.result for s in classes.for_slices(found))


def sliced(atom: Denotation) -> Values:
    """What `x[a:b]` gives: which entry of a tuple is where is then not known."""
    if isinstance(atom[2], int):
        atom = (*atom[:2], ELEMENT, atom[3])
    return said(atom, _slice(atom[1]))


def unpacked(atom: Denotation, position: int) -> Values:
    """The element at a position."""
    if isinstance(atom[2], int):
        return frozenset({atom[3]}) if atom[2] == position else NOTHING
    return iterated(atom)


@lru_cache(_REMEMBERED)
def entered(atom: Denotation) -> Values:
    """What `with x as y` binds: what a generator yields, else what `__enter__` gives."""
    if atom[1].rpartition(".")[2] in _GENERATORS:
        return frozenset({atom[3]}) if atom[2] == ELEMENT else NOTHING
    if classes.class_of(atom[1]) is None:
        return frozenset({atom})
    return said(atom, _result(atom[1], "__enter__", "__aenter__"))


@cache
def _awaited(name: str) -> Term | None:
    """What awaiting an instance of a class gives; None where it cannot be awaited."""
    made = _result(name, "__await__")
    return made[2][-1] if made[0] == "inst" and made[2] else None


def awaited(values: Values) -> Values:
    """What `await x` gives: what futures hold; a coroutine is its result already."""
    found = NOTHING
    for value in values:
        term = _awaited(value[1]) if value[0] == "xinst" else None
        found |= frozenset({value}) if term is None else said(value, term)
    return found


@lru_cache(_REMEMBERED)
def attribute(atom: Denotation, name: str) -> Values:
    """What `x.name` is: the value of a field or property, else something to call."""
    if classes.class_of(atom[1]) is None:
        return frozenset({("xmeth", atom, name)})
    found = classes.member(atom[1], name)
    if found is None:
        return said(atom, _result(atom[1], "__getattr__"))
    return frozenset({("xmeth", atom, name)}) if found.value is None else said(atom, found.value)


@cache
def told(name: str) -> Values:
    """What a variable outside the repository holds."""
    found = classes.lookup(name)
    return NOTHING if found is None or found.value is None else evaluated(found.value, {})


def elements(values: Values) -> Values:
    """One element of outside collections among some values."""
    found = NOTHING
    for value in values:
        if value == OPEN:
            return ANYTHING
        if value == HOLE:
            found |= {HOLE}
        elif value[0] == "xinst":
            found |= iterated(value)
        elif value[0] == "ext":
            found |= elements(told(value[1]))
    return found
