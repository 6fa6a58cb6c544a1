"""Answers by search: for what no pattern fits, and for the code about some words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.answers.answer import GraphAnswer, Row, Section, code_of, inline, rows_section

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agent.answers.asked import Asked
    from agent.answers.ground import Ground
    from graphdb.retrieval.retriever import Found

_LIMIT = 8
_BUDGET = 900
_MAX_TITLE = 80
_PLAIN = frozenset({"near what the text is about", "words of the text"})
_LEADING = re.compile(
    r"(?:where|how|what|which|why|when|who) (?:is|are|do|does|did|can|could|should|would|will|"
    r"happens|code|part)?\b\s*",
    re.IGNORECASE,
)


def about(asked: Asked) -> GraphAnswer:
    """The code about some words."""
    return search_answer(asked.ground, asked.word("words").strip("`'\""))


def search_answer(ground: Ground, text: str, note: str = "") -> GraphAnswer:
    """The symbols and files that a text is about, with reasons, and the code of the best."""
    wanted = _LEADING.sub("", text, count=1).strip() or text
    located = ground.retriever().locate(wanted, _LIMIT)
    shown = inline(text if len(text) <= _MAX_TITLE else f"{text[: _MAX_TITLE - 1]}…")
    title = f"Search: {shown}"
    best = [*located.functions, *located.classes]
    if not located.files and not best:
        text = "Nothing in the repository fits these words."
        return GraphAnswer(title, (Section("", (*filter(None, [note]), text)),), is_found=False)
    sections = [Section("", (note,))] if note else []
    sections += found_sections(located.functions, located.classes)
    files = (Row("", item.path, item.why) for item in located.files)
    sections.append(rows_section("Files", files, limit=_LIMIT))
    packed = ground.retriever().context_for(wanted, _BUDGET)
    if packed.text:
        sections.append(Section("The best of it", codes=(code_of(packed.text, None, 80),)))
    return GraphAnswer(title, tuple(sections))


def found_sections(
    functions: Iterable[Found], classes: Iterable[Found], limit: int = _LIMIT
) -> list[Section]:
    """Ranked symbols with the reason of each."""
    sections: list[Section] = []
    for heading, items in (("Functions and methods", functions), ("Classes", classes)):
        rows = [Row(item.symbol.full_name, item.symbol.location, _reason(item)) for item in items]
        if rows:
            sections.append(rows_section(heading, rows, limit=limit))
    return sections


def _reason(item: Found) -> str:
    """Why a symbol was found, beyond what a search finds anything by."""
    return ", ".join(why for why in item.why.split(", ") if why not in _PLAIN)
