"""What the stubs of the standard library say about types, as terms that `stdlib` evaluates.

A term is a tuple: ("any",), ("self",), ("var", type variable), ("inst", class, arguments),
("union" | "tuple", parts), ("type" | "await", of), ("call", result) or ("lit", class of a literal).
"""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

from indexer.languages.python import stdlib_stubs as stubs
from indexer.languages.python.stdlib_stubs import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Term = tuple[Any, ...]

ANY: Term = ("any",)
SELF: Term = ("self",)

_TYPING = frozenset({"typing", "typing_extensions", "builtins", "types"})
_NOTHING = frozenset({"Any", "object", "Never", "NoReturn", "None"})
_FIRST = frozenset(
    {"Annotated", "ClassVar", "Final", "Required", "NotRequired", "ReadOnly", "Optional", "Unpack"}
)
_AWAITED = frozenset({"Awaitable", "Coroutine", "CoroutineType"})
_ALIASES = {
    "List": Name("builtins", "list"),
    "Dict": Name("builtins", "dict"),
    "Set": Name("builtins", "set"),
    "FrozenSet": Name("builtins", "frozenset"),
    "Type": Name("builtins", "type"),
    "Tuple": Name("builtins", "tuple"),
    "LiteralString": Name("builtins", "str"),
    "Deque": Name("collections", "deque"),
    "DefaultDict": Name("collections", "defaultdict"),
    "OrderedDict": Name("collections", "OrderedDict"),
    "Counter": Name("collections", "Counter"),
    "ChainMap": Name("collections", "ChainMap"),
}
"""Deprecated aliases of the module `typing`, which its stub leaves to type checkers."""

Within = tuple[Name, ...]
"""The aliases that are being expanded: one that mentions itself says nothing more there."""


def canonical(name: Name) -> Name:
    """A name of the stubs, without the deprecated aliases of `typing`."""
    is_alias = name.module in {"typing", "typing_extensions"} and name.name in _ALIASES
    return _ALIASES[name.name] if is_alias else name


def union(parts: Iterable[Term]) -> Term:
    """Parts together; what is said with `Any` beside it is taken for said."""
    flat: dict[Term, None] = {}
    for part in parts:
        for each in part[1] if part[0] == "union" else (part,):
            if each != ANY:
                flat[each] = None
    if len(flat) < 2:
        return next(iter(flat), ANY)
    return ("union", tuple(flat))


def term(node: ast.expr | None, module: str, within: Within = ()) -> Term:
    """The term of an annotation that stands in a module."""
    if node is None:
        return ANY
    if isinstance(node, ast.Constant):
        quoted = stubs.parsed(node.value) if isinstance(node.value, str) else None
        return term(quoted.value, module, within) if isinstance(quoted, ast.Expr) else ANY
    if isinstance(node, ast.BinOp):
        return union(term(part, module, within) for part in (node.left, node.right))
    if isinstance(node, ast.Subscript):
        return _generic(node, module, within)
    name = resolve(node, module)
    if name is None:
        return ANY
    return _expanded_bare(name, within) if within else _bare(name)


def resolve(node: ast.expr, module: str) -> Name | None:
    """What a name or a dotted name of an annotation denotes."""
    if isinstance(node, ast.Name):
        found = stubs.find(module, node.id) or stubs.find("builtins", node.id)
        return canonical(found) if found is not None else None
    if not isinstance(node, ast.Attribute):
        return None
    owner = resolve(node.value, module)
    if owner is None or owner.name:
        return None
    found = stubs.find(owner.module, node.attr)
    return canonical(found) if found is not None else None


@cache
def _bare(name: Name) -> Term:
    return _expanded_bare(name, ())


def _expanded_bare(name: Name, within: Within) -> Term:
    """What a name means without arguments."""
    if name.module in _TYPING:
        if name.name in _NOTHING:
            return ANY
        if name.name == "Self":
            return SELF
        if name.name == "Callable":
            return ("call", ANY)
        if name.name in _AWAITED:
            return ANY
        if name.name == "type":
            return ("type", ANY)
    statement = statement_of(name)
    if statement.startswith("class "):
        return ("inst", name.dotted, ())
    alias = _expanded(name, within)
    return substitute(alias, dict.fromkeys(variables(alias), ANY)) if alias[0] != "var" else alias


def statement_of(name: Name) -> str:
    """The statement that defines a name, without decorators; "" for a module."""
    source = stubs.module(name.module)
    statements = source.statements.get(name.name) if source is not None else None
    return stubs.undecorated(statements[-1]) if statements else ""


def _expanded(name: Name, within: Within) -> Term:
    """What is assigned to a name, as a type: an alias or a type variable."""
    if name in within:
        return ANY
    node = stubs.parsed(statement_of(name))
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return ANY
    value = node.value
    if not isinstance(value, ast.Call):
        return (
            term(value, name.module, (*within, name))
            if isinstance(value, ast.Subscript | ast.BinOp)
            else ANY
        )
    made = resolve(value.func, name.module)
    return ("var", name.dotted) if made is not None and made.name == "TypeVar" else ANY


@cache
def constraints(variable: str) -> Term:
    """What a type variable is one of; ANY for one without constraints."""
    module, _, name = variable.rpartition(".")
    node = stubs.parsed(statement_of(Name(module, name)))
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return ANY
    return union(term(part, module) for part in node.value.args[1:])


def _generic(node: ast.Subscript, module: str, within: Within) -> Term:
    base = resolve(node.value, module)
    if base is None:
        return ANY
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if base.module in _TYPING:
        if base.name == "Literal":
            return _literal(parts)
        if base.name == "Callable":
            return ("call", term(parts[-1], module, within))
        if base.name in _FIRST:
            return term(parts[0], module, within)
        if base.name in {"TypeGuard", "TypeIs"}:
            return ("inst", "builtins.bool", ())
    said = tuple(term(part, module, within) for part in parts)
    special = _special(base, parts, said) if base.module in _TYPING else None
    if special is not None:
        return special
    if statement_of(base).startswith("class "):
        return ("inst", base.dotted, said)
    alias = _expanded(base, within)
    names = variables(alias)
    given = dict(zip(names, (*said, *(ANY for _ in names)), strict=False))
    return substitute(alias, given)


def _special(base: Name, parts: list[ast.expr], said: tuple[Term, ...]) -> Term | None:
    if base.name == "Union":
        return union(said)
    if base.name in _AWAITED:
        return ("await", said[-1])
    if base.name == "type":
        return ("type", said[0])
    if base.name != "tuple":
        return None
    if not parts:
        return ("tuple", ())
    last = parts[-1]
    if isinstance(last, ast.Constant) and last.value is ...:
        return ("inst", "builtins.tuple", said[:1])
    if any(isinstance(part, ast.Starred) for part in parts):
        return ("inst", "builtins.tuple", ())
    return ("tuple", said)


def _literal(parts: list[ast.expr]) -> Term:
    kinds = {type(part.value).__name__ for part in parts if isinstance(part, ast.Constant)}
    return union(("lit", f"builtins.{kind}") for kind in sorted(kinds - {"NoneType"}))


def variables(of: Term) -> list[str]:
    """The type variables in a term, each once, in the order in which they stand there."""
    found: dict[str, None] = {}
    pending = [of]
    while pending:
        each = pending.pop()
        if each[0] == "var":
            found[each[1]] = None
        else:
            pending += reversed(_parts(each))
    return list(found)


def _parts(of: Term) -> tuple[Term, ...]:
    if of[0] in {"union", "tuple"}:
        return of[1]
    if of[0] == "inst":
        return of[2]
    return (of[1],) if of[0] in {"type", "call", "await"} else ()


def substitute(of: Term, given: Mapping[str, Term]) -> Term:
    """A term with terms in the place of type variables."""
    kind = of[0]
    if not given:
        return of
    if kind == "var":
        return given.get(of[1], of)
    if kind == "union":
        return union(substitute(part, given) for part in of[1])
    if kind == "tuple":
        return ("tuple", tuple(substitute(part, given) for part in of[1]))
    if kind == "inst":
        return ("inst", of[1], tuple(substitute(part, given) for part in of[2]))
    return (kind, substitute(of[1], given)) if kind in {"type", "call", "await"} else of


def replace_self(of: Term, own: Term) -> Term:
    """A term with a type in the place of `Self`."""
    kind = of[0]
    if kind == "self":
        return own
    if kind == "union":
        return union(replace_self(part, own) for part in of[1])
    if kind == "tuple":
        return ("tuple", tuple(replace_self(part, own) for part in of[1]))
    if kind == "inst":
        return ("inst", of[1], tuple(replace_self(part, own) for part in of[2]))
    return (kind, replace_self(of[1], own)) if kind in {"type", "call", "await"} else of
