"""Changes since the graph file was saved: one line of JSON for each write, beside the file.

To save a graph whole costs the same for one changed file as for all, so an update appends its
statements here and readers run them after loading. The first line names the generation of the graph
file that the log belongs to: whatever happens between saving a graph and removing its log, a log
never meets another graph. A line that a crash cut short is no part of it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from zlib import crc32

from graphdb.errors import NoIndexError
from graphdb.stores.embedded_engine import run, stored_meta
from graphdb.stores.embedded_file import Fingerprint, fingerprint, load_graph, raise_unwritable
from graphdb.stores.embedded_names import log_path

if TYPE_CHECKING:
    from pathlib import Path

    import kglite

MAX_WRITES = 16
MAX_BYTES = 1_000_000
"""Above either, running the statements again would cost readers more than a save costs a writer."""

Statement = tuple[str, dict[str, Any]]
"""Cypher, and its parameters."""


@dataclass(slots=True)
class ChangeLog:
    """The log of one graph file.

    base: generation of the graph file. size: bytes of it that are whole. writes: the statements of
    each write.
    """

    path: Path
    base: str = ""
    size: int = 0
    writes: list[list[Statement]] = field(default_factory=list["list[Statement]"])

    def append(self, write: list[Statement]) -> bool:
        """Add a write, flushed to the disk; False where the graph had better be saved whole.

        Raises StoreError when it cannot be written; the log is then as before.
        """
        lines = b"" if self.size else _line(self.base)
        lines += _line(write)
        if len(self.writes) >= MAX_WRITES or self.size + len(lines) > MAX_BYTES:
            return False
        try:
            self._append(lines)
        except OSError as exc:
            raise_unwritable(self.path, exc)
        self.size += len(lines)
        self.writes.append(write)
        return True

    def _append(self, lines: bytes) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        descriptor = os.open(self.path, flags, 0o644)
        try:
            # Whatever a crash left behind the last whole line goes.
            os.ftruncate(descriptor, self.size)
            _write_all(descriptor, lines, self.size)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, self.size)
            if not self.size:
                self.path.unlink()
            raise
        finally:
            os.close(descriptor)
        if not self.size:
            _flush_folder(self.path.parent)

    def restart(self, base: str) -> None:
        """Forget all writes: the graph was saved whole, as generation `base`."""
        self.path.unlink(missing_ok=True)
        self.base, self.size, self.writes = base, 0, []


def state_of(graph_path: Path) -> tuple[Fingerprint, Fingerprint | None]:
    """What changes with every write. Raises NoIndexError when there is no graph."""
    try:
        log = fingerprint(log_path(graph_path))
    except NoIndexError:
        log = None
    return fingerprint(graph_path), log


def load_logged(graph_path: Path, repo: str) -> tuple[kglite.KnowledgeGraph, ChangeLog]:
    """The graph of a file with the writes of its log. Raises NoIndexError or StoreError."""
    # The log first: a graph that is saved meanwhile has all of it, and another generation.
    log = _read(log_path(graph_path))
    graph = load_graph(graph_path)
    meta = stored_meta(graph, repo)
    if meta is None or meta.generation != log.base:
        return graph, ChangeLog(log.path, meta.generation if meta else "")
    for write in log.writes:
        for cypher, parameters in write:
            run(graph, cypher, parameters)
    return graph, log


def _read(path: Path) -> ChangeLog:
    """The whole lines of a log; an empty log where there is none."""
    log = ChangeLog(path)
    try:
        data = path.read_bytes()
    except OSError:
        return log
    for line in data.splitlines(keepends=True):
        said = _said(line)
        if said is None:
            break
        if isinstance(said, str):
            log.base = said
        else:
            log.writes.append([(cypher, parameters) for cypher, parameters in said])
        log.size += len(line)
    return log


def _line(said: str | list[Statement]) -> bytes:
    body = json.dumps(said, separators=(",", ":")).encode()
    return b"%08x %b\n" % (crc32(body), body)


def _said(line: bytes) -> str | list[Statement] | None:
    """What a line says; None for one that is not whole."""
    check, _, body = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or check != b"%08x" % crc32(body):
        return None
    return cast("str | list[Statement]", json.loads(body))


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
