"""Types as they are written, read in their scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op
from indexer.languages.java.types import ARRAY, BOXES, CLASS, PRIMITIVE, STRING, VARIABLE, WILDCARD

if TYPE_CHECKING:
    from indexer.languages.java.names import Denotation, Names
    from indexer.languages.java.types import Type

_MAX_PARTS = 64
"""Of a qualified name; longer ones denote nothing."""


class TypeReader:
    """Turns rows that stand for types into types."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def of(self, path: str, expr: int, head: int = NONE) -> Type | None:
        """The type that an expression stands for; None when it is not known.

        head: the class whose head it stands in, whose members are not in scope there.
        """
        if expr == NONE:
            return None
        row = self._names.file(path).facts.exprs[expr]
        op = row[0]
        if op == Op.CONST:
            if row[1] in BOXES:
                return (PRIMITIVE, row[1])
            return STRING if row[1] == "String" else None
        if op == Op.NAME or op == Op.ATTR:
            return self._class(self.denotation(path, row, head))
        if op == Op.ITEM:
            return self._generic(path, row, head)
        if op == Op.ARRAY:
            return (ARRAY, self.of(path, row[1], head))
        if op == Op.WILDCARD:
            return (WILDCARD, row[1], self.of(path, row[2], head))
        if op == Op.UNION:
            return self.of(path, row[1][0], head)
        return None

    def of_row(self, path: str, row: tuple[Any, ...]) -> Type | None:
        """The type that a simple or qualified name stands for."""
        return self._class(self.denotation(path, row))

    def _generic(self, path: str, row: tuple[Any, ...], head: int) -> Type | None:
        base = self.of(path, row[1], head)
        if base is None or base[0] != CLASS:
            return base
        rows = self._names.file(path).facts.exprs[row[2]][2]
        return (CLASS, base[1], tuple([self.of(path, e, head) for e in rows]))

    def _class(self, denotation: Denotation | None) -> Type | None:
        if denotation is None:
            return None
        if denotation[0] == "var":
            return (VARIABLE, denotation[1], denotation[2])
        return (CLASS, denotation, ())

    def denotation(self, path: str, row: tuple[Any, ...], head: int = NONE) -> Denotation | None:
        """What a simple or qualified name denotes as a type."""
        if row[0] == Op.NAME:
            return self._names.simple(path, row[1], row[2], head)
        if row[0] == Op.ITEM:
            return self.denotation(path, self._names.file(path).facts.exprs[row[1]], head)
        if row[0] != Op.ATTR or row[1] == NONE or self._is_endless(path, row):
            return None
        outer = self._names.file(path).facts.exprs[row[1]]
        owner = self.denotation(path, outer, head)
        if owner is not None:
            return self._names.member(owner, row[2])
        dotted = self.dotted(path, row)
        if dotted is None:
            return None
        found = self._names.qualified(path, dotted)
        if found is None and row[2][:1].isupper() and dotted[:1].islower():
            return ("ext", dotted)
        return found

    def _is_endless(self, path: str, row: tuple[Any, ...]) -> bool:
        """True for more parts than any name has; each would be looked up with those before it."""
        exprs = self._names.file(path).facts.exprs
        for _ in range(_MAX_PARTS):
            if row[0] != Op.ATTR or row[1] == NONE:
                return False
            row = exprs[row[1]]
        return True

    def dotted(self, path: str, row: tuple[Any, ...]) -> str | None:
        """The text of a chain of names."""
        names: list[str] = []
        exprs = self._names.file(path).facts.exprs
        while row[0] == Op.ATTR and row[1] != NONE:
            names.append(row[2])
            row = exprs[row[1]]
        return ".".join([row[2], *reversed(names)]) if row[0] == Op.NAME else None
