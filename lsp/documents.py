"""Documents that editors have open, by URI; what they hold counts, not the file on disk.

A document is never changed in place: an edit makes a new one that shares all other lines, so that a
worker thread keeps the state that its request was about.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from indexer.decode import decode
from indexer.freshness import content_hash
from indexer.languages import SUFFIXES
from lsp.text import index_of, split_lines

if TYPE_CHECKING:
    from lsp.text import Encoding


class Place(NamedTuple):
    """A client's position: 0-based line and column in its own units."""

    line: int
    character: int


class Edit(NamedTuple):
    """New text between two positions; `start` is None for the whole document."""

    text: str
    start: Place | None = None
    end: Place = Place(0, 0)


@dataclass(slots=True)
class _Derived:
    """What is computed from the lines when it is first needed."""

    data: bytes | None = None
    hash: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """The text of an open file; equal to itself only, so that it can be a cache key."""

    uri: str
    version: int | None
    lines: list[str]
    size: int
    _derived: _Derived = field(default_factory=_Derived, repr=False)

    @property
    def data(self) -> bytes:
        """The text in UTF-8."""
        if self._derived.data is None:
            self._derived.data = "".join(self.lines).encode("utf-8", "replace")
        return self._derived.data

    @property
    def content_hash(self) -> str:
        """The hash by which the graph knows this text."""
        if self._derived.hash is None:
            self._derived.hash = content_hash(self.data)
        return self._derived.hash

    def edited(self, edit: Edit, version: int | None, encoding: Encoding) -> Document:
        """The document after an edit; positions outside of the text are moved to its ends."""
        if edit.start is None:
            return opened(self.uri, version, edit.text)
        lines = self.lines
        first, head = _cut(lines, edit.start, encoding)
        last, tail = _cut(lines, edit.end, encoding)
        if (last, tail) < (first, head):
            last, tail = first, head
        changed = split_lines(lines[first][:head] + edit.text + lines[last][tail:])
        if last + 1 < len(lines) and not changed[-1]:
            # The last line taken out had its end in it; the rest of the text follows as it was.
            changed.pop()
        removed = sum(map(len, lines[first : last + 1]))
        size = self.size - removed + sum(map(len, changed))
        kept = [*lines[:first], *changed, *lines[last + 1 :]]
        return replace(self, version=version, lines=kept, size=size, _derived=_Derived())


def opened(uri: str, version: int | None, text: str) -> Document:
    """A document with a text."""
    return Document(uri, version, split_lines(text), len(text))


def wide_lines(data: bytes) -> list[str]:
    """The lines of a file as an editor shows them; none of an ASCII file.

    Its columns are the same in every encoding.
    """
    text = decode(data).text_utf8
    return [] if text.isascii() else split_lines(text.decode("utf-8", "replace"))


def _cut(lines: list[str], place: Place, encoding: Encoding) -> tuple[int, int]:
    """Line and index of a position in the text."""
    if place.line >= len(lines):
        return len(lines) - 1, len(lines[-1])
    line = max(0, place.line)
    return line, index_of(lines[line], place.character, encoding)


def language_of(path: str) -> str | None:
    """The language that a file is indexed as; None for one that is not indexed."""
    return SUFFIXES.get(PurePosixPath(path).suffix.lower())
