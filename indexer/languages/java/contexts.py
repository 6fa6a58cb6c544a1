"""Where the lambdas and method references of a file stand: that says what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op

if TYPE_CHECKING:
    from indexer.facts import FileFacts

DECLARED, STORED = -2, -3
"""Positions of what is no part of an expression: the value of a declaration, whose type is then the
parent, and what is assigned to the parent."""


class Contexts:
    """The places of one file's functional expressions. arrows: lambdas by their numbers."""

    def __init__(self, facts: FileFacts) -> None:
        exprs = facts.exprs
        functional = {Op.ARROW, Op.METHOD_REF}
        waiting = {number for number, row in enumerate(exprs) if row[0] in functional}
        self.arrows = {exprs[n][1]: n for n in waiting if exprs[n][0] == Op.ARROW}
        self._found: dict[int, tuple[int, int]] = {}
        found = self._found
        for row in facts.bindings:
            if row.value in waiting:
                found[row.value] = (row.annotation, DECLARED)
        for definition in facts.definitions:
            found.update(dict.fromkeys(definition.returns, (definition.annotation, DECLARED)))
        for target, value in facts.stores:
            found[value] = (target, STORED)
        for number, row in enumerate(exprs):
            for position, part in enumerate(_parts(row)):
                if part in waiting or (part != NONE and exprs[part][0] == Op.UNION):
                    found[part] = (number, position)

    def of(self, expr: int) -> tuple[int, int]:
        """The expression around one, and the position in it; `NONE` where there is none."""
        return self._found.get(expr, (NONE, NONE))


def _parts(row: tuple[Any, ...]) -> tuple[int, ...]:
    """The parts of an expression in which a lambda may stand."""
    op = row[0]
    if op == Op.CALL or op == Op.NEW:
        return row[2]
    if op == Op.UNION:
        return row[1]
    if op == Op.ARROW:
        return row[4]
    if op == Op.LOCAL:
        return (row[3],)
    return (row[2],) if op == Op.CAST else ()
