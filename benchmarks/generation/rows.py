"""The lines of a run on disk: one process writes them, each is there as soon as it is known.

A line that cannot be read is as good as none, and its record is tried again: a run may have been
killed, or the disk may have been full, while it was written.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from io import RawIOBase
    from pathlib import Path

LOCK = ".lock"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Files of a run in a folder. rows: of the lines. mark: of what the run is.

    is_kept: whether a line of a run before is good for this one, or its record is tried again.
    """

    folder: Path
    rows: str
    mark: str
    is_kept: Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines there are, by id. lost: how many could not be read."""

    done: dict[str, Row]
    lost: int
    _file: RawIOBase
    _path: Path

    def add(self, row: Row) -> None:
        """Write a line. Raises CodexGraphError when the disk does not take it."""
        left = _line(row).encode()
        with writing(self._path):
            while left:
                left = left[self._file.write(left) or 0 :]
        self.done[str(row["id"])] = row


@contextmanager
def open_rows(place: Place, header: Mapping[str, Any], *, is_resumed: bool) -> Generator[Rows]:
    """The lines of a run, for this process alone until it ends.

    header: what makes lines of another run unusable when it differs. is_resumed: go on with the
    lines that are there. Raises CodexGraphError.
    """
    path, mark = place.folder / place.rows, place.folder / place.mark
    text = json.dumps(header, indent=1) + "\n"
    with writing(place.folder):
        place.folder.mkdir(parents=True, exist_ok=True)
    with _alone(place.folder):
        found: list[Row | None] = []
        with writing(path):
            if is_resumed and path.is_file():
                if not mark.is_file() or mark.read_text(encoding="utf-8") != text:
                    told = f"{place.folder} is of another run: drop --resume or choose --out"
                    raise CodexGraphError(told)
                lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
                found = [_row(line) for line in lines if line.strip()]
            done = {str(row["id"]): row for row in found if row and place.is_kept(row)}
            write_rows(path, done.values())
            replace_text(mark, text)
            # Without a buffer: what a full disk did not take would be written again at the end.
            file = path.open("ab", buffering=0)
        with file:
            yield Rows(done, found.count(None), file, path)


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """A file of JSON lines, whole or as it was. Raises CodexGraphError."""
    replace_text(path, "".join(map(_line, rows)))


def replace_text(path: Path, text: str) -> None:
    """A file's text, whole or as it was. Raises CodexGraphError."""
    temporary = path.with_name(path.name + ".tmp")
    with writing(path):
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)


@contextmanager
def writing(path: Path | str) -> Generator[None]:
    """Says in one line what could not be written. Raises CodexGraphError."""
    try:
        yield
    except OSError as error:
        told = f"{path} cannot be written: {error.strerror or error}"
        raise CodexGraphError(f"{told}; what was written before is kept for --resume") from error


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Keeps other processes out by a lock that ends with this one, however it ends."""
    with writing(folder):
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        told = f"another run writes into {folder}: wait for it or choose another --out"
        raise CodexGraphError(told) from None
    try:
        yield
    finally:
        os.close(descriptor)


def _line(row: Mapping[str, Any]) -> str:
    # Escaped, because half a surrogate pair that a model wrote has no UTF-8.
    return json.dumps(row) + "\n"


def _row(line: str) -> Row | None:
    try:
        value: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    row = cast("Row", value)
    return row if {"id", "status"} <= row.keys() else None
