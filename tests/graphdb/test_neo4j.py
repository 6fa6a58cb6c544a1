"""What is particular to the Neo4j store; what both stores must do is in tests/contracts."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.delta import Edge, EdgeKey, GraphDelta, IndexMeta, Node, NodeRef
from graphdb.errors import (
    CodexGraphError,
    IndexLockedError,
    NoIndexError,
    QueryTimeoutError,
    StoreError,
    WriteRefusedError,
)
from graphdb.schema import SCHEMA_VERSION, EdgeKind, NodeKind
from graphdb.stores.neo4j import delete_graph, open_reader, open_writer
from graphdb.stores.neo4j_connection import check_version, connect, rows, translated
from tests.neo4j_server import private_server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from graphdb.registry import StoreSettings
    from graphdb.stores.neo4j import Neo4jWriter
    from graphdb.stores.neo4j_connection import Connection

pytestmark = pytest.mark.neo4j


def node(name: str, kind: NodeKind = NodeKind.FUNCTION, *extra: str, code: str = "pass") -> Node:
    properties = {
        "name": name,
        "full_name": f"pkg.{name}",
        "file_path": "pkg/mod.py",
        "code": code,
        "start_line": 1,
    }
    return Node(f"python:pkg/mod.py:{name}", kind, (kind.value, *extra), properties)


def call(source: Node, target: Node) -> Edge:
    key = EdgeKey(source.uid, source.kind, EdgeKind.CALLS, target.uid, target.kind)
    return Edge(key, {"sites": "1:2:3", "count": 1, "tier": "exact"})


def record(repo: str, generation: str = "1") -> IndexMeta:
    return IndexMeta(repo, "/src", generation, SCHEMA_VERSION, "0", "2026-01-01T00:00:00Z")


def chain(size: int) -> tuple[list[Node], list[Edge]]:
    nodes = [node(f"f{i}") for i in range(size)]
    return nodes, [call(a, b) for a, b in itertools.pairwise(nodes)]


def load(
    settings: StoreSettings, nodes: Iterable[Node], edges: Iterable[Edge], generation: str = "1"
):
    writer = open_writer(settings)
    try:
        writer.replace(nodes, edges, record(settings.repo, generation))
    finally:
        writer.close()


def ask(settings: StoreSettings, cypher: str) -> list[tuple]:
    reader = open_reader(settings)
    try:
        return list(reader.query(cypher).rows)
    finally:
        reader.close()


NAMES = "MATCH (n:FUNCTION {repo: $repo}) RETURN n.name ORDER BY n.name"


@pytest.fixture
def settings(neo4j_settings: StoreSettings) -> Iterator[StoreSettings]:
    """A repository of this test's own in the shared database."""
    made = replace(neo4j_settings, repo=f"repo-{uuid.uuid4().hex[:8]}")
    yield made
    delete_graph(made)


@pytest.fixture
def other(neo4j_settings: StoreSettings) -> Iterator[StoreSettings]:
    made = replace(neo4j_settings, repo=f"other-{uuid.uuid4().hex[:8]}")
    yield made
    delete_graph(made)


class TestRepositories:
    def test_two_in_one_database_are_kept_apart(self, settings, other):
        load(settings, *chain(3))
        load(other, *chain(5))
        assert len(ask(settings, NAMES)) == 3
        assert len(ask(other, NAMES)) == 5
        load(settings, *chain(2), generation="2")
        assert len(ask(settings, NAMES)) == 2
        reader = open_reader(other)
        assert reader.counts().nodes == {"FUNCTION": 5}
        assert reader.counts().edges == {"CALLS": 4}
        assert reader.meta() == record(other.repo)
        reader.close()

    def test_removing_in_one_leaves_the_other(self, settings, other):
        nodes, edges = chain(3)
        load(settings, nodes, edges)
        load(other, nodes, edges)
        writer = open_writer(settings)
        delta = GraphDelta(removed_nodes=(NodeRef(nodes[1].uid, NodeKind.FUNCTION),))
        writer.apply(delta, record(settings.repo, "2"))
        assert writer.counts().nodes == {"FUNCTION": 2}
        assert writer.counts().edges == {}
        writer.close()
        assert len(ask(other, NAMES)) == 3

    def test_a_query_without_repo_says_that_rows_come_from_all(self, settings, other):
        load(settings, *chain(1))
        load(other, *chain(1))
        reader = open_reader(settings)
        plain = reader.query("MATCH (n:FUNCTION) WHERE n.name = 'f0' RETURN n.name")
        assert len(plain.rows) >= 2
        assert any("repositories of this database" in note for note in plain.notes)
        assert any("$repo" in note for note in plain.notes)
        assert reader.query(NAMES).notes == ()
        scoped = reader.query("MATCH (n:FUNCTION) WHERE n.repo = $repo RETURN n.name")
        assert scoped.notes == ()
        assert scoped.rows == (("f0",),)
        reader.close()

    def test_search_stays_inside_the_repository(self, settings, other):
        load(settings, [node("alpha", code="the zebra sings")], [])
        load(other, [node("beta", code="the zebra sings")], [])
        reader = open_reader(settings)
        assert [hit.uid for hit in reader.search_text("zebra")] == [node("alpha").uid]
        assert reader.search_text("zebra", kinds=[NodeKind.CLASS]) == []
        assert reader.search_text('"zebra AND ( [ ^ name:*') != []
        assert reader.search_text("?:*") == []
        reader.close()

    def test_the_first_label_is_codexgraphs(self, settings):
        load(settings, [node("Colour", NodeKind.CLASS, "ENUM")], [])
        found = ask(settings, "MATCH (c:ENUM {repo: $repo}) RETURN labels(c)[0], c")
        assert found[0][0] == "CLASS"
        assert found[0][1]["_labels"] == ["CLASS", "ENUM"]

    def test_a_deleted_one_leaves_nothing_and_harms_no_other(self, settings, other):
        load(settings, *chain(3))
        load(other, *chain(2))
        assert delete_graph(settings)
        with pytest.raises(NoIndexError):
            open_reader(settings)
        everything = f"MATCH (n) WHERE n.repo = '{settings.repo}' RETURN count(n)"
        assert ask(other, everything) == [(0,)]
        assert len(ask(other, NAMES)) == 2
        assert not delete_graph(settings)

    def test_no_index_yet(self, settings):
        with pytest.raises(NoIndexError, match="codexgraph index"):
            open_reader(settings)

    def test_an_index_of_another_version_counts_as_none(self, settings):
        writer = open_writer(settings)
        writer.replace([], [], replace(record(settings.repo), schema_version=SCHEMA_VERSION + 1))
        assert writer.meta() is None
        writer.close()
        with pytest.raises(NoIndexError):
            open_reader(settings)


class TestReplace:
    def test_readers_see_the_old_graph_until_the_switch(self, settings):
        load(settings, *chain(4))
        reader = open_reader(settings)
        seen: list[Any] = []

        def edges() -> Iterator[Edge]:
            nodes, edges = chain(12_000)
            del nodes
            yield from edges[:10_001]
            seen.append(reader.counts())
            seen.append(reader.query("MATCH (n:FUNCTION {repo: $repo}) RETURN count(n)").rows)
            seen.append(reader.query("MATCH (n:FUNCTION {repo: $repo})--() RETURN count(*)").rows)
            seen.append(reader.query("MATCH (n {repo: $repo}) RETURN count(n)").rows)
            seen.append(reader.query("MATCH (n) RETURN count(n)").notes)
            yield from edges[10_001:]

        load(settings, chain(12_000)[0], edges(), "2")
        counts, number, ends, unlabelled, notes = seen
        assert counts.nodes == {"FUNCTION": 4}
        assert counts.edges == {"CALLS": 3}
        assert number == ((4,),)
        assert ends == ((6,),)
        assert unlabelled == ((5,),)
        assert any(f"{settings.repo} is being loaded" in note for note in notes)
        assert reader.counts().nodes == {"FUNCTION": 12_000}
        assert reader.counts().edges == {"CALLS": 11_999}
        assert reader.meta().generation == "2"
        leftovers = reader.query("MATCH (n) WHERE n.repo = $repo RETURN DISTINCT labels(n)").rows
        assert sorted(leftovers) == [(["FUNCTION"],), (["REPOSITORY"],)]
        reader.close()

    def test_a_load_that_fails_leaves_the_old_graph_and_the_next_write_cleans_up(self, settings):
        load(settings, *chain(4))

        def broken() -> Iterator[Edge]:
            yield from chain(30)[1]
            raise RuntimeError("the extraction failed")

        with pytest.raises(RuntimeError):
            load(settings, chain(30)[0], broken(), "2")
        assert len(ask(settings, NAMES)) == 4
        everything = "MATCH (n) WHERE n.repo = $repo RETURN count(n)"
        left_over = f"MATCH (n) WHERE n.repo STARTS WITH '{settings.repo} ' RETURN count(n)"
        assert ask(settings, everything) == [(5,)]
        assert ask(settings, left_over) == [(30,)]
        writer = open_writer(settings)
        writer.apply(GraphDelta(nodes=(node("new"),)), record(settings.repo, "3"))
        writer.close()
        assert ask(settings, everything) == [(6,)]
        assert ask(settings, left_over) == [(0,)]
        assert len(ask(settings, NAMES)) == 5

    def test_an_edge_without_its_end_is_refused_and_changes_nothing(self, settings):
        load(settings, *chain(4))
        with pytest.raises(StoreError, match="not in the graph"):
            load(settings, [node("a")], [call(node("a"), node("b"))], "2")
        assert len(ask(settings, NAMES)) == 4

    def test_a_graph_of_another_repository_is_refused(self, settings):
        writer = open_writer(settings)
        with pytest.raises(CodexGraphError, match="cannot be written as"):
            writer.replace([], [], record("something-else"))
        writer.close()


class TestReadOnly:
    STATEMENTS = (
        "CREATE (n:FUNCTION {uid: 'x', repo: 'x'}) RETURN n",
        "MERGE (n:FUNCTION {uid: 'x', repo: 'x'}) RETURN n",
        "MATCH (n) SET n.name = 'hacked'",
        "MATCH (n) DETACH DELETE n",
        "MATCH (n:FUNCTION) REMOVE n:FUNCTION",
        "MATCH (n) FOREACH (x IN [1] | SET n.name = 'hacked')",
        "CREATE INDEX evil FOR (n:FUNCTION) ON (n.code)",
        "DROP INDEX codexgraph_function_name",
        "CREATE CONSTRAINT evil FOR (n:FUNCTION) REQUIRE n.code IS UNIQUE",
        "CALL db.createLabel('EVIL')",
        "CREATE USER eve SET PASSWORD 'evilevil'",
        "ALTER CURRENT USER SET PASSWORD FROM 'x' TO 'yyyyyyyy'",
        "DROP USER neo4j",
    )

    @pytest.mark.parametrize("statement", STATEMENTS)
    def test_the_server_refuses_writes_by_itself(self, settings, statement):
        """Straight through the store's reading session, past the gate."""
        connection = connect(settings)
        try:
            with pytest.raises(StoreError, match=r"AccessMode|Security|Statement"):
                run_reading(connection, statement)
        finally:
            connection.close()

    def test_a_write_is_told_as_one(self, settings):
        load(settings, *chain(1))
        reader = open_reader(settings)
        for statement in self.STATEMENTS:
            with pytest.raises(WriteRefusedError):
                reader.query(statement)
        assert reader.query(NAMES).rows == (("f0",),)
        reader.close()

    def test_an_endless_query_ends(self, settings):
        load(settings, *chain(1))
        reader = open_reader(settings)
        endless = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b)"
        with pytest.raises(QueryTimeoutError, match=r"0\.5 s"):
            reader.query(endless, timeout_s=0.5)
        assert reader.query(NAMES).rows == (("f0",),)
        reader.close()

    def test_a_million_rows_are_cut(self, settings):
        load(settings, *chain(1))
        reader = open_reader(settings)
        result = reader.query("UNWIND range(1, 1000000) AS a RETURN a", max_rows=10)
        assert result.truncated
        assert result.rows == tuple((i,) for i in range(1, 11))
        exact = reader.query("UNWIND range(1, 10) AS a RETURN a", max_rows=10)
        assert not exact.truncated
        assert len(exact.rows) == 10
        reader.close()

    def test_a_misspelt_type_is_hinted_and_nothing_reaches_stderr(self, settings, capfd):
        load(settings, *chain(1))
        reader = open_reader(settings)
        result = reader.query("MATCH (a:CLASS {repo: $repo})-[:INHERITES]->(b) RETURN b.nmae")
        reader.close()
        assert any("INHERITS" in note for note in result.notes)
        out = capfd.readouterr()
        assert (out.out, out.err) == ("", "")


class TestWriters:
    def test_a_second_writer_of_one_repository_is_told_who_writes(self, settings, other):
        first = open_writer(settings)
        with pytest.raises(IndexLockedError, match="is being written by process") as told:
            open_writer(settings)
        assert settings.repo in str(told.value)
        assert "\n" not in str(told.value)
        open_writer(other).close()
        first.close()
        open_writer(settings).close()

    def test_many_at_once_give_one_writer(self, settings):
        open_writer(settings).close()
        writers: list[Neo4jWriter] = []
        refused: list[IndexLockedError] = []
        start = threading.Barrier(4)

        def attempt() -> None:
            start.wait()
            try:
                writers.append(open_writer(settings))
            except IndexLockedError as error:
                refused.append(error)

        threads = [threading.Thread(target=attempt) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(writers) == 1
        assert len(refused) == 3
        writers[0].close()

    def test_a_killed_writer_frees_the_lease(self, settings):
        script = (
            "import sys\n"
            "from pathlib import Path\n"
            "from graphdb.registry import StoreSettings, open_writer\n"
            "uri, user, password, repo = sys.stdin.readline().split()\n"
            "writer = open_writer(StoreSettings('neo4j', repo, Path(), uri, user, password))\n"
            "print('open', flush=True)\n"
            "sys.stdin.readline()\n"
        )
        child = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with child:
            assert child.stdin
            assert child.stdout
            child.stdin.write(
                f"{settings.uri} {settings.user} {settings.password} {settings.repo}\n"
            )
            child.stdin.flush()
            assert child.stdout.readline() == "open\n"
            with pytest.raises(IndexLockedError, match=f"process {child.pid} "):
                open_writer(settings)
            child.kill()
        open_writer(settings).close()

    def test_different_repositories_are_written_at_the_same_time(self, settings, other):
        errors: list[BaseException] = []

        def work(target: StoreSettings) -> None:
            try:
                for generation in range(3):
                    load(target, *chain(2000), str(generation))
            except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
                errors.append(error)

        threads = [threading.Thread(target=work, args=(each,)) for each in (settings, other)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        for each in (settings, other):
            reader = open_reader(each)
            assert reader.counts().nodes == {"FUNCTION": 2000}
            assert reader.counts().edges == {"CALLS": 1999}
            reader.close()

    def test_a_load_that_was_taken_over_writes_no_more(self, settings):
        """Its nodes may be gone and their ids given to others."""
        connection = connect(settings)
        left = "MATCH (n:CODEXGRAPH_STAGED {repo: $repo})-[e]->() RETURN count(e) AS n"
        scope = f"{settings.repo} (loading)"
        taken = f"MATCH (r:REPOSITORY {{repo: '{settings.repo}'}}) SET r.writer_token = 'another'"

        def edges() -> Iterator[Edge]:
            yield from chain(12_000)[1][:10_000]
            deadline = time.monotonic() + 30
            while not connection.run(left, repo=scope)[0]["n"]:
                assert time.monotonic() < deadline
            connection.run(taken)
            yield from chain(12_000)[1][10_000:]

        with pytest.raises(IndexLockedError, match="took over"):
            load(settings, chain(12_000)[0], edges())
        assert connection.run(left, repo=scope)[0]["n"] == 10_000
        connection.close()

    def test_a_name_that_no_index_holds_is_told_with_its_file(self, settings):
        load(settings, [node("n" * 7_482)], [])
        with pytest.raises(StoreError, match=r"^pkg/mod\.py holds a name of more than 7,500 bytes"):
            load(settings, [node("ñ" * 3_800)], [])

    def test_who_writes_next_clears_what_a_load_that_died_left(self, settings):
        """Also where nothing has changed, so that nothing is loaded or applied."""

        def edges() -> Iterator[Edge]:
            yield from chain(10)[1]
            raise KeyboardInterrupt

        load(settings, *chain(10))
        with pytest.raises(KeyboardInterrupt):
            load(settings, chain(10)[0], edges())
        open_writer(settings).close()
        left = f"MATCH (n) WHERE n.repo STARTS WITH '{settings.repo}' RETURN count(n)"
        assert ask(settings, left) == [(11,)]


class TestConnection:
    def test_a_wrong_password(self, settings):
        wrong = replace(settings, password="not-the-password")
        with pytest.raises(StoreError, match="CODEXGRAPH_NEO4J_PASSWORD") as told:
            open_reader(wrong)
        assert told.value.exit_code == 4
        assert "not-the-password" not in f"{told.value!r}{told.value.__cause__!r}"
        assert "\n" not in str(told.value)

    def test_no_password(self, settings):
        with pytest.raises(StoreError, match="set CODEXGRAPH_NEO4J_PASSWORD"):
            open_writer(replace(settings, password=None))

    def test_the_password_is_in_no_repr(self, settings):
        connection = connect(settings)
        assert settings.password not in f"{settings!r} {connection!r}"
        connection.close()

    def test_nobody_listens(self, settings):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            uri = f"bolt://127.0.0.1:{probe.getsockname()[1]}"
        with pytest.raises(StoreError, match="does not answer: start it") as told:
            open_reader(replace(settings, uri=uri))
        assert uri in str(told.value)
        assert "\n" not in str(told.value)

    @pytest.mark.timeout(30)
    def test_a_host_that_swallows_everything_is_given_up_soon(self, settings):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            uri = f"bolt://127.0.0.1:{silent.getsockname()[1]}"
            with pytest.raises(StoreError, match="does not answer"):
                open_reader(replace(settings, uri=uri))

    @pytest.mark.parametrize("uri", ["http://127.0.0.1:7474", "bolt://127.0.0.1:notaport"])
    def test_an_address_that_is_none(self, settings, uri):
        with pytest.raises(StoreError, match=r"neo4j\.uri"):
            open_reader(replace(settings, uri=uri))

    def test_a_missing_database(self, settings):
        with pytest.raises(StoreError, match=r"no database nowhere.*neo4j\.database"):
            open_reader(replace(settings, database="nowhere"))

    def test_an_old_server(self, settings):
        with (
            bolt_server(b"\x00\x00\x04\x04", "Neo4j/4.4.30") as uri,
            pytest.raises(StoreError, match=r"Neo4j/4\.4\.30.*5\.0 or newer"),
        ):
            open_reader(replace(settings, uri=uri))

    def test_a_server_without_a_common_protocol(self, settings):
        with (
            bolt_server(b"\x00\x00\x00\x00", "") as uri,
            pytest.raises(StoreError, match=r"5\.0 or newer"),
        ):
            open_reader(replace(settings, uri=uri))

    @pytest.mark.parametrize("agent", ["Neo4j/5.0.0", "Neo4j/5.26.20", "Neo4j/2025.10.1"])
    def test_servers_that_are_new_enough(self, agent):
        check_version(agent, "bolt://x")

    @pytest.mark.parametrize("agent", ["Neo4j/4.4.30", "Neo4j/3.5", "", "Memgraph"])
    def test_servers_that_are_not(self, agent):
        with pytest.raises(StoreError, match=r"5\.0 or newer"):
            check_version(agent, "bolt://x")


@pytest.mark.slow
@pytest.mark.timeout(300)
class TestDyingServer:
    def test_killed_during_a_load_then_started_again(self, tmp_path: Path):
        with private_server() as server:
            settings = server.settings("repo", tmp_path)
            load(settings, *chain(10))

            def edges() -> Iterator[Edge]:
                yield from chain(12_000)[1][:10_001]
                server.kill()
                yield from chain(12_000)[1][10_001:]

            writer = open_writer(settings)
            with pytest.raises(StoreError, match="does not answer") as told:
                writer.replace(chain(12_000)[0], edges(), record("repo", "2"))
            assert "\n" not in str(told.value)
            writer.close()

            server.start()
            reader = open_reader(settings)
            assert reader.meta().generation == "1"
            assert reader.counts().nodes == {"FUNCTION": 10}
            assert reader.counts().edges == {"CALLS": 9}
            load(settings, *chain(100), "3")
            assert reader.counts().nodes == {"FUNCTION": 100}
            assert reader.counts().edges == {"CALLS": 99}
            assert reader.query("MATCH (n) RETURN count(n)").rows == ((101,),)
            reader.close()

    def test_a_reader_and_a_writer_outlive_a_restart(self, tmp_path: Path):
        with private_server() as server:
            settings = server.settings("repo", tmp_path)
            load(settings, *chain(10))
            reader = open_reader(settings)
            writer = open_writer(settings)
            server.kill()
            with pytest.raises(StoreError, match="does not answer"):
                reader.query(NAMES)
            with pytest.raises(StoreError, match="does not answer"):
                writer.apply(GraphDelta(nodes=(node("x"),)), record("repo", "2"))
            server.start()
            assert len(reader.query(NAMES).rows) == 10
            writer.apply(GraphDelta(nodes=(node("x"),)), record("repo", "2"))
            assert len(reader.query(NAMES).rows) == 11
            with pytest.raises(IndexLockedError):
                open_writer(settings)
            writer.close()
            reader.close()


def run_reading(connection: Connection, statement: str) -> None:
    with (
        translated(connection),
        connection.reading() as session,
        session.begin_transaction() as transaction,
    ):
        rows(transaction, statement)
        transaction.commit()


@contextmanager
def bolt_server(version: bytes, agent: str) -> Iterator[str]:
    """Something that shakes hands as a server of that Bolt version and says who it is."""

    def packed(text: str) -> bytes:
        raw = text.encode()
        return b"\xd0" + bytes([len(raw)]) + raw

    def serve(client: socket.socket) -> None:
        client.recv(64)
        client.sendall(version)
        fields = packed("server") + packed(agent) + packed("connection_id") + packed("bolt-1")
        message = b"\xb1\x70\xa2" + fields
        while client.recv(4096):
            client.sendall(len(message).to_bytes(2, "big") + message + b"\x00\x00")

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                try:
                    serve(client)
                except OSError:
                    continue

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"bolt://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=10)
