"""Where an `isinstance` test holds, and where it is known to have failed.

Told from the blocks alone: the branches that it guards, the operands behind it, and what follows
where one of the branches always leaves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_CLAUSES = frozenset({"elif_clause", "else_clause"})
_LEAVES = frozenset({"return_statement", "raise_statement", "continue_statement"})
_GUARDS = frozenset({"if_statement", "elif_clause", "while_statement"})


class Told(NamedTuple):
    """Bytes between which a test is decided. holds: which way."""

    start: int
    end: int
    holds: bool


def told_by(call: Node) -> Iterator[Told]:
    """What a test of a name tells, for each stretch of the text."""
    yes, yes_negated = _decided(call, "and")
    no, no_negated = _decided(call, "or")
    yield from _of_operands(call)
    yield from _where(yes, is_true=True, holds=not yes_negated)
    yield from _where(no, is_true=False, holds=no_negated)


def _decided(call: Node, operator: str) -> tuple[Node, bool]:
    """The whole condition that decides a test where it is true (`and`) or false (`or`).

    With it, whether the test is negated there.
    """
    node, parent, negated = call, call.parent, False
    while parent is not None:
        if parent.type == "not_operator":
            negated = not negated
            operator = "or" if operator == "and" else "and"
        elif parent.type == "boolean_operator":
            found = parent.child_by_field_name("operator")
            if found is None or found.type != operator:
                break
        elif parent.type != "parenthesized_expression":
            break
        node, parent = parent, parent.parent
    return node, negated


def _of_operands(call: Node) -> Iterator[Told]:
    """`isinstance(x, A) and …`, `not isinstance(x, A) or …` tell of what stands behind."""
    node, parent, holds = call, call.parent, True
    while parent is not None and parent.type in {"not_operator", "parenthesized_expression"}:
        holds = holds != (parent.type == "not_operator")
        node, parent = parent, parent.parent
    while parent is not None and parent.type == "boolean_operator":
        operator = parent.child_by_field_name("operator")
        if operator is not None and parent.child_by_field_name("left") == node:
            is_true = operator.type == "and"
            yield Told(operator.end_byte, parent.end_byte, holds == is_true)
        if operator is None or operator.type != ("and" if holds else "or"):
            return
        node, parent = parent, parent.parent


def _where(condition: Node, *, is_true: bool, holds: bool) -> Iterator[Told]:
    """The stretches that a condition lets through where it is true, or false."""
    parent = condition.parent
    if parent is None:
        return
    if parent.type in _GUARDS and parent.child_by_field_name("condition") == condition:
        yield from _guarded(parent, is_true=is_true, holds=holds)
    elif parent.type == "assert_statement" and parent.parent is not None and is_true:
        yield Told(parent.end_byte, parent.parent.end_byte, holds)
    elif parent.type == "conditional_expression" and parent.named_child(1) == condition:
        chosen = parent.named_children[0 if is_true else -1]
        yield Told(chosen.start_byte, chosen.end_byte, holds)


def _guarded(statement: Node, *, is_true: bool, holds: bool) -> Iterator[Told]:
    body = statement.child_by_field_name("consequence") or statement.child_by_field_name("body")
    if body is None:
        return
    if is_true:
        yield Told(body.start_byte, body.end_byte, holds)
        return
    whole = statement.parent if statement.type == "elif_clause" else statement
    if statement.type == "while_statement" or whole is None:
        return
    if body.end_byte < whole.end_byte:
        yield Told(body.end_byte, whole.end_byte, holds)
    elif statement == whole and statement.parent is not None and _leaves(body):
        yield Told(statement.end_byte, statement.parent.end_byte, holds)


def _leaves(body: Node) -> bool:
    """True for a branch that no statement after it follows."""
    statements = [child for child in body.named_children if child.type != "comment"]
    return bool(statements) and statements[-1].type in _LEAVES
