"""The facts of all files of a repository, decoded when first asked for.

A full build reads all of them once; an update of one file in a large repository reads the few dozen
that its names lead to, which is what makes it fast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.facts import FileFacts, Site, decode_facts, decode_sites

if TYPE_CHECKING:
    from collections.abc import Mapping


KEPT_FOR = 64
"""How many files later facts that nobody asked for are dropped."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as the indexer keeps it: what it was when it was read, and its facts.

    content_hash: BLAKE2b-128 of the bytes, hexadecimal. size in bytes, mtime in nanoseconds: when
    both are unchanged the content is taken to be unchanged. facts, sites: encoded blobs.
    """

    path: str
    language: str
    content_hash: str
    size: int
    mtime_ns: int
    facts: bytes
    sites: bytes
    problem: str | None = None


class Project:
    """Files by path, their facts on demand.

    Facts that nothing has asked for in a while are dropped and decoded again when needed: all of a
    large repository's facts at once would be most of the memory that a build takes.
    """

    def __init__(self, files: Mapping[str, StoredFile]) -> None:
        self.files = files
        self._facts: dict[str, FileFacts] = {}
        self._used: dict[str, int] = {}
        self._clock = 0

    def facts(self, path: str) -> FileFacts:
        """The interface facts of a file. Raises KeyError for a path that is not in the project."""
        known = self._facts.get(path)
        if known is None:
            known = self._facts[path] = decode_facts(self.files[path].facts)
        self._used[path] = self._clock
        return known

    def sites(self, path: str) -> list[Site]:
        """The uses in a file, decoded anew each time: only the file's own linking needs them."""
        return decode_sites(self.files[path].sites)

    def close(self) -> None:
        """Forget all decoded facts."""
        self._facts, self._used = {}, {}

    def tick(self) -> list[str]:
        """Say that a file is done; returns the paths whose facts were dropped, now and then."""
        self._clock += 1
        if self._clock % KEPT_FOR:
            return []
        idle = [path for path, used in self._used.items() if used < self._clock - KEPT_FOR]
        for path in idle:
            del self._facts[path], self._used[path]
        return idle
