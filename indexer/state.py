"""What the indexer remembers between runs: the files it indexed, their facts, and who read what.

The state lies beside the index in a file named for the graph's generation, so that a graph never
meets the state of another. It is a cache: after a crash between the two the next run is whole.
"""

from __future__ import annotations

import marshal
import zlib
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any
from zlib import crc32

from graphdb.errors import StoreError
from indexer.project import StoredFile
from indexer.readers import Readers
from indexer.report import Problem

if TYPE_CHECKING:
    from pathlib import Path

STATE_VERSION = 4
_MAGIC = b"codexgraph state\n"


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
    blobs: list[bytes] = []
    offset = 0
    rows: list[tuple[Any, ...]] = []
    for record in state.files.values():
        s = record.stored
        sizes = (len(s.facts), len(s.sites), len(s.mentions), len(record.said))
        problems = [(p.line, p.kind, p.message) for p in record.problems]
        head = (s.path, s.language, s.content_hash, s.size, s.mtime_ns, s.problem)
        rows.append((*head, offset, *sizes, record.externals, record.unresolved, problems))
        blobs += [s.facts, s.sites, s.mentions, record.said]
        offset += sum(sizes)
    check = 0
    for blob in blobs:
        check = crc32(blob, check)
    body = (STATE_VERSION, state.fingerprint, rows, state.readers.packed(), check)
    header = zlib.compress(marshal.dumps(body), 1)
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(_MAGIC + len(header).to_bytes(8, "little") + header)
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
        start = len(_MAGIC) + 8
        size = int.from_bytes(data[len(_MAGIC) : start], "little")
        body = marshal.loads(zlib.decompress(data[start : start + size]))  # noqa: S302
    except (OSError, ValueError, EOFError, TypeError, zlib.error):
        return None
    if not data.startswith(_MAGIC) or body[:2] != (STATE_VERSION, fingerprint):
        return None
    state = State(fingerprint)
    base = start + size
    if crc32(memoryview(data)[base:]) != body[4]:
        return None
    state.readers = Readers(body[3])
    for row in body[2]:
        state.files[row[0]] = _record(row, data, base)
    return state


def _record(row: tuple[Any, ...], data: bytes, base: int) -> FileRecord:
    path, language, content_hash, size, mtime_ns, problem, offset, *sizes = row[:11]
    starts = list(accumulate(sizes, initial=base + offset))
    facts, sites, mentions, said = (data[a:b] for a, b in pairwise(starts))
    stored = StoredFile(
        path=path,
        language=language,
        content_hash=content_hash,
        size=size,
        mtime_ns=mtime_ns,
        facts=facts,
        sites=sites,
        mentions=mentions,
        problem=problem,
    )
    problems = tuple(Problem(path, *each) for each in row[13])
    return FileRecord(stored, tuple(row[11]), row[12], problems, said)
