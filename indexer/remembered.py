"""What cells said when they were last computed, kept between runs so that an update need not ask.

A table a file, by the names of its cells, packed beside the file's facts. What is kept must hold
across edits: names instead of numbers, and a file's content hash where only a number will do.
"""

from __future__ import annotations

import marshal
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from indexer.solver import Cell

Said = tuple[Any, ...]
"""What one cell said: values in a form that holds across edits, in no order."""


class Remembered:
    """The tables of a state, unpacked file by file.

    tables: file -> `pack`ed table. is_stale: cells that a change may have reached.
    """

    def __init__(self, tables: Mapping[str, bytes], is_stale: Callable[[Cell], bool]) -> None:
        self._tables = tables
        self._is_stale = is_stale
        self._unpacked: dict[str, dict[str, Said]] = {}

    def get(self, cell: Cell) -> Said | None:
        """What a cell said, if that is known and still holds."""
        path, name = cell
        table = self._unpacked.get(path)
        if table is None:
            table = self._unpacked[path] = unpack(self._tables.get(path, b""))
        said = table.get(name)
        return None if said is None or self._is_stale(cell) else said


def pack(table: Mapping[str, Said]) -> bytes:
    """The stored form of a file's table; empty for an empty one."""
    return zlib.compress(marshal.dumps(dict(table)), 1) if table else b""


def unpack(blob: bytes) -> dict[str, Said]:
    """Read what `pack` wrote."""
    return marshal.loads(zlib.decompress(blob)) if blob else {}  # noqa: S302


def by_file(said: Mapping[Cell, Said]) -> dict[str, dict[str, Said]]:
    """Tables by file."""
    found: dict[str, dict[str, Said]] = {}
    for (path, name), values in said.items():
        found.setdefault(path, {})[name] = values
    return found
