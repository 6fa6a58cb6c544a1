"""All names of a repository in memory, for a search at every key that a person presses.

It ranks as `search_symbols` does, and asks the graph for the winners only. The names are one text,
a line each, because a regular expression runs over that faster than a loop over a list.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from graphdb.queries.rows import per_kind, symbols_by_uid
from graphdb.queries.symbols import match_rank, search_symbols
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol


_ORDER = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.MODULE)
_NO_MATCH = match_rank("a", "b")


class NameIndex:
    """The names of one state of a graph."""

    def __init__(self, reader: GraphReader) -> None:
        part = "MATCH (n:%s) WHERE n.repo = $repo RETURN n.uid AS uid, n.name AS name, '%s' AS kind"
        rows = reader.query(per_kind(CODE_KINDS, part), max_rows=None).rows
        self._uids = [str(row[0]) for row in rows]
        self._names = [str(row[1] or "") for row in rows]
        self._kinds = [NodeKind(row[2]) for row in rows]
        lowered = [name.lower() for name in self._names]
        self._text = "\n".join(lowered)
        self._starts = list(accumulate((len(name) + 1 for name in lowered[:-1]), initial=0))

    def search(self, reader: GraphReader, text: str, limit: int = 50) -> tuple[Symbol, ...]:
        """Symbols whose name fits `text`, best first; a dotted text asks the graph."""
        text = text.strip()
        if not text or "." in text or "\n" in text:
            return search_symbols(reader, text, limit=limit)
        ranked: list[tuple[int, int, int, str, str, NodeKind]] = []
        for number in self._candidates(text, limit):
            name, kind = self._names[number], self._kinds[number]
            rank = match_rank(text, name)
            if rank < _NO_MATCH:
                order = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
                ranked.append((rank, len(name), order, name, self._uids[number], kind))
        best = sorted(ranked)[:limit]
        kinds = tuple(dict.fromkeys(item[5] for item in best))
        symbols = symbols_by_uid(reader, [item[4] for item in best], kinds)
        return tuple(symbols[item[4]] for item in best if item[4] in symbols)

    def _candidates(self, text: str, limit: int) -> list[int]:
        """Numbers of names that may fit: those with the text in them, else by their words."""
        low = text.lower()
        found = self._matching(re.escape(low))
        letters = [re.escape(char) for char in low if char.isalnum()]
        if len(found) < limit and letters:
            found |= self._matching("^_*" + "[^\n]*".join(letters))
        return sorted(found)

    def _matching(self, pattern: str) -> set[int]:
        matches = re.finditer(pattern, self._text, re.MULTILINE)
        return {bisect_right(self._starts, match.start()) - 1 for match in matches}
