"""Reads JSON of unknown shape: what is not of the kind that is wanted counts as not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def mapping(value: object) -> Mapping[str, Any]:
    """An object's members, none where it is no object."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> Sequence[Any]:
    """A list's items, none where it is no list."""
    return cast("list[Any]", value) if isinstance(value, list) else ()


def count(value: object, maximum: int = 1_000_000_000) -> int | None:
    """A whole number from 0 to a maximum."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= maximum else None


def text(value: object) -> str:
    """A text, also in a list of typed parts, as some endpoints send it."""
    if isinstance(value, str):
        return value
    return "".join(text(mapping(part).get("text")) for part in items(value))
