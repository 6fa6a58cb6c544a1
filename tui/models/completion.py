"""What may be written at a place of a Cypher text: labels, edge types, properties, names, keywords.

The tokens before the cursor say which; nothing is parsed, so a half-written query completes too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from graphdb.cypher_scan import TokenKind, scan
from graphdb.schema import (
    EDGE_PROPERTIES,
    LEGAL_ENDS,
    NODE_PROPERTIES,
    EdgeKind,
    ExtraLabel,
    NodeKind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.cypher_scan import Token

KEYWORDS = (
    "MATCH",
    "OPTIONAL MATCH",
    "WHERE",
    "RETURN",
    "RETURN DISTINCT",
    "ORDER BY",
    "LIMIT",
    "SKIP",
    "WITH",
    "UNWIND",
    "UNION ALL",
    "AND",
    "OR",
    "NOT",
    "IN",
    "AS",
    "IS NULL",
    "IS NOT NULL",
    "STARTS WITH",
    "ENDS WITH",
    "CONTAINS",
    "DESC",
    "EXISTS",
    "CASE",
)
FUNCTIONS = (
    "count(",
    "collect(",
    "labels(",
    "type(",
    "size(",
    "toLower(",
    "coalesce(",
    "min(",
    "max(",
    "sum(",
    "avg(",
    "nodes(",
    "relationships(",
    "length(",
    "properties(",
)
_LABELS = (*(kind.value for kind in NodeKind), *(label.value for label in ExtraLabel))
_EDGES = tuple(kind.value for kind in EdgeKind)
_PREFIX = re.compile(r"\w*$")


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand at the cursor. start: of the word that it would replace."""

    start: int
    options: tuple[str, ...]
    what: str


def complete(text: str, cursor: int) -> Completion:
    """The words that may follow at a cursor, those that begin as what is typed first."""
    before = text[:cursor]
    match = _PREFIX.search(before)
    start = match.start() if match else cursor
    prefix = before[start:]
    tokens = scan(before[:start])
    if _is_in_text(before):
        return Completion(start, (), "text")
    what, options = _offered(tokens, text)
    return Completion(start, tuple(_fitting(options, prefix)), what)


def edge_help(edge: EdgeKind) -> str:
    """Which labels an edge type joins, in one line."""
    sources, targets = LEGAL_ENDS[edge]
    return f"{', '.join(sorted(sources))} -> {', '.join(sorted(targets))}"


def _offered(tokens: Sequence[Token], text: str) -> tuple[str, Sequence[str]]:
    last = tokens[-1] if tokens else None
    opened = _brackets_after(tokens)
    if last is None:
        return "keyword", KEYWORDS
    if last.is_symbol(":", "|", "&", "!"):
        return ("edge type", _EDGES) if opened.endswith("r") else ("label", _LABELS)
    if last.is_symbol("."):
        owner = tokens[-2].text if len(tokens) > 1 else ""
        is_edge = owner in _names(text)[1]
        return "property", EDGE_PROPERTIES if is_edge else NODE_PROPERTIES
    if opened.endswith("p") and last.is_symbol("{", ","):
        is_edge = opened.endswith("rp")
        return "property", EDGE_PROPERTIES if is_edge else NODE_PROPERTIES
    if last.is_symbol("$"):
        return "parameter", ("repo",)
    nodes, edges = _names(text)
    return "word", (*nodes, *edges, *KEYWORDS, *FUNCTIONS)


def _names(text: str) -> tuple[list[str], list[str]]:
    """Names that patterns of the text give to nodes, and to edges."""
    nodes: dict[str, None] = {}
    edges: dict[str, None] = {}
    tokens = scan(text)
    for before, token in pairwise(tokens):
        if token.kind is not TokenKind.WORD:
            continue
        if before.is_symbol("(") and not _is_call(tokens, before):
            nodes[token.text] = None
        elif before.is_symbol("[") and token.brackets.endswith("r"):
            edges[token.text] = None
    return list(nodes), list(edges)


def _is_call(tokens: Sequence[Token], opening: Token) -> bool:
    """True for the bracket of `count(n)`; that of `MATCH (n)` stands behind a keyword."""
    at = next(i for i, token in enumerate(tokens) if token is opening)
    before = tokens[at - 1] if at else None
    return before is not None and before.is_name and before.text.upper() not in _OPENERS


_OPENERS = frozenset({"MATCH", "WHERE", "AND", "OR", "NOT", "EXISTS", "WITH", "IN", "UNWIND"})


def _brackets_after(tokens: Sequence[Token]) -> str:
    """What is open behind the last token."""
    if not tokens:
        return ""
    # A further token is given the brackets that are open around it.
    texts = " ".join(_spelt(token) for token in tokens)
    return scan(f"{texts} x")[-1].brackets


def _spelt(token: Token) -> str:
    return f"`{token.text}`" if token.kind is TokenKind.QUOTED_NAME else token.text


def _is_in_text(before: str) -> bool:
    """True inside a string or comment that is not closed."""
    tail = scan(f"{before}\x00")
    return not tail or tail[-1].text != "\x00"


def _fitting(options: Sequence[str], prefix: str) -> list[str]:
    low = prefix.lower()
    found = [option for option in dict.fromkeys(options) if option.lower().startswith(low)]
    if low:
        found += [o for o in dict.fromkeys(options) if low in o.lower() and o not in found]
    return [option for option in found if option != prefix]
