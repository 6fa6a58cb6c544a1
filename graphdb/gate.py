"""The read-only gate in front of both stores: courtesy checks, hints and the size of an answer.

Nothing here is the guarantee that a query cannot write: that is the store's own read-only session.
The gate refuses what is plainly a write so that the message is clear, and says what a misspelt
label, type or property was probably meant to be.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graphdb.cypher_scan import Token, TokenKind, decode_escapes, scan
from graphdb.delta import IndexMeta
from graphdb.errors import QueryError, WriteRefusedError
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, EdgeKind, ExtraLabel, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from graphdb.store import QueryResult

READ_PROCEDURES = frozenset(
    {
        "db.labels",
        "db.relationshiptypes",
        "db.propertykeys",
        "db.schema.visualization",
        "db.schema.nodetypeproperties",
        "db.schema.reltypeproperties",
    }
)
"""Procedures that a query may call, in lower case."""

MAX_SEARCH_TERMS = 200
_FIRST_WORDS = (
    *("ALTER", "GRANT", "DENY", "REVOKE", "START", "STOP", "RENAME", "TERMINATE", "ENABLE"),
    *("DEALLOCATE", "DRYRUN", "USE", "SHOW"),
)
_NO_CLAUSE_AFTER_SYMBOLS = frozenset(
    (",", "(", "[", "=", "<", ">", "+", "-", "/", ".", ":", "<>", "<=", ">=", "=~", "%", "^", "&")
)
_NO_CLAUSE_AFTER_WORDS = (
    *("AND", "OR", "NOT", "XOR", "IN", "AS", "BY", "RETURN", "WITH", "WHERE", "DISTINCT"),
    *("THEN", "ELSE", "WHEN", "CASE", "IS", "CONTAINS"),
)
_CONTINUATIONS = {
    "CREATE": "( name",
    "INSERT": "(",
    "MERGE": "( name",
    "DELETE": "( name",
    "DETACH": "name",
    "NODETACH": "name",
    "SET": "name",
    "REMOVE": "name",
    "FOREACH": "(",
    "DROP": "name",
    "LOAD": "name",
}
_NO_LIMIT_WITH = ("UNION", "FORMAT", "INTERSECT", "EXCEPT", "LIMIT", "NEXT", "FINISH")
_LABEL_OPERATORS = ("|", "&", "!", ":")
_ASSIGNS = (".", ":", "=", "+=", "(", "[")
_WORDS_IN_TEXT = re.compile(r"[^\W_]+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a query may use."""

    labels: frozenset[str]
    types: frozenset[str]
    properties: frozenset[str]


@cache
def schema_vocabulary() -> Vocabulary:
    """The names of `graphdb.schema` and of the record of the index."""
    labels = frozenset([*NodeKind, *ExtraLabel, "REPOSITORY"])
    meta = (field.name for field in fields(IndexMeta))
    properties = frozenset([*NODE_PROPERTIES, *EDGE_PROPERTIES, *meta])
    return Vocabulary(labels, frozenset(EdgeKind), properties)


def check_read_only(cypher: str) -> None:
    """Raise WriteRefusedError for a text that is plainly no single read query.

    The text is looked at as it stands and with its escapes decoded, because the stores differ in
    where they decode them.
    """
    for text in {cypher, decode_escapes(cypher)}:
        reason = _refusal(text)
        if reason:
            raise WriteRefusedError(f"queries are read-only here: {reason}")


@lru_cache(maxsize=256)
def hints(cypher: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """A line for each label, type and property of a text that the schema does not know."""
    tokens = scan(cypher)
    own = _own_names(tokens)
    notes: dict[str, None] = {}
    for what, name, known in _used_names(tokens, vocabulary):
        if name in known or (what == "property" and name in own):
            continue
        close = _near(name, known)
        guess = f": did you mean {close}?" if close else ""
        notes[f"{what} {name} is not in the schema{guess}"] = None
    return tuple(notes)


@lru_cache(maxsize=256)
def limited(cypher: str, max_rows: int) -> str:
    """The text with a LIMIT at its end where that surely means the same but for the row count.

    A store that computes all rows before it hands out the first is spared the work; any doubt
    (UNION, a LIMIT or subquery call at the end, EXPLAIN) leaves the text as it is.
    """
    top = [token for token in scan(cypher) if not token.brackets]
    if not top or top[0].is_word("EXPLAIN", "PROFILE", "SHOW"):
        return cypher
    if any(token.is_symbol(";") or token.is_word(*_NO_LIMIT_WITH) for token in top):
        return cypher
    returns = [
        token.is_word("RETURN") and not before.is_symbol(".", ":")
        for before, token in pairwise((Token(TokenKind.SYMBOL, "", ""), *top))
    ]
    return f"{cypher}\nLIMIT {max_rows}" if sum(returns) == 1 else cypher


def budgeted(result: QueryResult, max_characters: int) -> QueryResult:
    """The result cut to so many characters of JSON, whole rows only, with a note when cut."""
    kept: list[tuple[Any, ...]] = []
    used = 0
    for row in result.rows:
        used += len(json.dumps(row, ensure_ascii=False, default=str)) + 1
        if used > max_characters:
            break
        kept.append(row)
    if len(kept) == len(result.rows):
        return result
    note = (
        f"shown are {len(kept)} of {len(result.rows)} rows, cut at {max_characters} characters: "
        "return fewer columns or add LIMIT"
    )
    return replace(result, rows=tuple(kept), truncated=True, notes=(*result.notes, note))


def search_terms(text: str) -> list[str]:
    """The words of a search text, in lower case, so that no operator of a query syntax survives.

    Only the first `MAX_SEARCH_TERMS`: Neo4j's index refuses a query of more than 1,024 clauses,
    and a word is one for each property that is searched.
    """
    return [word.lower() for word in _WORDS_IN_TEXT.findall(text)[:MAX_SEARCH_TERMS]]


def one_line(message: str) -> str:
    """A store's message in one line."""
    return " ".join(message.split())


def query_error(message: str, notes: Sequence[str]) -> QueryError:
    """The error of a failed query: the store's own words, then the hints."""
    return QueryError("; ".join([one_line(message), *notes]))


@lru_cache(maxsize=256)
def _refusal(text: str) -> str | None:
    tokens = scan(text)
    for position, token in enumerate(tokens):
        after = tokens[position + 1] if position + 1 < len(tokens) else None
        if token.is_symbol(";") and after and not after.is_symbol(";"):
            return "give one statement at a time"
        if token.kind is not TokenKind.WORD or after is None:
            continue
        if position and not _may_start_clause(tokens[position - 1]):
            continue
        reason = _clause_refusal(tokens, position)
        if reason:
            return reason
    return None


def _may_start_clause(before: Token) -> bool:
    if before.kind is TokenKind.SYMBOL:
        return before.text not in _NO_CLAUSE_AFTER_SYMBOLS
    return not before.is_word(*_NO_CLAUSE_AFTER_WORDS)


def _clause_refusal(tokens: Sequence[Token], position: int) -> str | None:
    word = tokens[position].text.upper()
    if word == "CALL":
        return _call_refusal(tokens, position + 1)
    if word in _FIRST_WORDS and _is_first(tokens, position):
        return f"{word} is not a query on the graph"
    if word == "IN" and _ends_subquery_in_transactions(tokens, position):
        return "IN TRANSACTIONS is not available"
    wanted = _CONTINUATIONS.get(word)
    if wanted is None or not _continues(word, wanted, tokens, position + 1):
        return None
    if word == "LOAD":
        return "LOAD CSV reads files, not the graph"
    return f"{word} would change the graph"


def _continues(word: str, wanted: str, tokens: Sequence[Token], position: int) -> bool:
    after = tokens[position]
    if after.is_symbol("("):
        return "(" in wanted or word in ("SET", "REMOVE")
    if not after.is_name or "name" not in wanted:
        return False
    if word in ("SET", "REMOVE"):
        following = tokens[position + 1] if position + 1 < len(tokens) else None
        return following is not None and following.is_symbol(*_ASSIGNS)
    if word == "LOAD":
        return after.is_word("CSV", "FROM", "PARQUET", "JSON")
    return not after.is_word("DESC", "ASC", "AS")


def _ends_subquery_in_transactions(tokens: Sequence[Token], position: int) -> bool:
    if not position or not tokens[position - 1].is_symbol("}"):
        return False
    return any(t.is_word("TRANSACTIONS") for t in tokens[position + 1 : position + 4])


def _is_first(tokens: Sequence[Token], position: int) -> bool:
    return all(t.is_word("EXPLAIN", "PROFILE", "CYPHER") for t in tokens[:position])


def _call_refusal(tokens: Sequence[Token], position: int) -> str | None:
    after = tokens[position]
    if after.is_symbol("{", "("):
        return None
    parts: list[str] = []
    for token in tokens[position:]:
        if not (token.is_name or token.is_symbol(".")):
            break
        if token.is_word("YIELD") and parts and parts[-1] != ".":
            break
        parts.append(token.text)
    name = "".join(parts)
    if not name or name.lower() in READ_PROCEDURES:
        return None
    allowed = "db.labels, db.relationshipTypes, db.propertyKeys and db.schema.*"
    return f"procedure {name} is not available, of procedures only {allowed} are"


def _used_names(
    tokens: Sequence[Token], vocabulary: Vocabulary
) -> Iterator[tuple[str, str, frozenset[str]]]:
    for name in _labels_and_types(tokens):
        if name.brackets[-1:] == "r":
            yield "relationship type", name.text, vocabulary.types
        else:
            yield "label", name.text, vocabulary.labels
    for name in _property_names(tokens):
        yield "property", name, vocabulary.properties


def _labels_and_types(tokens: Sequence[Token]) -> Iterator[Token]:
    chained = False
    for before, token in pairwise(tokens):
        inner = token.brackets[-1:]
        starts = before.is_symbol(":") and inner not in ("{", "p")
        if token.is_name and (starts or (chained and before.is_symbol(*_LABEL_OPERATORS))):
            chained = True
            yield token
        elif not token.is_symbol(*_LABEL_OPERATORS) or (token.text == "|" and inner == "["):
            chained = False


def _property_names(tokens: Sequence[Token]) -> Iterator[str]:
    for index in range(1, len(tokens)):
        before, token = tokens[index - 1], tokens[index]
        if not token.is_name:
            continue
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if before.is_symbol(".") and not (after and after.is_symbol("(", ".")):
            if not _in_procedure_name(tokens, index):
                yield token.text
        elif _is_pattern_key(token, before, after):
            yield token.text


def _in_procedure_name(tokens: Sequence[Token], index: int) -> bool:
    while index >= 2 and tokens[index - 1].is_symbol(".") and tokens[index - 2].is_name:
        index -= 2
    return index > 0 and tokens[index - 1].is_word("CALL")


def _is_pattern_key(token: Token, before: Token, after: Token | None) -> bool:
    if after is None or not after.is_symbol(":") or not before.is_symbol("{", ","):
        return False
    return token.brackets[-1:] == "p"


def _own_names(tokens: Sequence[Token]) -> frozenset[str]:
    """Names that the text itself gives: aliases, and keys of maps outside patterns."""
    own: set[str] = set()
    for before, token in pairwise(tokens):
        if token.is_name and before.is_word("AS"):
            own.add(token.text)
        elif token.is_symbol(":") and before.is_name and before.brackets[-1:] == "{":
            own.add(before.text)
    return frozenset(own)


def _near(name: str, known: Iterable[str]) -> str | None:
    folded = {other.casefold(): other for other in known}
    close = get_close_matches(name.casefold(), sorted(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None
