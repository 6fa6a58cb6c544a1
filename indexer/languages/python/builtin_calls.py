"""What calls of a few well-known outside functions give, told from their arguments.

A name that is not listed gives an instance of itself, as if it were a class: enough to know that
what is called on the result lies outside too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE
from indexer.languages.python import outside
from indexer.languages.python.outside import ELEMENT
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
_ONE_OF = frozenset(
    {"builtins.next", "builtins.anext", "builtins.min", "builtins.max", "random.choice"}
)
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


def result(values: Evaluator, name: str, path: str, row: Row) -> Values:
    """What calling the outside function or class `name` gives; `row` is the call expression."""
    arguments = row[2]
    if name.endswith((".cast", ".assert_type")) and name.partition(".")[0].startswith("typing"):
        return values.annotations.of(path, arguments[0], None) if arguments else NOTHING
    if not arguments:
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
    if name == "builtins.dict":
        copied = [v for v in values.of(path, first) if v[0] in {"open", "xinst"}]
        return frozenset({outside.instance(name), *copied})
    return frozenset({outside.instance(name)})


def _instances(values: Values) -> Values:
    found: set[Denotation] = set()
    for value in values:
        if value[0] == "cls":
            found.add(("inst", value[1], value[2]))
        elif value == OPEN:
            found.add(OPEN)
    return frozenset(found)
