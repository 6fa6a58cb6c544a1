"""The graph for other programs: one server an index, who may ask, and what they get."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.delta import NodeVector
from graphdb.errors import AmbiguousNameError, NotFoundError, StoreError, WriteRefusedError
from graphdb.queries.names import resolve
from graphdb.queries.references import find_references
from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.schema import VECTOR_KINDS
from lsp.remote import RemoteReader, connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from graphdb.store import GraphReader
    from tests.lsp.raw_client import RawClient

CODEXGRAPH = [sys.executable, "-P", "-m", "codexgraph"]


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*CODEXGRAPH, *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def reached(root: Path) -> RemoteReader:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = connect(root / ".codexgraph", root.name)
        if found is not None:
            return found
        time.sleep(0.05)
    raise AssertionError("no server")


@pytest.fixture
def begin(repository: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []

    def serve() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*CODEXGRAPH, "serve", "-q"], cwd=repository)
        started.append(process)
        return process

    yield serve
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture
def served(
    begin: Callable[[], subprocess.Popen[bytes]], repository: Path
) -> Iterator[RemoteReader]:
    begin()
    found = reached(repository)
    yield found
    found.close()


def local(root: Path) -> GraphReader:
    return open_reader(StoreSettings("embedded", root.name, root / ".codexgraph"))


def test_a_served_graph_answers_as_the_graph_does(served: RemoteReader, repository: Path) -> None:
    own = local(repository)
    assert served.meta() == own.meta()
    assert served.counts() == own.counts()
    text = "MATCH (n) WHERE n.repo = $repo RETURN n.uid AS uid, labels(n) AS labels ORDER BY uid"
    for limit in (3, None):
        ours, theirs = (r.query(text, max_rows=limit) for r in (own, served))
        assert (ours.columns, ours.rows, ours.truncated) == (
            theirs.columns,
            theirs.rows,
            theirs.truncated,
        )
    helper = resolve(served, "helper")
    assert helper == resolve(own, "helper")
    assert find_references(served, helper) == find_references(own, helper)
    assert served.search_text("base of things") == own.search_text("base of things")


def test_vectors_are_served_as_they_are_now(served: RemoteReader, repository: Path) -> None:
    assert served.search_vector([1.0, 0.0]) == []
    # Its own first run is over then, and nobody writes.
    assert served.ask("index", {}, 60)["is_running"] is False
    settings = StoreSettings("embedded", repository.name, repository / ".codexgraph")
    writer = open_writer(settings)
    try:
        first, second = writer.lacking_vectors()[:2]
        writer.set_vectors([NodeVector(first, [1.0, 0.0]), NodeVector(second, [1.0, 1.0])])
    finally:
        writer.close()
    assert [hit.uid for hit in served.search_vector([1.0, 0.0])] == [first.uid, second.uid]
    kinds = [kind for kind in VECTOR_KINDS if kind not in (first.kind, second.kind)]
    assert served.search_vector([1.0, 0.0], kinds, 1) == []
    with pytest.raises(StoreError, match="vectors of 2 numbers, not of 1"):
        served.search_vector([1.0])


def test_errors_are_those_of_the_graph(served: RemoteReader) -> None:
    with pytest.raises(WriteRefusedError):
        served.query("CREATE (n:CLASS)")
    with pytest.raises(NotFoundError):
        served.ask("references", {"name": "nobody"})
    with pytest.raises(AmbiguousNameError):
        served.ask("callers", {"name": "run"})


def test_questions_by_name(served: RemoteReader) -> None:
    callers = served.ask("callers", {"name": "helper"})
    assert [row["symbol"]["name"] for row in callers["items"]] == ["run"]
    assert served.ask("hierarchy", {"name": "Child"})["supertypes"][0]["symbol"]["name"] == "Base"
    assert "def helper" in served.ask("source", {"name": "helper"})["code"]
    assert served.ask("index", {}, 60)["is_running"] is False


def test_who_has_no_token_is_refused(served: RemoteReader, repository: Path) -> None:
    address = json.loads((repository / ".codexgraph/serve.json").read_text())
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(address["socket"])
        file = connection.makefile("rwb")
        for line in (b'{"id": 1, "method": "meta"}\n', b"no json\n", b"[1]\n"):
            file.write(line)
            file.flush()
            assert "error" in json.loads(file.readline())


def test_the_command_line_asks_the_server(served: RemoteReader, repository: Path) -> None:
    found = run(repository, "callers", "helper", "--json")
    assert json.loads(found.stdout)["result"]
    assert run(repository, "query", "CREATE (n:CLASS)").returncode == 2


def test_there_is_one_server_and_a_dead_one_is_replaced(
    begin: Callable[[], subprocess.Popen[bytes]], repository: Path
) -> None:
    first = begin()
    reached(repository).close()
    refused = run(repository, "serve")
    assert refused.returncode == 2
    assert "served already" in refused.stderr
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert connect(repository / ".codexgraph", repository.name) is None
    second = begin()
    reached(repository).close()
    second.send_signal(signal.SIGTERM)
    assert second.wait(10) == 0
    assert not (repository / ".codexgraph/serve.json").exists()


def test_a_server_that_ends_is_told_as_such(
    begin: Callable[[], subprocess.Popen[bytes]], repository: Path
) -> None:
    process = begin()
    reader = reached(repository)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with pytest.raises(StoreError, match="gone"):
        reader.meta()
    reader.close()


def test_it_follows_the_files(served: RemoteReader, repository: Path) -> None:
    (repository / "pkg/extra.py").write_text("def extra():\n    pass\n")
    until = time.monotonic() + 30
    rows: Any = ()
    while not rows:
        assert time.monotonic() < until
        rows = served.query("MATCH (n:FUNCTION) WHERE n.name = 'extra' RETURN n.name").rows
        time.sleep(0.05)
    assert rows == (("extra",),)


def test_a_language_server_serves_too(client: RawClient, repository: Path) -> None:
    reader = reached(repository)
    assert reader.ask("callees", {"name": "make"})["items"]
    reader.close()
