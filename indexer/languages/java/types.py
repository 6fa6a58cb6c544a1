"""Java's types as tuples, and substitution in them.

A type is (CLASS, key, arguments), (ARRAY, element), (PRIMITIVE, name), (VARIABLE, owner, name),
(NULL,) or (WILDCARD, kind, bound); None is a type that is not known. The key of a class is ("cls",
path, definition) or ("ext", qualified name). Arguments are empty for a raw type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Type = tuple[Any, ...]
Key = tuple[Any, ...]
Symbol = tuple[Any, ...]

CLASS, ARRAY, PRIMITIVE, VARIABLE, NULL, WILDCARD, FUNCTION = range(7)
"""What the first item of a type says. (FUNCTION, expression) is an argument that is a lambda or a
method reference: its type is that of the parameter it is given to."""

OBJECT_KEY: Key = ("ext", "java.lang.Object")
OBJECT: Type = (CLASS, OBJECT_KEY, ())
STRING: Type = (CLASS, ("ext", "java.lang.String"), ())
NULL_TYPE: Type = (NULL,)
VOID: Type = (PRIMITIVE, "void")
INT: Type = (PRIMITIVE, "int")
BOOLEAN: Type = (PRIMITIVE, "boolean")

BOXES = {
    "boolean": "java.lang.Boolean",
    "byte": "java.lang.Byte",
    "short": "java.lang.Short",
    "char": "java.lang.Character",
    "int": "java.lang.Integer",
    "long": "java.lang.Long",
    "float": "java.lang.Float",
    "double": "java.lang.Double",
    "void": "java.lang.Void",
}
UNBOXED = {("ext", box): name for name, box in BOXES.items() if name != "void"}

Bindings = dict[tuple[Any, str], Type | None]
"""What type variables stand for, by owner and name."""


class Method(NamedTuple):
    """A method or constructor as its declaration says.

    symbol: what a call of it leads to, ("fn", path, definition) or ("ext", name); a record's own
    accessor leads to the field, what has no code to None. variables: its own type parameters, which
    `generic` owns. is_fixed: nothing can override it.
    """

    symbol: Symbol | None
    owner: Key
    name: str
    variables: tuple[str, ...]
    parameters: tuple[Type | None, ...]
    is_varargs: bool
    result: Type | None
    is_static: bool
    is_abstract: bool
    is_private: bool = False
    is_fixed: bool = False
    generic: Symbol | None = None


class Parameterized(NamedTuple):
    """A class's declaration: its type parameters with their bounds, and what it extends.

    is_open: something among its supertypes is not known, so that it may have members unheard of.
    """

    variables: tuple[str, ...]
    bounds: tuple[Type | None, ...]
    supers: tuple[Type, ...]
    is_interface: bool
    is_final: bool
    is_known: bool


class Ancestor(NamedTuple):
    """An ancestor of a class, as a type in terms of the class's own type parameters."""

    key: Key
    type_: Type


class FieldOf(NamedTuple):
    """A field: its symbol, its type as declared, and the class that declares it."""

    symbol: Symbol | None
    type_: Type | None
    owner: Key


def ext(name: str, *arguments: Type | None) -> Type:
    """A class outside the repository."""
    return (CLASS, ("ext", name), arguments)


def boxed(type_: Type | None) -> Type | None:
    """The class of a primitive type; any other type as it is."""
    if type_ is not None and type_[0] == PRIMITIVE:
        return ext(BOXES[type_[1]])
    return type_


def upper(type_: Type | None) -> Type | None:
    """What a value of a type argument surely is: of a wildcard its bound."""
    if type_ is not None and type_[0] == WILDCARD:
        return type_[2] if type_[1] == "extends" else None
    return type_


def lower(type_: Type | None) -> Type | None:
    """What may be given for a type argument: of a wildcard either bound."""
    if type_ is not None and type_[0] == WILDCARD:
        return type_[2]
    return type_


def substitute(type_: Type | None, bindings: Mapping[tuple[Any, str], Type | None]) -> Type | None:
    """The type with type variables replaced; those without a binding stay."""
    if type_ is None or not bindings:
        return type_
    kind = type_[0]
    if kind == VARIABLE:
        return bindings.get((type_[1], type_[2]), type_)
    if kind == CLASS:
        arguments: tuple[Type | None, ...] = type_[2]
        if not arguments:
            return type_
        return (CLASS, type_[1], tuple([substitute(a, bindings) for a in arguments]))
    if kind == ARRAY:
        return (ARRAY, substitute(type_[1], bindings))
    if kind == WILDCARD:
        inner = substitute(type_[2], bindings)
        if inner is not None and inner[0] == WILDCARD:
            return inner
        return (WILDCARD, type_[1], inner)
    return type_


def spread(
    method: Method, given: Sequence[Type | None], *, always: bool = False
) -> tuple[Type | None, ...]:
    """A method's parameters, one for each argument; `T...` is given as an array or one by one."""
    parameters = method.parameters
    if not method.is_varargs or not parameters:
        return parameters
    count, last = len(given), parameters[-1]
    if len(parameters) == count and not always:
        final = given[-1]
        if final is None or final[0] in {ARRAY, NULL}:
            return parameters
    element = last[1] if last is not None and last[0] == ARRAY else None
    return (*parameters[:-1], *[element] * (count - len(parameters) + 1))
