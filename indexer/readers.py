"""Who read what: for every cell, the cells whose answers were computed with it.

The table of a large repository takes longer to unpack than most edits take to link, and an edit
inside a body asks nothing of it. So it stays packed until it is asked, and an update only adds.
"""

from __future__ import annotations

import marshal
import zlib
from array import array
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
        self._table: dict[Cell, set[Cell]] | None = None if self._packed else {}
        self._added: dict[Cell, set[Cell]] = {cell: set(group) for cell, group in added}

    def add(self, reads: Mapping[Cell, Iterable[Cell]]) -> None:
        """Remember which cells were read for which.

        What a file's own uses read of the file itself says nothing, unless it hangs on other cells:
        a file that changed is linked again anyway.
        """
        for reader, cells in reads.items():
            body = reader[0] if reader[1] == BODY else None
            for cell in cells:
                if cell != reader and (cell[0] != body or cell in reads):
                    self._added.setdefault(cell, set()).add(reader)

    def affected(self, changed: Iterable[Cell], stays: Callable[[Cell], bool]) -> set[Cell]:
        """All cells whose answers may differ when `changed` do.

        stays: True for a cell that is found to say the same as before; it reaches nobody.
        """
        found = set(changed)
        pending = list(found)
        while pending:
            cell = pending.pop()
            for group in (self._unpacked().get(cell, ()), self._added.get(cell, ())):
                fresh = [reader for reader in group if reader not in found]
                found.update(fresh)
                pending += [reader for reader in fresh if not stays(reader)]
        return found

    def lookups(self) -> list[Cell]:
        """The cells that stand for look-ups of modules, in no order."""
        return [c for c in self._unpacked().keys() | self._added.keys() if not c[0]]

    def packed(self) -> Packed:
        """What to store; the constructor takes it back."""
        if self._packed and sum(map(len, self._added.values())) <= _MAX_ADDED:
            return self._packed, [(cell, list(group)) for cell, group in self._added.items()]
        table = self._unpacked()
        for cell, group in self._added.items():
            table.setdefault(cell, set()).update(group)
        self._packed, self._added = _pack(table), {}
        return self._packed, []

    def _unpacked(self) -> dict[Cell, set[Cell]]:
        if self._table is None:
            self._table = _unpack(self._packed)
        return self._table


def _pack(readers: Mapping[Cell, set[Cell]]) -> bytes:
    """Cells once each, and for every one the numbers of its readers, flat."""
    numbers: dict[Cell, int] = {}
    for cell, group in readers.items():
        numbers.setdefault(cell, len(numbers))
        for reader in group:
            numbers.setdefault(reader, len(numbers))
    counts, flat = array("I", bytes(4 * len(numbers))), array("I")
    for cell, number in numbers.items():
        group = readers.get(cell, ())
        counts[number] = len(group)
        flat.extend(sorted(numbers[reader] for reader in group))
    return zlib.compress(marshal.dumps((list(numbers), counts.tobytes(), flat.tobytes())), 1)


def _unpack(packed: bytes) -> dict[Cell, set[Cell]]:
    cells, counts_bytes, flat_bytes = marshal.loads(zlib.decompress(packed))  # noqa: S302
    counts, flat = array("I"), array("I")
    counts.frombytes(counts_bytes)
    flat.frombytes(flat_bytes)
    readers: dict[Cell, set[Cell]] = {}
    start = 0
    for cell, count in zip(cells, counts, strict=True):
        if count:
            readers[cell] = {cells[i] for i in flat[start : start + count]}
        start += count
    return readers
