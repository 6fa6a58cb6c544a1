"""Which parts of a Cypher text are keywords, labels, texts, numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from graphdb.cypher_scan import TokenKind, spans
from graphdb.schema import EdgeKind, ExtraLabel, NodeKind
from tui.models.completion import KEYWORDS
from tui.models.marks import Hue, marks_of

if TYPE_CHECKING:
    from tui.models.marks import Marks

_MORE = ("XOR", "ASC", "ALL", "WHEN", "THEN", "ELSE", "END", "TRUE", "FALSE", "CALL", "YIELD")
_KEYWORDS = frozenset((*(word for phrase in KEYWORDS for word in phrase.split()), *_MORE))
_SCHEMA = frozenset(kind.value for kinds in (NodeKind, EdgeKind, ExtraLabel) for kind in kinds)
_CALL = re.compile(r"\s*\(")
_HUES = {
    None: Hue.COMMENT,
    TokenKind.STRING: Hue.STRING,
    TokenKind.NUMBER: Hue.NUMBER,
    TokenKind.PARAMETER: Hue.PARAMETER,
}


def cypher_marks(text: str) -> Marks:
    """The marks of each line."""
    parts = ((start, end, _hue(kind, text, start, end)) for kind, start, end in spans(text))
    return marks_of(text, ((start, end, hue) for start, end, hue in parts if hue is not None))


def _hue(kind: TokenKind | None, text: str, start: int, end: int) -> Hue | None:
    if kind is not TokenKind.WORD:
        return _HUES.get(kind)
    word = text[start:end]
    if word in _SCHEMA:
        return Hue.NAME
    if word.upper() in _KEYWORDS:
        return Hue.KEYWORD
    return Hue.FUNCTION if _CALL.match(text, end) else None
