"""From a file on disk to its stored facts: the work that runs in the worker processes."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from indexer.decode import decode
from indexer.freshness import content_hash
from indexer.project import ReadAs, StoredFile, stored_file
from indexer.report import Problem
from indexer.workers import PoolSettings, default_jobs, map_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from indexer.languages import Registry
    from indexer.listing import SourceFile


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that was read: its facts, and what is wrong with it."""

    stored: StoredFile
    problems: tuple[Problem, ...] = ()


def hash_file(root: Path, path: str) -> str | None:
    """The content hash of a file as it is now, or None when it cannot be read."""
    try:
        return content_hash((root / path).read_bytes())
    except OSError:
        return None


def read_text(root: Path, path: str, expected: str) -> bytes | None:
    """The UTF-8 text whose file has the hash `expected`; None when the file is another by now."""
    try:
        data = (root / path).read_bytes()
    except OSError:
        return None
    return decode(data).text_utf8 if content_hash(data) == expected else None


def read_file(root: Path, registry: Registry, file: SourceFile) -> ReadFile:
    """Read and extract one file. Raises OSError when it cannot be read."""
    data = (root / file.path).read_bytes()
    decoded = decode(data)
    # Facts are tuples without cycles: the collector would only walk them again and again.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        language = registry.language(file.language)
        extracted = language.extract(file.path, decoded.text_utf8)
        read = ReadAs(content_hash(data), file.size, file.mtime_ns, decoded.problem)
        stored = stored_file(file.path, file.language, read, extracted)
    finally:
        if was_enabled:
            gc.enable()
    kind = "binary" if decoded.encoding == "binary" else "encoding"
    problems = [Problem(file.path, None, kind, decoded.problem)] if decoded.problem else []
    problems += [Problem(file.path, t.line, t.kind, t.message) for t in extracted.facts.troubles]
    return ReadFile(stored, tuple(problems))


def read_files(
    root: Path,
    registry: Registry,
    files: list[SourceFile],
    jobs: int,
    advance: Callable[[int], None],
) -> Iterator[ReadFile | Problem]:
    """Read many files, in any order; one that cannot be read is a problem in its place.

    jobs: processes; 0 is one for each processor that may be used.
    """
    settings = PoolSettings(jobs=jobs or default_jobs())
    read = partial(read_file, root, registry)
    for outcome in map_items(read, files, settings, cost=lambda f: f.size):
        advance(1)
        if outcome.value is not None:
            yield outcome.value
        else:
            path = files[outcome.index].path
            yield Problem(path, None, "unreadable", f"left out: {outcome.problem}")
