"""What the indexer remembers between runs: the files it indexed, their facts, and who read what.

The state lies beside the index in a file named for the graph's generation, so that a graph never
meets the state of another. It is a cache: after a crash between the two the next run is whole.
"""

from __future__ import annotations

import marshal
import os
import struct
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple
from zlib import crc32

from graphdb.errors import StoreError
from indexer.facts import FACTS_VERSION
from indexer.project import StoredFile
from indexer.readers import Readers
from indexer.report import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE_VERSION = 6
_VERSIONS = (STATE_VERSION, FACTS_VERSION)
_MAGIC = b"codexgraph state\n"
_START = struct.Struct("<QI")
"""Size and checksum of the header, which is marshalled."""


class Linked(NamedTuple):
    """What linking gave of one file.

    externals: names outside the repository that its edges reach. unresolved: how many of its call
    sites have no target. symbols, edges: its symbols, and its edges that have sites, packed for
    `indexer.glance`.
    """

    externals: tuple[str, ...] = ()
    unresolved: int = 0
    symbols: bytes = b""
    edges: bytes = b""


NOT_LINKED = Linked()


@dataclass(slots=True)
class FileRecord:
    """One file in the state.

    problems: what the report says of it. said: what its cells said, see `indexer.remembered`.
    """

    stored: StoredFile
    linked: Linked = NOT_LINKED
    problems: tuple[Problem, ...] = ()
    said: bytes = b""


@dataclass(slots=True)
class State:
    """All that an update needs."""

    fingerprint: str
    files: dict[str, FileRecord] = field(default_factory=dict[str, FileRecord])
    readers: Readers = field(default_factory=Readers)


class StateRow(NamedTuple):
    """One file in the header. sizes: of its blobs, in the order of `Blobs`."""

    path: str
    language: str
    content_hash: str
    size: int
    mtime_ns: int
    problem: str | None
    sizes: tuple[int, ...]
    externals: tuple[str, ...]
    unresolved: int
    problems: list[tuple[int | None, str, str]]


class Blobs(NamedTuple):
    """Where the blobs of a file lie, in bytes behind the header."""

    facts: slice
    sites: slice
    mentions: slice
    said: slice
    symbols: slice
    edges: slice


class Header(NamedTuple):
    """What a state file begins with: all but the blobs. check: their checksum."""

    versions: tuple[int, int]
    fingerprint: str
    rows: list[tuple[Any, ...]]
    added: list[Any]
    readers: int
    check: int

    def files(self) -> Iterator[tuple[StateRow, int]]:
        """Each file, and where its first blob begins."""
        at = self.readers
        for row in map(StateRow._make, self.rows):
            yield row, at
            at += sum(row.sizes)


def blobs_of(row: StateRow, at: int) -> Blobs:
    """Where the blobs of a file are, the first of which begins at `at`."""
    return Blobs(*(slice(*span) for span in pairwise(accumulate(row.sizes, initial=at))))


def state_path(index_dir: Path, repo: str, generation: str) -> Path:
    """Where the state of a generation lies."""
    return index_dir / f"{_prefix(repo)}{generation}"


def state_paths(index_dir: Path, repo: str) -> list[Path]:
    """Where states of a repository lie, of the present graph or one before."""
    return list(index_dir.glob(f"{_prefix(repo)}*"))


def _prefix(repo: str) -> str:
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in repo)
    return f"state-{safe}-"


def save_state(path: Path, state: State) -> None:
    """Write the state whole or not at all. Raises StoreError when the disk refuses."""
    readers, added = state.readers.packed()
    blobs = [readers]
    rows: list[tuple[Any, ...]] = []
    for record in state.files.values():
        parts = _parts(record)
        rows.append(_row(record, tuple(map(len, parts))))
        blobs += parts
    check = 0
    for blob in blobs:
        check = crc32(blob, check)
    header = Header(_VERSIONS, state.fingerprint, rows, added, len(readers), check)
    # What takes room is packed already.
    head = marshal.dumps(tuple(header))
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(_MAGIC + _START.pack(len(head), crc32(head)) + head)
            file.writelines(blobs)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(
            f"cannot write {path}: {error.strerror}: free the disk or choose --index-dir"
        ) from error


def _parts(record: FileRecord) -> tuple[bytes, ...]:
    """The blobs of a file, in the order of `Blobs`."""
    stored, linked = record.stored, record.linked
    return (
        stored.facts,
        stored.sites,
        stored.mentions,
        record.said,
        linked.symbols,
        linked.edges,
    )


def _row(record: FileRecord, sizes: tuple[int, ...]) -> tuple[Any, ...]:
    s, linked = record.stored, record.linked
    problems = [(p.line, p.kind, p.message) for p in record.problems]
    head = (s.path, s.language, s.content_hash, s.size, s.mtime_ns, s.problem)
    return (*head, sizes, linked.externals, linked.unresolved, problems)


def load_state(path: Path, fingerprint: str) -> State | None:
    """Read a state; None when there is none, or it is damaged or of other versions or settings."""
    try:
        with path.open("rb") as file:
            header = read_header(file)
            if header is None or header.fingerprint != fingerprint:
                return None
            data = file.read()
    except OSError:
        return None
    if crc32(data) != header.check:
        return None
    state = State(fingerprint, readers=Readers((data[: header.readers], header.added)))
    for row, at in header.files():
        state.files[row.path] = _record(row, blobs_of(row, at), data)
    return state


def read_header(file: BinaryIO) -> Header | None:
    """The header of a state, whose blobs follow in the file; None where it is none of today's."""
    start = file.read(len(_MAGIC) + _START.size)
    if not start.startswith(_MAGIC) or len(start) < len(_MAGIC) + _START.size:
        return None
    size, check = _START.unpack_from(start, len(_MAGIC))
    # A damaged size may be more than there is memory.
    head = file.read(size) if size <= os.fstat(file.fileno()).st_size else b""
    if crc32(head) != check:
        return None
    header = marshal.loads(head)  # noqa: S302
    return Header._make(header) if header[0] == _VERSIONS else None


def _record(row: StateRow, blobs: Blobs, data: bytes) -> FileRecord:
    stored = StoredFile(
        path=row.path,
        language=row.language,
        content_hash=row.content_hash,
        size=row.size,
        mtime_ns=row.mtime_ns,
        facts=data[blobs.facts],
        sites=data[blobs.sites],
        mentions=data[blobs.mentions],
        problem=row.problem,
    )
    linked = Linked(row.externals, row.unresolved, data[blobs.symbols], data[blobs.edges])
    problems = tuple(Problem(row.path, *each) for each in row.problems)
    return FileRecord(stored, linked, problems, data[blobs.said])
