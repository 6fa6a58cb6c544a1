"""The graph's answers with what open documents say in place of what was indexed of them.

A relation belongs to the file that its sites are in: those of an edited file are taken from the
document, all others from the graph, whoever asks.
"""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any

from graphdb.errors import CodexGraphError, NoIndexError
from graphdb.queries.call_hierarchy import CALL_EDGES, incoming_calls, outgoing_calls
from graphdb.queries.mentions import FileContent, mentions_at, named_at
from graphdb.queries.references import REFERENCE_EDGES, reference_sites
from graphdb.queries.rows import symbols_by_uid
from graphdb.queries.type_hierarchy import TYPE_EDGES, subtypes, supertypes
from graphdb.schema import DEFAULT_TIERS, EdgeKind, NodeKind
from graphdb.symbols import Relation
from lsp.documents import language_of
from lsp.names import Denoted, denoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from graphdb.delta import GraphCounts, IndexMeta
    from graphdb.queries.mentions import Mention
    from graphdb.schema import Site
    from graphdb.store import GraphReader, QueryResult, TextHit
    from graphdb.symbols import Relations, Symbol
    from lsp.documents import Document
    from lsp.live import LiveFile
    from lsp.project import Project

_REFERENCES = frozenset({*REFERENCE_EDGES, EdgeKind.DECORATES})
_HIERARCHY_KINDS = (NodeKind.CLASS, NodeKind.EXTERNAL, NodeKind.METHOD, NodeKind.FIELD)


class GivenUpError(Exception):
    """Nobody waits for the answer any more."""


class CancellableReader:
    """A reader that stops between two queries when nobody waits for the answer any more."""

    def __init__(self, reader: GraphReader, given_up: Event) -> None:
        self.repo = reader.repo
        self._reader = reader
        self._given_up = given_up

    def query(
        self, cypher: str, params: Mapping[str, Any] | None = None, **limits: Any
    ) -> QueryResult:
        """As the reader's own."""
        if self._given_up.is_set():
            raise GivenUpError
        return self._reader.query(cypher, params, **limits)

    def search_text(
        self, text: str, kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """As the reader's own."""
        if self._given_up.is_set():
            raise GivenUpError
        return self._reader.search_text(text, kinds, limit)

    def search_vector(
        self, vector: Sequence[float], kinds: Sequence[NodeKind] = (), limit: int = 20
    ) -> list[TextHit]:
        """As the reader's own."""
        if self._given_up.is_set():
            raise GivenUpError
        return self._reader.search_vector(vector, kinds, limit)

    def meta(self) -> IndexMeta:
        """As the reader's own."""
        return self._reader.meta()

    def meta_at_hand(self) -> IndexMeta | None:
        """As the reader's own."""
        return self._reader.meta_at_hand()

    def counts(self) -> GraphCounts:
        """As the reader's own."""
        return self._reader.counts()

    def close(self) -> None:
        """The reader is shared: whoever opened it closes it."""


class Answers:
    """What one request may ask; made for it, and used in one worker thread."""

    def __init__(
        self, project: Project, documents: Mapping[str, Document], given_up: Event | None = None
    ) -> None:
        self.project = project
        self.documents = documents
        self._given_up = given_up or Event()
        reader = project.reader_or_none()
        self._reader = CancellableReader(reader, self._given_up) if reader else None
        self._live: dict[str, LiveFile] | None = None

    @property
    def reader(self) -> GraphReader:
        """The graph. Raises NoIndexError."""
        if self._reader is None:
            raise NoIndexError(
                f"nothing of {self.project.root} is indexed yet: run codexgraph index"
            )
        return self._reader

    @property
    def is_indexed(self) -> bool:
        """True when there is a graph to ask."""
        return self._reader is not None

    def warm(self) -> None:
        """Load what the next requests will need."""
        if self._reader is not None:
            self.project.renew_names(self._reader)

    # Files

    def content(self, path: str) -> FileContent:
        """What a file says: the open document, else the graph."""
        if live := self.live_of(path):
            return live.best
        if self._reader is None:
            return FileContent(path, None)
        return self.project.graph_content(self._reader, path)

    def live_of(self, path: str) -> LiveFile | None:
        """The open document of a path where it is not what was indexed."""
        document = self.documents.get(path)
        if document is None or language_of(path) is None:
            return None
        if self._given_up.is_set():
            raise GivenUpError
        return self.project.live_file(self._reader, path, document)

    def live_files(self) -> dict[str, LiveFile]:
        """All open documents that are not what was indexed, by path."""
        if self._live is None:
            found = ((path, self.live_of(path)) for path in self.documents)
            self._live = {path: live for path, live in found if live}
        return self._live

    def _link_where(self, may_matter: Callable[[LiveFile], bool]) -> None:
        """Resolve the changed lines of open documents whose answer they may change."""
        for live in self.live_files().values():
            if self._given_up.is_set():
                raise GivenUpError
            if self._reader is not None and live.linked is None and may_matter(live):
                self.project.linked(self._reader, live)

    # Symbols

    def at(self, path: str, line: int, column: int) -> list[Symbol]:
        """What is named at a position (1-based line, byte column), where it stands now."""
        live = self.live_of(path)
        content = live.best if live else self.content(path)
        found = named_at(content, line, column)
        if not found and live and self._reader and live.linked is None and live.lines.is_new(line):
            content = self.project.linked(self._reader, live)
            found = named_at(content, line, column)
        if not found:
            denoted = self.bare_name(path, line, column)
            found = list(denoted.symbols)
            if not found and denoted.local is None:
                found = [m.target for m in mentions_at(content, line, column, are_implied=True)]
        return [self.now(symbol) for symbol in found]

    def bare_name(self, path: str, line: int, column: int) -> Denoted:
        """What a name stands for that is a local variable, or imported and used for its members."""
        document, live = self.documents.get(path), self.live_of(path)
        facts = self.project.facts(self._reader, path, live) if document else None
        if document is None or facts is None:
            return Denoted()
        return denoted(facts, self.content(path), document.lines, line, column)

    def now(self, symbol: Symbol) -> Symbol:
        """A symbol where an open document has it now."""
        live = self.live_of(symbol.file_path) if symbol.file_path else None
        return live.by_uid.get(symbol.uid, symbol) if live else symbol

    def by_uid(self, uid: str) -> Symbol | None:
        """The symbol of a uid, or None when there is none any more."""
        found = symbols_by_uid(self.reader, [uid]).get(uid)
        if found is not None:
            return self.now(found)
        return next((f.by_uid[uid] for f in self.live_files().values() if uid in f.by_uid), None)

    # Relations

    def references(self, symbol: Symbol, *, is_exact: bool = False) -> set[tuple[str, Site]]:
        """The places that name a symbol: files and sites.

        is_exact: resolve changed lines that may name it first, which can take seconds.
        """
        if is_exact:
            self._link_where(lambda live: live.may_newly_name(symbol))
        live = self.live_files()
        found = {
            (path, site) for path, site in reference_sites(self.reader, symbol) if path not in live
        }
        for path, file in live.items():
            for relation in _live_relations(file, symbol.uid, _REFERENCES, incoming=True):
                found.update((path, site) for site in relation.sites)
        return found

    def callers(self, symbol: Symbol) -> list[Relation]:
        """Who calls a symbol."""
        self._link_where(lambda live: live.may_newly_name(symbol))
        found = incoming_calls(self.reader, symbol)
        return self._overlaid(found, symbol, CALL_EDGES, incoming=True)

    def callees(self, symbol: Symbol) -> list[Relation]:
        """What a symbol calls."""
        self._link_where(lambda live: live.is_edited(symbol))
        found = outgoing_calls(self.reader, symbol)
        return self._overlaid(found, symbol, CALL_EDGES, incoming=False)

    def supertypes(self, symbol: Symbol, depth: int | None = 1) -> list[Relation]:
        """Base classes, or the members that a member overrides."""
        if symbol.kind not in _HIERARCHY_KINDS:
            return []
        found = supertypes(self.reader, symbol, depth)
        return self._overlaid(found, symbol, _type_edges(symbol), incoming=False)

    def subtypes(self, symbol: Symbol, depth: int | None = 1) -> list[Relation]:
        """Derived classes, or the members that override a member."""
        if symbol.kind not in _HIERARCHY_KINDS:
            return []
        found = subtypes(self.reader, symbol, depth)
        return self._overlaid(found, symbol, _type_edges(symbol), incoming=True)

    def tests(self, symbol: Symbol) -> list[Relation]:
        """Tests that reach a symbol directly."""
        return self._relations(symbol, (EdgeKind.TESTS,), incoming=True)

    def types(self, symbol: Symbol) -> list[Symbol]:
        """The declared or returned types of a symbol."""
        edges = (EdgeKind.HAS_TYPE, EdgeKind.RETURNS_TYPE)
        return [r.symbol for r in self._relations(symbol, edges, incoming=False)]

    def _relations(
        self, symbol: Symbol, edges: tuple[EdgeKind, ...], *, incoming: bool
    ) -> list[Relation]:
        from graphdb.queries.levels import walk
        from graphdb.queries.rows import Follow

        found = walk(self.reader, [symbol], Follow(edges, incoming))
        return self._overlaid(found, symbol, edges, incoming=incoming)

    def _overlaid(
        self, found: Relations, symbol: Symbol, edges: Iterable[EdgeKind], *, incoming: bool
    ) -> list[Relation]:
        live, wanted = self.live_files(), frozenset(edges)
        kept = [
            replace(relation, symbol=self.now(relation.symbol))
            for relation in found.items
            if relation.file_path not in live or not relation.sites
        ]
        for path, file in live.items():
            if incoming or symbol.file_path == path:
                kept += _live_relations(file, symbol.uid, wanted, incoming=incoming)
        return kept


def _type_edges(symbol: Symbol) -> tuple[EdgeKind, ...]:
    is_class = symbol.kind in (NodeKind.CLASS, NodeKind.EXTERNAL)
    return TYPE_EDGES if is_class else (EdgeKind.OVERRIDES,)


def _live_relations(
    file: LiveFile, uid: str, wanted: frozenset[EdgeKind], *, incoming: bool
) -> list[Relation]:
    """The relations of a symbol that an open document says, one for each other end and type."""
    found: dict[tuple[str, EdgeKind], list[Mention]] = {}
    for mention in file.best.mentions:
        if mention.edge in wanted and mention.tier in DEFAULT_TIERS:
            near, far = mention.source, mention.target.uid
            if incoming:
                near, far = far, near
            if near == uid:
                found.setdefault((far, mention.edge), []).append(mention)
    relations: list[Relation] = []
    for (far, edge), mentions in found.items():
        symbol = file.by_uid.get(far) if incoming else mentions[0].target
        if symbol is not None:
            sites = tuple(m.site for m in mentions)
            path, first = file.content.path, mentions[0]
            relations.append(
                Relation(symbol, edge, uid, 1, path, sites, first.tier, None, first.kind)
            )
    return relations


def reason_of(error: CodexGraphError) -> str:
    """An error in one line."""
    return " ".join(str(error).split())
