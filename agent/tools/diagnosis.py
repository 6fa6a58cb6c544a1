"""Why a query has no rows: which hop of its pattern or which predicate matches nothing.

It asks the graph for single rows of ever longer parts of the query, all within about a second; at
any doubt (a query that is not simple, an error, a probe that takes long) it says nothing.
"""

from __future__ import annotations

import time
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from agent.tools.pattern import (
    Path,
    Step,
    node_literals,
    predicate_literals,
    take_apart,
    text_of,
)
from graphdb.cypher_scan import TokenKind
from graphdb.errors import CodexGraphError
from graphdb.schema import LEGAL_ENDS, EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from agent.tools.pattern import Literal, Parts, Tokens
    from graphdb.cypher_scan import Token
    from graphdb.store import GraphReader

SECONDS = 1.0
_PROBE_S = 0.25
_MAX_PROBES = 16
_MAX_VALUES = 20_000
_NAMES = ("name", "full_name", "qualified_name", "class", "class_full_name", "file_path")
"""Properties of which near values are worth telling."""


def diagnose(
    reader: GraphReader,
    cypher: str,
    params: Mapping[str, Any] | None = None,
    seconds: float = SECONDS,
) -> tuple[str, ...]:
    """One line for each cause that is sure; nothing for a query that is not understood."""
    parts = take_apart(cypher)
    if parts is None:
        return ()
    try:
        return tuple(_Diagnosis(reader, parts, params, seconds).notes())
    except (CodexGraphError, _DoubtError):
        return ()


class _DoubtError(Exception):
    """Time is up, so that nothing is sure."""


class _Diagnosis:
    def __init__(
        self,
        reader: GraphReader,
        parts: Parts,
        params: Mapping[str, Any] | None,
        seconds: float,
    ) -> None:
        self._reader = reader
        self._parts = parts
        self._params = params
        self._end = time.monotonic() + seconds
        self._probes = 0

    def notes(self) -> list[str]:
        """The first hop that fails; else the predicates without which there are rows."""
        whole: list[str] = []
        for path in self._parts.paths:
            for steps in range(len(path.steps) + 1):
                if not self._has_rows([*whole, path.text(steps)]):
                    return self._failed_hop(whole, path, steps)
            whole.append(path.text())
        return self._failed_predicates(whole)

    def _failed_hop(self, whole: Sequence[str], path: Path, steps: int) -> list[str]:
        node = path.steps[steps - 1].node if steps else path.start
        alone = Path(node, ())
        if not self._has_rows([alone.text()]):
            return self._failed_node(alone)
        if not steps:
            return [f"nothing matches {alone.text()} together with what stands before it"]
        relationship = path.steps[steps - 1].relationship
        notes = [f"nothing matches {path.text(steps)}, though {path.text(steps - 1)} does"]
        turned = Path(path.start, (*path.steps[: steps - 1], Step(_turned(relationship), node)))
        if turned.text() != path.text(steps) and self._has_rows([*whole, turned.text()]):
            notes.append(f"in the other direction it does: {turned.text()}")
        else:
            notes += _legal_ends(relationship)
        return notes

    def _failed_node(self, path: Path) -> list[str]:
        notes = [f"nothing matches {path.text()}"]
        for literal in node_literals(path):
            notes += self._near(literal)
        return notes

    def _failed_predicates(self, whole: Sequence[str]) -> list[str]:
        predicates = self._parts.predicates
        found = [
            predicate
            for number, predicate in enumerate(predicates)
            if self._has_rows(whole, [*predicates[:number], *predicates[number + 1 :]])
        ]
        if not found and len(predicates) > 1:
            found = [p for p in predicates if not self._has_rows(whole, [p])]
            lead = "nothing meets"
        else:
            lead = "without this condition there are rows:"
        notes: list[str] = []
        for predicate in found:
            notes.append(f"{lead} {text_of(predicate)}")
            for literal in predicate_literals(predicate, self._parts.paths):
                notes += self._near(literal)
        return notes

    def _has_rows(self, paths: Iterable[str], predicates: Sequence[Tokens] = ()) -> bool:
        matches = " ".join(f"MATCH {path}" for path in paths)
        where = " AND ".join(f"({text_of(predicate)})" for predicate in predicates)
        condition = f" WHERE {where}" if where else ""
        return bool(self._query(f"{matches}{condition} RETURN 1 AS one LIMIT 1", self._params, 1))

    def _query(self, cypher: str, params: Mapping[str, Any] | None, rows: int) -> tuple[Any, ...]:
        left = self._end - time.monotonic()
        self._probes += 1
        if left <= 0 or self._probes > _MAX_PROBES:
            raise _DoubtError
        limit = min(_PROBE_S, left)
        return self._reader.query(cypher, params, timeout_s=limit, max_rows=rows).rows

    def _near(self, literal: Literal) -> list[str]:
        """Values of the same property that the one written may have been meant to be."""
        text = self._value(literal.value)
        is_kind = literal.label in NodeKind.__members__
        if literal.property not in _NAMES or not text or not is_kind:
            return []
        cypher = (
            f"MATCH (n:{literal.label}) WHERE n.repo = $repo "
            f"RETURN DISTINCT n.{literal.property} AS value"
        )
        rows = self._query(cypher, None, _MAX_VALUES)
        values = {str(row[0]) for row in rows if row[0]}
        if text in values or len(rows) == _MAX_VALUES:
            return []
        near = near_values(text, values)
        told = f": did you mean {', '.join(near)}?" if near else ""
        return [f"no {literal.label} has the {literal.property} {text!r}{told}"]

    def _value(self, token: Token) -> str | None:
        """The text that a literal or parameter stands for; None for one with escapes."""
        if token.kind is TokenKind.PARAMETER:
            value = (self._params or {}).get(token.text[1:])
            return value if isinstance(value, str) else None
        is_plain = token.kind is TokenKind.STRING and "\\" not in token.text
        return token.text[1:-1] if is_plain else None


def near_values(text: str, values: Iterable[str], count: int = 3) -> list[str]:
    """Those of some values that are spelt like a text: its case, its end, nearly its letters."""
    by_case: dict[str, list[str]] = {}
    for value in sorted(values):
        by_case.setdefault(value.casefold(), []).append(value)
    wanted = text.casefold()
    last = wanted.rpartition(".")[2].rpartition("/")[2]
    ends = [v for v in by_case if v.endswith((f".{wanted}", f"/{wanted}"))]
    found = [
        *by_case.get(wanted, []),
        *by_case.get(last, []),
        *(n for v in ends for n in by_case[v]),
    ]
    if not found:
        close = [v for v in by_case if abs(len(v) - len(wanted)) <= 3]
        found = [
            n for v in get_close_matches(wanted, close, n=count, cutoff=0.7) for n in by_case[v]
        ]
    return list(dict.fromkeys(found))[:count]


def _turned(relationship: Tokens) -> Tokens:
    """The relationship with its arrow the other way; as it is where it has no or two heads."""
    is_left, is_right = relationship[0].is_symbol("<"), relationship[-1].is_symbol(">")
    if is_left == is_right:
        return relationship
    if is_left:
        return (*relationship[1:], _symbol(relationship, ">"))
    return (_symbol(relationship, "<"), *relationship[:-1])


def _symbol(like: Tokens, text: str) -> Token:
    first = like[0]
    return type(first)(TokenKind.SYMBOL, text, first.brackets)


def _legal_ends(relationship: Tokens) -> list[str]:
    """Which labels a relationship's only type joins."""
    types = [t.text for t in relationship if t.is_name and t.text in EdgeKind.__members__]
    if len(types) != 1:
        return []
    source, target = LEGAL_ENDS[EdgeKind(types[0])]
    ends = [" or ".join(k for k in NodeKind if k in side) for side in (source, target)]
    return [f"{types[0]} leads from {ends[0]} to {ends[1]}"]
