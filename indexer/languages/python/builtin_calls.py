"""What calling something outside the repository gives.

The standard library is asked of its stubs, but for the few functions whose result no type can say.
A name of another package gives an instance of itself, as if it were a class: enough to know that
what is called on the result lies outside too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op
from indexer.languages.python import outside, stdlib
from indexer.languages.python import stdlib_classes as classes
from indexer.languages.python.outside import ELEMENT, HOLE, VALUE
from indexer.solver import NOTHING, OPEN

if TYPE_CHECKING:
    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.values import Evaluator
    from indexer.solver import Values

Row = tuple[Any, ...]

_FILLED_LATER = outside.DICTIONARIES | {"builtins.list", "builtins.set", "collections.deque"}
_COPIES = _FILLED_LATER - {"collections.defaultdict"}
_MAX_DEPTH = 4
_CASES = frozenset({"lower", "casefold", "upper"})
_SAME = frozenset(
    {"typing.cast", "weakref.proxy", "builtins.staticmethod", "builtins.classmethod"}
    | {"functools.partial", "functools.partialmethod", "functools.update_wrapper"}
    | {"asgiref.sync.async_to_sync"}
)
"""What stands for its argument, though no type says so."""
_GETTERS = frozenset({"builtins.property", "functools.cached_property"})
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
    return name in _SAME or stdlib.passes(name)


def result(values: Evaluator, name: str, path: str, row: Row) -> Values:
    """What calling the outside function or class `name` gives; `row` is the call expression."""
    arguments = row[2]
    if name.endswith((".cast", ".assert_type")) and name.partition(".")[0].startswith("typing"):
        return values.annotations.of(path, arguments[0], None) if arguments else NOTHING
    special = _special(values, name, path, arguments) if arguments else None
    if special is not None:
        return special
    found = stdlib.constant(name)
    if found is None:
        found = stdlib.result(stdlib.Call(values, path, row), name)
    if name in _FILLED_LATER and not (arguments and name in _COPIES):
        found |= outside.holding(name, VALUE if name in outside.DICTIONARIES else ELEMENT, {HOLE})
    return found


def _special(values: Evaluator, name: str, path: str, arguments: tuple[int, ...]) -> Values | None:
    """What the stubs cannot say, by name; None for the others."""
    first = arguments[0]
    if name in _SAME:
        return values.of(path, first)
    if name == "functools.wraps":
        # It gives what makes a wrapper stand for what it wraps.
        return frozenset({("xcall", None)})
    if name in _GETTERS:
        return outside.holding(name, ELEMENT, values.of(path, first))
    if name in _BY_CLASS:
        return _instances(values.of(path, first))
    if name == "builtins.getattr" and len(arguments) > 1:
        return _attribute(values, path, arguments)
    if name == "builtins.type" and len(arguments) == 1:
        return frozenset(("cls", v[1], v[2]) for v in values.of(path, first) if v[0] == "inst")
    if name == "builtins.dict":
        # A copy has the literal keys too.
        given = values.of(path, first)
        copied = [v for v in given if v[0] in {"open", "hole"} or _is_mapping(v)]
        return frozenset({outside.instance(name), *copied}) if copied else None
    return None


def _is_mapping(value: Denotation) -> bool:
    return value[0] == "xinst" and (
        classes.above(value[1], "typing.Mapping") is not None or classes.class_of(value[1]) is None
    )


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
