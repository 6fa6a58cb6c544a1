"""The library indexed by the indexer into both stores, and tools over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.analysis import FileAnalysis, Missing, Unresolved
from agent.messages import ToolCall
from agent.toolbox import Ports, Toolbox, open_toolbox
from agent.tools.texts import repository_files
from graphdb.registry import StoreSettings, open_reader
from graphdb.retrieval.corpus_build import build_corpus
from graphdb.retrieval.retriever import Retriever
from indexer.pipeline import IndexRequest, run_index
from tests.agent.tools.library import FILES
from tests.contracts.conftest import STORES, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from agent.events import ToolAnswered
    from graphdb.store import GraphReader


class Quiet:
    def phase(self, name: str, total: int | None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        pass


class Names:
    """An analyst of texts in which MISSING_x is a name, and LOST_x an import, of nothing."""

    def analyse(self, path: str, text: str) -> FileAnalysis:
        kinds = {"MISSING": Missing.NAME, "LOST": Missing.IMPORT, "NO": Missing.MEMBER}
        found = [
            Unresolved(name, kinds[kind], line)
            for line, words in enumerate(text.splitlines(), 1)
            for kind, _, name in (word.partition("_") for word in words.split())
            if name and kind in kinds
        ]
        return FileAnalysis(path, (), (), (), tuple(found))


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def indexed(root: Path, settings: StoreSettings) -> GraphReader:
    run_index(IndexRequest(root, settings, jobs=1, full=True), Quiet())
    return open_reader(settings)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library")
    write(root, FILES)
    return root


@pytest.fixture(scope="module", params=STORES)
def reader(
    library: Path, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GraphReader]:
    opened = indexed(library, settings_of(request.param, request, tmp_path_factory))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def embedded(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphReader]:
    """The library in the embedded store alone, for what no store has a part in."""
    opened = indexed(library, StoreSettings("embedded", "shop", tmp_path_factory.mktemp("index")))
    yield opened
    opened.close()


def retriever_of(reader: GraphReader, root: Path) -> Retriever:
    return Retriever(reader, build_corpus(reader, lambda path: (root / path).read_bytes()))


@pytest.fixture(scope="module")
def ports(reader: GraphReader, library: Path) -> Ports:
    return Ports(
        retriever=retriever_of(reader, library),
        analyst=Names(),
        read_file=repository_files(library),
    )


class Asker:
    """Asks a toolbox by tool and arguments."""

    def __init__(self, toolbox: Toolbox) -> None:
        self.toolbox = toolbox

    def __call__(self, tool: str, /, **arguments: Any) -> ToolAnswered:
        (answer,) = self.toolbox.run([ToolCall(tool, arguments)])
        return answer


@pytest.fixture
def ask(reader: GraphReader, ports: Ports) -> Asker:
    return Asker(open_toolbox(reader, ports))
