"""The only place that connects settings with stores, the indexer and the benchmarks.

Everything heavy is imported inside the function that needs it, so that `codexgraph --help` loads
none of it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from codexgraph.config import PASSWORD_VARIABLE
from graphdb.errors import NoIndexError
from graphdb.registry import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from pathlib import Path

    from codexgraph.config import Config
    from graphdb.store import GraphReader
    from indexer.freshness import Freshness
    from indexer.pipeline import Progress
    from indexer.report import IndexReport

KEYRING_SERVICE = "codexgraph"


def store_settings(config: Config) -> StoreSettings:
    """What a store needs to open; only here is the password read."""
    return StoreSettings(
        kind=config.store,
        repo=config.repo,
        index_dir=config.index_dir,
        uri=config.neo4j_uri,
        user=config.neo4j_user,
        password=neo4j_password(config) if config.store == "neo4j" else None,
        database=config.neo4j_database,
    )


def neo4j_password(config: Config) -> str | None:
    """From the environment, else from the keyring where that package is installed."""
    if password := os.environ.get(PASSWORD_VARIABLE):
        return password
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, config.neo4j_user)
    except KeyringError:
        return None


def open_graph(config: Config) -> GraphReader:
    """Open the graph of a repository for reading. Raises NoIndexError or StoreError."""
    from graphdb.registry import open_reader

    return open_reader(store_settings(config))


def run_index(config: Config, *, full: bool, progress: Progress) -> IndexReport:
    """Index a repository."""
    from indexer.pipeline import IndexRequest
    from indexer.pipeline import run_index as run

    request = IndexRequest(
        root=config.root,
        settings=store_settings(config),
        jobs=config.jobs,
        full=full,
        exclude=config.exclude,
        max_file_bytes=config.max_file_bytes,
        inherited_members=config.inherited_members,
        imported_members=config.imported_members,
    )
    return run(request, progress)


def bench_index(path: Path, jobs: int) -> dict[str, Any]:
    """Measure what indexing a folder costs."""
    from benchmarks.index_cost import run

    return run(path, jobs)


def freshness_of(config: Config, reader: GraphReader, files: Iterable[str] = ()) -> Freshness:
    """How the index relates to the files of now, and which files of an answer are behind."""
    from indexer.freshness import check

    return check(config.root, reader.meta(), files, file_hashes(reader), _source_test(config))


def freshness_after(config: Config, report: IndexReport) -> Freshness:
    """How the index relates to the files right after a run."""
    from indexer.freshness import just_indexed

    late = (p.file_path for p in report.problems if p.kind == "changed")
    return just_indexed(config.root, report.meta, late)


def file_hashes(reader: GraphReader) -> dict[str, str]:
    """Content hash of every indexed file, by path."""
    cypher = (
        "MATCH (f:FILE) WHERE f.repo = $repo "
        "RETURN f.file_path AS file_path, f.content_hash AS content_hash"
    )
    rows = reader.query(cypher, max_rows=None).rows
    return {row[0]: row[1] for row in rows if row[0]}


def export_graph(config: Config, folder: Path) -> Any:
    """Write the graph as CSV files that `neo4j-admin import` reads."""
    from graphdb.export import export_csv

    reader = open_graph(config)
    try:
        return export_csv(reader, folder)
    finally:
        reader.close()


def _source_test(config: Config) -> Callable[[str], bool]:
    """Whether a path would be indexed, were it new."""
    from indexer.freshness import is_source_file

    if not config.exclude:
        return is_source_file
    from indexer.patterns import compile_patterns

    excluded = compile_patterns(pattern.encode() for pattern in config.exclude)
    return lambda path: is_source_file(path) and not excluded.covers(path.encode())


def load_grammars() -> list[str]:
    """Load every language's grammar; their names and versions."""
    from indexer.languages import load_grammars as load

    return load()


@contextmanager
def writer_lease(index_dir: Path) -> Generator[None]:
    """Hold the right to write an index folder. Raises IndexLockedError."""
    from graphdb.stores.embedded_file import WriterLease

    lease = WriterLease(index_dir)
    try:
        yield
    finally:
        lease.release()


def drop_graph(config: Config) -> None:
    """Remove a repository from a store that many share. Raises NoIndexError or IndexLockedError."""
    from graphdb.registry import delete_graph

    if not delete_graph(store_settings(config)):
        raise NoIndexError(f"nothing of {config.repo} is in {config.neo4j_uri}")
