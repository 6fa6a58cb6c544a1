"""A text laid over the files as they were indexed: what a file would say if it had this text.

Whoever edits (a person in an editor, a model in a draft) is answered by the code that indexes, so
that "resolves" means the same for both. The facts of all other files are loaded once for each state
of the graph and kept; they are most of the cost.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from threading import Lock
from typing import TYPE_CHECKING

from graphdb.queries.names import outermost_first
from graphdb.queries.rows import symbols_by_uid
from graphdb.schema import CODE_KINDS, EdgeKind, NodeKind, parse_sites
from graphdb.symbols import Symbol
from indexer.freshness import content_hash
from indexer.interpreter import quiet_interpreter
from indexer.language import LinkSettings
from indexer.linking import Linking
from indexer.missing import Around, MissingUse
from indexer.pipeline import state_fingerprint
from indexer.project import ReadAs, stored_file
from indexer.remembered import Remembered
from indexer.state import load_state, state_path

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping, Sequence

    from graphdb.delta import Edge, Node
    from graphdb.store import GraphReader
    from indexer.facts import Trouble
    from indexer.pipeline import IndexRequest
    from indexer.project import StoredFile
    from indexer.state import FileRecord, State


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text says. symbols: its definitions by position, the file itself first.

    uses: symbols of the repository outside this file that it names, each once, in order of first
    use. troubles: what does not parse. missing: uses that denote nothing.
    """

    path: str
    symbols: tuple[Symbol, ...] = ()
    uses: tuple[Symbol, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    missing: tuple[MissingUse, ...] = ()


class Overlay:
    """Links texts against the files of one repository; may be used by several threads."""

    def __init__(self, request: IndexRequest) -> None:
        self._request = request
        self._settings = LinkSettings(request.inherited_members, request.imported_members)
        self._lock = Lock()
        self._state: tuple[str, State] | None = None

    def language_of(self, path: str) -> str | None:
        """The language that a file is indexed as; None for one that is not indexed."""
        return self._request.registry.suffixes.get(PurePosixPath(path).suffix.lower())

    def analyse(self, reader: GraphReader, path: str, text: str) -> Analysis:
        """What a file would say with this text; nothing for one that is not indexed.

        The path need not exist. Raises what the reader raises.
        """
        name = self.language_of(path)
        data = text.encode("utf-8", "replace")
        if name is None or len(data) > self._request.max_file_bytes:
            return Analysis(path)
        with quiet_interpreter():
            extracted = self._request.registry.language(name).extract(path, data)
            stored = stored_file(path, name, ReadAs(content_hash(data), len(data)), extracted)
            with self.linking(reader, stored) as linking:
                symbols = symbols_of(linking.bare_nodes(path))
                state = self.state(reader)
                files = state.files if state else {}
                around = Around(self._request.root, files, path, data)
                missing = linking.missing(path, data, around)
                # Only now, because a new subclass in the text counts for what is missing.
                linking.recall(_remembered(files, path))
                edges = linking.link(path).edges
        own = {symbol.uid: symbol for symbol in symbols}
        troubles = extracted.facts.troubles
        return Analysis(path, tuple(symbols), _used(reader, own, edges), troubles, tuple(missing))

    @contextmanager
    def linking(self, reader: GraphReader | None, stored: StoredFile) -> Generator[Linking]:
        """All files as they were indexed, but for one."""
        state = self.state(reader) if reader else None
        others = {p: record.stored for p, record in state.files.items()} if state else {}
        files = {**others, stored.path: stored}
        linking = Linking(self._request.root, files, self._settings, self._request.registry)
        try:
            yield linking
        finally:
            linking.close()

    def state(self, reader: GraphReader) -> State | None:
        """The facts of the graph's files; those of the graph before while the new are written."""
        meta = reader.meta()
        with self._lock:
            if self._state is None or self._state[0] != meta.generation:
                index_dir = self._request.settings.index_dir
                path = state_path(index_dir, meta.repo, meta.generation)
                state = load_state(path, state_fingerprint(self._request))
                if state is not None:
                    self._state = (meta.generation, state)
            return self._state[1] if self._state else None


def _remembered(files: Mapping[str, FileRecord], path: str) -> Remembered:
    """What the other files said when they were indexed: they are as they were."""
    tables = {p: record.said for p, record in files.items()}
    return Remembered(tables, lambda cell: cell[0] == path)


def symbols_of(nodes: Iterable[Node]) -> list[Symbol]:
    """The symbols that nodes are, by position, outer ones first."""
    symbols = [_symbol(node) for node in nodes if node.kind != NodeKind.FILE]
    symbols.sort(key=outermost_first)
    return symbols


def _symbol(node: Node) -> Symbol:
    values = node.properties

    def text(name: str) -> str | None:
        value = values.get(name)
        return value if isinstance(value, str) else None

    def number(name: str) -> int | None:
        value = values.get(name)
        return value if isinstance(value, int) else None

    return Symbol(
        uid=node.uid,
        kind=node.kind,
        name=text("name") or "",
        full_name=text("full_name") or "",
        file_path=text("file_path"),
        start_line=number("start_line"),
        end_line=number("end_line"),
        signature=text("signature"),
        labels=node.labels,
        name_line=number("name_line"),
        name_column=number("name_column"),
        docstring=text("docstring"),
    )


def ends_of(
    reader: GraphReader, own: dict[str, Symbol], edges: Sequence[Edge]
) -> dict[str, Symbol]:
    """All ends of edges: the file's own, those of the graph, and what lies outside of it."""
    ends = {
        uid: kind
        for edge in edges
        for uid, kind in (
            (edge.key.source, edge.key.source_kind),
            (edge.key.target, edge.key.target_kind),
        )
        if uid not in own and kind != NodeKind.FILE
    }
    known = own | symbols_by_uid(reader, list(ends), tuple(dict.fromkeys(ends.values())))
    for uid, kind in ends.items():
        if uid not in known and kind == NodeKind.EXTERNAL:
            name = uid.partition(":")[2]
            short = name.rpartition(".")[2]
            known[uid] = Symbol(uid, kind, short, name, None, None, None, None, (kind.value,))
    return known


def _used(reader: GraphReader, own: dict[str, Symbol], edges: Sequence[Edge]) -> tuple[Symbol, ...]:
    """The symbols of other files that edges with a place in the text lead to."""
    first: dict[str, tuple[int, int]] = {}
    kinds: dict[str, NodeKind] = {}
    for edge in edges:
        key, sites = edge.key, edge.properties.get("sites")
        is_decorator = key.kind == EdgeKind.DECORATES
        uid, kind = (key.source, key.source_kind) if is_decorator else (key.target, key.target_kind)
        if isinstance(sites, str) and uid not in own and kind in CODE_KINDS:
            place = min((site.line, site.column) for site in parse_sites(sites))
            first[uid] = min(place, first.get(uid, place))
            kinds[uid] = kind
    known = symbols_by_uid(reader, list(first), tuple(dict.fromkeys(kinds.values())))
    return tuple(known[uid] for uid in sorted(first, key=lambda u: (first[u], u)) if uid in known)
