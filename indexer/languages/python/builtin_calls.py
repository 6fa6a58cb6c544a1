"""What calls of a few well-known outside functions give, told from their arguments.

A name that is not listed gives an instance of itself, as if it were a class: enough to know that
what is called on the result lies outside too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op
from indexer.languages.python import outside
from indexer.languages.python.outside import ELEMENT, HOLE, VALUE
from indexer.solver import NOTHING, OPEN

if TYPE_CHECKING:
    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.values import Evaluator
    from indexer.solver import Values

Row = tuple[Any, ...]

_COLLECTIONS = frozenset(
    f"builtins.{name}"
    for name in ("iter", "aiter", "list", "tuple", "set", "frozenset", "sorted", "reversed")
) | {"collections.deque", "itertools.cycle", "itertools.islice"}
_FILLED_LATER = outside.DICTIONARIES | {"builtins.list", "builtins.set", "collections.deque"}
_ONE_OF = frozenset(
    {"builtins.next", "builtins.anext", "builtins.min", "builtins.max", "random.choice"}
)
_MAX_DEPTH = 4
_CASES = frozenset({"lower", "casefold", "upper"})
_SAME = frozenset({"copy.copy", "copy.deepcopy", "typing.cast", "weakref.proxy"}) | {
    "builtins.staticmethod",
    "builtins.classmethod",
}
_PARTIALS = frozenset({"functools.partial", "functools.partialmethod"})
_HOLDING = frozenset(
    {
        "builtins.property",
        "functools.cached_property",
        "weakref.ref",
        "contextlib.closing",
        "contextlib.aclosing",
        "contextlib.nullcontext",
    }
)
_AWAITS = frozenset(
    {"asyncio.run", "asyncio.wait_for", "asyncio.shield", "asgiref.sync.async_to_sync"}
)
_BY_CLASS = frozenset(
    {"click.Context.ensure_object", "click.Context.find_object"}
    | {"click.core.Context.ensure_object", "click.core.Context.find_object"}
)
"""Outside methods that return an instance of the class they are given."""


def is_known(name: str) -> bool:
    """True for a method of an outside class whose result its arguments tell."""
    return name in _BY_CLASS


def passes(name: str) -> bool:
    """True for an outside function that gives back its first argument, or something like it."""
    return name in _SAME or name in _PARTIALS or name in _AWAITS


def result(values: Evaluator, name: str, path: str, row: Row) -> Values:
    """What calling the outside function or class `name` gives; `row` is the call expression."""
    arguments = row[2]
    if name.endswith((".cast", ".assert_type")) and name.partition(".")[0].startswith("typing"):
        return values.annotations.of(path, arguments[0], None) if arguments else NOTHING
    if not arguments:
        if name in _FILLED_LATER:
            slot = VALUE if name in outside.DICTIONARIES else ELEMENT
            return outside.holding(name, slot, {HOLE})
        return frozenset({outside.instance(name)})
    first = arguments[0]
    if name in _COLLECTIONS:
        kind = name.replace("sorted", "list").replace("reversed", "list")
        return outside.holding(kind, ELEMENT, values.elements(values.of(path, first)))
    if name in _ONE_OF:
        several = name in {"builtins.min", "builtins.max"} and len(arguments) > 1
        return values.union(path, arguments) if several else values.elements(values.of(path, first))
    if name in _SAME or name in _PARTIALS or name in _AWAITS:
        return values.of(path, first)
    if name in _HOLDING:
        return outside.holding(name, ELEMENT, values.of(path, first))
    if name in _BY_CLASS:
        return _instances(values.of(path, first))
    if name == "builtins.getattr" and len(arguments) > 1:
        return _attribute(values, path, arguments)
    return _builtin(values, name, path, arguments)


def _builtin(values: Evaluator, name: str, path: str, arguments: tuple[int, ...]) -> Values:
    first = arguments[0]
    if name == "builtins.type" and len(arguments) == 1:
        return frozenset(
            ("cls", v[1], v[2]) for v in values.of(path, arguments[0]) if v[0] == "inst"
        )
    if name in {"builtins.enumerate", "builtins.zip"}:
        start = int(name == "builtins.enumerate")
        found = frozenset({outside.instance("builtins.Iterator")})
        for position, argument in enumerate(arguments[: start or None], start):
            pairs = [
                ("xinst", "builtins.tuple", position, v)
                for v in values.elements(values.of(path, argument))
            ]
            found |= outside.holding("builtins.Iterator", ELEMENT, pairs)
        return found
    if name in {"builtins.map", "builtins.filter"} and len(arguments) > 1:
        if name == "builtins.filter":
            made = values.elements(values.of(path, arguments[1]))
        else:
            made = NOTHING
            for callee in values.of(path, first):
                made |= values.called(callee, path, (NONE, first, (), ()))
        return outside.holding("builtins.Iterator", ELEMENT, made)
    if name == "collections.defaultdict":
        made = NOTHING
        for callee in values.of(path, first):
            made |= values.called(callee, path, (NONE, first, (), ()))
        return outside.holding(name, VALUE, made | {HOLE})
    if name == "builtins.dict":
        copied = [v for v in values.of(path, first) if v[0] in {"open", "xinst", "hole"}]
        return frozenset({outside.instance(name), *copied})
    return frozenset({outside.instance(name)})


def _attribute(values: Evaluator, path: str, arguments: tuple[int, ...]) -> Values:
    """`getattr(x, name)` where the name, or its start, is told; else what the default is."""
    found = values.union(path, arguments[2:])
    for text in _told(values, path, arguments[1], 0):
        for owner in values.of(path, arguments[0]):
            names = [text[1:-1]]
            if not text.endswith('"') and owner[0] in {"inst", "cls"}:
                names = values.hierarchy.beginning((owner[1], owner[2]), text[1:-1])
            for name in names:
                for member, through in values.attribute(owner, name):
                    found |= values.member(member, through)
            if owner == HOLE:
                found |= {HOLE}
    return found or frozenset({outside.instance("?")})


def _told(values: Evaluator, path: str, expr: int, depth: int) -> list[str]:
    """The literals that a name may be, through variables and changes of case."""
    if expr == NONE or depth > _MAX_DEPTH:
        return []
    index = values.names.file(path)
    row = index.facts.exprs[expr]
    if row[0] == Op.CONST:
        return [row[2]] if len(row) > 2 and row[1] == "str" else []
    if row[0] == Op.NAME:
        scope = values.names.scope_of(path, row[1], row[2])
        bindings = index.bindings(scope, row[2]) if scope != NONE else []
        return [t for b in bindings for t in _told(values, path, b.value, depth + 1)]
    if row[0] != Op.CALL or row[1] == NONE:
        return []
    callee = index.facts.exprs[row[1]]
    if callee[0] != Op.ATTR or callee[2] not in _CASES:
        return []
    texts = _told(values, path, callee[1], depth + 1)
    return [text.lower() if callee[2] != "upper" else text.upper() for text in texts]


def _instances(values: Values) -> Values:
    found: set[Denotation] = set()
    for value in values:
        if value[0] == "cls":
            found.add(("inst", value[1], value[2]))
        elif value == OPEN:
            found.add(OPEN)
    return frozenset(found)
