"""No text changes a graph, and the refusal of a write never hits a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.errors import QueryError
from tests.contracts.conftest import content
from tests.contracts.hostile_queries import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from graphdb.store import GraphReader


@pytest.fixture(scope="module")
def untouched(shop: GraphReader) -> list[str]:
    return content(shop)


def test_there_are_enough_of_them() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) >= 100


@pytest.mark.parametrize("cypher", HOSTILE)
def test_a_hostile_query_is_refused_and_changes_nothing(
    shop: GraphReader, untouched: list[str], cypher: str
) -> None:
    with pytest.raises(QueryError) as caught:
        shop.query(cypher)
    assert "\n" not in str(caught.value)
    assert content(shop) == untouched


@pytest.mark.parametrize("cypher", HARMLESS)
def test_a_question_with_such_words_is_answered(shop: GraphReader, cypher: str) -> None:
    assert shop.query(cypher).columns


def test_the_schema_is_untouched_too(shop: GraphReader) -> None:
    for cypher in HOSTILE:
        with pytest.raises(QueryError):
            shop.query(cypher)
    labels = {label for (label,) in shop.query("CALL db.labels()").rows}
    properties = {name for (name,) in shop.query("CALL db.propertyKeys()").rows}
    assert not {label for label in labels if "evil" in label.lower()}
    assert not {name for name in properties if "evil" in name.lower()}
