"""Data files as benchmarks publish them: JSON lines or one JSON list, plain or gzipped."""

from __future__ import annotations

import gzip
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from benchmarks.harness.suite import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.harness.suite import DataCard


def read_rows(path: Path, card: DataCard) -> list[dict[str, Any]]:
    """The objects of a file. Raises DataError that names the file and line."""
    if not path.is_file():
        raise DataError(f"{path} is not a file: {card.obtain} ({card.licence})")
    try:
        data = path.read_bytes()
        text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error
    if text.lstrip()[:1] == "[":
        return _rows(path, 1, text)
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows += _rows(path, number, f"[{line}]")
    if not rows:
        raise DataError(f"{path} has no records: {card.obtain}")
    return rows


def _rows(path: Path, line: int, text: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise DataError(f"{path}:{line}: not JSON ({error})") from error
    if not all(isinstance(row, dict) for row in found):
        raise DataError(f"{path}:{line}: a record must be an object")
    return found


def checksum(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return sha256(path.read_bytes()).hexdigest()


def field_of(row: dict[str, Any], name: str, path: Path) -> Any:
    """A field that a record must have. Raises DataError."""
    if name not in row:
        known = ", ".join(sorted(row)[:8])
        raise DataError(f"{path}: a record has no {name!r} (it has {known}): another format?")
    return row[name]
