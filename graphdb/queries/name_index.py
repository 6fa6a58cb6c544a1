"""All names of a repository in memory, for a search at every key that a person presses.

It ranks as `search_symbols` does, and asks the graph for the winners only. Names and uids are one
text each, a line a symbol: a regular expression runs over that faster than a loop over a list, and
a hundred thousand strings of their own would take five times the memory.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from typing import TYPE_CHECKING

from graphdb.queries.rows import symbols_by_uid
from graphdb.queries.symbols import match_rank, search_symbols
from graphdb.schema import CODE_KINDS, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol


_ORDER = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.MODULE)
_NO_MATCH = match_rank("a", "b")


class NameIndex:
    """The names of one state of a graph."""

    def __init__(self, reader: GraphReader) -> None:
        self._names, self._uids = _Lines(), _Lines()
        # Apart, because some letters are two when they are small: lines begin elsewhere.
        self._low = _Lines()
        self._firsts: list[int] = []
        for kind in CODE_KINDS:
            self._firsts.append(len(self._names))
            self._read(reader, kind)

    def _read(self, reader: GraphReader, kind: NodeKind) -> None:
        """Add one kind; its rows are gone before the next one is read."""
        match = f"MATCH (n:{kind.value}) WHERE n.repo = $repo"
        rows = reader.query(f"{match} RETURN n.uid AS uid, n.name AS name", max_rows=None).rows
        self._uids.add(str(uid) for uid, _ in rows)
        self._names.add(str(name or "") for _, name in rows)
        self._low.add(str(name or "").lower() for _, name in rows)

    def __len__(self) -> int:
        return len(self._names)

    def search(self, reader: GraphReader, text: str, limit: int = 50) -> tuple[Symbol, ...]:
        """Symbols whose name fits `text`, best first; a dotted text asks the graph."""
        text = text.strip()
        if not text or "." in text or "\n" in text:
            return search_symbols(reader, text, limit=limit)
        ranked: list[tuple[int, int, int, str, str, NodeKind]] = []
        for number in self._candidates(text, limit):
            name, kind = self._names[number], self._kind(number)
            rank = match_rank(text, name)
            if rank < _NO_MATCH:
                order = _ORDER.index(kind) if kind in _ORDER else len(_ORDER)
                ranked.append((rank, len(name), order, name, self._uids[number], kind))
        best = sorted(ranked)[:limit]
        kinds = tuple(dict.fromkeys(item[5] for item in best))
        symbols = symbols_by_uid(reader, [item[4] for item in best], kinds)
        return tuple(symbols[item[4]] for item in best if item[4] in symbols)

    def _kind(self, number: int) -> NodeKind:
        return CODE_KINDS[bisect_right(self._firsts, number) - 1]

    def _candidates(self, text: str, limit: int) -> list[int]:
        """Numbers of names that may fit: those with the text in them, else by their words."""
        low = text.lower()
        # What begins with the text ranks before all else: one letter need not look further.
        found = self._low.matching("\n" + re.escape(low))
        if len(found) < limit:
            found = self._low.matching(re.escape(low))
        letters = [re.escape(char) for char in low if char.isalnum()]
        if len(found) < limit and letters:
            found |= self._low.matching("\n_*" + "[^\n]*".join(letters))
        return sorted(found)


class _Lines:
    """Many short texts as one, each behind a line feed.

    A pattern that begins with that one character is found in a third of the time of one with `^`.
    """

    def __init__(self) -> None:
        self._starts = array("q", [0])
        self._text = ""

    def add(self, lines: Iterable[str]) -> None:
        """Add lines behind those there are."""
        parts: list[str] = []
        for line in lines:
            parts += ("\n", line.replace("\n", " "))
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._text += "".join(parts)

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, number: int) -> str:
        return self._text[self._starts[number] + 1 : self._starts[number + 1]]

    def matching(self, pattern: str) -> set[int]:
        """Numbers of the lines in which a pattern is."""
        matches = re.finditer(pattern, self._text)
        return {bisect_right(self._starts, match.start()) - 1 for match in matches}
