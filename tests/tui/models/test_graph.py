"""Neighbourhoods, drawings, trees, pictures and the side bar's tree."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from graphdb.errors import StoreError
from graphdb.queries.names import resolve
from graphdb.queries.neighbourhood import neighbourhood
from graphdb.schema import DEFAULT_TIERS, Tier
from tui.models.drawing import draw
from tui.models.explorer import Explorer, read_paths, symbol_entries
from tui.models.graph import Graph
from tui.models.index_view import IndexView, fitting, header_parts, short_count, totals
from tui.models.neighbours import MAX_ROWS, Side, View, read_ego
from tui.models.picture import html_page
from tui.models.trees import TREES, children
from tui.ports import IndexProgress

if TYPE_CHECKING:
    from graphdb.store import GraphReader


@pytest.fixture
def view(reader: GraphReader) -> View:
    return View(resolve(reader, "total_area"))


def test_a_drawing(reader: GraphReader, view: View) -> None:
    text = draw(read_ego(reader, view), 100).text()
    assert "print_total_area CALLS ──" in text
    assert "test_total CALLS TESTS ──" in text
    assert "╌╌ CALLS Square.area" in text
    assert "┃ pkg/area.py:4 ┃" in text


def test_every_row_has_its_joint(reader: GraphReader, view: View) -> None:
    ego = read_ego(reader, view)
    for neighbour in (*ego.incoming, *ego.outgoing):
        for side in Side:
            view = view.toggled(side, neighbour.symbol)
    lines = draw(read_ego(reader, view), 110).text().splitlines()
    for above, below in pairwise(lines):
        for column, char in enumerate(above):
            under = below[column] if column < len(below) else " "
            if char in "┌┐├┤│┬┼":
                assert under in "├┤│└┘┴┼", f"{above}\n{below}\ncolumn {column}"


@pytest.mark.parametrize("width", [20, 40, 60, 83, 84, 100, 200])
def test_spots_stand_on_their_names(reader: GraphReader, view: View, width: int) -> None:
    view = view.toggled(Side.IN, read_ego(reader, view).incoming[0].symbol)
    drawing = draw(read_ego(reader, view), width)
    lines = drawing.text().splitlines()
    for spot in drawing.spots:
        text = lines[spot.row][spot.start : spot.end]
        assert text.strip("┃ ")[:3] in (spot.symbol.full_name[-40:] + " …"), (text, width)


def test_a_recursive_function_is_its_own_caller_once(reader: GraphReader) -> None:
    view = View(resolve(reader, "pkg.area.repeat"))
    view = view.toggled(Side.IN, view.centre)
    ego = read_ego(reader, view)
    assert [n.symbol.name for n in ego.incoming].count("repeat") == 1
    assert ego.incoming[0].children == ()


def test_filters_by_group_and_tier(reader: GraphReader, view: View) -> None:
    names = {n.symbol.name for n in read_ego(reader, view.with_next_tiers()).outgoing}
    assert "area" in names
    names = {
        n.symbol.name for n in read_ego(reader, view.with_next_tiers().with_next_tiers()).outgoing
    }
    assert "area" not in names
    assert view.with_next_tiers().with_next_tiers().with_next_tiers().tiers == tuple(Tier)
    only_tests = view
    for group in ("calls", "uses", "types", "members", "imports"):
        only_tests = only_tests.with_group(group)
    assert [n.symbol.name for n in read_ego(reader, only_tests).incoming] == ["test_total"]
    assert only_tests.with_group("tests").groups == only_tests.groups


def test_going_back(reader: GraphReader, view: View) -> None:
    other = resolve(reader, "pkg.area.main")
    assert view.recentred(other).recentred(view.centre).back().centre == other
    assert view.back() is view
    assert view.recentred(view.centre) is view


def test_many_neighbours_are_cut_until_all_are_asked_for() -> None:
    from graphdb.queries.neighbourhood import DrawnEdge, Neighbourhood
    from graphdb.schema import EdgeKind, NodeKind
    from graphdb.symbols import Symbol
    from tui.models import neighbours

    def symbol(n: int) -> Symbol:
        return Symbol(f"u{n}", NodeKind.FUNCTION, f"f{n}", f"m.f{n}", "m.py", n, n, None)

    symbols = tuple(symbol(n) for n in range(1, 40))
    edges = tuple(DrawnEdge(s.uid, "u1", EdgeKind.CALLS, Tier.EXACT) for s in symbols[1:])
    near = Neighbourhood(symbols, edges)
    rows = neighbours.arranged(View(symbols[0]), [near]).incoming
    assert (len(rows), rows[-1].more) == (MAX_ROWS + 1, 38 - MAX_ROWS)
    assert "… 26 more" in draw(neighbours.arranged(View(symbols[0]), [near]), 100).text()
    assert len(neighbours.arranged(View(symbols[0]).whole(), [near]).incoming) == 38


@pytest.mark.parametrize(
    ("tree", "name", "expected"),
    [
        ("callers", "total_area", ["main", "print_total_area", "test_total"]),
        ("callees", "pkg.area.main", ["print_total_area", "total_area"]),
        ("bases", "pkg.shapes.Square", ["Shape"]),
        ("derived", "pkg.shapes.Square", ["UnitSquare"]),
        ("derived", "pkg.area.main", []),
        ("imports", "pkg.area.main", ["Square"]),
        ("importers", "pkg.shapes.Square", ["pkg", "pkg.area"]),
        ("tests", "total_area", ["test_total"]),
        ("members", "pkg.shapes.UnitSquare", ["area"]),
        ("callers", "abc.ABC", []),
    ],
)
def test_trees(reader: GraphReader, tree: str, name: str, expected: list[str]) -> None:
    found = children(reader, tree, resolve(reader, name), DEFAULT_TIERS)
    assert sorted(row.symbol.name for row in found) == expected
    assert tree in TREES


def test_a_picture_needs_nothing_and_escapes_everything(reader: GraphReader) -> None:
    near = neighbourhood(reader, [resolve(reader, "total_area")], depth=2)
    page = html_page(near, "<b>total</b>")
    assert "<b>" not in page
    assert not re.search(r"(src|href)\s*=|@import|url\((?!#)", page)
    assert re.findall(r'"(https?:[^"]*)"', page) == ["http://www.w3.org/2000/svg"]
    assert page.count("<rect") == len(near.nodes)
    assert page.count('class="edge"') == len(near.edges)


def test_the_explorer_joins_folders_that_hold_one_folder() -> None:
    explorer = Explorer(["src/main/java/A.java", "src/main/java/b/B.java", "README.py", "t/x.py"])
    assert [entry.label for entry in explorer.entries()] == ["src/main/java", "t", "README.py"]
    assert [e.label for e in explorer.entries("src/main/java")] == ["b", "A.java"]
    assert [e.path for e in explorer.matching("B.j")] == ["src/main/java/b/B.java"]
    assert Explorer().entries() == []


def test_symbols_of_a_file_are_nested(reader: GraphReader) -> None:
    assert "pkg/shapes.py" in read_paths(reader)
    entries = symbol_entries(reader, "pkg/shapes.py")
    assert [entry.label for entry in entries][:2] == ["v LIMIT", "C Shape"]
    assert [child.label for child in entries[1].children] == [
        "m __init__",
        "m area",
        "m describe",
    ]


def test_the_header_gives_up_what_weighs_least(reader: GraphReader) -> None:
    files, nodes, edges = totals(reader.counts())
    view = IndexView(files, nodes, edges, "fresh", True)
    parts = header_parts("sample", "embedded", None, view, IndexProgress())
    texts = [part.text for part in fitting(parts, 200, 3)]
    assert texts == ["sample", "4 files", "23 nodes  42 edges", "fresh", "embedded", "no model"]
    assert [part.text for part in fitting(parts, 30, 3)] == ["sample", "fresh", "no model"]
    assert [part.text for part in fitting(parts, 3, 3)] == ["sample"]
    running = header_parts("s", "e", "m", view, IndexProgress("link", 43))
    assert "indexing 43 % (link)" in [part.text for part in running]
    assert [short_count(n) for n in (950, 4_100, 41_000, 1_300_000)] == [
        "950",
        "4.1k",
        "41k",
        "1.3M",
    ]


def test_a_graph_whose_server_went_is_opened_again(reader: GraphReader) -> None:
    opened: list[int] = []

    def open_reader() -> GraphReader:
        opened.append(1)
        return reader

    def fails_once(_: GraphReader) -> str:
        if len(opened) == 1:
            raise StoreError("gone")
        return "answer"

    graph = Graph(open_reader)
    reader_close, reader.close = reader.close, lambda: None  # type: ignore[method-assign]
    try:
        assert graph.ask(fails_once) == "answer"
    finally:
        reader.close = reader_close  # type: ignore[method-assign]
    assert len(opened) == 2


def test_sides_that_would_be_cut_stand_one_above_the_other(reader: GraphReader, view: View) -> None:
    ego = read_ego(reader, view)
    long = replace(ego.outgoing[0].symbol, full_name="pkg.Class." + "some_length" * 4)
    cut = replace(ego, outgoing=tuple(replace(each, symbol=long) for each in ego.outgoing))
    assert "▼" not in draw(ego, 100).text()
    drawn = draw(cut, 100).text()
    assert "▼" in drawn
    assert "…" not in drawn
