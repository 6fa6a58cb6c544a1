"""The same question gives the same rows on every store."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from graphdb.registry import StoreSettings, open_reader
from tests.contracts.conftest import bag, load
from tests.contracts.query_cases import CASES, Case
from tests.fixtures import graphs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphdb.store import GraphReader

SHARED_DATA = "CODEXGRAPH_SHARED_DATA"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_rows(shop: GraphReader, case: Case) -> None:
    rows = list(shop.query(case.cypher, case.params).rows)
    if case.ordered:
        assert rows == case.rows
    else:
        assert bag(rows) == bag(case.rows)


def test_a_node_is_a_map_of_labels_and_stored_properties(shop: GraphReader) -> None:
    ((node,),) = shop.query("MATCH (c:CLASS {name: 'Shelf'}) RETURN c").rows
    assert node == {
        "_labels": ["CLASS", "INTERFACE"],
        "uid": graphs.SHELF.uid,
        "repo": shop.repo,
        **graphs.SHELF.properties,
    }


def test_a_relationship_is_a_map_of_type_and_properties(shop: GraphReader) -> None:
    ((call,),) = shop.query("MATCH ({name: 'checkout'})-[r]->({name: 'total'}) RETURN r").rows
    assert call == {
        "_type": "CALLS",
        "kind": "call",
        "tier": "exact",
        "sites": "7:4:5 8:4:5",
        "count": 2,
    }


def test_a_path_alternates_nodes_and_relationships(shop: GraphReader) -> None:
    text = "MATCH p = (:CLASS {name: 'Book'})-[:INHERITS*2]->(:CLASS) RETURN p"
    ((path,),) = shop.query(text).rows
    assert [step.get("name", step.get("_type")) for step in path] == [
        *("Book", "INHERITS", "Item", "INHERITS", "Base"),
    ]


def test_values_inside_lists_and_maps_are_plain_too(shop: GraphReader) -> None:
    text = (
        "MATCH (a:CLASS {name: 'Book'})-[r:INHERITS]->(b) "
        "RETURN [a, null, [b]] AS list, {edge: r, of: {node: a}} AS map, collect(b) AS all"
    )
    ((listed, mapped, collected),) = shop.query(text).rows
    assert [listed[0]["name"], listed[1], listed[2][0]["_labels"]] == ["Book", None, ["CLASS"]]
    assert mapped["edge"]["_type"] == "INHERITS"
    assert mapped["of"]["node"]["name"] == "Book"
    assert [node["name"] for node in collected] == ["Item"]


def test_property_maps_hold_what_was_written(shop: GraphReader) -> None:
    text = (
        "MATCH (e:EXTERNAL)<-[r:INHERITS]-() "
        "RETURN properties(e) AS p, e {.*} AS m, keys(e) AS k, properties(r) AS r"
    )
    ((properties, projected, keys, of_edge),) = shop.query(text).rows
    stored = {"uid": graphs.PROTOCOL.uid, "repo": shop.repo, **graphs.PROTOCOL.properties}
    assert properties == stored
    assert projected == stored
    assert sorted(keys) == sorted(stored)
    assert of_edge == {"sites": "42:12:8", "count": 1, "tier": "exact"}


def test_a_map_of_the_users_own_is_left_alone(shop: GraphReader) -> None:
    text = (
        "MATCH (c:CLASS {name: 'Item'})-[r:INHERITS]->() "
        "RETURN {id: 1, type: type(r), uid: c.uid} AS m"
    )
    assert shop.query(text).rows == (({"id": 1, "type": "INHERITS", "uid": graphs.ITEM.uid},),)


@pytest.mark.parametrize(
    ("cypher", "note"),
    [
        (
            "MATCH (c:CLASS)-[:INHERITES]->(b) RETURN b",
            "relationship type INHERITES is not in the schema: did you mean INHERITS?",
        ),
        ("MATCH (c:Class) RETURN c", "label Class is not in the schema: did you mean CLASS?"),
        (
            "MATCH (c:CLASS) RETURN c.file",
            "property file is not in the schema: did you mean files?",
        ),
    ],
)
def test_a_misspelt_name_is_noted(shop: GraphReader, cypher: str, note: str) -> None:
    assert note in shop.query(cypher).notes


def test_correct_queries_get_no_hint(shop: GraphReader) -> None:
    for case in CASES:
        if case.name.startswith(("unknown", "two unknown", "map projection")):
            continue
        notes = shop.query(case.cypher, case.params).notes
        assert not [note for note in notes if "not in the schema" in note], case.name


def shared_queries() -> list[dict[str, str]]:
    default = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    path = Path(os.environ.get(SHARED_DATA, default)) / "cypher" / "agent_queries.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there: set {SHARED_DATA} to the folder of the shared data")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def django(tmp_path: Path) -> Iterator[GraphReader]:
    settings = StoreSettings(kind="embedded", repo="django", index_dir=tmp_path)
    load(settings, graphs.DJANGO_NODES, graphs.DJANGO_EDGES)
    reader = open_reader(settings)
    yield reader
    reader.close()


def unordered(value: Any) -> Any:
    """The value with its lists sorted: `collect` has no order of its own."""
    if isinstance(value, (list, tuple)):
        return sorted(
            (unordered(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True)
        )
    return value


EMPTY_BY_DESIGN = {"L9 unknown label", "L10 unknown rel type", "L11 impossible pair"}


def test_agent_queries_have_answers_on_the_embedded_store(django: GraphReader) -> None:
    queries = shared_queries()
    empty = {query["name"] for query in queries if not django.query(query["cypher"]).rows}
    assert len(queries) == 35
    assert empty == EMPTY_BY_DESIGN


@pytest.mark.neo4j
def test_agent_queries_give_the_same_rows_on_both_stores(
    django: GraphReader, neo4j_settings: StoreSettings
) -> None:
    queries = shared_queries()
    load(neo4j_settings, graphs.DJANGO_NODES, graphs.DJANGO_EDGES)
    other = open_reader(neo4j_settings)
    different: list[str] = []
    for query in queries:
        ours, theirs = (
            [without_repo(row) for row in reader.query(query["cypher"], max_rows=None).rows]
            for reader in (django, other)
        )
        if bag([unordered(row) for row in ours]) != bag([unordered(row) for row in theirs]):
            different.append(query["name"])
    other.close()
    assert different == []


def without_repo(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """The row with the name of the repository taken out of whole nodes."""
    return tuple(
        {key: item for key, item in value.items() if key != "repo"}
        if isinstance(value, dict)
        else value
        for value in row
    )
