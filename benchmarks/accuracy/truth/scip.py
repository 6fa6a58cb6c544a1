"""Reads a SCIP index (scip.proto of sourcegraph/scip) without a protobuf library.

Only the fields that a truth needs are decoded: documents, their paths, and occurrences. Symbols of
one document (`local N`) are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_INDEX_DOCUMENTS = 2
_DOCUMENT_PATH, _DOCUMENT_OCCURRENCES = 1, 2
_OCCURRENCE_RANGE, _OCCURRENCE_SYMBOL, _OCCURRENCE_ROLES = 1, 2, 3
_DEFINITION = 1
"""The bit of SymbolRole that marks a definition."""


class Occurrence(NamedTuple):
    """One occurrence. line, column, end: as in the index, from 0; roles: bits of SymbolRole."""

    path: str
    line: int
    column: int
    end: int
    symbol: str
    roles: int


def read_index(path: Path) -> list[dict[str, object]]:
    """The records of an index: path, line (from 1), col, end, kind, symbol, target.

    kind: def or ref. target: [path, line, col] of the symbol's first definition, None when it is
    defined outside. Raises CodexGraphError when the file cannot be read as an index.
    """
    try:
        occurrences = list(_occurrences(path.read_bytes()))
    except OSError as error:
        raise CodexGraphError(f"{path} cannot be read: {error}") from None
    except (ValueError, IndexError) as error:
        raise CodexGraphError(f"{path} is no SCIP index: {error}") from None
    if not occurrences:
        raise CodexGraphError(f"{path} is no SCIP index: it has no occurrence")
    defined: dict[str, list[object]] = {}
    for row in occurrences:
        if row.roles & _DEFINITION:
            defined.setdefault(row.symbol, [row.path, row.line + 1, row.column])
    return [
        {
            "path": row.path,
            "line": row.line + 1,
            "col": row.column,
            "end": row.end,
            "kind": "def" if row.roles & _DEFINITION else "ref",
            "symbol": row.symbol,
            "target": defined.get(row.symbol),
        }
        for row in occurrences
    ]


def _occurrences(data: bytes) -> Iterator[Occurrence]:
    for number, document in _fields(data):
        if number != _INDEX_DOCUMENTS or not isinstance(document, bytes):
            continue
        path = ""
        rows: list[bytes] = []
        for inner, value in _fields(document):
            if isinstance(value, bytes) and inner == _DOCUMENT_PATH:
                path = value.decode()
            elif isinstance(value, bytes) and inner == _DOCUMENT_OCCURRENCES:
                rows.append(value)
        for row in rows:
            occurrence = _occurrence(path, row)
            if not occurrence.symbol.startswith("local "):
                yield occurrence


def _occurrence(path: str, data: bytes) -> Occurrence:
    position: list[int] = []
    symbol, roles = "", 0
    for number, value in _fields(data):
        if number == _OCCURRENCE_RANGE:
            # Packed by most writers, a field each by some.
            position += [value] if isinstance(value, int) else list(_varints(value))
        elif number == _OCCURRENCE_SYMBOL and isinstance(value, bytes):
            symbol = value.decode()
        elif number == _OCCURRENCE_ROLES and isinstance(value, int):
            roles = value
    if len(position) not in {3, 4}:
        raise ValueError(f"an occurrence in {path} has a range of {len(position)} numbers")
    return Occurrence(path, position[0], position[1], position[-1], symbol, roles)


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message; groups, which SCIP has not, are an error."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _LENGTH:
            size, at = _varint(data, at)
        elif wire in {_FIXED32, _FIXED64}:
            size = 4 if wire == _FIXED32 else 8
        else:
            raise ValueError(f"wire type {wire} at byte {at}")
        if at + size > len(data):
            raise ValueError(f"it ends within field {number}")
        yield number, data[at : at + size]
        at += size


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
