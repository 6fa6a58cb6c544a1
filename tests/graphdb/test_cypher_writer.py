"""Batches of rows: the same from edges by columns as from edges one by one."""

from __future__ import annotations

import pytest

from graphdb.delta import EdgeGroup, EdgeGroups
from graphdb.errors import StoreError
from graphdb.stores.cypher_writer import CypherWriter
from tests.fixtures import graphs
from tests.graphdb.test_embedded_load import grouped


def test_groups_give_the_batches_of_their_edges() -> None:
    writer = CypherWriter(size=3, scoped=True)
    assert list(writer.create_edges(grouped(graphs.EDGES))) == list(
        writer.create_edges(graphs.EDGES)
    )


def test_a_property_that_the_schema_lacks_is_refused() -> None:
    group = EdgeGroup(("CALLS", "METHOD", "METHOD", "colour"), [["a"], ["b"], ["red"]])
    with pytest.raises(StoreError, match=r"a CALLS b has properties .*: colour"):
        list(CypherWriter(size=3, scoped=True).create_edges(EdgeGroups([group])))
