"""The CSV export, read back by Python's csv module and by Neo4j's own importer."""

from __future__ import annotations

import csv
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.errors import StoreError
from graphdb.export import (
    BOOLEANS,
    INTEGERS,
    LISTS,
    SCHEMA_FILE,
    export_csv,
    import_arguments,
    import_command,
)
from graphdb.registry import StoreSettings, open_reader, open_writer
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, EdgeKind, NodeKind
from graphdb.stores.neo4j_connection import connect
from tests.fixtures import graphs
from tests.neo4j_server import private_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphdb.store import GraphReader

NASTY = graphs.node(
    NodeKind.FUNCTION,
    'a,b;c/"quoted".py',
    "nasty",
    code='x = "a""b"\r\n\ty = \'\\n\\\\\'\n# ,;\x1e end\\',
    docstring="",
    decorators=['mark.parametrize("a;b", [1, 2])', "x, y"],
    modifiers=["async"],
)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[GraphReader]:
    with shop_reader("shop", tmp_path / "index") as opened:
        yield opened


@contextmanager
def shop_reader(repo: str, index_dir: Path) -> Iterator[GraphReader]:
    settings = StoreSettings(kind="embedded", repo=repo, index_dir=index_dir)
    writer = open_writer(settings)
    writer.replace((*graphs.NODES, NASTY), graphs.EDGES, graphs.meta(repo))
    writer.close()
    opened = open_reader(settings)
    try:
        yield opened
    finally:
        opened.close()


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_node_and_edge_is_in_a_file(reader: GraphReader, tmp_path: Path):
    folder = tmp_path / "out"
    written = export_csv(reader, folder)
    assert sorted(written) == sorted(folder.iterdir())
    counts = reader.counts()
    nodes = [row for path in folder.glob("nodes-*.csv") for row in table(path)]
    edges = [row for path in folder.glob("edges-*.csv") for row in table(path)]
    assert len(nodes) == len(graphs.NODES) + 2
    assert len(edges) == sum(counts.edges.values()) == len(graphs.EDGES)
    exported = {next(iter(row.values())): row for row in nodes}
    nasty = exported[NASTY.uid]
    assert nasty["code:string"] == NASTY.properties["code"]
    assert nasty["decorators:string[]"].split("\x1f") == NASTY.properties["decorators"]
    assert exported[graphs.TEST_PRICE.uid][":LABEL"].split("\x1f") == ["FUNCTION", "TEST"]
    assert {row[":TYPE"] for row in edges} <= set(EdgeKind)


def test_the_readme_gives_the_command(reader: GraphReader, tmp_path: Path):
    folder = tmp_path / "a folder"
    readme = export_csv(reader, folder)[0]
    command = import_command(folder)
    assert command.startswith("neo4j-admin database import full neo4j ")
    assert command in readme.read_text()
    assert f"'--nodes={folder}/nodes-CLASS.csv'" in command


def test_a_folder_in_use_is_refused_and_left_alone(reader: GraphReader, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(StoreError, match="not empty"):
        export_csv(reader, tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_folder_that_cannot_be_made(reader: GraphReader, tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        export_csv(reader, tmp_path / "file" / "out")


def test_a_graph_that_changes_meanwhile_is_told(reader: GraphReader, tmp_path: Path):
    class Changing:
        """The reader, whose graph is replaced at the first query."""

        repo = reader.repo

        def meta(self) -> Any:
            return reader.meta()

        def query(self, *arguments: Any, **options: Any) -> Any:
            if reader.meta().generation == "1":
                index_dir = tmp_path / "index"
                writer = open_writer(
                    StoreSettings(kind="embedded", repo="shop", index_dir=index_dir)
                )
                writer.replace(graphs.NODES, graphs.EDGES, graphs.meta("shop", "2"))
                writer.close()
            return reader.query(*arguments, **options)

    with pytest.raises(StoreError, match="during the export"):
        export_csv(Changing(), tmp_path / "out")  # pyright: ignore[reportArgumentType]


def test_every_typed_column_is_a_property():
    meta = {"schema_version", "files"}
    assert {*NODE_PROPERTIES, *EDGE_PROPERTIES} | meta >= (INTEGERS | BOOLEANS | LISTS)


@pytest.mark.neo4j
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_neo4j_imports_two_and_has_the_same_graphs(reader: GraphReader, tmp_path: Path):
    folder, second = tmp_path / "out", tmp_path / "out2"
    export_csv(reader, folder)
    with shop_reader("shop (copy)", tmp_path / "index2") as other:
        export_csv(other, second)
    with private_server(started=False) as server:
        server.admin(import_arguments(folder, second))
        server.start()
        settings = server.settings("shop", tmp_path)
        connection = connect(settings)
        for statement in (folder / SCHEMA_FILE).read_text().split(";\n"):
            if statement:
                connection.run(statement)
        connection.run("CALL db.awaitIndexes(60)")
        connection.close()
        imported = open_reader(settings)
        assert imported.meta() == reader.meta()
        assert imported.counts() == reader.counts()
        assert content(imported) == content(reader)
        assert imported.search_text("basket")[0].uid == graphs.CHECKOUT.uid
        copy = open_reader(server.settings("shop (copy)", tmp_path))
        assert copy.counts() == reader.counts()
        copy.close()
        writer = open_writer(settings)
        writer.replace(graphs.NODES, graphs.EDGES, graphs.meta("shop", "2"))
        writer.close()
        assert imported.meta().generation == "2"
        imported.close()


def content(reader: GraphReader) -> list[str]:
    nodes = reader.query("MATCH (n {repo: $repo}) WHERE n.uid IS NOT NULL RETURN n", max_rows=None)
    edges = reader.query("MATCH (a {repo: $repo})-[r]->(b) RETURN a.uid, b.uid, r", max_rows=None)
    return sorted(json.dumps(row, sort_keys=True) for row in (*nodes.rows, *edges.rows))
