"""Classes and functions of the standard library: parameters, resolution order, members, signatures.

What a method says is put in terms of the type parameters of the class that was asked, however far
up it is defined. Type parameters are mapped to the slots that instances are described by.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from indexer.languages.python import stdlib_stubs as stubs
from indexer.languages.python import stdlib_types as types
from indexer.languages.python.stdlib_types import ANY, SELF, Term

if TYPE_CHECKING:
    from indexer.languages.python.stdlib_stubs import Name, Table

ELEMENT = "element"
KEY = "key"
VALUE = "value"
"""Slots; further ones are positions, literal keys behind an equals sign, and numbered ones."""

_GETTERS = frozenset({"property", "cached_property", "abstractproperty", "DynamicClassAttribute"})
_WRITTEN = {"builtins.Generator": "typing.Generator", "builtins.NoneType": "types.NoneType"}
"""Classes of what is written as a literal, which have no name among the built-in ones."""

_MAX_DEPTH = 32


class Parameter(NamedTuple):
    """A parameter; kind as in `indexer.facts.Parameter`: "/", "", "*", "=" or "**"."""

    name: str
    kind: str
    term: Term
    is_required: bool


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """One overload: parameters without the receiver, what it gives, what the receiver must be.

    Compared by identity: there is one of each, and answers about it are kept.
    """

    parameters: tuple[Parameter, ...]
    result: Term
    receiver: Term = ANY


class Member(NamedTuple):
    """A member of a class or module: a value with a type, or what can be called."""

    value: Term | None
    signatures: tuple[Signature, ...] = ()


@dataclass(frozen=True, slots=True)
class Class:
    """A class of the stubs."""

    name: str
    module: str
    parameters: tuple[str, ...]
    bases: tuple[Term, ...]
    body: Table


@cache
def class_of(dotted: str) -> Class | None:
    """The class of a dotted name, through aliases; None for what is no class of the stubs."""
    place = stubs.locate(_WRITTEN.get(dotted, dotted))
    if place is None or place[1] or not place[0].name:
        return None
    return _class(types.canonical(place[0]))


@cache
def _class(name: Name) -> Class | None:
    source = stubs.module(name.module)
    statements = source.statements.get(name.name) if source is not None else None
    if not statements or not stubs.undecorated(statements[-1]).startswith("class "):
        return None
    node, body = stubs.parsed_class(statements[-1])
    if node is None:
        return None
    bases, parameters = list[Term](), list[str]()
    for base in node.bases:
        parameters = _declared(base, name.module) or parameters
        said = types.term(base, name.module)
        if said[0] == "await":
            bases.append(("inst", "typing.Awaitable", said[1:]))
        elif said[0] == "tuple":
            bases.append(("inst", "builtins.tuple", ()))
        elif said[0] == "inst":
            bases.append(said)
    if not parameters:
        parameters = types.variables(("union", tuple(bases)))
    table = stubs.table(body, name.module)
    return Class(name.dotted, name.module, tuple(parameters), tuple(bases), table)


def _declared(base: ast.expr, module: str) -> list[str]:
    """The type variables that a base `Generic[…]` or `Protocol[…]` puts in order."""
    if not isinstance(base, ast.Subscript):
        return []
    generic = types.resolve(base.value, module)
    if generic is None or generic.name not in {"Generic", "Protocol"}:
        return []
    parts = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
    terms = [types.term(part, module) for part in parts]
    return [each[1] if each[0] == "var" else "" for each in terms]


@cache
def order(dotted: str) -> tuple[Term, ...]:
    """The class and those above it, each as an instance in terms of the class's parameters.

    Depth first, a class that is reached twice where it is reached last: what C3 gives for the
    hierarchies of the standard library.
    """
    start = class_of(dotted)
    if start is None:
        return ()
    own = ("inst", start.name, tuple(("var", p) if p else ANY for p in start.parameters))
    found: dict[str, Term] = {}
    _collect(own, found, 0)
    return tuple(found.values())


def _collect(of: Term, found: dict[str, Term], depth: int) -> None:
    known = class_of(of[1])
    if known is None or depth > _MAX_DEPTH:
        return
    found.pop(known.name, None)
    found[known.name] = ("inst", known.name, of[2])
    given = bound(known, of[2])
    for base in known.bases:
        _collect(types.substitute(base, given), found, depth + 1)


def bound(cls: Class, arguments: tuple[Term, ...]) -> dict[str, Term]:
    """A class's parameters with the arguments of one of its instances."""
    rest = (ANY for _ in cls.parameters)
    return dict(zip(cls.parameters, (*arguments, *rest), strict=False))


@cache
def above(dotted: str, base: str) -> Term | None:
    """A class above another one, or the class itself, in terms of the latter's parameters."""
    return next((each for each in order(dotted) if each[1] == base), None)


@cache
def slots(dotted: str) -> tuple[str, ...]:
    """The slot for each of a class's parameters."""
    known = class_of(dotted)
    if known is None:
        return ()
    told: dict[str, str] = {}
    for base, names in (("typing.Mapping", (KEY, VALUE)), ("typing.Iterable", (ELEMENT,))):
        through = above(dotted, base)
        for said, slot in zip(through[2] if through else (), names, strict=False):
            if said[0] == "var" and slot not in told.values():
                told.setdefault(said[1], slot)
    for number, parameter in enumerate(known.parameters):
        if parameter not in told:
            is_free = ELEMENT not in told.values() and KEY not in told.values()
            told[parameter] = ELEMENT if is_free else f"#{number}"
    return tuple(told[p] for p in known.parameters)


@cache
def member(dotted: str, name: str) -> Member | None:
    """A member of a class, its own or an inherited one; None when the stubs have none."""
    for each in order(dotted):
        known = class_of(each[1])
        statements = known.body.statements.get(name) if known is not None else None
        if known is None or not statements:
            continue
        found = _member(statements, known.module, is_method=True)
        given = bound(known, each[2])
        return _substituted(found, given) if found is not None else None
    return None


def _substituted(found: Member, given: dict[str, Term]) -> Member:
    if found.value is not None:
        return Member(types.substitute(found.value, given))
    return Member(None, tuple(_in_terms(each, given) for each in found.signatures))


def _in_terms(signature: Signature, given: dict[str, Term]) -> Signature:
    parameters = tuple(
        p._replace(term=types.substitute(p.term, given)) for p in signature.parameters
    )
    receiver = types.substitute(signature.receiver, given)
    return Signature(parameters, types.substitute(signature.result, given), receiver)


def _member(statements: list[str], module: str, *, is_method: bool) -> Member | None:
    signatures: list[Signature] = []
    for statement in statements:
        node = stubs.parsed(statement)
        if isinstance(node, ast.AnnAssign):
            return Member(types.term(node.annotation, module))
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        decorators = {_last_name(each) for each in node.decorator_list}
        if decorators & {"setter", "deleter"}:
            continue
        signature = _signature(node, module, decorators, is_method=is_method)
        if decorators & _GETTERS:
            return Member(signature.result)
        signatures.append(signature)
    return Member(None, tuple(signatures)) if signatures else None


def _last_name(decorator: ast.expr) -> str:
    if isinstance(decorator, ast.Attribute):
        return decorator.attr
    return decorator.id if isinstance(decorator, ast.Name) else ""


def _signature(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
    module: str,
    decorators: set[str],
    *,
    is_method: bool,
) -> Signature:
    rows = node.args
    positional = [*rows.posonlyargs, *rows.args]
    has_receiver = is_method and "staticmethod" not in decorators and positional
    receiver = types.term(positional[0].annotation, module) if has_receiver else ANY
    first_optional = len(positional) - len(rows.defaults)
    found = [
        Parameter(
            each.arg,
            "/" if number < len(rows.posonlyargs) or each.arg.startswith("__") else "",
            types.term(each.annotation, module),
            number < first_optional,
        )
        for number, each in enumerate(positional)
    ]
    if rows.vararg is not None:
        said = types.term(rows.vararg.annotation, module)
        found.append(Parameter(rows.vararg.arg, "*", said, is_required=False))
    for each, default in zip(rows.kwonlyargs, rows.kw_defaults, strict=True):
        found.append(Parameter(each.arg, "=", types.term(each.annotation, module), default is None))
    if rows.kwarg is not None:
        said = types.term(rows.kwarg.annotation, module)
        found.append(Parameter(rows.kwarg.arg, "**", said, is_required=False))
    result = types.term(node.returns, module)
    if receiver[0] == "var":
        # `def f(self: _S) -> _S` says the same as `Self`.
        result = types.substitute(result, {receiver[1]: SELF})
        receiver = ANY
    elif receiver[0] == "type" and receiver[1][0] == "var":
        result = types.substitute(result, {receiver[1][1]: SELF})
        receiver = ANY
    if isinstance(node, ast.AsyncFunctionDef):
        result = ("await", result)
    return Signature(tuple(found[int(bool(has_receiver)) :]), result, receiver)


def without_slices(signatures: tuple[Signature, ...]) -> tuple[Signature, ...]:
    """The overloads that are not for `x[a:b]`."""
    return tuple(s for s in signatures if not _is_for_slices(s))


def for_slices(method: Member) -> tuple[Signature, ...]:
    """The overloads of `__getitem__` for `x[a:b]`; all where none is for slices alone."""
    return tuple(filter(_is_for_slices, method.signatures)) or method.signatures


def _is_for_slices(signature: Signature) -> bool:
    first = signature.parameters[:1]
    return bool(first) and first[0].term[:2] == ("inst", "builtins.slice")


@cache
def constructors(dotted: str) -> tuple[Signature, ...]:
    """What makes an instance of a class: `__new__` and `__init__` of the first that has one."""
    known = class_of(dotted)
    if known is None:
        return ()
    own = ("inst", known.name, tuple(("var", p) if p else ANY for p in known.parameters))
    found: list[Signature] = []
    for each in order(dotted):
        above_it = class_of(each[1])
        if above_it is None or each[1] == "builtins.object":
            continue
        for name in ("__new__", "__init__"):
            statements = above_it.body.statements.get(name)
            made = _member(statements, above_it.module, is_method=True) if statements else None
            for signature in made.signatures if made is not None else ():
                told = _in_terms(signature, bound(above_it, each[2]))
                result = told.result if name == "__new__" else told.receiver
                is_told = above_it is known and result not in (ANY, SELF)
                found.append(Signature(told.parameters, result if is_told else own))
        if found:
            break
    return tuple(found) or (Signature((), own),)


@cache
def lookup(dotted: str) -> Member | None:
    """What a dotted name outside is: a function or class as what it gives, else a value.

    Names behind a class or a variable are members: `os.environ.get`, `datetime.datetime.now`.
    """
    place = stubs.locate(dotted)
    if place is None or not place[0].name:
        return None
    name, rest = types.canonical(place[0]), place[1]
    if _class(name) is not None:
        if not rest:
            return Member(None, constructors(name.dotted))
        return None if "." in rest else _on_class(name.dotted, rest)
    source = stubs.module(name.module)
    statements = source.statements.get(name.name, []) if source is not None else []
    found = _member(statements, name.module, is_method=False)
    for part in rest.split(".") if rest else ():
        if found is None or found.value is None or found.value[0] != "inst":
            return None
        cls, inner = class_of(found.value[1]), member(found.value[1], part)
        if cls is None or inner is None:
            return None
        found = _substituted(inner, bound(cls, found.value[2]))
    return found


def _on_class(dotted: str, name: str) -> Member | None:
    """A member of a class itself, in which `Self` is an instance of the class."""
    found = member(dotted, name)
    own: Term = ("inst", dotted, ())
    if found is None or found.value is not None:
        return found
    told = ((s.parameters, types.replace_self(s.result, own)) for s in found.signatures)
    return Member(None, tuple(Signature(*each) for each in told))
