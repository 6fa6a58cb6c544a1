"""Names in memory are found and ranked as in the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.queries.name_index import NameIndex
from graphdb.queries.symbols import search_symbols

if TYPE_CHECKING:
    from graphdb.store import GraphReader


@pytest.mark.parametrize(
    "text",
    ["area", "AREA", "Sq", "us", "pta", "shape", "a", "__", "zzz", "", " ", "Shape.area", "a\nb"],
)
@pytest.mark.parametrize("limit", [2, 50])
def test_names_in_memory_are_ranked_as_in_the_graph(
    reader: GraphReader, text: str, limit: int
) -> None:
    found = NameIndex(reader).search(reader, text, limit)
    assert found == search_symbols(reader, text, limit=limit)
