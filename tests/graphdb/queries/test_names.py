"""What a person may type for a symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.errors import AmbiguousNameError, NotFoundError
from graphdb.queries.names import find, innermost_at, near_names, resolve
from tests.graphdb.queries.sample import uid

if TYPE_CHECKING:
    from graphdb.store import GraphReader


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("pkg.shapes.Shape.area", "pkg.shapes.Shape.area"),
        ("Shape.area", "pkg.shapes.Shape.area"),
        ("shapes.Square", "pkg.shapes.Square"),
        ("total_area", "pkg.area.total_area"),
        ("LIMIT", "pkg.shapes.LIMIT"),
        ("pkg.shapes", "pkg.shapes"),
        ("test_area", "tests.test_area"),
        ("pkg/shapes.py", "pkg.shapes"),
        ("./pkg/shapes.py", "pkg.shapes"),
        ("pkg/area.py:6", "pkg.area.total_area"),
        ("pkg/area.py:40", "pkg.area"),
        ("pkg/shapes.py:3", "pkg.shapes.LIMIT"),
        ("pkg/shapes.py:6", "pkg.shapes.Shape"),
        ("pkg/shapes.py:8", "pkg.shapes.Shape.__init__"),
        ("pkg.Square", "pkg.shapes.Square"),
        ("Square.describe", "pkg.shapes.Shape.describe"),
        ("ABC", "abc.ABC"),
    ],
)
def test_a_name_gives_one_symbol(reader: GraphReader, name: str, expected: str) -> None:
    assert resolve(reader, name).full_name == expected


def test_a_uid_is_a_name(reader: GraphReader) -> None:
    symbol = resolve(reader, uid("pkg.shapes.Square.area"))
    assert symbol.full_name == "pkg.shapes.Square.area"


def test_an_absolute_path_below_the_root_is_understood(reader: GraphReader) -> None:
    name = f"{reader.meta().root}/pkg/area.py:6"
    assert resolve(reader, name).name == "total_area"


def test_an_ambiguous_name_lists_the_candidates_with_their_places(reader: GraphReader) -> None:
    with pytest.raises(AmbiguousNameError) as caught:
        resolve(reader, "area")
    assert [c.split()[1] for c in caught.value.candidates] == [
        "pkg/shapes.py:11",
        "pkg/shapes.py:25",
        "pkg/shapes.py:45",
    ]
    assert "fits 3 symbols" in str(caught.value)


def test_a_suffix_must_start_at_a_dot(reader: GraphReader) -> None:
    # UnitSquare.area ends in "Square.area", too, and must not make it ambiguous.
    assert resolve(reader, "Square.area").full_name == "pkg.shapes.Square.area"
    assert find(reader, "quare.area") == []


def test_a_missing_name_suggests_near_ones(reader: GraphReader) -> None:
    with pytest.raises(NotFoundError, match=r"did you mean .*pkg\.area\.total_area"):
        resolve(reader, "totl_area")
    assert near_names(reader, "zzzzqqq") == []


def test_a_missing_path_is_said_to_be_missing(reader: GraphReader) -> None:
    with pytest.raises(NotFoundError, match=r"pkg/nowhere\.py is not indexed"):
        resolve(reader, "pkg/nowhere.py:3")
    with pytest.raises(NotFoundError, match="no symbol at line 4000"):
        resolve(reader, "pkg/area.py:4000")


def test_case_counts(reader: GraphReader) -> None:
    assert find(reader, "shape") == []


def test_a_line_outside_of_all_functions_is_the_module(reader: GraphReader) -> None:
    symbol = innermost_at(reader, "pkg/area.py", 2)
    assert symbol is not None
    assert symbol.kind == "MODULE"
