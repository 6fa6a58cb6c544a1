"""What the embedded engine does in its own way; each test is a reason for something in the store.

A test that fails after an upgrade of the engine means: look again at the code that is built on it.
"""

# ruff: noqa: TID251, E501 (the engine itself is tested here; a query reads best in one line)

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import kglite
import pytest

from graphdb.errors import QueryError
from graphdb.registry import StoreSettings, open_reader
from graphdb.schema import EdgeKind, NodeKind
from graphdb.stores.embedded_file import load_graph
from tests.contracts.conftest import bag, load
from tests.contracts.hostile_queries import HOSTILE
from tests.fixtures import graphs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graphdb.store import GraphReader


@pytest.fixture(autouse=True)
def silent() -> None:
    kglite.set_query_warning_policy("silent")


@pytest.fixture
def graph() -> kglite.KnowledgeGraph:
    made = kglite.KnowledgeGraph()
    made.cypher(
        "CREATE (:CLASS {uid: 'a', name: 'A'})-[:CALLS]->(:CLASS:TEST {uid: 'b', name: 'B'})"
    )
    return made


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[GraphReader]:
    settings = StoreSettings(kind="embedded", repo="shop", index_dir=tmp_path)
    load(settings, graphs.NODES, graphs.EDGES)
    reader = open_reader(settings)
    yield reader
    reader.close()


def rows(graph: Any, cypher: str, **params: object) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in graph.cypher(cypher, params=params)]


def test_create_keeps_parallel_edges_and_merge_does_not(graph: kglite.KnowledgeGraph) -> None:
    ends = "MATCH (a {uid: 'a'}), (b {uid: 'b'}) "
    graph.cypher(ends + "CREATE (a)-[:CALLS]->(b)")
    assert rows(graph, "MATCH ()-[r:CALLS]->() RETURN count(r)") == [(2,)]
    graph.cypher(ends + "MERGE (a)-[r:USES]->(b) SET r = {count: 1}")
    graph.cypher(ends + "MERGE (a)-[r:USES]->(b) SET r = {tier: 'exact'}")
    assert rows(graph, "MATCH ()-[r:USES]->() RETURN count(r), r.count, r.tier") == [
        (1, None, "exact")
    ]


def test_nodes_have_virtual_properties(graph: kglite.KnowledgeGraph) -> None:
    text = "MATCH (n {uid: 'a'}) RETURN n.title, n.type, n.id = id(n)"
    assert rows(graph, text) == [("A", "CLASS", True)]
    (keys,) = rows(graph, "MATCH (n {uid: 'a'}) RETURN keys(n)")
    assert set(keys[0]) == {"id", "title", "type", "uid", "name"}


def test_virtual_properties_show_where_no_whole_value_is_returned(shop: GraphReader) -> None:
    names = shop.query("MATCH (e:EXTERNAL) UNWIND keys(e) AS key RETURN key").rows
    assert {name for (name,) in names} == {"uid", "repo", "name", "full_name", "id", "title"}
    found = shop.query("MATCH (e:EXTERNAL) RETURN e.title")
    assert found.rows == (("Protocol",),)
    assert found.notes[0].startswith("property title is not in the schema")


def test_an_unbounded_path_stops_at_ten_hops_and_says_so(tmp_path: Path) -> None:
    settings = StoreSettings(kind="embedded", repo="chain", index_dir=tmp_path)
    chain = tuple(graphs.node(NodeKind.CLASS, "chain.py", f"C{n}") for n in range(15))
    edges = tuple(
        graphs.edge(chain[n + 1], EdgeKind.INHERITS, chain[n]) for n in range(len(chain) - 1)
    )
    load(settings, chain, edges)
    reader = open_reader(settings)
    text = "MATCH (:CLASS {name: 'C14'})-[:INHERITS*]->(b) RETURN count(b)"
    result = reader.query(text)
    assert result.rows == ((10,),)
    assert any("10" in note for note in result.notes)
    assert reader.query(text.replace("*", "*1..20")).rows == ((14,),)


def test_load_serves_the_last_save_and_not_the_log(tmp_path: Path) -> None:
    path = str(tmp_path / "x.kgl")
    with kglite.open(path, durable="full") as writer:
        writer.cypher("CREATE (:CLASS {uid: 'saved'})")
        writer.save()
        writer.cypher("CREATE (:CLASS {uid: 'logged'})")
        assert rows(kglite.load(path), "MATCH (n) RETURN n.uid") == [("saved",)]


@pytest.mark.parametrize(
    "cypher",
    [
        "MATCH (n:!CLASS) RETURN n.name",
        "MATCH (n:CLASS&TEST) RETURN n.name",
        "MATCH (a:CLASS)-[:INHERITS]->{1,2}(b) RETURN b.name",
        "MATCH (n:CLASS) RETURN percentileCont(n.start_line, 0.5)",
        "MATCH (n:CLASS) RETURN collect(n.name)[0] IS NOT NULL AS x, count(*) + 1 AS y, n.name + 'x' IN collect(n.name) AS z",
    ],
)
def test_what_the_engine_cannot_do_is_an_error_and_no_wrong_answer(
    shop: GraphReader, cypher: str
) -> None:
    with pytest.raises(QueryError) as caught:
        shop.query(cypher)
    assert "\n" not in str(caught.value)


def test_block_comments_are_not_understood(graph: kglite.KnowledgeGraph) -> None:
    with pytest.raises(kglite.CypherSyntaxError, match="Block comments"):
        graph.cypher("MATCH (n) /* all */ RETURN n")


def test_an_unknown_property_in_a_pattern_is_refused(graph: kglite.KnowledgeGraph) -> None:
    with pytest.raises(kglite.SchemaError, match="Unknown property 'colour' on CLASS"):
        graph.cypher("MATCH (n:CLASS {colour: 'red'}) RETURN n")
    assert rows(graph, "MATCH (n:CLASS) WHERE n.colour = 'red' RETURN n") == []


def test_an_unknown_property_stays_unknown_to_other_queries(shop: GraphReader) -> None:
    assert shop.query("MATCH (c:CLASS {`odd name`: 1}) RETURN c").rows == ()
    keys = {key for (key,) in shop.query("CALL db.propertyKeys()").rows}
    assert "odd name" not in keys


def test_the_first_label_is_the_type(graph: kglite.KnowledgeGraph) -> None:
    assert rows(graph, "CALL db.labels()") == [("CLASS",)]
    assert rows(graph, "MATCH (n:TEST) RETURN labels(n)") == [(["CLASS", "TEST"],)]


def test_a_text_index_covers_one_label_and_one_property(graph: kglite.KnowledgeGraph) -> None:
    for target in ("(n:CLASS|TEST) ON EACH [n.name]", "(n:CLASS) ON EACH [n.name, n.uid]"):
        with pytest.raises(kglite.CypherExecutionError, match="exactly one"):
            graph.cypher(f"CREATE FULLTEXT INDEX FOR {target}")


def test_nodes_without_text_come_first_in_a_ranking(graph: kglite.KnowledgeGraph) -> None:
    graph.cypher("MATCH (n {uid: 'b'}) SET n.docstring = 'some text'")
    graph.build_text_index("CLASS", "docstring")
    ranked = "RETURN n.uid, text_bm25(n, 'docstring', 'text') AS s ORDER BY s DESC LIMIT 9"
    assert [uid for uid, _ in rows(graph, f"MATCH (n:CLASS) {ranked}")] == ["a", "b"]
    present = f"MATCH (n:CLASS) WHERE n.docstring IS NOT NULL {ranked}"
    assert [uid for uid, _ in rows(graph, present)] == ["b"]


def test_a_row_limit_keeps_rows_but_computes_all(graph: kglite.KnowledgeGraph) -> None:
    view: Any = graph.cypher("UNWIND range(1, 1000) AS x RETURN x", row_limit=3)
    assert (len(view), view.diagnostics["total_rows"]) == (3, 1000)


@pytest.mark.parametrize("cypher", HOSTILE)
def test_the_engine_itself_writes_nothing_on_a_read_only_cursor(
    shop: GraphReader, cypher: str, tmp_path: Path
) -> None:
    graph = load_graph(tmp_path / "graph.kgl")
    session = graph.session()
    before = whole(session)
    cursor = session.cursor()
    cursor.read_only(True)
    with suppress(kglite.KgError, ValueError, OSError):
        cursor.cypher(cypher, params={"repo": "shop"}, timeout_ms=2000, row_limit=10)
    assert whole(cursor) == before
    assert whole(session) == before


def whole(graph: Any) -> list[str]:
    return bag(
        [
            *rows(graph, "MATCH (n) RETURN labels(n), properties(n)"),
            *rows(graph, "MATCH (a)-[r]->(b) RETURN id(a), type(r), id(b), properties(r)"),
            *rows(graph, "SHOW INDEXES"),
        ]
    )
