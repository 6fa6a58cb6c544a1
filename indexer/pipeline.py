"""One index run: discover, extract, link, write; whole, or only what a change can have touched.

An update never trusts what it cannot recompute: the edges that a file had are computed again from
the facts of before, the edges that it has from the facts of now, and the store is given the
difference.
"""

from __future__ import annotations

import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from graphdb.delta import GraphDelta, IndexMeta
from graphdb.errors import CodexGraphError
from graphdb.registry import open_writer
from graphdb.schema import SCHEMA_VERSION
from indexer.build import Build
from indexer.discovery import discover
from indexer.facts import FACTS_VERSION
from indexer.freshness import read_work_tree
from indexer.interpreter import quiet_interpreter
from indexer.language import LinkSettings
from indexer.languages import REGISTRY, Registry
from indexer.linking import Linking
from indexer.reading import ReadFile, hash_file, read_files
from indexer.report import IndexReport, Problem
from indexer.state import FileRecord, State, load_state, save_state, state_path, state_paths
from indexer.update import FileChanges, difference, keep_said, reach

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphWriter
    from indexer.listing import Discovery, SourceFile


class Progress(Protocol):
    """How a run tells where it is; `total` is None where it is not known."""

    def phase(self, name: str, total: int | None) -> None:
        """A phase begins."""
        ...

    def advance(self, n: int = 1) -> None:
        """A part of the phase is done."""
        ...


@dataclass(frozen=True, slots=True)
class IndexRequest:
    """What to index, where to, and how.

    full: forget what earlier runs know. rebuild_above: the share of files to link again above which
    a whole build is taken to be cheaper than a difference. registry: the languages.
    """

    root: Path
    settings: StoreSettings
    jobs: int
    full: bool
    exclude: tuple[str, ...] = ()
    max_file_bytes: int = 5_000_000
    inherited_members: bool = True
    imported_members: bool = True
    rebuild_above: float = 0.3
    registry: Registry = REGISTRY


def run_index(request: IndexRequest, progress: Progress) -> IndexReport:
    """Bring the graph of a repository up to date with its files.

    Raises IndexLockedError when another process is at it, StoreError when the store cannot be
    written (the graph is then as before), CodexGraphError for a root that is no folder.
    """
    if not request.root.is_dir():
        raise CodexGraphError(f"{request.root} is not a folder: give the folder of a repository")
    with quiet_interpreter():
        writer = open_writer(request.settings)
        try:
            return _Run(request, progress, writer).run()
        finally:
            writer.close()


def tool_version() -> str:
    """The installed version of codexgraph, or "0" in a source tree that was never installed."""
    return _installed("codexgraph")


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "0"


def state_fingerprint(request: IndexRequest) -> str:
    """Whatever makes the facts and links that are kept useless when it differs."""
    known = request.registry
    versions = [f"{n}{known.language(n).version}" for n in sorted(known.languages)]
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    stubs = f"typeshed{_installed('typeshed-client')}"
    parts = [f"facts{FACTS_VERSION}", f"schema{SCHEMA_VERSION}", python, stubs, *versions]
    settings = LinkSettings(request.inherited_members, request.imported_members)
    return " ".join([*parts, str(settings), request.settings.repo, tool_version()])


class _Run:
    """The state of one run."""

    def __init__(self, request: IndexRequest, progress: Progress, writer: GraphWriter) -> None:
        self._request = request
        self._progress = progress
        self._writer = writer
        self._started = time.monotonic()
        self._started_at = datetime.now(UTC)
        self._settings = LinkSettings(request.inherited_members, request.imported_members)
        self._seconds: dict[str, float] = {}
        self._unread: list[Problem] = []
        self._late: list[Problem] = []

    def run(self) -> IndexReport:
        with self._timed("discover", None):
            found, meta, state = self._begin()
        changes, state_now = self._read(found, state)
        if meta is not None and not changes and state.files and not self._request.full:
            return self._unchanged(found, meta, state, state_now)
        total = max(1, len(state_now.files))
        if (
            meta is None
            or not state.files
            or len(changes.touched()) > self._request.rebuild_above * total
        ):
            return self._build(found, state_now)
        return self._update(found, changes, state, state_now)

    @contextmanager
    def _timed(self, name: str, total: int | None) -> Generator[None]:
        self._progress.phase(name, total)
        start = time.monotonic()
        try:
            yield
        finally:
            self._seconds[name] = self._seconds.get(name, 0.0) + time.monotonic() - start

    def _begin(self) -> tuple[Discovery, IndexMeta | None, State]:
        """What is there now, and what is known from before."""
        request = self._request
        fingerprint = state_fingerprint(request)
        discovered = partial(
            discover,
            request.root,
            request.registry.suffixes,
            exclude=request.exclude,
            max_file_bytes=request.max_file_bytes,
        )
        if request.full:
            return discovered(), None, State(fingerprint)
        with ThreadPoolExecutor(max_workers=1) as beside:
            # The engine loads its file without the interpreter: on another core, meanwhile.
            opened = beside.submit(self._writer.meta)
            found = discovered()
            stored = {path: load_state(path, fingerprint) for path in self._states()}
            meta = opened.result()
        if meta is None:
            return found, None, State(fingerprint)
        path = state_path(request.settings.index_dir, meta.repo, meta.generation)
        return found, meta, stored.get(path) or State(fingerprint)

    def _states(self) -> list[Path]:
        """Where states lie, of the present graph or one before: all but one are leftovers."""
        settings = self._request.settings
        return state_paths(settings.index_dir, settings.repo)

    # Reading

    def _read(self, found: Discovery, state: State) -> tuple[FileChanges, State]:
        """Extract what is new; the changes against the state, and the state now without links."""
        now = State(state.fingerprint)
        fresh: list[SourceFile] = []
        for file in found.files:
            record = self._same(file, state)
            if record is None:
                fresh.append(file)
            else:
                now.files[file.path] = record
        with self._timed("extract", len(fresh)):
            request = self._request
            results = read_files(
                request.root, request.registry, fresh, request.jobs, self._progress.advance
            )
            for result in results:
                if isinstance(result, ReadFile):
                    now.files[result.stored.path] = FileRecord(
                        result.stored, problems=result.problems
                    )
                else:
                    self._unread.append(result)
        self._unread.sort()
        now.files = dict(sorted(now.files.items()))
        added = frozenset(now.files.keys() - state.files.keys())
        changed = frozenset(
            path
            for path in now.files.keys() & state.files.keys()
            if now.files[path].stored.content_hash != state.files[path].stored.content_hash
        )
        deleted = frozenset(state.files.keys() - now.files.keys())
        return FileChanges(added, changed, deleted), now

    def _same(self, file: SourceFile, state: State) -> FileRecord | None:
        """The record of a file whose content is what it was, else None."""
        record = state.files.get(file.path)
        if record is None or record.stored.size != file.size:
            return None
        if record.stored.mtime_ns == file.mtime_ns and not self._is_racy(file):
            return record
        if hash_file(self._request.root, file.path) != record.stored.content_hash:
            return None
        touched = replace(record.stored, size=file.size, mtime_ns=file.mtime_ns)
        return replace(record, stored=touched)

    def _is_racy(self, file: SourceFile) -> bool:
        """A file as young as the clock's tick may have changed again without a new time."""
        return self._started_at.timestamp() * 1e9 - file.mtime_ns < 2e9

    # The three outcomes

    def _unchanged(
        self, found: Discovery, meta: IndexMeta, state: State, now: State
    ) -> IndexReport:
        tree = read_work_tree(self._request.root, None)
        commit = tree.head if tree else None
        if commit != meta.commit:
            # Another commit with the same files: the index says so from now on.
            now.readers = state.readers
            meta = self._publish(GraphDelta(), now)
        return self._report("unchanged", found, now, meta, relinked=0)

    def _build(self, found: Discovery, now: State) -> IndexReport:
        # The linking process would hold on to the graph of before.
        self._writer.forget()
        # First of all, while this process has one thread and may fork.
        build = Build(partial(self._linking, now), now, apart=self._request.jobs != 1)
        try:
            meta = self._meta(len(now.files))
            advance = self._progress.advance
            with self._timed("link and write", 2 * len(now.files)):
                self._writer.replace(build.nodes(advance), build.edges(advance), meta)
        finally:
            build.close()
        self._late += build.late
        self._keep(now, meta)
        return self._report("full", found, now, meta, relinked=len(now.files))

    def _update(
        self, found: Discovery, changes: FileChanges, state: State, now: State
    ) -> IndexReport:
        with self._timed("link", None):
            before, after = self._linking(state), self._linking(now)
            if _layout_differs(before, after, state, now):
                reached = None
            else:
                reached = reach(changes, state, before, after)
        most = self._request.rebuild_above * max(1, len(now.files))
        if reached is None or len(reached.files) > most:
            del before, after
            return self._build(found, now)
        with self._timed("link", len(reached.files)):
            result = difference(reached.files, changes, before, after, state)
            keep_said(reached, changes, after, now)
        now.readers = state.readers
        for reads in after.reads():
            now.readers.add(reads)
        for path, linked in result.linked.items():
            now.files[path].linked = linked
        self._late += after.changed_meanwhile
        before.close()
        after.close()
        meta = self._publish(result.delta, now)
        relinked = len(reached.files - changes.deleted)
        return self._report("incremental", found, now, meta, relinked=relinked)

    def _linking(self, state: State) -> Linking:
        stored = {path: record.stored for path, record in state.files.items()}
        return Linking(self._request.root, stored, self._settings, self._request.registry)

    # Writing

    def _meta(self, files: int) -> IndexMeta:
        tree = read_work_tree(self._request.root, None)
        return IndexMeta(
            repo=self._request.settings.repo,
            root=str(self._request.root),
            generation=uuid4().hex,
            schema_version=SCHEMA_VERSION,
            tool_version=tool_version(),
            indexed_at=self._started_at.isoformat(timespec="microseconds"),
            commit=tree.head if tree else None,
            branch=tree.branch if tree else None,
            files=files,
        )

    def _publish(self, delta: GraphDelta, now: State) -> IndexMeta:
        meta = self._meta(len(now.files))
        with self._timed("write", None):
            self._writer.apply(delta, meta)
        self._keep(now, meta)
        return meta

    def _keep(self, now: State, meta: IndexMeta) -> None:
        """Save the state for the graph that was published, and drop those of graphs before."""
        index_dir = self._request.settings.index_dir
        path = state_path(index_dir, meta.repo, meta.generation)
        with self._timed("remember", None):
            save_state(path, now)
            for old in self._states():
                if old != path:
                    old.unlink(missing_ok=True)

    def _report(
        self, mode: str, found: Discovery, now: State, meta: IndexMeta, *, relinked: int
    ) -> IndexReport:
        counts = self._writer.counts()
        known = [p for record in now.files.values() for p in record.problems]
        self._seconds["total"] = time.monotonic() - self._started
        return IndexReport(
            mode=mode,
            meta=meta,
            files=len(now.files),
            nodes=counts.nodes,
            edges=counts.edges,
            unresolved_calls=sum(record.linked.unresolved for record in now.files.values()),
            seconds=self._seconds,
            peak_memory_mb=max(map(_resident_mb, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))),
            relinked_files=relinked,
            problems=tuple(sorted([*known, *self._unread, *self._late])),
            left_out=found.left_out,
            notes=found.notes,
        )


def _layout_differs(before: Linking, after: Linking, state: State, now: State) -> bool:
    """True when a file that is still there is another module by name: then all names may differ."""
    return any(before.layout(p) != after.layout(p) for p in state.files.keys() & now.files.keys())


def _resident_mb(who: int) -> float:
    """Peak resident memory so far, of this process or of the largest child that has ended."""
    return resource.getrusage(who).ru_maxrss / 1024
