"""Names in memory are found and ranked as in the graph."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from graphdb.queries.current import Current
from graphdb.queries.name_index import NameIndex
from graphdb.queries.symbols import search_symbols
from graphdb.registry import StoreSettings, open_reader, open_writer
from tests.graphdb.queries import sample

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from graphdb.delta import IndexMeta, Node
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


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "count"),
    [("l" * 30 + "x", 0), ("l" * 40, 1), ("l" * 5_000, 0), ("ab" * 5_000, 0), ("a" * 30 + "c", 0)],
    ids=["no end", "inside", "long", "long and mixed", "many words"],
)
def test_no_text_is_tried_in_all_the_ways_in_which_it_might_fit(
    tmp_path: Path, text: str, count: int
) -> None:
    settings = StoreSettings("embedded", "sample", tmp_path)
    first, second, *_ = sample.nodes()
    names = "l" * 400, "a_" * 60 + "bc"
    nodes = [
        replace(node, properties={**node.properties, "name": name})
        for node, name in zip((first, second), names, strict=True)
    ]
    _write(settings, nodes, sample.meta("/sample", "sample"))
    reader = open_reader(settings)
    try:
        found = NameIndex(reader).search(reader, text)
        assert found == search_symbols(reader, text)
        assert len(found) == count
    finally:
        reader.close()


def test_names_are_read_once_for_each_state(tmp_path: Path) -> None:
    settings = StoreSettings("embedded", "sample", tmp_path)
    meta = sample.meta("/sample", "sample")
    _write(settings, sample.nodes(), meta)
    reader, names = open_reader(settings), Current(NameIndex)
    try:
        names.renew(reader)
        known = names.of(reader)
        assert names.of(reader) is known
        _, *most = sample.nodes()
        _write(settings, most, replace(meta, generation="another"))
        names.renew(reader)
        fresh = names.of(reader)
        assert fresh is names.of(reader)
        assert len(fresh) == len(known) - 1
    finally:
        reader.close()


def _write(settings: StoreSettings, nodes: Iterable[Node], meta: IndexMeta) -> None:
    writer = open_writer(settings)
    try:
        writer.replace(nodes, [], meta)
    finally:
        writer.close()
