"""Batches of rows, as both stores write a difference."""

from __future__ import annotations

import pytest

from graphdb.delta import Edge
from graphdb.errors import StoreError
from graphdb.stores.cypher_writer import CypherWriter
from tests.fixtures import graphs


def test_edges_are_put_together_by_shape_and_size() -> None:
    batches = list(CypherWriter(size=3, scoped=True).upsert_edges(graphs.EDGES))
    assert len({batch.cypher for batch in batches}) > 1
    assert max(len(batch.rows) for batch in batches) <= 3
    assert sum(len(batch.rows) for batch in batches) == len(graphs.EDGES)


def test_a_property_that_the_schema_lacks_is_refused() -> None:
    edge = Edge(graphs.EDGES[0].key, {"colour": "red"})
    with pytest.raises(StoreError, match=r"has properties .*: colour"):
        list(CypherWriter(size=3, scoped=True).upsert_edges([edge]))
