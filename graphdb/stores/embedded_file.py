"""Files of the embedded store: one graph file, one lock file, and what can go wrong with either.

The graph file is written in the engine's compact layout: each part of it carries a checksum that is
verified on loading, so a damaged file is noticed before it answers anything, and it is never mapped
into memory, so that cutting it cannot crash a reader.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import kglite

from graphdb.errors import IndexLockedError, NoIndexError, StoreError
from graphdb.stores.embedded_names import LOCK_FILE

if TYPE_CHECKING:
    from typing import NoReturn

IGNORE_FILE = ".gitignore"

_SPILL = re.compile(r"kglite_portable_(\d+)_")
_SPILL_AGE_S = 600.0

Fingerprint = tuple[int, int, int]
"""A file's number, time of change and size."""


class WriterLease:
    """The right to write an index: an OS lock that ends with the process, however it ends."""

    def __init__(self, index_dir: Path) -> None:
        """Take the lease. Raises IndexLockedError or StoreError."""
        self._descriptor: int | None = None
        try:
            index_dir.mkdir(parents=True, exist_ok=True)
            ignore = index_dir / IGNORE_FILE
            if not ignore.exists():
                ignore.write_text("*\n", encoding="ascii")
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(index_dir / LOCK_FILE, flags, 0o644)
        except OSError as exc:
            raise_unwritable(index_dir, exc)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise IndexLockedError(
                f"{index_dir} is being written by process {holder}: wait for it or stop it"
            ) from None
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        except OSError as exc:
            os.close(descriptor)
            raise_unwritable(index_dir, exc)
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lease back; calling it twice is allowed."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.ftruncate(descriptor, 0)
            os.close(descriptor)


def fingerprint(path: Path) -> Fingerprint:
    """What changes when the file is replaced. Raises NoIndexError when there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        raise NoIndexError(no_index(path.parent)) from None
    except OSError as exc:
        raise StoreError(f"{path} cannot be read: {exc.strerror}") from exc
    return status.st_ino, status.st_mtime_ns, status.st_size


def no_index(index_dir: Path) -> str:
    """The message for a folder without a graph."""
    return f"nothing is indexed in {index_dir}: run codexgraph index"


def empty_graph() -> kglite.KnowledgeGraph:
    """A new graph, in memory."""
    kglite.set_query_warning_policy("silent")
    return kglite.KnowledgeGraph()


def load_graph(path: Path) -> kglite.KnowledgeGraph:
    """The graph of a file, in memory. Raises NoIndexError or StoreError."""
    kglite.set_query_warning_policy("silent")
    sweep_spills(Path(tempfile.gettempdir()))
    try:
        return kglite.load(str(path), storage="memory", columns="memory", verify="eager")
    except (kglite.FileError, FileNotFoundError):
        raise NoIndexError(no_index(path.parent)) from None
    except (kglite.KgError, OSError, ValueError) as exc:
        reason = " ".join(str(exc).split())
        if "spill" in reason:
            folder = tempfile.gettempdir()
            raise StoreError(
                f"{path} cannot be opened, the engine needs room in {folder} ({reason}): "
                "free some or set TMPDIR"
            ) from exc
        raise StoreError(
            f"{path} is damaged or of another version ({reason}): run codexgraph index --full"
        ) from exc


def save_graph(graph: kglite.KnowledgeGraph, path: Path) -> None:
    """Write the graph to its file, whole or not at all, flushed to the disk. Raises StoreError."""
    try:
        graph.save(str(path), fsync=True, layout="compact")
    except (kglite.KgError, OSError, ValueError) as exc:
        remove_leftovers(path)
        raise_unwritable(path, exc)


def remove_leftovers(path: Path) -> None:
    """Delete temporary files that a killed or failed save left beside the graph file."""
    for leftover in path.parent.glob(f"{path.name}.tmp.*"):
        leftover.unlink(missing_ok=True)


def sweep_spills(folder: Path) -> None:
    """Delete what engines of dead processes left in the temporary folder.

    Loading unpacks large columns into `kglite_portable_<pid>_*` there, and a process that is killed
    cannot remove its own. Only folders of this user are touched, whose process is gone and that
    have not changed for minutes (another container may count its processes differently).
    """
    oldest = time.time() - _SPILL_AGE_S
    for spill in folder.glob("kglite_portable_*"):
        match = _SPILL.match(spill.name)
        if match and _is_stale(spill, int(match.group(1)), oldest):
            shutil.rmtree(spill, ignore_errors=True)


def _is_stale(spill: Path, pid: int, oldest: float) -> bool:
    try:
        status = spill.stat()
        if status.st_uid != os.getuid() or status.st_mtime > oldest:
            return False
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def raise_unwritable(path: Path, exc: Exception) -> NoReturn:
    """Raise the StoreError that says why a file cannot be written, and what to do."""
    code = exc.errno if isinstance(exc, OSError) else _errno_in(str(exc))
    reason = os.strerror(code) if code else " ".join(str(exc).split())
    full = code in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    cure = "free some space" if full else "check the permissions or choose another index folder"
    raise StoreError(f"{path} cannot be written ({reason}): {cure}") from exc


def _errno_in(message: str) -> int | None:
    found = re.search(r"os error (\d+)", message)
    return int(found.group(1)) if found else None
