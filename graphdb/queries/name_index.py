"""All names of a repository in memory, for a search at every key that a person presses.

It ranks as `search_symbols` does, and asks the graph for the winners only. Names and uids are one
text each, a line a symbol, those with one first letter together: a regular expression runs over
that faster than a loop over a list, and a hundred thousand strings of their own would take five
times the memory.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from graphdb.queries.rows import symbols_by_uid
from graphdb.queries.symbols import in_this_order, match_rank, search_symbols
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
        self._blocks: dict[str, list[range]] = {}
        for kind in CODE_KINDS:
            self._firsts.append(len(self._names))
            self._read(reader, kind)

    def _read(self, reader: GraphReader, kind: NodeKind) -> None:
        """Add one kind; its rows are gone before the next one is read."""
        match = f"MATCH (n:{kind.value}) WHERE n.repo = $repo"
        rows = reader.query(f"{match} RETURN n.uid AS uid, n.name AS name", max_rows=None).rows
        texts = ((str(name or ""), str(uid)) for uid, name in rows)
        named = sorted(((_initial(name), name, uid) for name, uid in texts), key=itemgetter(0))
        first = len(self._names)
        for initial, block in groupby(named, key=itemgetter(0)):
            last = first + sum(1 for _ in block)
            self._blocks.setdefault(initial, []).append(range(first, last))
            first = last
        self._uids.add(uid for _, _, uid in named)
        self._names.add(name for _, name, _ in named)
        self._low.add(name.lower() for _, name, _ in named)

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
        everywhere = [range(len(self))]
        # What begins with the text ranks before all else: one letter need not look further.
        initial = _initial(text)
        blocks = self._blocks.get(initial, []) if initial else everywhere
        found = self._low.matching("\n" + re.escape(low), blocks)
        if len(found) < limit:
            found = self._low.matching(re.escape(low), everywhere)
        letters = [char for char in low if char.isalnum()]
        if len(found) < limit and letters:
            words = "\n_*" + in_this_order(low, "\n")
            found |= self._low.matching(words, self._blocks.get(letters[0], []))
        return sorted(found)


def _initial(name: str) -> str:
    """What a name begins with, in small, but for underscores; empty where it has nothing else."""
    return name.lower().lstrip("_")[:1]


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

    def matching(self, pattern: str, blocks: Iterable[range]) -> set[int]:
        """Numbers of the lines in some blocks of numbers in which a pattern is."""
        find, starts = re.compile(pattern).finditer, self._starts
        return {
            bisect_right(starts, match.start()) - 1
            for block in blocks
            for match in find(self._text, starts[block.start], starts[block.stop])
        }
