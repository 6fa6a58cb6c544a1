"""Who read what: for every cell, the cells whose answers were computed with it.

The table of a large repository takes longer to unpack than most edits take to link, and an edit
inside a body asks nothing of it. So it stays packed until it is asked, and an update only adds.
"""

from __future__ import annotations

import marshal
import zlib
from array import array
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate, chain
from typing import TYPE_CHECKING

from indexer.solver import BODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from indexer.solver import Cell, Reads

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

    def add(self, reads: Reads) -> None:
        """Remember which cells were read for which.

        What a file's own uses read of the file itself says nothing, unless it hangs on other cells:
        a file that changed is linked again anyway.
        """
        for reader, cells in reads:
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
        return [c for c in {*self._unpacked().cells(""), *self._added} if not c[0]]

    def packed(self) -> Packed:
        """What to store; the constructor takes it back."""
        if self._packed and sum(map(len, self._added.values())) <= _MAX_ADDED:
            return self._packed, [(cell, list(group)) for cell, group in self._added.items()]
        table = self._added
        known = self._unpacked()
        for cell in chain.from_iterable(map(known.cells, known.files())):
            group = known.readers(cell)
            if group:
                table.setdefault(cell, set()).update(group)
        self._packed, self._added, self._table = _pack(table), {}, None
        return self._packed, []

    def _unpacked(self) -> _Table:
        if self._table is None:
            self._table = _Table(self._packed)
        return self._table


class _Table:
    """A packed table, its cells by number; those of a file are unpacked when they are asked for.

    Cells of one file have numbers in a row: a change asks of few files, and to make all cells of a
    large repository costs more than the rest of an update.
    """

    def __init__(self, packed: bytes) -> None:
        counts, self._flat = array("I"), array("I")
        files: list[tuple[str, int, bytes]] = []
        if packed:
            files, counts_bytes, flat_bytes = marshal.loads(zlib.decompress(packed))  # noqa: S302
            counts.frombytes(counts_bytes)
            self._flat.frombytes(flat_bytes)
        self._starts = list(accumulate(counts, initial=0))
        self._firsts = list(accumulate((size for _, size, _ in files), initial=0))
        self._names = [(path, blob) for path, _, blob in files]
        self._places = {path: place for place, (path, _) in enumerate(self._names)}
        self._cells: dict[int, list[Cell]] = {}
        self._numbers: dict[int, dict[Cell, int]] = {}

    def files(self) -> list[str]:
        """All files that have cells; the empty one has the look-ups."""
        return list(self._places)

    def cells(self, path: str) -> list[Cell]:
        """The cells of a file."""
        place = self._places.get(path)
        return [] if place is None else self._at(place)

    def readers(self, cell: Cell) -> list[Cell]:
        place = self._places.get(cell[0])
        if place is None:
            return []
        numbers = self._numbers.get(place)
        if numbers is None:
            first = self._firsts[place]
            numbers = self._numbers[place] = {c: n for n, c in enumerate(self._at(place), first)}
        number = numbers.get(cell)
        if number is None:
            return []
        return [self._cell(i) for i in self._flat[self._starts[number] : self._starts[number + 1]]]

    def _cell(self, number: int) -> Cell:
        place = bisect_right(self._firsts, number) - 1
        return self._at(place)[number - self._firsts[place]]

    def _at(self, place: int) -> list[Cell]:
        known = self._cells.get(place)
        if known is None:
            path, blob = self._names[place]
            known = self._cells[place] = [(path, name) for name in marshal.loads(blob)]  # noqa: S302
        return known


def pack_reads(parts: Iterable[Reads]) -> Packed:
    """What `Readers.packed` gives for reads that nothing was added to, with far less memory."""
    numbers: dict[Cell, int] = {}
    readers, told = array("I"), array("I")
    for reads in parts:
        for reader, cells in reads:
            number = numbers.setdefault(reader, len(numbers))
            for cell in _told(reader, cells, reads):
                readers.append(number)
                told.append(numbers.setdefault(cell, len(numbers)))
    groups = [list[int]() for _ in numbers]
    for number, reader in zip(told, readers, strict=True):
        groups[number].append(reader)
    return _packed(numbers, groups), []


def _told(reader: Cell, cells: Iterable[Cell], reads: Reads) -> Iterable[Cell]:
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
    """The stored form of cells and the numbers of their readers: file by file."""
    listed = list(cells)
    by_file: defaultdict[str, list[int]] = defaultdict(list)
    for number, (path, _) in enumerate(listed):
        by_file[path].append(number)
    order = list(chain.from_iterable(by_file.values()))
    numbers = array("I", bytes(4 * len(order)))
    for new, old in enumerate(order):
        numbers[old] = new
    files = [
        (path, len(group), marshal.dumps([listed[number][1] for number in group]))
        for path, group in by_file.items()
    ]
    counts = array("I", [len(groups[old]) for old in order])
    flat = map(numbers.__getitem__, chain.from_iterable(groups[old] for old in order))
    body = files, counts.tobytes(), array("I", flat).tobytes()
    return zlib.compress(marshal.dumps(body), 1)
