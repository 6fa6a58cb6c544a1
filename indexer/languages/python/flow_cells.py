"""Names for the variables of value flow that hold across an edit, and values that can be compared.

Numbers of definitions and scopes shift with every edit; qualified names do not. With both, an
update can tell that a parameter still receives what it did, and stop there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from indexer.facts import NONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.facts import FileFacts
    from indexer.languages.python.lookup import Denotation
    from indexer.remembered import Said
    from indexer.solver import Values, Variable

_COMPARED = frozenset({"var", "par", "ret", "field", "passes"})
_DEFINED = frozenset({"cls", "fn", "inst", "bound", "super"})
"""Values that name a definition; the last two also name a class as their receiver's, or None."""

_PLACES = frozenset({"lam", "call"})
"""Values that are places in a file's own tables."""


def flow_cell(facts: FileFacts, variable: Variable) -> str:
    """The cell's name: kind, definition, and the rest of the variable."""
    kind, rest = variable[1], variable[4:]
    number: int = variable[3]
    if kind in {"var", "lambda", "lam"}:
        owner = facts.scopes[number].definition
        # A lambda's or comprehension's scope has no name that lasts.
        place = f"@{number}" if owner == NONE and number else _named(facts, owner)
    else:
        place = _named(facts, number)
    return f"{kind}({place}:{':'.join(map(str, rest))}"


def _named(facts: FileFacts, number: int) -> str:
    if number == NONE:
        return ""
    definition = facts.definitions[number]
    return f"{definition.qualified_name}#{definition.ordinal}"


def flow_variable(facts: FileFacts, cell: str) -> tuple[Any, ...] | None:
    """The variable behind a cell's name, from the kind on; None where the file has none such.

    None too for callers, whose values are places in files.
    """
    kind, bracket, rest = cell.partition("(")
    place, _, words = rest.partition(":")
    if not bracket or kind not in _COMPARED or place.startswith("@"):
        return None
    number = _numbered(facts, place)
    if place and number == NONE:
        return None
    if kind == "var":
        return _local(facts, number, words)
    if kind == "par":
        position = int(words)
        is_there = position < len(facts.definitions[number].parameters)
        return (kind, facts.path, number, position) if is_there else None
    return (kind, facts.path, number, *([words] if words else []))


def _numbered(facts: FileFacts, place: str) -> int:
    name, _, ordinal = place.rpartition("#")
    for number, definition in enumerate(facts.definitions):
        if definition.qualified_name == name and str(definition.ordinal) == ordinal:
            return number
    return NONE


def _local(facts: FileFacts, number: int, words: str) -> tuple[Any, ...]:
    name, _, in_force = words.partition(":")
    scope = 0 if number == NONE else facts.definitions[number].body
    if not in_force:
        return ("var", facts.path, scope, name)
    ordinals = tuple(int(word) for word in in_force.strip("()").split(",") if word.strip())
    return ("var", facts.path, scope, name, ordinals)


class Lasting:
    """Values in a form that holds across edits, and back.

    titles: for a file, the names of its definitions by their numbers. hash_of: the content hash of
    a file: where a value is a place in a file, it holds as long as the file stays as it is.
    """

    def __init__(
        self, titles: Callable[[str], tuple[str, ...]], hash_of: Callable[[str], str]
    ) -> None:
        self._titles = titles
        self._hash_of = hash_of
        self._numbers: dict[str, dict[str, int]] = {}

    def said(self, values: Values) -> Said:
        """The form that holds, in no order."""
        return tuple(map(self._said, values))

    def _said(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        denotation = cast("Denotation", value)
        kind = denotation[0]
        if kind in _PLACES:
            return (*denotation, self._hash_of(denotation[1]))
        if kind in _DEFINED:
            path, number = denotation[1], denotation[2]
            return (kind, path, self._titles(path)[number], *self._said_owner(denotation[3:]))
        return tuple(map(self._said, denotation))

    def _said_owner(self, rest: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(rest) < len(("path", "class")) or rest[-2] is None:
            return rest
        path: str = rest[-2]
        number: int = rest[-1]
        return (*rest[:-1], self._titles(path)[number])

    def values(self, said: Said) -> Values | None:
        """The values again; None where one of them is no more."""
        found: set[Any] = set()
        for each in said:
            value = self._value(each)
            if value is None:
                return None
            found.add(value)
        return frozenset(found)

    def _value(self, said: Any) -> Any:
        if not isinstance(said, tuple):
            return said
        parts = cast("tuple[Any, ...]", said)
        kind = parts[0]
        if kind in _PLACES:
            return parts[:-1] if self._hash_of(parts[1]) == parts[-1] else None
        if kind in _DEFINED:
            number, rest = self._number(parts[1], parts[2]), parts[3:]
            if len(rest) > 1 and rest[-2] is not None:
                rest = (*rest[:-1], self._number(rest[-2], rest[-1]))
            return None if number is None or None in rest[-1:] else (kind, parts[1], number, *rest)
        items = [None if part is None else self._value(part) for part in parts]
        lost = any(new is None and old is not None for new, old in zip(items, parts, strict=True))
        return None if lost else tuple(items)

    def _number(self, path: str, title: str) -> int | None:
        numbers = self._numbers.get(path)
        if numbers is None:
            numbers = {name: number for number, name in enumerate(self._titles(path))}
            self._numbers[path] = numbers
        return numbers.get(title)
