"""Calls, references, hierarchies and impact on the sample graph, in both stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.errors import NotFoundError
from graphdb.queries.call_hierarchy import incoming_calls, outgoing_calls, own_members
from graphdb.queries.impact import impact, symbols_at
from graphdb.queries.names import resolve
from graphdb.queries.references import find_references, occurrences, reference_sites
from graphdb.queries.type_hierarchy import subtypes, supertypes, type_hierarchy
from graphdb.schema import EdgeKind, Site, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphdb.store import GraphReader
    from graphdb.symbols import Relation


def names(relations: Iterable[Relation]) -> list[str]:
    return [r.symbol.full_name.removeprefix("pkg.") for r in relations]


def test_callers_come_in_reading_order_with_their_sites(reader: GraphReader) -> None:
    found = incoming_calls(reader, resolve(reader, "total_area")).items
    assert names(found) == ["area.print_total_area", "area.main", "tests.test_area.test_total"]
    main = found[1]
    assert main.sites == (Site(20, 4, 10), Site(21, 4, 10))
    assert (main.file_path, main.tier, main.reason) == ("pkg/area.py", "exact", "scope")


def test_callers_go_deeper_and_expand_a_symbol_once(reader: GraphReader) -> None:
    symbol = resolve(reader, "total_area")
    found = incoming_calls(reader, symbol, depth=3).items
    by_depth = {(r.symbol.name, r.depth) for r in found}
    assert by_depth == {
        ("print_total_area", 1),
        ("main", 1),
        ("test_total", 1),
        ("pkg.area", 2),
    }
    # main also calls print_total_area, but it was reached at depth 1 already.
    assert [r.depth for r in found if r.symbol.name == "main"] == [1]


def test_a_recursive_function_calls_itself(reader: GraphReader) -> None:
    symbol = resolve(reader, "repeat")
    assert names(incoming_calls(reader, symbol, depth=5).items) == ["area.repeat"]
    assert names(outgoing_calls(reader, symbol, depth=5).items) == ["area.repeat"]


def test_the_callers_of_a_class_make_instances(reader: GraphReader) -> None:
    found = incoming_calls(reader, resolve(reader, "Square")).items
    assert names(found) == ["area.total_area"]
    assert found[0].edge == EdgeKind.INSTANTIATES
    assert len(found[0].sites) == 2


def test_a_class_calls_what_its_own_methods_call(reader: GraphReader) -> None:
    found = outgoing_calls(reader, resolve(reader, "pkg.shapes.Shape")).items
    assert names(found) == ["shapes.Shape.area"]
    assert found[0].via.endswith("Shape.describe")


def test_override_candidates_are_shown_only_when_asked_for(reader: GraphReader) -> None:
    symbol = resolve(reader, "pkg.shapes.Square.area")
    assert names(incoming_calls(reader, symbol).items) == ["area.total_area"]
    found = incoming_calls(reader, symbol, tiers=tuple(Tier)).items
    assert {(r.symbol.name, r.tier.value) for r in found} == {
        ("total_area", "inferred"),
        ("describe", "candidate"),
    }


def test_the_sites_of_a_callee_are_in_the_callers_file(reader: GraphReader) -> None:
    found = outgoing_calls(reader, resolve(reader, "total_area")).items
    assert {r.file_path for r in found} == {"pkg/area.py"}
    assert names(found) == ["shapes.Shape.__init__", "shapes.Square", "shapes.Square.area"]


def test_references_are_of_every_kind(reader: GraphReader) -> None:
    found = find_references(reader, resolve(reader, "pkg.shapes.Square"))
    assert not found.truncated
    kinds = [(r.edge.value, r.location) for r in found.items]
    assert kinds == [
        ("IMPORTS", "pkg/__init__.py:1"),
        ("IMPORTS", "pkg/area.py:1"),
        ("INSTANTIATES", "pkg/area.py:5"),
        ("INHERITS", "pkg/shapes.py:43"),
    ]


def test_a_decorator_is_used_where_the_decorated_stands(reader: GraphReader) -> None:
    found = find_references(reader, resolve(reader, "cached")).items
    assert [(r.edge.value, r.symbol.name, r.location) for r in found] == [
        ("DECORATES", "repeat", "pkg/area.py:27")
    ]
    # What is decorated is not referred to by its decorator.
    decorated = find_references(reader, resolve(reader, "repeat")).items
    assert [r.edge.value for r in decorated] == ["CALLS"]


def test_references_keep_access(reader: GraphReader) -> None:
    found = find_references(reader, resolve(reader, "Shape.name")).items
    assert [(r.symbol.name, r.access) for r in found] == [
        ("__init__", "write"),
        ("describe", "read"),
    ]


def test_occurrences_are_single_places(reader: GraphReader) -> None:
    found = find_references(reader, resolve(reader, "pkg.shapes.Square"))
    places = [(o.file_path, o.site.line) for o in occurrences(found.items)]
    assert places == [
        ("pkg/__init__.py", 1),
        ("pkg/area.py", 1),
        ("pkg/area.py", 5),
        ("pkg/area.py", 6),
        ("pkg/shapes.py", 43),
    ]


@pytest.mark.parametrize(
    "name",
    ["total_area", "pkg.shapes.Square", "pkg.shapes.Shape", "Shape.name", "cached", "repeat"],
)
def test_places_alone_are_those_of_the_references(reader: GraphReader, name: str) -> None:
    symbol = resolve(reader, name)
    found = occurrences(find_references(reader, symbol).items)
    assert found
    assert sorted(reference_sites(reader, symbol)) == [(o.file_path, o.site) for o in found]


def test_references_are_capped_and_say_so(reader: GraphReader) -> None:
    found = find_references(reader, resolve(reader, "pkg.shapes.Square"), limit=2)
    assert found.truncated
    assert len(found.items) == 2


def test_supertypes_and_subtypes_are_transitive(reader: GraphReader) -> None:
    square = resolve(reader, "pkg.shapes.Square")
    assert [(r.symbol.name, r.depth) for r in supertypes(reader, square).items] == [
        ("Shape", 1),
        ("ABC", 2),
    ]
    assert [(r.symbol.name, r.depth) for r in subtypes(reader, square).items] == [("UnitSquare", 1)]
    shape = resolve(reader, "pkg.shapes.Shape")
    assert names(subtypes(reader, shape).items) == ["shapes.Square", "shapes.UnitSquare"]
    assert names(subtypes(reader, shape, depth=1).items) == ["shapes.Square"]


def test_overrides_go_both_ways(reader: GraphReader) -> None:
    found = type_hierarchy(reader, resolve(reader, "pkg.shapes.Square.area"))
    assert names(found.supertypes) == ["shapes.Shape.area"]
    assert names(found.subtypes) == ["shapes.UnitSquare.area"]
    assert found.members == ()


def test_inherited_members_are_not_own_ones(reader: GraphReader) -> None:
    square = resolve(reader, "pkg.shapes.Square")
    assert [s.name for s in own_members(reader, [square])] == ["area"]
    assert [s.name for s in type_hierarchy(reader, square).members] == ["area"]


def test_a_function_has_no_hierarchy(reader: GraphReader) -> None:
    with pytest.raises(NotFoundError, match="is a function"):
        type_hierarchy(reader, resolve(reader, "total_area"))


def test_impact_follows_to_the_tests(reader: GraphReader) -> None:
    found = impact(reader, [resolve(reader, "pkg.shapes.Square.area")])
    assert {(r.symbol.name, r.depth) for r in found.dependants} == {
        ("total_area", 1),
        ("area", 1),
        ("print_total_area", 2),
        ("main", 2),
        ("test_total", 2),
        ("pkg.area", 3),
    }
    assert [s.name for s in found.tests] == ["test_total"]
    assert found.files == ("pkg/area.py", "pkg/shapes.py", "tests/test_area.py")


def test_impact_of_a_class_includes_its_members_users(reader: GraphReader) -> None:
    found = impact(reader, [resolve(reader, "pkg.shapes.Shape")], depth=1)
    assert {r.symbol.full_name for r in found.dependants} == {
        "pkg.area.total_area",
        "pkg.shapes.Square",
        "pkg.shapes.Square.area",
    }
    alone = impact(reader, [resolve(reader, "pkg.shapes.Shape")], depth=1, has_members=False)
    assert names(alone.dependants) == ["shapes.Square"]


def test_impact_of_a_decorator_reaches_the_decorated(reader: GraphReader) -> None:
    found = impact(reader, [resolve(reader, "cached")])
    assert names(found.dependants) == ["area.repeat"]


def test_impact_is_capped_and_says_so(reader: GraphReader) -> None:
    found = impact(reader, [resolve(reader, "total_area")], limit=1)
    assert found.truncated
    assert len(found.dependants) == 1


def test_lines_become_the_innermost_symbols(reader: GraphReader) -> None:
    lines = {"pkg/area.py": (range(5, 7), range(13, 14)), "pkg/shapes.py": (range(3, 4),)}
    assert [s.name for s in symbols_at(reader, lines)] == [
        "total_area",
        "print_total_area",
        "LIMIT",
    ]


@pytest.mark.neo4j
def test_both_stores_answer_alike(reader: GraphReader, neo4j_reader: GraphReader) -> None:
    for name in ("total_area", "pkg.shapes.Square", "pkg.shapes.Shape", "repeat", "cached"):
        here, there = resolve(reader, name), resolve(neo4j_reader, name)
        assert here == there
        for depth in (1, 3):
            assert incoming_calls(reader, here, depth) == incoming_calls(neo4j_reader, there, depth)
            assert outgoing_calls(reader, here, depth) == outgoing_calls(neo4j_reader, there, depth)
        assert find_references(reader, here) == find_references(neo4j_reader, there)
        assert reference_sites(reader, here) == reference_sites(neo4j_reader, there)
        assert impact(reader, [here]) == impact(neo4j_reader, [there])
    square = resolve(reader, "pkg.shapes.Square")
    assert type_hierarchy(reader, square) == type_hierarchy(neo4j_reader, square)
