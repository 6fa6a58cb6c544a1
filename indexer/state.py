"""What the indexer remembers between runs: the files it indexed, their facts, and who read what.

The state lies beside the index in a file named for the graph's generation, so that a graph never
meets the state of another. It is a cache: after a crash between the two the next run is whole.
"""

from __future__ import annotations

import marshal
import struct
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from zlib import crc32

from graphdb.errors import StoreError
from indexer.project import StoredFile
from indexer.readers import Readers
from indexer.report import Problem

if TYPE_CHECKING:
    from pathlib import Path

STATE_VERSION = 5
_MAGIC = b"codexgraph state\n"
_START = struct.Struct("<QI")
"""Size and checksum of the header, which is marshalled."""


@dataclass(slots=True)
class FileRecord:
    """One file in the state. externals: names outside the repository that its edges reach.

    unresolved: how many of its call sites have no target. problems: what the report says of it.
    said: what its cells said, see `indexer.remembered`.
    """

    stored: StoredFile
    externals: tuple[str, ...] = ()
    unresolved: int = 0
    problems: tuple[Problem, ...] = ()
    said: bytes = b""


@dataclass(slots=True)
class State:
    """All that an update needs."""

    fingerprint: str
    files: dict[str, FileRecord] = field(default_factory=dict[str, FileRecord])
    readers: Readers = field(default_factory=Readers)


def state_path(index_dir: Path, repo: str, generation: str) -> Path:
    """Where the state of a generation lies."""
    safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in repo)
    return index_dir / f"state-{safe}-{generation}"


def save_state(path: Path, state: State) -> None:
    """Write the state whole or not at all. Raises StoreError when the disk refuses."""
    readers, added = state.readers.packed()
    blobs = [readers]
    rows: list[tuple[Any, ...]] = []
    for record in state.files.values():
        s = record.stored
        parts = (s.facts, s.sites, s.mentions, record.said)
        problems = [(p.line, p.kind, p.message) for p in record.problems]
        head = (s.path, s.language, s.content_hash, s.size, s.mtime_ns, s.problem)
        rows.append((*head, *map(len, parts), tuple(record.externals), record.unresolved, problems))
        blobs += parts
    check = 0
    for blob in blobs:
        check = crc32(blob, check)
    # What takes room is packed already.
    header = marshal.dumps((STATE_VERSION, state.fingerprint, rows, added, len(readers), check))
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(_MAGIC + _START.pack(len(header), crc32(header)) + header)
            file.writelines(blobs)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise StoreError(
            f"cannot write {path}: {error.strerror}: free the disk or choose --index-dir"
        ) from error


def load_state(path: Path, fingerprint: str) -> State | None:
    """Read a state; None when there is none, or it is damaged or of other versions or settings."""
    try:
        data = path.read_bytes()
        size, check = _START.unpack_from(data, len(_MAGIC))
    except (OSError, struct.error):
        return None
    base = len(_MAGIC) + _START.size + size
    header = data[base - size : base]
    if not data.startswith(_MAGIC) or crc32(header) != check:
        return None
    body = marshal.loads(header)  # noqa: S302
    if body[:2] != (STATE_VERSION, fingerprint):
        return None
    _, _, rows, added, at, check = body
    if crc32(memoryview(data)[base:]) != check:
        return None
    at += base
    state = State(fingerprint, readers=Readers((data[base:at], added)))
    for row in rows:
        state.files[row[0]], at = _record(row, data, at)
    return state


def _record(row: tuple[Any, ...], data: bytes, at: int) -> tuple[FileRecord, int]:
    """The record of a row whose blobs begin at a position, and where they end."""
    path, language, content_hash, size, mtime_ns, problem, *sizes = row[:10]
    externals, unresolved, problems = row[10:]
    a, b, c, d, end = accumulate(sizes, initial=at)
    stored = StoredFile(
        path=path,
        language=language,
        content_hash=content_hash,
        size=size,
        mtime_ns=mtime_ns,
        facts=data[a:b],
        sites=data[b:c],
        mentions=data[c:d],
        problem=problem,
    )
    told = tuple(Problem(path, *each) for each in problems)
    return FileRecord(stored, externals, unresolved, told, data[d:end]), end
