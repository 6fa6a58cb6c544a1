"""What calls of the standard library give, by its stubs and the arguments of the call.

Overloads are chosen by the shape of a call alone, never by values, and what fits is united: so what
a call gives only grows while values do.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, Op
from indexer.languages.python import outside
from indexer.languages.python import stdlib_classes as classes
from indexer.languages.python import stdlib_types as types
from indexer.languages.python.stdlib_classes import Member, Parameter, Signature
from indexer.solver import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.stdlib_types import Term
    from indexer.languages.python.values import Evaluator
    from indexer.solver import Values

    Bound = dict[str, Values]

_MAX_DEPTH = 6
_PASSED_BY = frozenset({"open", "hole"})
_LITERALS = ("bool", "str")
_REMEMBERED = 1 << 12
_NO_ARGUMENTS = (Op.CALL, NONE, (), ())


class Call(NamedTuple):
    """Who asks: the evaluator, and the call expression with its file."""

    values: Evaluator
    path: str
    row: tuple[Any, ...]


# Members of instances


def attribute(values: Evaluator, owner: Denotation, name: str) -> Values:
    """What `x.name` is where only something outside the repository says it."""
    if owner[0] == "xinst":
        return outside.attribute(owner, name)
    if owner[0] == "super":
        owner = ("inst", owner[3], owner[4])
    found = _inherited(values, owner, name)
    if found is None:
        return NOTHING
    member, given = found
    if member.value is None:
        return frozenset({("xmeth", owner, name)})
    own: Values = frozenset({("inst", owner[1], owner[2])})
    return outside.evaluated(member.value, given, own) if owner[0] == "inst" else NOTHING


def method(call: Call, owner: Denotation, name: str) -> Values:
    """What calling a method gives that something outside the repository defines."""
    if owner[0] != "xinst":
        found = _inherited(call.values, owner, name)
        if found is None:
            return NOTHING
        own: Values = frozenset({("inst", owner[1], owner[2])})
        return _called(call, found[0].signatures, found[1], own)
    if classes.class_of(owner[1]) is None:
        return outside.UNKNOWN if owner[2] is None else NOTHING
    always = _constant_method(owner[1], name)
    member = classes.member(owner[1], name)
    if always is not None or member is None:
        return always or NOTHING
    if owner[2] is None:
        return _called(call, member.signatures, {}, frozenset({owner}))
    # What arguments tell, the atom that holds nothing has told already.
    found_here = NOTHING
    for signature in fitting(call, member.signatures):
        found_here |= outside.said(owner, signature.result)
    return found_here


def _inherited(values: Evaluator, owner: Denotation, name: str) -> tuple[Member, Bound] | None:
    """A member that a class of the repository has from outside, and its type arguments."""
    if owner[0] not in {"inst", "cls"}:
        return None
    cls = (owner[1], owner[2])
    for base in values.hierarchy.outside(cls):
        if classes.class_of(base) is None:
            # What another package defines may come first.
            return None
        member = classes.member(base, name)
        if member is not None:
            return member, _arguments(values, cls, base) if classes.slots(base) else {}
    return None


def _arguments(values: Evaluator, cls: tuple[str, int], name: str) -> Bound:
    """The type arguments with which a class or one above it names an outside base."""
    found: Bound = {}
    for entry in values.hierarchy.order(cls):
        if entry[0] != "cls":
            continue
        for base in values.names.definition(entry[1], entry[2]).bases:
            if ("ext", name) not in values.names.static(entry[1], base):
                continue
            for atom in values.annotations.of(entry[1], base, None):
                for parameter, told in outside.given(atom).items() if atom[0] == "xinst" else ():
                    found[parameter] = found.get(parameter, NOTHING) | told
    return found


def protocol(values: Evaluator, owner: Denotation, name: str) -> Values:
    """What a special method gives that is run without arguments to look at."""
    if owner[0] == "xinst" and classes.class_of(owner[1]) is not None:
        return outside.special(owner, name)
    found = _inherited(values, owner, name) if owner[0] == "inst" else None
    if found is None:
        return NOTHING
    signatures = classes.without_slices(found[0].signatures)
    return _called(Call(values, "", _NO_ARGUMENTS), signatures, found[1], frozenset({owner}))


# Calls


@cache
def constant(name: str) -> Values | None:
    """What every call of a function or class gives, or None where that depends on the call."""
    member = classes.lookup(name)
    return frozenset({outside.instance(name)}) if member is None else _always(member)


@cache
def _constant_method(cls: str, name: str) -> Values | None:
    """The same for a method; NOTHING where the class has no such method."""
    member = classes.member(cls, name)
    return NOTHING if member is None else _always(member)


def _always(member: Member) -> Values | None:
    found = {_closed(signature.result) for signature in member.signatures}
    return found.pop() if len(found) == 1 else None


def result(call: Call, name: str) -> Values:
    """What calling a function, a class or a variable of the standard library gives."""
    member = classes.lookup(name)
    if member is None:
        return NOTHING
    if member.value is None:
        return _called(call, member.signatures, {}, NOTHING)
    found = NOTHING
    for value in outside.evaluated(member.value, {}):
        found |= call.values.called(value, call.path, call.row)
    return found


@cache
def passes(name: str) -> bool:
    """True for a function that gives back its first argument, or what that awaits."""
    member = classes.lookup(name)
    if member is None or len(member.signatures) != 1:
        return False
    first, *rest = member.signatures[0].parameters or (Parameter("", "", types.ANY, False),)
    made = member.signatures[0].result
    if made[0] != "var" or first.term not in (made, ("await", made)):
        return False
    return not any(made[1] in types.variables(each.term) for each in rest)


@cache
def _closed(term: Term) -> Values | None:
    """The value of a term in which nothing is open, else None."""
    return None if _wanted(term) or _mentions_self(term) else outside.evaluated(term, {})


@cache
def _wanted(term: Term) -> frozenset[str]:
    """The type variables of a term that arguments may tell; constraints tell the others."""
    return frozenset(v for v in types.variables(term) if types.constraints(v) == types.ANY)


def _mentions_self(term: Term) -> bool:
    return types.replace_self(term, types.ANY) != term


class _Shape(NamedTuple):
    """What is asked about a signature again and again."""

    places: tuple[Parameter, ...]
    rest: Parameter | None
    named: dict[str, Parameter]
    others: Parameter | None
    required: frozenset[str]
    closed: Values | None
    wanted: frozenset[str]
    has_literals: bool


@cache
def _shape(signature: Signature) -> _Shape:
    parameters = signature.parameters
    by_kind = {p.kind: p for p in parameters}
    return _Shape(
        tuple(p for p in parameters if p.kind in {"", "/"}),
        by_kind.get("*"),
        {p.name: p for p in parameters if p.kind in {"", "="}},
        by_kind.get("**"),
        frozenset(p.name for p in parameters if p.is_required),
        _closed(signature.result),
        _wanted(signature.result),
        any(_is_literal(p.term, f"builtins.{kind}") for p in parameters for kind in _LITERALS),
    )


def _called(call: Call, signatures: tuple[Signature, ...], given: Bound, own: Values) -> Values:
    found = NOTHING
    for signature in fitting(call, signatures):
        shape = _shape(signature)
        if shape.closed is not None:
            found |= shape.closed
            continue
        bound: Bound = dict.fromkeys(shape.wanted, NOTHING)
        wanted = bound.keys() - given.keys()
        for parameter, expr in _assigned(shape, call.row) if wanted else ():
            if wanted & _wanted(parameter.term):
                _match(call, parameter.term, call.values.of(call.path, expr), bound, 0)
        found |= outside.evaluated(signature.result, {**bound, **given}, own)
    return found


def fitting(call: Call, signatures: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """The overloads that the number and names of the arguments admit; all when none does."""
    if len(signatures) == 1:
        return signatures
    row = call.row
    found = _admitted(signatures, len(row[2]), tuple(name for name, _ in row[3]))
    if any(_shape(s).has_literals for s in found):
        found = tuple(s for s in found if not _needs_literal(call, _shape(s))) or found
    # `*args` is what is left when there are more arguments than an overload can name.
    return tuple(s for s in found if _shape(s).rest is None) or found


@lru_cache(_REMEMBERED)
def _admitted(
    signatures: tuple[Signature, ...], count: int, names: tuple[str, ...]
) -> tuple[Signature, ...]:
    return tuple(s for s in signatures if _fits(_shape(s), count, set(names))) or signatures


def _fits(shape: _Shape, count: int, keywords: set[str]) -> bool:
    if count > len(shape.places) and shape.rest is None:
        return False
    if "*" in keywords:
        is_open = shape.rest is not None or shape.others is not None
        return is_open or len(shape.places) > count
    if shape.others is None and not keywords <= shape.named.keys():
        return False
    keywords.update(p.name for p in shape.places[:count])
    return shape.required <= keywords


def _needs_literal(call: Call, shape: _Shape) -> bool:
    """True for an overload for particular strings: which string it is, the facts do not say."""
    for parameter, expr in _assigned(shape, call.row) if shape.has_literals else ():
        if _is_literal(parameter.term, "builtins.bool"):
            row = call.values.names.file(call.path).expr(expr)
            if row[:2] != (Op.CONST, "bool"):
                return True
        elif _is_literal(parameter.term, "builtins.str"):
            return True
    return False


def _is_literal(term: Term, kind: str) -> bool:
    parts = term[1] if term[0] == "union" else (term,)
    return ("lit", kind) in parts


def _assigned(shape: _Shape, row: tuple[Any, ...]) -> Iterator[tuple[Parameter, int]]:
    """Arguments with the parameters that take them."""
    for number, expr in enumerate(row[2]):
        if number < len(shape.places):
            yield shape.places[number], expr
        elif shape.rest is not None:
            yield shape.rest, expr
    for name, expr in row[3]:
        parameter = shape.named.get(name, shape.others)
        if parameter is not None and name != "*":
            yield parameter, expr


# Type variables told by arguments


def _match(call: Call, term: Term, values: Values, bound: Bound, depth: int) -> None:
    """Add to the type variables of a term what values that are given for it say."""
    names = types.variables(term)
    if not values or not names or depth > _MAX_DEPTH:
        return
    if term[0] == "var":
        if term[1] in bound:
            bound[term[1]] |= values
        return
    passed = frozenset(v for v in values if v[0] in _PASSED_BY)
    for name in names if passed else ():
        if name in bound:
            bound[name] |= passed
    if term[0] == "inst":
        _match_instance(call, term, values - passed, bound, depth)
    elif values - passed:
        for part, told in _parts(call, term, values - passed):
            _match(call, part, told, bound, depth + 1)


def _parts(call: Call, term: Term, values: Values) -> Iterator[tuple[Term, Values]]:
    """The parts of a term, each with what values say about it."""
    kind = term[0]
    if kind == "union":
        yield from ((part, values) for part in term[1])
    elif kind == "tuple":
        for position, part in enumerate(term[1]):
            yield part, _unpacked(call, values, position)
    elif kind == "await":
        yield term[1], outside.awaited(values)
    elif kind == "type":
        yield term[1], _instances(values)
    elif kind == "call":
        made = NOTHING
        for callee in values:
            made |= call.values.called(callee, call.path, _NO_ARGUMENTS)
        yield term[1], made


def _match_instance(call: Call, term: Term, values: Values, bound: Bound, depth: int) -> None:
    wanted = classes.class_of(term[1])
    if wanted is None:
        return
    others: set[Denotation] = set()
    for value in values:
        through = classes.above(value[1], wanted.name) if value[0] == "xinst" else None
        if through is None:
            others.add(value)
            continue
        for said, part in zip(through[2], term[2], strict=False):
            _match(call, part, outside.said(value, said), bound, depth + 1)
    if not others:
        return
    if classes.above(wanted.name, "typing.Iterable") is not None:
        if len(term[2]) == 1:
            _match(call, term[2][0], call.values.elements(frozenset(others)), bound, depth + 1)
        return
    _match_protocol(call, term, others, bound, depth)


def _match_protocol(
    call: Call, term: Term, values: set[Denotation], bound: Bound, depth: int
) -> None:
    """Values that have the methods of a protocol, whatever their class."""
    wanted = classes.class_of(term[1])
    if wanted is None:
        return
    given = classes.bound(wanted, term[2])
    for name in wanted.body.statements:
        member = classes.member(wanted.name, name)
        for signature in member.signatures if member is not None else ():
            said = types.substitute(signature.result, given)
            if not types.variables(said):
                continue
            made = NOTHING
            for value in values:
                made |= call.values.protocol(value, name)
            _match(call, said, made, bound, depth + 1)


def _instances(values: Values) -> Values:
    found: set[Denotation] = set()
    for value in values:
        if value[0] == "cls":
            found.add(("inst", value[1], value[2]))
        elif value[0] == "ext" and classes.class_of(value[1]) is not None:
            found.add(outside.instance(value[1]))
    return frozenset(found)


def _unpacked(call: Call, values: Values, position: int) -> Values:
    found = NOTHING
    for value in values:
        if value[0] == "xinst":
            found |= outside.unpacked(value, position)
        else:
            found |= call.values.elements(frozenset({value}))
    return found
