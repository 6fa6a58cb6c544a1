"""Where a name is defined.

A name may have several definitions (a function defined in two branches of an `if`), so the answer
is a list and never an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.names import find
from graphdb.queries.rows import fetch_symbols
from graphdb.schema import CODE_KINDS

if TYPE_CHECKING:
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol


def find_definitions(reader: GraphReader, name: str) -> tuple[Symbol, ...]:
    """All definitions that a name stands for, in order of file and line."""
    found = find(reader, name)
    return tuple(sorted(found, key=lambda s: (s.file_path or "~", s.start_line or 0)))


def definition_named_at(reader: GraphReader, path: str, line: int, column: int) -> Symbol | None:
    """The symbol whose own name stands at a position (1-based line, 0-based UTF-8 byte column)."""
    where = "n.file_path = $path AND n.name_line = $line"
    found = fetch_symbols(reader, where, {"path": path, "line": line}, CODE_KINDS)
    for symbol in found:
        start = symbol.name_column or 0
        if start <= column <= start + len(symbol.name.rpartition(".")[2].encode()):
            return symbol
    return None
