"""The facts of all files of a repository, decoded when they are asked for, and for a while kept.

A full build reads all of them; an update of one file in a large repository reads the few dozen
that its names lead to, which is what makes it fast.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from indexer.facts import (
    FileFacts,
    Site,
    decode_facts,
    decode_sites,
    encode_facts,
    encode_sites,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from indexer.language import Extracted


_Table = TypeVar("_Table")

KEPT_BYTES = 2_000_000
KEPT_SHARE = 0.5
"""Encoded facts that are kept decoded, in bytes, and as a share of all where that is more.

Decoded they take twenty times the room. With half of all a build of a large repository decodes a
file two or three times, with a quarter four or five times.
"""

_SOUGHT = 64
"""Mentions up to which looking through all files is quicker than a table of what each mentions."""


class ReadAs(NamedTuple):
    """What a file was when it was read: see `StoredFile`."""

    content_hash: str
    size: int = 0
    mtime_ns: int = 0
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file as the indexer keeps it: what it was when it was read, and its facts.

    content_hash: BLAKE2b-128 of the bytes, hexadecimal. size in bytes, mtime in nanoseconds: when
    both are unchanged the content is taken to be unchanged. facts, sites: encoded blobs. mentions:
    in UTF-8, each followed by a star and how often it is there, if more than once, and a blank.
    """

    path: str
    language: str
    content_hash: str
    size: int
    mtime_ns: int
    facts: bytes
    sites: bytes
    mentions: bytes = b""
    problem: str | None = None


def stored_file(path: str, language: str, read: ReadAs, extracted: Extracted) -> StoredFile:
    """A file as it is kept, from what was extracted."""
    return StoredFile(
        path,
        language,
        read.content_hash,
        read.size,
        read.mtime_ns,
        encode_facts(extracted.facts),
        encode_sites(extracted.sites),
        _encoded(extracted.mentions or {}),
        read.problem,
    )


def _encoded(mentions: Mapping[str, int]) -> bytes:
    return "".join(
        f"{name}*{count} " if count > 1 else f"{name} " for name, count in mentions.items()
    ).encode()


class _Decoded:
    """The facts of a file, and what a language makes of them."""

    __slots__ = ("facts", "table")

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.table: Any = None


class Project:
    """Files by path, their facts on demand.

    Facts that nothing has asked for in a while are dropped and decoded again when needed: all of a
    large repository's facts at once would be most of the memory that a build takes.
    """

    def __init__(self, files: Mapping[str, StoredFile]) -> None:
        self.files = files
        self._most = max(KEPT_BYTES, KEPT_SHARE * sum(len(f.facts) for f in files.values()))
        self._bytes = 0
        self._decoded: OrderedDict[str, _Decoded] = OrderedDict()
        self._mentioned: dict[str, list[tuple[str, int]]] | None = None
        self._sought: dict[str, list[tuple[str, int]]] = {}

    def facts(self, path: str) -> FileFacts:
        """The interface facts of a file. Raises KeyError for a path that is not in the project."""
        return self._of(path).facts

    def table(self, path: str, make: Callable[[FileFacts], _Table]) -> _Table:
        """What a file's language makes of its facts, kept as long as they are."""
        known = self._of(path)
        if known.table is None:
            known.table = make(known.facts)
        return known.table

    def _of(self, path: str) -> _Decoded:
        known = self._decoded.get(path)
        if known is not None:
            self._decoded.move_to_end(path)
            return known
        blob = self.files[path].facts
        self._bytes += len(blob)
        while self._decoded and self._bytes > self._most:
            oldest, _ = self._decoded.popitem(last=False)
            self._bytes -= len(self.files[oldest].facts)
        known = self._decoded[path] = _Decoded(decode_facts(blob))
        return known

    def sites(self, path: str) -> list[Site]:
        """The uses in a file, decoded anew each time: only the file's own linking needs them."""
        return decode_sites(self.files[path].sites)

    def mentioning(self, mention: str) -> Sequence[tuple[str, int]]:
        """The files that have a mention, in the order of the project, and how often."""
        if self._mentioned is not None:
            return self._mentioned.get(mention, ())
        if mention not in self._sought:
            if len(self._sought) == _SOUGHT:
                self._mentioned = self._all_mentions()
                return self._mentioned.get(mention, ())
            self._sought[mention] = self._seek(mention)
        return self._sought[mention]

    def _all_mentions(self) -> dict[str, list[tuple[str, int]]]:
        found: dict[str, list[tuple[str, int]]] = {}
        for path, file in self.files.items():
            once = path, 1  # as most mentions are: a pair a file in the place of one each
            for each in file.mentions.decode().split(" ")[:-1]:
                name, _, count = each.partition("*")
                found.setdefault(name, []).append((path, int(count)) if count else once)
        return found

    def _seek(self, mention: str) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        name = mention.encode()
        for path, file in self.files.items():
            # Most files have it nowhere, which is told without a copy of what they mention.
            if name in file.mentions:
                for each in file.mentions.split(b" "):
                    word, _, count = each.partition(b"*")
                    if word == name:
                        found.append((path, int(count) if count else 1))
        return found

    def close(self) -> None:
        """Forget all decoded facts."""
        self._decoded.clear()
        self._bytes, self._mentioned, self._sought = 0, None, {}
