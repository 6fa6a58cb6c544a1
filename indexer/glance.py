"""What an index says of one place, read from its state: its graph need not be opened for it.

To open a graph takes the longer the larger a repository is; to look at a place hardly does. Symbols
come without labels, signature and docstring, which say nothing of a place.
"""

from __future__ import annotations

import marshal
import os
import zlib
from functools import cache, partial
from itertools import accumulate, starmap
from typing import TYPE_CHECKING, Any

from graphdb.delta import EdgeGroup, EdgeGroups
from graphdb.queries.mentions import FileContent, in_order, mentions_of
from graphdb.queries.names import outermost_first
from graphdb.schema import NodeKind
from graphdb.symbols import Symbol
from indexer.facts import decode_facts
from indexer.state import Linked, blobs_of, read_header

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from graphdb.delta import Node
    from indexer.facts import FileFacts
    from indexer.linking import LinkedFile

_SITES = "sites"
_OUTSIDE = "external"
_SHOWN = ("name", "full_name", "start_line", "end_line", "name_line", "name_column")


def kept_of(
    linked: LinkedFile[EdgeGroup], nodes: Iterable[Node]
) -> tuple[Linked, Iterator[EdgeGroup]]:
    """What the state keeps of a linked file, and the edges that it does not keep."""
    sited = pack_groups(group for group in linked.edges if _SITES in group.shape)
    outside, symbols = tuple(sorted(linked.externals)), _pack_symbols(nodes)
    others = (group for group in linked.edges if _SITES not in group.shape)
    return Linked(outside, len(linked.unresolved), symbols, sited), others


def _pack_symbols(nodes: Iterable[Node]) -> bytes:
    rows = [
        (node.uid, node.kind.value, *map(node.properties.get, _SHOWN))
        for node in nodes
        if node.kind != NodeKind.FILE
    ]
    return _pack(rows)


def pack_groups(groups: Iterable[EdgeGroup]) -> bytes:
    """Edges by columns, as bytes."""
    return _pack(list(map(tuple, groups)))


def unpack_groups(packed: bytes) -> Iterator[EdgeGroup]:
    """The inverse of `pack_groups`."""
    return starmap(EdgeGroup, _unpack(packed))


def _pack(rows: list[tuple[Any, ...]]) -> bytes:
    return zlib.compress(marshal.dumps(rows), 1)


def _unpack(packed: bytes) -> list[Any]:
    try:
        return marshal.loads(zlib.decompress(packed)) if packed else []  # noqa: S302
    except zlib.error as error:
        raise ValueError(f"not what was packed: {error}") from error


class Glance:
    """The places of one state; may be used by several threads at once.

    Raises OSError when the file cannot be read, ValueError when it is no state of today's form or
    a part of it is damaged. A state that is replaced meanwhile can still be read.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        header = read_header(self._file)
        if header is None:
            self.close()
            raise ValueError(f"{path} is no state of this version")
        self._start = self._file.tell()
        self._files = {row.path: (row, at) for row, at in header.files()}

    @property
    def paths(self) -> list[str]:
        """All files."""
        return list(self._files)

    def content_hash(self, path: str) -> str | None:
        """Of the text that the index speaks of; None for a file that it does not know."""
        known = self._files.get(path)
        return None if known is None else known[0].content_hash

    def content(self, path: str, line: int | None = None) -> FileContent:
        """What is known of a file. line: the one that mentions are wanted of (from 1), or all."""
        stored = self._files.get(path)
        if stored is None:
            return FileContent(path, None)
        symbols = cache(self._symbols)
        known = partial(self._symbol, symbols)
        edges = EdgeGroups(unpack_groups(self._read(blobs_of(*stored).edges)))
        mentions = in_order(m for edge in edges for m in mentions_of(edge, known, line))
        return FileContent(path, stored[0].content_hash, symbols(path), mentions)

    def facts(self, path: str) -> FileFacts | None:
        """What a file says by itself; None for one that is not known."""
        stored = self._files.get(path)
        return None if stored is None else decode_facts(self._read(blobs_of(*stored).facts))

    def close(self) -> None:
        """Let go of the file; calling it twice is allowed."""
        self._file.close()

    def _symbol(self, symbols: Callable[[str], tuple[Symbol, ...]], uid: str) -> Symbol:
        """A symbol by its uid, which begins with its language and its path."""
        language, _, rest = uid.partition(":")
        if language == _OUTSIDE:
            name = rest.rpartition(".")[2]
            return Symbol(uid, NodeKind.EXTERNAL, name, rest, None, None, None, None)
        parts = accumulate(rest.split(":"), "{}:{}".format)
        known = (s for path in parts if path in self._files for s in symbols(path))
        found = next((s for s in known if s.uid == uid), None)
        if found is None:
            raise ValueError(f"{self._file.name} does not say where {uid} is")
        return found

    def _symbols(self, path: str) -> tuple[Symbol, ...]:
        """As `symbols_of_file` gives them."""
        found: list[Symbol] = []
        for uid, kind, *shown in _unpack(self._read(blobs_of(*self._files[path]).symbols)):
            name, full_name, start, end, line, column = shown
            place = {"name_line": line, "name_column": column}
            kind = NodeKind(kind)
            found.append(Symbol(uid, kind, name, full_name, path, start, end, None, **place))
        return tuple(sorted(found, key=outermost_first))

    def _read(self, blob: slice) -> bytes:
        size = blob.stop - blob.start
        data = os.pread(self._file.fileno(), size, self._start + blob.start)
        if len(data) != size:
            raise ValueError(f"{self._file.name} is cut short")
        return data
