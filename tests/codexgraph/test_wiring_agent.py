"""What the agent is given of a repository, and what of it stays with the process."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from codexgraph import wiring_agent
from codexgraph.config import load_config
from codexgraph.wiring import open_graph
from codexgraph.wiring_agent import Surroundings
from graphdb.retrieval.corpus_file import corpus_path

if TYPE_CHECKING:
    from tests.codexgraph.conftest import Repository


@pytest.mark.parametrize("limit", [0, 1_000_000])
def test_a_large_corpus_is_built_by_a_process_of_its_own(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(wiring_agent, "_LARGE", limit)
    config = load_config(repository.root)
    reader = open_graph(config)
    path = corpus_path(config.index_dir, reader.repo, reader.meta().generation)
    path.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    around = Surroundings(config, reader, is_lasting=True)
    assert around.retriever.search("shape", limit=1) is not None
    around.close()
    assert path.exists()
    assert (resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before) == (limit == 0)
