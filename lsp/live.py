"""What an open document says before it is saved.

Its symbols are read from its text by the indexer's own code. What it mentions is taken from the
graph where a line is as it was indexed; changed lines are linked as an index run would do it, which
can take a while and is therefore done only for who asks about one.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from graphdb.queries.mentions import FileContent, Mention, in_order, mentions_of
from indexer.facts import Site, decode_facts
from indexer.interpreter import quiet_interpreter
from indexer.languages import language
from indexer.overlay import Overlay, ends_of, symbols_of
from indexer.project import ReadAs, stored_file
from lsp.documents import language_of
from lsp.linemap import LineMap, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol
    from indexer.facts import FileFacts
    from indexer.pipeline import IndexRequest
    from indexer.project import StoredFile
    from lsp.documents import Document


_WORD = re.compile(r"\w+")


@dataclass(slots=True, eq=False)
class LiveFile:
    """An open document that is not what was indexed.

    content: its symbols, and the mentions on lines that have not changed. by_uid: its symbols.
    text: its lines. lines: which of them have not changed. linked: the content with all mentions,
    once it was asked for. stored: its facts, with the sites of changed lines only.
    """

    content: FileContent
    by_uid: dict[str, Symbol]
    text: Sequence[str]
    lines: LineMap
    stored: StoredFile
    linked: FileContent | None = None
    lock: Lock = field(default_factory=Lock)

    @property
    def best(self) -> FileContent:
        """The most that is known by now."""
        return self.linked or self.content

    def may_newly_name(self, symbol: Symbol) -> bool:
        """True when a changed line has the name of a symbol, or one that this file gives it."""
        parts = symbol.full_name.split(".")
        names = {symbol.name, *parts[-2:]}
        for mention in self.content.mentions:
            if mention.target.uid == symbol.uid:
                line, (_, column, length) = self.text[mention.site.line - 1], mention.site
                names.add(line.encode("utf-8", "replace")[column : column + length].decode())
        return any(
            not names.isdisjoint(_WORD.findall(line))
            for number, line in enumerate(self.text, start=1)
            if self.lines.is_new(number)
        )

    def is_edited(self, symbol: Symbol) -> bool:
        """True when a line of a symbol of this file has changed."""
        own = self.by_uid.get(symbol.uid)
        span = range(own.start_line or 1, (own.end_line or 0) + 1) if own else ()
        return any(map(self.lines.is_new, span))


class LiveLinker:
    """Reads and links documents of one repository; keeps the facts of all its files."""

    def __init__(self, request: IndexRequest) -> None:
        self._request = request
        self._overlay = Overlay(request)

    def read(
        self,
        reader: GraphReader | None,
        document: Document,
        indexed: FileContent,
        indexed_lines: Sequence[str],
    ) -> LiveFile | None:
        """What a document says; None for a file that is too large or of no known language.

        Args:
            reader: the graph, None where nothing is indexed yet.
            document: the text as it is now.
            indexed: what is known of the file as it was.
            indexed_lines: the text as it was; empty when it is gone.
        """
        path = indexed.path
        name = language_of(path)
        if name is None or document.size > self._request.max_file_bytes:
            return None
        lines = compare(indexed_lines, document.lines)
        read = ReadAs(document.content_hash, len(document.data))
        with quiet_interpreter():
            extracted = language(name).extract(path, document.data)
            changed = extracted._replace(sites=_sites_on_new_lines(extracted.sites, lines))
            stored = stored_file(path, name, read, changed)
            with self._overlay.linking(reader, stored) as linking:
                symbols = symbols_of(linking.nodes(path, []))
        by_uid = {symbol.uid: symbol for symbol in symbols}
        mentions = in_order(_moved(indexed.mentions, lines, by_uid))
        content = FileContent(path, read.content_hash, tuple(symbols), mentions)
        return LiveFile(content, by_uid, document.lines, lines, stored)

    def link(self, reader: GraphReader, file: LiveFile) -> FileContent:
        """The content of a document with all that it mentions."""
        with file.lock:
            if file.linked is None:
                path = file.content.path
                with quiet_interpreter(), self._overlay.linking(reader, file.stored) as linking:
                    edges = linking.link(path).edges
                known = ends_of(reader, file.by_uid, edges)
                content = file.content
                found = (m for edge in edges for m in mentions_of(edge, known.get))
                fresh = [m for m in found if file.lines.is_new(m.site.line)]
                mentions = in_order([*content.mentions, *fresh])
                file.linked = FileContent(path, content.content_hash, content.symbols, mentions)
            return file.linked

    def facts(self, reader: GraphReader | None, path: str) -> FileFacts | None:
        """The facts of a file as it was indexed."""
        state = self._overlay.state(reader) if reader else None
        record = state.files.get(path) if state else None
        return decode_facts(record.stored.facts) if record else None

    def can_link(self, reader: GraphReader | None) -> bool:
        """True when the facts of the other files are known."""
        return reader is not None and self._overlay.state(reader) is not None


def _sites_on_new_lines(sites: array[int], lines: LineMap) -> array[int]:
    """The sites of changed lines: only they are linked, in time that grows with the change."""
    width = len(Site._fields)
    at = Site._fields.index("line")
    starts = range(0, len(sites), width)
    wanted = [start for start in starts if lines.is_new(sites[start + at])]
    return array("i", [value for start in wanted for value in sites[start : start + width]])


def _moved(mentions: Sequence[Mention], lines: LineMap, own: dict[str, Symbol]) -> list[Mention]:
    """Mentions where they are now; those on changed lines are left out."""
    found: list[Mention] = []
    for mention in mentions:
        line = lines.now(mention.site.line)
        if line is not None:
            target = own.get(mention.target.uid, mention.target)
            site = mention.site._replace(line=line)
            found.append(replace(mention, site=site, target=target))
    return found
