"""Answers about inheritance: base and derived classes, overriding and overridden members."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from agent.answers.answer import GraphAnswer, Section, rows_section
from agent.answers.relations import nothing, origin
from agent.answers.subjects import (
    CLASSES,
    Subject,
    UnclearNameError,
    clean,
    kind_name,
    symbol_row,
)
from graphdb.errors import NotFoundError
from graphdb.queries.names import candidates
from graphdb.queries.type_hierarchy import subtypes, supertypes
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.answers.answer import Row
    from agent.answers.asked import Asked
    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol


def subclasses(asked: Asked) -> GraphAnswer:
    """What is derived from a class."""
    subject = asked.subject(kinds=CLASSES)
    return _hierarchy(asked.ground, subject, is_up=False)


def superclasses(asked: Asked) -> GraphAnswer:
    """What a class is derived from."""
    subject = asked.subject(kinds=CLASSES)
    return _hierarchy(asked.ground, subject, is_up=True)


def hierarchy(asked: Asked) -> GraphAnswer:
    """Both directions."""
    subject = asked.subject(kinds=CLASSES)
    up = _hierarchy(asked.ground, subject, is_up=True)
    down = _hierarchy(asked.ground, subject, is_up=False)
    title = f"The hierarchy of {subject.name}"
    # Both begin with the class itself.
    said = Section("", down.sections[0].paragraphs) if not down.is_found else None
    sections = (*up.sections, *([said] if said else down.sections[1:]))
    return GraphAnswer(title, sections, is_found=up.is_found or down.is_found)


def overrides(asked: Asked) -> GraphAnswer:
    """What overrides a member; of several of one name, the one that all others override."""
    kinds = (NodeKind.METHOD, NodeKind.FIELD)
    try:
        subject = asked.subject(kinds=kinds)
    except UnclearNameError:
        found = candidates(asked.ground.reader, clean(asked.word("x")), kinds)
        roots = [s for s in found if s.kind in kinds and _is_root(asked.ground, s)]
        if len(roots) != 1:
            raise
        subject = Subject((roots[0],))
    return _hierarchy(asked.ground, subject, is_up=False)


def _is_root(ground: Ground, member: Symbol) -> bool:
    """Whether a member is overridden and overrides nothing."""
    up, down = supertypes(ground.reader, member), subtypes(ground.reader, member)
    return bool(down.items) and not up.items


def overridden(asked: Asked) -> GraphAnswer:
    """What a member overrides."""
    subject = asked.subject(kinds=(NodeKind.METHOD, NodeKind.FIELD))
    return _hierarchy(asked.ground, subject, is_up=True)


def _hierarchy(ground: Ground, subject: Subject, *, is_up: bool) -> GraphAnswer:
    is_class = subject.first.kind in (NodeKind.CLASS, NodeKind.EXTERNAL)
    heading, text = {
        (True, True): ("Base classes", "It has no base class that the graph knows."),
        (True, False): ("Derived classes", "No class in the repository is derived from it."),
        (False, True): ("Overridden members", "It overrides nothing that the graph knows."),
        (False, False): ("Overriding members", "Nothing in the repository overrides it."),
    }[is_class, is_up]
    title = f"{heading} of {subject.name}"
    try:
        ask = supertypes if is_up else subtypes
        found = [row for s in subject.symbols for row in ask(ground.reader, s).items]
    except NotFoundError as error:
        return nothing(title, f"{error}.", subject)
    if not found:
        return nothing(title, text, subject)
    levels: Iterable[Row] = (
        replace(
            symbol_row(row.symbol),
            note="; ".join(filter(None, [kind_name(row.symbol), _level(row.depth)])),
        )
        for row in {r.symbol.uid: r for r in reversed(found)}.values()
    )
    rows = sorted(levels, key=lambda row: (row.note.count(";"), row.note, row.text))
    return GraphAnswer(title, (origin(subject), rows_section(heading, rows)))


def _level(depth: int) -> str:
    return "" if depth == 1 else f"{depth} levels away"
