"""Shortest ways over edges, and groups of modules that import each other, on both stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.queries.import_knots import import_knots
from graphdb.queries.names import resolve
from graphdb.queries.paths import USE_EDGES, shortest_path
from graphdb.schema import Tier

if TYPE_CHECKING:
    from graphdb.store import GraphReader


def way(reader: GraphReader, start: str, end: str, **options: object) -> list[str] | None:
    found = shortest_path(reader, [resolve(reader, start)], [resolve(reader, end)], **options)  # type: ignore[arg-type]
    if found is None:
        return None
    return [f"{row.symbol.full_name.removeprefix('pkg.')} {row.location}" for row in found]


def check(reader: GraphReader) -> None:
    assert way(reader, "pkg.area.main", "total_area") == ["area.total_area pkg/area.py:20"]
    assert way(reader, "pkg.area.main", "pkg.shapes.Square.area") == [
        "area.total_area pkg/area.py:20",
        "shapes.Square.area pkg/area.py:7",
    ]
    assert way(reader, "total_area", "pkg.area.main") is None
    assert way(reader, "repeat", "repeat") == []
    assert way(reader, "pkg.area.main", "pkg.shapes.Shape.name") is None
    assert way(reader, "pkg.area.main", "pkg.shapes.Shape.name", edges=USE_EDGES) == [
        "area.total_area pkg/area.py:20",
        "shapes.Shape.__init__ pkg/area.py:5",
        "shapes.Shape.name pkg/shapes.py:8",
    ]
    start, end = "pkg.area.main", "pkg.shapes.Square.area"
    assert way(reader, start, end, tiers=(Tier.EXACT,)) is None
    assert way(reader, start, end, max_steps=1) is None


def test_the_shortest_way(reader: GraphReader) -> None:
    check(reader)


@pytest.mark.neo4j
def test_the_shortest_way_on_neo4j(neo4j_reader: GraphReader) -> None:
    check(neo4j_reader)


@pytest.mark.parametrize(
    ("imports", "knots"),
    [
        ({}, []),
        ({"a": "b", "b": "c"}, []),
        ({"a": "b", "b": "a"}, [["a", "b"]]),
        ({"a": "b", "b": "ca", "c": "d", "d": "c"}, [["a", "b"], ["c", "d"]]),
        ({"a": "b", "b": "c", "c": "ad", "d": ""}, [["a", "b", "c"]]),
        ({"a": "bc", "b": "a", "c": "a", "x": "y", "y": "x"}, [["a", "b", "c"], ["x", "y"]]),
    ],
)
def test_import_knots(imports: dict[str, str], knots: list[list[str]]) -> None:
    assert import_knots(imports) == knots


def test_long_chains_of_imports_are_no_recursion() -> None:
    count = 5_000
    imports = {str(n): [str((n + 1) % count)] for n in range(count)}
    assert [len(knot) for knot in import_knots(imports)] == [count]
