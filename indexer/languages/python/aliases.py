"""Module-level names that stand for a definition: `Alias = Thing`.

Name rules look through such a name, so that what is done with it is done with the thing; here is
the name itself, which is a symbol of its own and has its own references.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Binding, BindKind, Op
from indexer.languages.python.lookup import ALIAS_OPS

if TYPE_CHECKING:
    from indexer.languages.python.lookup import Denotation, Names
    from indexer.solver import Solver


class Aliases:
    """Finds the variable that an expression names where it denotes what the variable stands for."""

    def __init__(self, names: Names, solver: Solver) -> None:
        self._names = names
        self._solver = solver

    def written(self, path: str, row: tuple[Any, ...]) -> Denotation | None:
        """The alias that a NAME, ATTR or import row names; None where it names no alias."""
        if row[0] == Op.NAME:
            return self._named(path, row[1], row[2])
        if row[0] == Op.ATTR:
            owners = self._names.static(path, row[1])
            is_module = len(owners) == 1 and owners[0][0] == "mod"
            return self._in_module(owners[0][1], row[2], frozenset()) if is_module else None
        return self._imported(path, row, frozenset()) if row[0] == Op.IMPORT_FROM else None

    def _named(self, path: str, scope: int, name: str) -> Denotation | None:
        bound = self._names.scope_of(path, scope, name)
        if bound in {0, NONE}:
            return self._in_module(path, name, frozenset())
        rows = self._names.file(path).scopes.get(bound, {}).get(name, ())
        if len(rows) == 1 and rows[0].kind == BindKind.IMPORT:
            return self._of_import(path, rows[0], frozenset())
        return None

    def _in_module(self, path: str, name: str, seen: frozenset[str]) -> Denotation | None:
        self._solver.note((path, name))
        index = self._names.file(path)
        rows = index.scopes.get(0, {}).get(name, ())
        if not rows:
            owner = next(self._names.star_owners(path, name), None)
            return self._in_module(owner, name, seen) if owner is not None else None
        if len(rows) == 1 and rows[0].kind == BindKind.IMPORT and path not in seen:
            return self._of_import(path, rows[0], seen | {path})
        exprs = index.facts.exprs
        are_aliases = rows and all(
            row.kind == BindKind.ASSIGN
            and row.annotation == NONE
            and row.value != NONE
            and exprs[row.value][0] in ALIAS_OPS
            for row in rows
        )
        return ("var", path, 0, name) if are_aliases else None

    def _of_import(self, path: str, row: Binding, seen: frozenset[str]) -> Denotation | None:
        return self._imported(path, self._names.file(path).facts.exprs[row.value], seen)

    def _imported(self, path: str, row: tuple[Any, ...], seen: frozenset[str]) -> Denotation | None:
        if row[0] != Op.IMPORT_FROM:
            return None
        module = self._names.module(path, row[1], row[2])
        if module is None or module[0] != "mod":
            return None
        return self._in_module(module[1], row[3], seen)
