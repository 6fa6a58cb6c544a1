"""The only place that connects settings with stores, the indexer and the benchmarks.

Everything heavy is imported inside the function that needs it, so that `codexgraph --help` loads
none of it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codexgraph.config import PASSWORD_VARIABLE
from graphdb.errors import NoIndexError
from graphdb.registry import StoreSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from benchmarks.accuracy.suites import Result
    from codexgraph.config import Config
    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.retriever import Retriever
    from graphdb.retrieval.vectors import Embedder
    from graphdb.store import GraphReader
    from indexer.freshness import Freshness
    from indexer.pipeline import IndexRequest, Progress
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
    """From the environment, else from the keyring."""
    return os.environ.get(PASSWORD_VARIABLE) or keyring_entry(config.neo4j_user)


def keyring_entry(name: str) -> str | None:
    """What the desktop's keyring holds under a name, where that package is installed."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, name)
    except KeyringError:
        return None


def open_graph(config: Config) -> GraphReader:
    """Open the graph of a repository for reading, from memory where a server has it there.

    Raises NoIndexError or StoreError.
    """
    from graphdb.registry import open_reader
    from lsp.remote import connect

    served = connect(config.index_dir, config.repo) if config.store == "embedded" else None
    return served or open_reader(store_settings(config))


def open_retriever(config: Config, reader: GraphReader) -> Retriever:
    """Retrieval over a graph; its corpus is kept in the folder of the index."""
    from graphdb.retrieval.retriever import Retriever

    if not config.retrieval_embeddings:
        return Retriever(reader, _open_corpus(config, reader))
    from graphdb.retrieval.static_model import StaticModel
    from graphdb.retrieval.vectors import Meaning

    meaning = Meaning(reader, StaticModel())
    return Retriever(reader, _open_corpus(config, reader), meaning)


def _open_corpus(config: Config, reader: GraphReader) -> Corpus:
    from graphdb.retrieval.corpus_file import open_corpus

    def read_file(path: str) -> bytes | None:
        try:
            return (config.root / path).read_bytes()
        except OSError:
            return None

    return open_corpus(reader, config.index_dir, read_file)


def bench_latency(
    config: Config, reader: GraphReader, count: int, issues: Path | None
) -> dict[str, Any]:
    """Measure what one answer of retrieval costs."""
    from benchmarks.retrieval_latency import run
    from graphdb.retrieval.retriever import Retriever

    corpus = _open_corpus(config, reader)
    return run(reader, corpus, Retriever(reader, corpus), count, issues)


def run_index(config: Config, *, full: bool, progress: Progress) -> IndexReport:
    """Index a repository, and give its symbols vectors where the settings say so.

    A run that is stopped among the vectors leaves a whole graph; the next one goes on.
    """
    from indexer.pipeline import run_index as run

    if not config.retrieval_embeddings:
        return run(index_request(config, full=full), progress)
    from graphdb.retrieval.static_model import StaticModel

    model = StaticModel()
    report = run(index_request(config, full=full), progress)
    made = _add_vectors(config, model, progress)
    return replace(report, notes=(*report.notes, f"vectors made: {made:,}"))


def _add_vectors(config: Config, model: Embedder, progress: Progress) -> int:
    """Give the symbols that lack one a vector; how many did."""
    from graphdb.registry import open_reader, open_writer
    from graphdb.retrieval.vectors import add_missing_vectors

    settings = store_settings(config)
    writer = open_writer(settings)
    try:
        reader = open_reader(settings)
        try:
            return add_missing_vectors(reader, writer, model, progress)
        finally:
            reader.close()
    finally:
        writer.close()


def index_request(config: Config, *, full: bool) -> IndexRequest:
    """What an index run of a repository is asked to do."""
    from indexer.pipeline import IndexRequest

    return IndexRequest(
        root=config.root,
        settings=store_settings(config),
        jobs=config.jobs,
        full=full,
        exclude=config.exclude,
        max_file_bytes=config.max_file_bytes,
        inherited_members=config.inherited_members,
        imported_members=config.imported_members,
    )


def bench_index(path: Path, jobs: int) -> dict[str, Any]:
    """Measure what indexing a folder costs."""
    from benchmarks.index_cost import run

    return run(path, jobs)


def bench_accuracy(suites: Sequence[str], data: Path | None, repos: Path | None) -> list[Result]:
    """Measure how right the graph's edges are; all suites when none is named."""
    from benchmarks.accuracy.suites import run_suites

    return run_suites(suites, data, repos)


def trace_tests(command: Sequence[str], root: Path, out: Path) -> tuple[int, int]:
    """Run a test command and write the calls that it makes; how many, and its exit code."""
    from benchmarks.accuracy.truth.trace import trace

    return trace(command, root, out)


def read_scip(index: Path, out: Path) -> int:
    """Write a SCIP index as records; how many."""
    from benchmarks.accuracy.truth.files import write_jsonl
    from benchmarks.accuracy.truth.scip import read_index

    return write_jsonl(out, read_index(index))


def export_javac(
    arguments: Sequence[str], root: Path, out: Path, java: str
) -> tuple[int, list[str]]:
    """Write what javac resolved in Java sources; how many rows, and what it complained of."""
    from benchmarks.accuracy.truth.javac import export

    return export(arguments, root, out, java)


def bench_cards() -> dict[str, dict[str, Any]]:
    """The data card of every suite."""
    from dataclasses import asdict

    from benchmarks.suites import SUITES, suite

    return {name: asdict(suite(name).card) for name in SUITES}


def bench_run(
    name: str, settings: dict[str, Any], say: Callable[[str], None] | None
) -> dict[str, Any]:
    """Run a suite; what its metrics file holds."""
    from benchmarks.harness.run import RunRequest, run_suite

    def progress(done: int, total: int) -> None:
        if say is not None:
            say(f"{done}/{total}")

    return run_suite(RunRequest(name, **settings), progress)


def bench_report(folder: Path) -> list[Path]:
    """Write the pages of a run; where they are."""
    from benchmarks.harness.report import write_report

    return write_report(folder)


def bench_generate(repos: Path, name: str, commit: str | None, per_file: int) -> list[str]:
    """Completion points of a repository, as JSON lines."""
    from benchmarks.harness.generate import generate

    return generate(repos, name, commit, per_file)


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
