"""Who read what: for every cell, the cells whose answers were computed with it.

The table of a large repository takes longer to unpack than most edits take to link, and an edit
inside a body asks nothing of it. So it stays packed until it is asked, and an update only adds.
"""

from __future__ import annotations

import marshal
import zlib
from array import array
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from indexer.solver import BODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from indexer.solver import Cell

_MAX_ADDED = 100_000
"""Additions above which they are packed with the rest."""

Packed = tuple[bytes, list[tuple["Cell", list["Cell"]]]]
"""The packed table, and what was added to it since."""


class Readers:
    """The readers of cells; grows only: a reader too many costs time, never a wrong answer."""

    def __init__(self, packed: Packed = (b"", [])) -> None:
        self._packed, added = packed
        self._table: _Table | None = None
        self._added: dict[Cell, set[Cell]] = {cell: set(group) for cell, group in added}

    def add(self, reads: Mapping[Cell, Iterable[Cell]]) -> None:
        """Remember which cells were read for which.

        What a file's own uses read of the file itself says nothing, unless it hangs on other cells:
        a file that changed is linked again anyway.
        """
        for reader, cells in reads.items():
            for cell in _told(reader, cells, reads):
                self._added.setdefault(cell, set()).add(reader)

    def affected(self, changed: Iterable[Cell], stays: Callable[[Cell], bool]) -> set[Cell]:
        """All cells whose answers may differ when `changed` do.

        stays: True for a cell that is found to say the same as before; it reaches nobody.
        """
        found = set(changed)
        pending = list(found)
        while pending:
            cell = pending.pop()
            for group in (self._unpacked().readers(cell), self._added.get(cell, ())):
                fresh = [reader for reader in group if reader not in found]
                found.update(fresh)
                pending += [reader for reader in fresh if not stays(reader)]
        return found

    def lookups(self) -> list[Cell]:
        """The cells that stand for look-ups of modules, in no order."""
        return [c for c in self._unpacked().numbers.keys() | self._added.keys() if not c[0]]

    def packed(self) -> Packed:
        """What to store; the constructor takes it back."""
        if self._packed and sum(map(len, self._added.values())) <= _MAX_ADDED:
            return self._packed, [(cell, list(group)) for cell, group in self._added.items()]
        table = self._added
        for cell in self._unpacked().numbers:
            group = self._unpacked().readers(cell)
            if group:
                table.setdefault(cell, set()).update(group)
        self._packed, self._added, self._table = _pack(table), {}, None
        return self._packed, []

    def _unpacked(self) -> _Table:
        if self._table is None:
            self._table = _Table(self._packed)
        return self._table


class _Table:
    """A packed table with its cells by number; a cell's readers are made when they are asked."""

    def __init__(self, packed: bytes) -> None:
        counts, self._flat = array("I"), array("I")
        self._cells: list[Cell] = []
        if packed:
            self._cells, counts_bytes, flat_bytes = marshal.loads(zlib.decompress(packed))  # noqa: S302
            counts.frombytes(counts_bytes)
            self._flat.frombytes(flat_bytes)
        self._starts = list(accumulate(counts, initial=0))
        self.numbers = {cell: number for number, cell in enumerate(self._cells)}

    def readers(self, cell: Cell) -> list[Cell]:
        number = self.numbers.get(cell)
        if number is None:
            return []
        return [self._cells[i] for i in self._flat[self._starts[number] : self._starts[number + 1]]]


def pack_reads(reads: Mapping[Cell, Iterable[Cell]]) -> Packed:
    """What `Readers.packed` gives for reads that nothing was added to, with far less memory."""
    # Readers have the first numbers, so that every group comes out in order.
    numbers = {reader: number for number, reader in enumerate(reads)}
    groups: list[list[int]] = [[] for _ in numbers]
    for number, (reader, cells) in enumerate(reads.items()):
        for cell in _told(reader, cells, reads):
            place = numbers.setdefault(cell, len(groups))
            if place == len(groups):
                groups.append([])
            groups[place].append(number)
    return _packed(numbers, groups), []


def _told(
    reader: Cell, cells: Iterable[Cell], reads: Mapping[Cell, Iterable[Cell]]
) -> Iterable[Cell]:
    """The cells that a reader is remembered for, see `Readers.add`."""
    if reader[1] != BODY:
        return [cell for cell in cells if cell != reader]
    path = reader[0]
    return [cell for cell in cells if cell != reader and (cell[0] != path or cell in reads)]


def _pack(readers: Mapping[Cell, set[Cell]]) -> bytes:
    """Cells once each, and for every one the numbers of its readers, flat."""
    numbers: dict[Cell, int] = {}
    for cell, group in readers.items():
        numbers.setdefault(cell, len(numbers))
        for reader in group:
            numbers.setdefault(reader, len(numbers))
    groups = [sorted(numbers[reader] for reader in readers.get(cell, ())) for cell in numbers]
    return _packed(numbers, groups)


def _packed(cells: Iterable[Cell], groups: list[list[int]]) -> bytes:
    counts, flat = array("I", map(len, groups)), array("I", chain.from_iterable(groups))
    return zlib.compress(marshal.dumps((list(cells), counts.tobytes(), flat.tobytes())), 1)
