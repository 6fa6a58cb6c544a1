"""What a file says, what it mentions where, and what stands behind a dot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.members import (
    constructors_of,
    members_of,
    owners_of,
    parameters,
    receiver_name,
)
from graphdb.queries.mentions import file_content, mentions_at, symbol_named_at
from graphdb.queries.names import resolve
from graphdb.queries.neighbourhood import neighbourhood
from graphdb.queries.problems import import_cycles, unresolved_imports, unused_symbols

if TYPE_CHECKING:
    from graphdb.store import GraphReader


def test_every_mention_is_found_at_its_site(reader: GraphReader) -> None:
    content = file_content(reader, "pkg/shapes.py")
    assert content.content_hash
    assert content.mentions == tuple(sorted(content.mentions, key=lambda m: m.site))
    for mention in content.mentions:
        line, column, _ = mention.site
        implied = mention.kind == "operator"
        found = mentions_at(content, line, column, are_implied=implied)
        assert found
        assert {m.site for m in found} == {mention.site}


def test_a_symbol_is_named_where_it_is_defined(reader: GraphReader) -> None:
    shape = resolve(reader, "Shape")
    content = file_content(reader, shape.file_path or "")
    line, column = shape.name_line or 0, shape.name_column or 0
    assert symbol_named_at(content, line, column) == shape
    assert symbol_named_at(content, line, column + len("Shape")) == shape
    assert symbol_named_at(content, line, column + len("Shape") + 1) is None


def test_an_unknown_file_says_nothing(reader: GraphReader) -> None:
    content = file_content(reader, "no/such.py")
    assert (content.content_hash, content.symbols, content.mentions) == (None, (), ())


def test_members_include_inherited_ones(reader: GraphReader) -> None:
    square = resolve(reader, "UnitSquare")
    members = members_of(reader, [square])
    assert "area" in {member.name for member in members}
    area = resolve(reader, "Shape.area")
    assert [owner.name for owner in owners_of(reader, [area])] == ["Shape"]
    made = constructors_of(reader, resolve(reader, "Shape"))
    assert [method.full_name for method in made] == ["pkg.shapes.Shape.__init__"]


def test_parameters_are_cut_between_brackets() -> None:
    assert parameters("def f(self, a: dict[str, int] = {1: (2, 3)}, *b) -> tuple[int, int]") == [
        "self",
        "a: dict[str, int] = {1: (2, 3)}",
        "*b",
    ]
    assert parameters("class A") == []
    assert parameters("def f()") == []


def test_methods_without_parameters_have_no_receiver(reader: GraphReader) -> None:
    assert receiver_name(reader, "python") is None
    assert receiver_name(reader, "no such language") is None


def test_a_neighbourhood_is_closed_and_capped(reader: GraphReader) -> None:
    shape = resolve(reader, "Shape")
    around = neighbourhood(reader, [shape], depth=2)
    uids = {symbol.uid for symbol in around.nodes}
    assert around.nodes[0] == shape
    assert all(edge.source in uids and edge.target in uids for edge in around.edges)
    small = neighbourhood(reader, [shape], depth=2, limit=3)
    assert (len(small.nodes), small.truncated) == (3, True)


def test_a_sound_repository_has_no_problems(reader: GraphReader) -> None:
    module = resolve(reader, "pkg/shapes.py")
    assert unresolved_imports(reader, "pkg/shapes.py") == []
    assert import_cycles({}, module) == []
    used = resolve(reader, "Shape.area")
    assert used not in [problem.symbol for problem in unused_symbols(reader, "pkg/shapes.py")]
