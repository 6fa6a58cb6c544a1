"""What containers hold and protocols give: displays, items, iteration, unpacking, `with`.

The half of `values.Evaluator` that knows Python's protocols; it asks the other half for the values
of parts. A value that only a later step may know (`outside.HOLE`) passes through every protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, SLICE, Op
from indexer.languages.python import outside
from indexer.languages.python.outside import ELEMENT, HOLE, KEY, VALUE
from indexer.solver import ANYTHING, NOTHING, OPEN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.languages.python.hierarchy import Hierarchy
    from indexer.languages.python.lookup import Denotation, Names
    from indexer.solver import Values

_MAX_SLOTS = 12
"""Entries of a display that are told apart; a table of more is taken as a whole."""

_OURS = frozenset({"fn", "cls", "inst", "bound", "lam"})


class Containers:
    """Values of displays and protocols."""

    names: Names
    hierarchy: Hierarchy

    def of(self, path: str, expr: int) -> Values:
        """The values that an expression may have."""
        raise NotImplementedError

    def union(self, path: str, parts: Iterable[int]) -> Values:
        """The values of several expressions together."""
        raise NotImplementedError

    def value_of(self, denotation: Denotation) -> Values:
        """A denotation as a value: variables and fields are looked up."""
        raise NotImplementedError

    def attribute(self, owner: Denotation, name: str) -> list[tuple[Denotation, Denotation]]:
        """What `owner.name` denotes, each with the owner it was found through."""
        raise NotImplementedError

    def returned(self, path: str, number: int, receiver: Denotation | None) -> Values:
        """What calling a function gives."""
        raise NotImplementedError

    def inherited(self, owner: Denotation, method: str) -> Values:
        """What a special method gives that only something outside the repository defines."""
        raise NotImplementedError

    def _collection(self, path: str, row: tuple[Any, ...]) -> Values:
        name, parts = f"builtins.{row[1]}", row[2]
        if not parts and row[1] != "tuple":
            return outside.holding(name, ELEMENT, {HOLE})
        if row[1] == "set" or (row[1] != "tuple" and len(parts) > _MAX_SLOTS):
            return outside.holding(name, ELEMENT, self.union(path, parts))
        found: Values = frozenset({outside.instance(name)})
        for position, part in enumerate(parts):
            found |= outside.holding(name, position, self.of(path, part))
        return found

    def _dictionary(self, path: str, row: tuple[Any, ...]) -> Values:
        name = "builtins.dict"
        if not row[1]:
            return outside.holding(name, VALUE, {HOLE})
        found = outside.holding(name, KEY, self.union(path, row[1]))
        for key, part in zip(row[1], row[2], strict=False):
            values = self.of(path, part)
            slot = self.key(path, key) if len(row[1]) <= _MAX_SLOTS else None
            ours = {v for v in values if v[0] in _OURS} if slot is not None else NOTHING
            found |= outside.holding(name, VALUE, values - ours)
            found |= outside.holding(name, slot or VALUE, ours)
        return found

    def key(self, path: str, expr: int) -> str | None:
        """The slot for a key that is a literal."""
        row = self.names.file(path).expr(expr)
        if row[0] == Op.NAME:
            row = self._constant(path, row)
        return f"={row[2]}" if row[0] == Op.CONST and len(row) > 2 else None

    def _constant(self, path: str, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The literal that a name is bound to, once and for all."""
        for denotation in self.names.named(path, row):
            if denotation[0] == "var":
                bindings = self.names.file(denotation[1]).bindings(denotation[2], denotation[3])
                if len(bindings) == 1:
                    return self.names.file(denotation[1]).expr(bindings[0].value)
        return row

    def _item(self, path: str, row: tuple[Any, ...]) -> Values:
        found, key = NOTHING, self.key(path, row[2])
        is_slice = self.names.file(path).expr(row[2]) == SLICE
        for owner in self.of(path, row[1]):
            if owner[0] == "xinst":
                found |= outside.sliced(owner) if is_slice else outside.item(owner, key)
            elif owner == OPEN:
                return ANYTHING
            elif owner == HOLE:
                found |= {HOLE}
            elif owner[0] == "cls":
                found |= self._members_of_enum(owner) or {owner}
            elif owner[0] == "ext":
                for atom in outside.told(owner[1]):
                    found |= outside.item(atom, key)
            elif (field := self._named_field(owner, key)) is not None:
                found |= field
            else:
                found |= self.protocol(owner, "__getitem__")
        return found

    def _named_field(self, owner: Denotation, key: str | None) -> Values | None:
        """The field of a `NamedTuple` at a position, given as the key of an item."""
        if owner[0] != "inst" or key is None or not key[1:].isdigit():
            return None
        fields = self.hierarchy.named_fields((owner[1], owner[2]))
        position = int(key[1:])
        if position >= len(fields):
            return None
        return self.value_of(fields[position])

    def protocol(self, owner: Denotation, method: str) -> Values:
        """What a special method of a value gives, whoever defines it."""
        found, members = NOTHING, self.attribute(owner, method)
        for member, through in members:
            if member[0] == "fn":
                found |= self.returned(member[1], member[2], through)
        return found if members else self.inherited(owner, method)

    def elements(self, values: Values) -> Values:
        """One element when iterating over values."""
        found = outside.elements(values)
        for value in values:
            if value[0] == "inst":
                for method in ("__iter__", "__aiter__"):
                    produced = self.protocol(value, method)
                    found |= outside.elements(produced)
                    for iterator in produced:
                        if iterator[0] == "inst":
                            found |= self.protocol(iterator, "__next__")
                            found |= self.protocol(iterator, "__anext__")
            elif value[0] == "cls":
                found |= self._members_of_enum(value)
        return found

    def _members_of_enum(self, cls: Denotation) -> Values:
        if self.hierarchy.is_enum((cls[1], cls[2])):
            return frozenset({("inst", cls[1], cls[2])})
        return NOTHING

    def _iter(self, path: str, row: tuple[Any, ...]) -> Values:
        return self.elements(self.of(path, row[1]))

    def _unpack(self, path: str, row: tuple[Any, ...]) -> Values:
        values, found = self.of(path, row[1]), NOTHING
        for value in values:
            if value == OPEN:
                return ANYTHING
            if value == HOLE:
                found |= {HOLE}
            elif value[0] == "xinst":
                found |= outside.unpacked(value, row[2])
            elif (field := self._named_field(value, f"={row[2]}")) is not None:
                found |= field
            else:
                found |= self.elements(frozenset({value}))
        return found

    def _enter(self, path: str, row: tuple[Any, ...]) -> Values:
        found = NOTHING
        for value in self.of(path, row[1]):
            if value == OPEN:
                return ANYTHING
            if value == HOLE:
                found |= {HOLE}
            elif value[0] == "xinst":
                found |= outside.entered(value)
            else:
                found |= self.protocol(value, "__enter__") | self.protocol(value, "__aenter__")
        return found

    def _instance(self, path: str, row: tuple[Any, ...]) -> Values:
        exprs = self.names.file(path).facts.exprs
        parts = [row[1]]
        if row[1] != NONE and exprs[row[1]][0] == Op.LIST:
            parts = list(exprs[row[1]][2])
        found = NOTHING
        for part in parts:
            for value in self.of(path, part):
                if value[0] == "cls":
                    found |= {("inst", value[1], value[2])}
                elif value == OPEN:
                    return ANYTHING
        return found

    def _operator(self, path: str, row: tuple[Any, ...]) -> Values:
        found = NOTHING
        for owner in self.of(path, row[2]):
            if owner[0] == "inst":
                found |= self.protocol(owner, f"__{row[1]}__")
            elif owner[0] in {"xinst", "open", "hole"}:
                found |= {owner}
        return found
