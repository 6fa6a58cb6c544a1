"""Finding symbols by part of a name or text, outlines, source and overview."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from graphdb.queries.definition import definition_named_at, find_definitions
from graphdb.queries.names import resolve
from graphdb.queries.overview import overview
from graphdb.queries.search import search
from graphdb.queries.source import source_of, sources_of
from graphdb.queries.symbols import match_rank, outline, search_symbols
from graphdb.schema import NodeKind
from graphdb.symbols import to_json

if TYPE_CHECKING:
    from graphdb.store import GraphReader


def test_exact_before_prefix_before_part(reader: GraphReader) -> None:
    found = [s.full_name for s in search_symbols(reader, "area")]
    assert found[:3] == [
        "pkg.shapes.Shape.area",
        "pkg.shapes.Square.area",
        "pkg.shapes.UnitSquare.area",
    ]
    assert set(found[3:]) == {
        "pkg.area",
        "pkg.area.total_area",
        "pkg.area.print_total_area",
        "tests.test_area",
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("US", "UnitSquare"),
        ("UnSq", "UnitSquare"),
        ("unitsq", "UnitSquare"),
        ("pta", "print_total_area"),
        ("pr_ar", "print_total_area"),
        ("Shape.desc", "describe"),
    ],
)
def test_words_and_dotted_parts_are_found(reader: GraphReader, text: str, expected: str) -> None:
    assert expected in [s.name for s in search_symbols(reader, text)]


@pytest.mark.parametrize(
    ("text", "name", "rank"),
    [
        ("QuerySet", "QuerySet", 0),
        ("queryset", "QuerySet", 1),
        ("Query", "QuerySet", 2),
        ("query", "QuerySet", 3),
        ("set", "QuerySet", 4),
        ("qs", "QuerySet", 5),
        ("sq", "QuerySet", 9),
        ("gqs", "get_query_set", 5),
        ("gs", "get_query_set", 5),
        ("HTTPRe", "HTTPResponse", 2),
        ("hr", "HTTPResponse", 5),
        ("xyz", "QuerySet", 9),
    ],
)
def test_ranks(text: str, name: str, rank: int) -> None:
    assert match_rank(text, name) == rank


def test_kinds_and_limits_hold(reader: GraphReader) -> None:
    assert {s.kind for s in search_symbols(reader, "s", (NodeKind.CLASS,))} == {NodeKind.CLASS}
    assert len(search_symbols(reader, "a", limit=2)) == 2
    assert search_symbols(reader, "  ") == ()
    assert search_symbols(reader, "no.*such(") == ()


def test_text_is_not_a_regular_expression(reader: GraphReader) -> None:
    assert search_symbols(reader, ".*") == ()


def test_search_joins_names_and_text(reader: GraphReader) -> None:
    hits = search(reader, "describe")
    assert hits[0].symbol.name == "describe"
    assert [h.score for h in hits] == sorted((h.score for h in hits), reverse=True)
    assert "text" in {word for h in hits for word in h.matched.split()}


def test_the_outline_nests(reader: GraphReader) -> None:
    entries = [(e.symbol.name, e.level) for e in outline(reader, "pkg/shapes.py")]
    assert entries[:4] == [("LIMIT", 0), ("Shape", 0), ("__init__", 1), ("name", 2)]
    assert ("UnitSquare", 0) in entries
    assert outline(reader, "pkg/nowhere.py") == ()


def test_sources_keep_their_order(reader: GraphReader) -> None:
    wanted = [resolve(reader, name) for name in ("total_area", "pkg.shapes.Square", "pkg.shapes")]
    texts = sources_of(reader, wanted)
    assert [t.symbol for t in texts] == wanted
    assert texts[0].code == "# code of pkg.area.total_area\npass"
    assert texts[2].code is None
    assert source_of(reader, wanted[1]).code == "# code of pkg.shapes.Square\npass"


def test_definitions_are_all_that_fit(reader: GraphReader) -> None:
    assert [s.start_line for s in find_definitions(reader, "area")] == [11, 25, 45]
    assert find_definitions(reader, "nothing_here") == ()


def test_a_position_on_a_name_is_its_definition(reader: GraphReader) -> None:
    found = definition_named_at(reader, "pkg/area.py", 4, 6)
    assert found is not None
    assert found.name == "total_area"
    assert definition_named_at(reader, "pkg/area.py", 4, 30) is None


def test_the_overview_counts_own_members_only(reader: GraphReader) -> None:
    found = overview(reader)
    assert found.files == 4
    assert found.symbols["CLASS"] == 4
    assert found.largest_classes[0].symbol.name == "Shape"
    sizes = {r.symbol.full_name: r.count for r in found.largest_classes}
    assert sizes["pkg.shapes.Square"] == 1
    modules = {r.symbol.full_name: r.count for r in found.largest_modules}
    assert "pkg" not in modules
    assert found.most_called[0].symbol.name == "total_area"
    assert found.most_called[0].count == 3
    assert [s.full_name for s in found.entry_points] == ["pkg.area.main"]


def test_the_overview_of_a_folder_or_file(reader: GraphReader) -> None:
    assert overview(reader, "tests").files == 1
    assert overview(reader, "tests/").symbols == {
        "MODULE": 1,
        "CLASS": 1,
        "FUNCTION": 1,
        "METHOD": 1,
    }
    assert overview(reader, "pkg/area.py").files == 1
    # A folder is not a prefix of a name.
    assert overview(reader, "pk").files == 0


def test_answers_become_plain_json(reader: GraphReader) -> None:
    value = to_json(overview(reader))
    assert json.loads(json.dumps(value)) == value
    symbol = to_json(resolve(reader, "Shape.area"))
    assert {
        "uid",
        "kind",
        "name",
        "full_name",
        "file_path",
        "start_line",
        "end_line",
        "signature",
    } <= symbol.keys()
    assert symbol["kind"] == "METHOD"
