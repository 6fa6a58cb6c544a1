"""Instances of classes from outside the repository, and what is known to be in them.

One such value is an atom ("xinst", class, slot, value): slot and value say one thing that it may
hold, and None there says only that it is. A list of A or B is three atoms. Because what a variable
may hold is spread over atoms, sets of values only grow while they are being solved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.solver import ANYTHING, NOTHING, OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.languages.python.lookup import Denotation
    from indexer.solver import Values

ELEMENT = "element"
KEY = "key"
VALUE = "value"
"""Slots; further ones are positions, and literal keys behind an equals sign."""

_MAX_DEPTH = 3
_MAPPINGS = frozenset(
    {"dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "DefaultDict", "OrderedDict"}
    | {"ChainMap", "WeakValueDictionary", "WeakKeyDictionary", "MappingProxyType", "Counter"}
)
DICTIONARIES = frozenset({"builtins.dict", "collections.OrderedDict", "collections.defaultdict"})
_TUPLES = frozenset({"tuple", "Tuple"})
_YIELD_FIRST = frozenset({"Generator", "AsyncGenerator"})
_MANAGED = frozenset(
    {"Generator", "AsyncGenerator", "Iterator", "AsyncIterator", "Iterable", "AsyncIterable"}
    | {"AbstractContextManager", "ContextManager", "AbstractAsyncContextManager"}
    | {"AsyncContextManager", "closing", "aclosing", "nullcontext"}
)
"""Classes of which `with x as y` binds what they hold; `contextmanager` functions return some."""
_GIVES_VALUE = frozenset({"get", "pop", "setdefault", "__getitem__"})
_GIVES_ELEMENT = frozenset(
    {
        "get",
        "pop",
        "popleft",
        "__getitem__",
        "__next__",
        "__anext__",
        "get_nowait",
        "result",
        "send",
    }
)
_SAME = frozenset({"copy", "union", "intersection", "difference", "__iter__", "__aiter__"})
_VIEWS = {"keys": KEY, "values": VALUE}
_HOLDERS = frozenset(
    {"list", "List", "set", "Set", "frozenset", "FrozenSet", "deque", "Deque", "Sequence"}
    | {"MutableSequence", "MutableSet", "AbstractSet", "Collection", "Iterator", "Iterable"}
    | {"Generator", "AsyncGenerator", "AsyncIterator", "ContextVar", "Queue", "SimpleQueue"}
    | {"LifoQueue", "PriorityQueue", "Future", "Task", "ref", "ReferenceType"}
    | _TUPLES
)
_CALLED = frozenset({"ref", "ReferenceType", "WeakMethod"})


def instance(name: str) -> Denotation:
    """An instance of an outside class of which nothing more is known."""
    return ("xinst", name, None, None)


HOLE = ("hole",)
"""What types alone do not tell and value flow may: an undeclared parameter, a filled container."""

UNKNOWN: Values = frozenset({instance("?")})
"""An instance of some outside class: what a method of an outside object returns."""


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
    last = name.rpartition(".")[2]
    if last in _MAPPINGS:
        found = holding(name, KEY, parts[0] or NOTHING)
        return found | holding(name, VALUE, parts[1] or NOTHING) if len(parts) > 1 else found
    if last in _TUPLES:
        if len(parts) > 1 and parts[1] is None:
            return holding(name, ELEMENT, parts[0] or NOTHING)
        found = frozenset({instance(name)})
        for position, part in enumerate(parts):
            found |= holding(name, position, part or NOTHING)
        return found
    chosen = parts[0] if last in _YIELD_FIRST else parts[-1]
    return holding(name, ELEMENT, chosen or NOTHING)


def iterated(atom: Denotation) -> Values:
    """One element when iterating."""
    slot = atom[2]
    if slot is None or slot == VALUE or (isinstance(slot, str) and slot.startswith("=")):
        return NOTHING
    return frozenset({atom[3]})


def item(atom: Denotation, key: str | None = None) -> Values:
    """What `x[…]` may be; `key`: the slot of a key that is told."""
    slot = atom[2]
    if slot is None or slot == KEY:
        return NOTHING
    told = isinstance(slot, int) or slot.startswith("=")
    if key is not None and told and key != (f"={slot}" if isinstance(slot, int) else slot):
        # Negative indices count from an end that is not known.
        return frozenset({atom[3]}) if key.startswith("=-") else NOTHING
    return frozenset({atom[3]})


def unpacked(atom: Denotation, position: int) -> Values:
    """The element at a position."""
    if isinstance(atom[2], int):
        return frozenset({atom[3]}) if atom[2] == position else NOTHING
    return iterated(atom)


def entered(atom: Denotation) -> Values:
    """What `with x as y` binds: what a generator yields, else the manager itself."""
    if atom[1].rpartition(".")[2] in _MANAGED:
        return frozenset({atom[3]}) if atom[2] == ELEMENT else NOTHING
    return frozenset({atom})


def called(atom: Denotation) -> Values:
    """What calling a weak reference gives."""
    if atom[2] == ELEMENT and atom[1].rpartition(".")[2] in _CALLED:
        return frozenset({atom[3]})
    return NOTHING


def method(atom: Denotation, name: str) -> Values:
    """What a method of an outside object returns, as far as its class is known here."""
    _, cls, slot, value = atom
    last = cls.rpartition(".")[2]
    if last not in _MAPPINGS and last not in _HOLDERS:
        return UNKNOWN if slot is None else NOTHING
    if name in _SAME:
        return frozenset({atom})
    if last in _MAPPINGS:
        return _mapping_method(slot, value, name)
    return frozenset({value}) if slot is not None and name in _GIVES_ELEMENT else NOTHING


def _mapping_method(slot: Any, value: Denotation, name: str) -> Values:
    if isinstance(slot, str) and slot.startswith("="):
        slot = VALUE
    if slot is not None and _VIEWS.get(name) == slot:
        return holding("builtins.list", ELEMENT, [value])
    if name in {"items", "popitem"}:
        if slot is None:
            return NOTHING
        pair = ("xinst", "builtins.tuple", int(slot == VALUE), value)
        return holding("builtins.list", ELEMENT, [pair]) if name == "items" else frozenset({pair})
    return frozenset({value}) if slot == VALUE and name in _GIVES_VALUE else NOTHING


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
    return found
