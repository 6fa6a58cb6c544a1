"""One repository that is being edited: its graph, and what of it is kept at hand."""

from __future__ import annotations

import os
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from pygls.uris import from_fs_path

from graphdb.errors import NoIndexError
from graphdb.queries.current import Current
from graphdb.queries.mentions import FileContent, file_content
from graphdb.queries.name_index import NameIndex
from graphdb.queries.problems import import_graph, inheritance_graph
from indexer.decode import decode
from indexer.facts import decode_facts
from indexer.freshness import content_hash
from indexer.reading import hash_file
from lsp.documents import wide_lines
from lsp.text import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from graphdb.store import GraphReader
    from indexer.facts import FileFacts
    from lsp.documents import Document
    from lsp.live import LiveFile, LiveLinker
    from lsp.settings import ProjectSettings

_KEPT_CONTENTS = 200
_KEPT_TEXTS = 2_000


class Project:
    """Answers from worker threads; everything here may be called from several at once.

    folder: the root as the client spells it, which may lead through a link. imports, bases: the
    shape of the whole graph, for what only all of it can tell.
    """

    def __init__(self, settings: ProjectSettings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder
        # Every URI begins with it; what follows is quoted as `from_fs_path` quotes it.
        self._uri_of_folder = (from_fs_path(str(folder / "_")) or "").removesuffix("_")
        self._lock = Lock()
        self._names = Current(NameIndex)
        self.imports = Current(import_graph)
        self.bases = Current(inheritance_graph)
        self._reader: GraphReader | None = None
        self._contents: OrderedDict[tuple[str, str], FileContent] = OrderedDict()
        self._live: dict[str, tuple[Document, str | None, LiveFile | None]] = {}
        self._texts: OrderedDict[str, tuple[tuple[int, int] | None, Sequence[str]]] = OrderedDict()
        self._facts: dict[str, tuple[LiveFile | str | None, FileFacts | None]] = {}
        self._indexed: dict[str, tuple[str, Sequence[str]]] = {}
        self._linker: LiveLinker | None = None

    @property
    def root(self) -> Path:
        """The folder of the repository."""
        return self.settings.root

    def uri(self, path: str) -> str:
        """The URI of a file, with the folder as the client spells it."""
        return self._uri_of_folder + quote(path)

    @property
    def has_graph(self) -> bool:
        """True when a graph has been opened."""
        return self._reader is not None

    def reader(self) -> GraphReader:
        """The graph. Raises NoIndexError or StoreError."""
        with self._lock:
            if self._reader is None:
                self._reader = self.settings.open_reader()
            return self._reader

    def reader_or_none(self) -> GraphReader | None:
        """The graph, or None where nothing is indexed yet. Raises StoreError."""
        try:
            reader = self.reader()
            reader.meta()
        except NoIndexError:
            return None
        return reader

    def names(self, reader: GraphReader) -> NameIndex:
        """All names of the graph, read once for each state of it."""
        return self._names.of(reader)

    def renew_names(self, reader: GraphReader) -> None:
        """Read the names of a new graph, when those of the one before were asked for."""
        self._names.renew(reader)

    def graph_content(self, reader: GraphReader, path: str) -> FileContent:
        """What the graph says of a file."""
        key = (reader.meta().generation, path)
        with self._lock:
            known = self._contents.get(key)
            if known is not None:
                self._contents.move_to_end(key)
                return known
        content = file_content(reader, path)
        with self._lock:
            self._contents[key] = content
            while len(self._contents) > _KEPT_CONTENTS:
                self._contents.popitem(last=False)
        return content

    def live_file(
        self, reader: GraphReader | None, path: str, document: Document
    ) -> LiveFile | None:
        """What an open document says, when the graph does not say the same; else None."""
        generation = reader.meta().generation if reader else None
        with self._lock:
            known = self._live.get(path)
        if known is not None and known[0] is document and known[1] == generation:
            return known[2]
        indexed = self.graph_content(reader, path) if reader else FileContent(path, None)
        if indexed.content_hash == document.content_hash:
            live = None
            self._indexed[path] = (document.content_hash, document.lines)
        elif known is not None and known[1] == generation and known[2] and known[2].linked:
            # What was linked for the text before holds on the lines that have not changed since.
            live = self._live_linker().read(reader, document, known[2].linked, known[0].lines)
        else:
            lines = self._indexed_lines(indexed)
            live = self._live_linker().read(reader, document, indexed, lines)
        with self._lock:
            self._live[path] = (document, generation, live)
        return live

    # At hand: what is in memory, never waited for

    def generation_at_hand(self) -> str | None:
        """The state of the graph, where that is known without waiting for the store."""
        meta = self._reader.meta_at_hand() if self._reader else None
        return meta.generation if meta else None

    def content_at_hand(self, generation: str | None, path: str) -> FileContent | None:
        """What a state of the graph says of a file."""
        return self._contents.get((generation, path)) if generation else None

    def live_at_hand(
        self, generation: str | None, path: str, document: Document
    ) -> tuple[bool, LiveFile | None]:
        """As `live_file`, and whether it is known."""
        known = self._live.get(path)
        is_known = known is not None and known[0] is document and known[1] == generation
        return is_known, known[2] if known and is_known else None

    def lines_at_hand(self, path: str) -> Sequence[str] | None:
        """As `lines`."""
        known = self._texts.get(path)
        return known[1] if known and known[0] == _stamp(self.root / path) else None

    # Files

    def linked(self, reader: GraphReader, file: LiveFile) -> FileContent:
        """What an open document says, with what its changed lines mention where that can be."""
        linker = self._live_linker()
        return linker.link(reader, file) if linker.can_link(reader) else file.content

    def facts(
        self, reader: GraphReader | None, path: str, live: LiveFile | None
    ) -> FileFacts | None:
        """What a file says by itself: the open document, else the text that was indexed."""
        key = live or (reader.meta().generation if reader else None)
        known = self._facts.get(path)
        if known is None or known[0] != key:
            stored = decode_facts(live.stored.facts) if live else None
            facts = stored or self._live_linker().facts(reader, path)
            known = self._facts[path] = (key, facts)
        return known[1]

    def _live_linker(self) -> LiveLinker:
        """Made when it is needed: it loads the indexer, which takes longer than an answer."""
        with self._lock:
            if self._linker is None:
                from lsp.live import LiveLinker

                self._linker = LiveLinker(self.settings.request)
            return self._linker

    def _indexed_lines(self, indexed: FileContent) -> Sequence[str]:
        """The text that the graph speaks of, from memory or from disk; empty when it is gone."""
        if indexed.content_hash is None:
            return ()
        known = self._indexed.get(indexed.path)
        if known is None or known[0] != indexed.content_hash:
            try:
                data = (self.root / indexed.path).read_bytes()
            except OSError:
                return ()
            if content_hash(data) != indexed.content_hash:
                return ()
            text = decode(data).text_utf8.decode("utf-8", "replace")
            known = self._indexed[indexed.path] = (indexed.content_hash, split_lines(text))
        return known[1]

    def forget(self, path: str) -> None:
        """A document was closed."""
        with self._lock:
            self._live.pop(path, None)
            self._indexed.pop(path, None)
            self._facts.pop(path, None)

    def differs(self, paths: Iterable[str]) -> bool:
        """True when any of some files is not what the graph knows, or there is no graph."""
        reader = self.reader_or_none()
        if reader is None:
            return True
        return any(
            hash_file(self.root, path) != self.graph_content(reader, path).content_hash
            for path in paths
        )

    def lines(self, path: str) -> Sequence[str]:
        """As `wide_lines`, of a file on disk; none when it cannot be read."""
        if (kept := self.lines_at_hand(path)) is not None:
            return kept
        file = self.root / path
        try:
            stamp = _stamp(file)
            lines = wide_lines(file.read_bytes())
        except OSError:
            return ()
        with self._lock:
            self._texts[path] = (stamp, lines)
            while len(self._texts) > _KEPT_TEXTS:
                self._texts.popitem(last=False)
        return lines

    def close(self) -> None:
        """Let go of the graph."""
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()


def _stamp(file: Path) -> tuple[int, int] | None:
    """What changes with a file; None where there is none."""
    try:
        status = os.stat(file)  # noqa: PTH116 - asked for every file of an answer
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
