"""Places of the graph as a client counts them, and the other way round.

The graph counts lines from 1 and columns in UTF-8 bytes; a client counts lines from 0 and columns
in the unit that was agreed on. Texts are looked at only where the two can differ.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from graphdb.schema import NodeKind
from lsp.text import Encoding, byte_column, client_column

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphdb.schema import Site
    from graphdb.symbols import Symbol

Spot = tuple[int, int]
"""A client's position: line and column, both from 0."""


class Positions:
    """The places of one answer; `lines_of` takes a path below the root."""

    def __init__(self, encoding: Encoding, lines_of: Callable[[str], Sequence[str]]) -> None:
        self.encoding = encoding
        # Asked for every place of an answer, and many places are in one file.
        self._lines_of = cache(lines_of)

    def of_client(self, path: str, line: int, character: int) -> tuple[int, int]:
        """Line and byte column, as the graph counts, of a client's position."""
        if self.encoding is Encoding.UTF8:
            return line + 1, character
        lines = self._lines_of(path)
        if not lines:
            return line + 1, character
        return line + 1, byte_column(lines, line, character, self.encoding)

    def to_client(self, path: str, line: int, column: int) -> Spot:
        """A client's position of a line and byte column of the graph."""
        row = max(0, line - 1)
        if self.encoding is Encoding.UTF8:
            return row, column
        return row, client_column(self._lines_of(path), row, column, self.encoding)

    def span(self, path: str, site: Site) -> tuple[Spot, Spot]:
        """Where an occurrence begins and ends."""
        start = self.to_client(path, site.line, site.column)
        return start, self.to_client(path, site.line, site.column + site.length)

    def name_span(self, symbol: Symbol) -> tuple[Spot, Spot]:
        """Where the name of a symbol begins and ends; the start of a module."""
        if symbol.kind == NodeKind.MODULE or symbol.file_path is None:
            return (0, 0), (0, 0)
        line = symbol.name_line or symbol.start_line or 1
        start = symbol.name_column or 0
        end = start + len(symbol.name.encode()) if symbol.name_column is not None else start
        path = symbol.file_path
        return self.to_client(path, line, start), self.to_client(path, line, end)
