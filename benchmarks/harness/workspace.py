"""A private copy of a repository's sources with an index of its own.

A suite may change files of the copy, such as hide a body, and the index follows by an update; so
what a retriever sees is what a user would have on disk at that moment, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.retrieval.corpus_build import build_corpus
from indexer.pipeline import IndexRequest, run_index

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from graphdb.retrieval.corpus import Corpus
    from graphdb.retrieval.vectors import Embedder, Meaning
    from graphdb.store import GraphReader

from benchmarks.harness.repositories import write_files


class _Silent:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int | None) -> None:
        """Nothing is shown."""

    def advance(self, n: int = 1) -> None:
        """Nothing is shown."""


@dataclass(slots=True)
class Workspace:
    """A folder of sources and the index of it; `folder` must be empty and the caller's own."""

    folder: Path
    files: dict[str, bytes] = field(default_factory=dict[str, bytes])
    _reader: GraphReader | None = None
    _corpus: Corpus | None = None
    _model: Embedder | None = None

    @property
    def root(self) -> Path:
        """Where the sources lie."""
        return self.folder / "source"

    def set_files(self, files: Mapping[str, bytes]) -> None:
        """Make the sources exactly these, and bring the index up to date."""
        for path in self.files.keys() - files.keys():
            (self.root / path).unlink(missing_ok=True)
        changed = {path: data for path, data in files.items() if self.files.get(path) != data}
        self.root.mkdir(parents=True, exist_ok=True)
        write_files(self.root, changed)
        self.files = dict(files)
        self._index()

    def change(self, path: str, data: bytes | None) -> None:
        """Replace one file, or remove it with None, and bring the index up to date."""
        files = {name: text for name, text in self.files.items() if name != path}
        if data is not None:
            files[path] = data
        self.set_files(files)

    @property
    def reader(self) -> GraphReader:
        """The graph of the sources as they are."""
        if self._reader is None:
            self._reader = open_reader(self.settings)
        return self._reader

    @property
    def corpus(self) -> Corpus:
        """The corpus of the sources as they are."""
        if self._corpus is None:
            self._corpus = build_corpus(self.reader, self.files.get)
        return self._corpus

    def meaning(self) -> Meaning:
        """The vectors of the sources as they are, with the model of the extra `embeddings`."""
        from graphdb.retrieval.static_model import StaticModel
        from graphdb.retrieval.vectors import Meaning, add_missing_vectors

        if self._model is None:
            self._model = StaticModel()
        writer = open_writer(self.settings)
        try:
            add_missing_vectors(self.reader, writer, self._model, _Silent())
        finally:
            writer.close()
        return Meaning(self.reader, self._model)

    def close(self) -> None:
        """Release the graph."""
        if self._reader is not None:
            self._reader.close()
        self._reader = self._corpus = None

    @property
    def settings(self) -> StoreSettings:
        """How the index is opened."""
        return StoreSettings("embedded", "benchmark", self.folder / "index")

    def _index(self) -> None:
        self.close()
        request = IndexRequest(self.root, self.settings, jobs=1, full=False)
        run_index(request, _Silent())
