"""The types of arithmetic and of conditionals: numeric promotion, boxing, common types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.languages.java.types import (
    BOOLEAN,
    BOXES,
    CLASS,
    INT,
    NULL,
    PRIMITIVE,
    STRING,
    UNBOXED,
    ext,
)

if TYPE_CHECKING:
    from indexer.languages.java.conversions import Conversions
    from indexer.languages.java.types import Type

_RANK = ("byte", "short", "char", "int", "long", "float", "double")
_SHIFTS = frozenset({"<<", ">>", ">>>"})


def join(conversions: Conversions, one: Type | None, other: Type | None) -> Type | None:
    """What both of two alternatives are: of numbers the wider, of references the more general."""
    if one is None or other is None or one == other:
        return one if one == other else None
    if one[0] == NULL or other[0] == NULL:
        some = other if one[0] == NULL else one
        return ext(BOXES[some[1]]) if some[0] == PRIMITIVE else some
    first, second = _unboxed(one), _unboxed(other)
    if first[0] == PRIMITIVE and second[0] == PRIMITIVE:
        return first if first == second else _wider(first, second, least=0)
    if conversions.loose(one, other):
        return other
    return one if conversions.loose(other, one) else None


def arithmetic(sign: str, left: Type | None, right: Type | None) -> Type | None:
    """The type of `left sign right`; of a unary operator both are the operand."""
    if sign == "+" and STRING in {left, right}:
        return STRING
    left = None if left is None else _unboxed(left)
    right = INT if sign in _SHIFTS else None if right is None else _unboxed(right)
    if left is None or right is None or left[0] != PRIMITIVE or right[0] != PRIMITIVE:
        return None
    return BOOLEAN if left == BOOLEAN == right else _wider(left, right, least=3)


def _unboxed(type_: Type) -> Type:
    if type_[0] == CLASS and type_[1] in UNBOXED:
        return (PRIMITIVE, UNBOXED[type_[1]])
    return type_


def _wider(one: Type, other: Type, least: int) -> Type | None:
    """The wider of two number types, `int` at least in arithmetic."""
    if one[1] not in _RANK or other[1] not in _RANK:
        return None
    return (PRIMITIVE, _RANK[max(_RANK.index(one[1]), _RANK.index(other[1]), least)])
