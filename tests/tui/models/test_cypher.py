"""The query console without a screen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphdb.errors import CodexGraphError, WriteRefusedError
from graphdb.store import QueryResult
from tui.models import cypher
from tui.models.completion import complete
from tui.models.cypher import SavedQueries, cell_text, place_of_cell
from tui.models.cypher_colors import cypher_marks
from tui.models.drawing_list import draw_graph
from tui.models.grid import MAX_WIDTH, column_starts, column_widths
from tui.models.marks import Hue
from tui.models.places import Place
from tui.models.source import Source, source_marks
from tui.ports import Limits

if TYPE_CHECKING:
    from pathlib import Path

    from graphdb.store import GraphReader

LIMITS = Limits(5.0, 3)


@pytest.mark.parametrize(
    ("text", "what", "expected"),
    [
        ("MATCH (n:CLA|", "label", "CLASS"),
        ("MATCH (n)-[:CAL|", "edge type", "CALLS"),
        ("MATCH (n)-[e:CALLS|IN|", "edge type", "INHERITS"),
        ("MATCH (n:CLASS) RETURN n.full|", "property", "full_name"),
        ("MATCH (n)-[e:CALLS]->(m) RETURN e.ti|", "property", "tier"),
        ("MATCH (n:CLASS {na|", "property", "name"),
        ("MATCH (node:CLASS) RETURN no|", "word", "node"),
        ("MAT|", "keyword", "MATCH"),
        ("MATCH (n) WHERE n.repo = $|", "parameter", "repo"),
    ],
)
def test_completion_knows_where_it_is(text: str, what: str, expected: str) -> None:
    cursor = text.rindex("|")
    text = text[:cursor] + text[cursor + 1 :]
    found = complete(text, cursor)
    assert (found.what, found.options[0]) == (what, expected)


@pytest.mark.parametrize("text", ["RETURN 'CLA", "// MATCH (n:CLA", 'RETURN "a\\" :CLA'])
def test_nothing_is_offered_in_strings_and_comments(text: str) -> None:
    assert complete(text, len(text)).options == ()


@given(st.text(alphabet="()[]{}:.'\"|$ nMATCH-><`\n/*"), st.integers(0, 50))
def test_completion_and_colours_take_any_text(text: str, cursor: int) -> None:
    complete(text, min(cursor, len(text)))
    rows = cypher_marks(text)
    assert len(rows) == text.count("\n") + 1
    for row, line in zip(rows, text.split("\n"), strict=True):
        assert all(0 <= mark.start < mark.end <= len(line) for mark in row)


def test_colours_of_a_query() -> None:
    rows = cypher_marks("match (n:CLASS) // all\nreturn count(n), 'x'")
    assert [mark.hue for mark in rows[0]] == [Hue.KEYWORD, Hue.NAME, Hue.COMMENT]
    assert [mark.hue for mark in rows[1]] == [Hue.KEYWORD, Hue.FUNCTION, Hue.STRING]


def test_colours_of_a_source_and_of_a_file_of_no_language() -> None:
    rows = source_marks(Source("a.py", "def f():\n    '''x\n    y'''\n"))
    assert [mark.hue for mark in rows[0]] == [Hue.KEYWORD, Hue.FUNCTION]
    assert [mark.hue for row in rows[1:3] for mark in row] == [Hue.STRING, Hue.STRING]
    assert source_marks(Source("a.unknown", "x")) == ()


def test_a_run_says_what_it_did(reader: GraphReader) -> None:
    result = cypher.run(reader, "MATCH (n:CLASS) RETURN n.name AS name ORDER BY name", LIMITS)
    assert len(result.rows) == 3
    assert "cut at the limit of 3 rows: there are more" in cypher.status_line(result, LIMITS)
    assert json.loads(cypher.json_text(result))[0] == {"name": "Helper"}
    with pytest.raises(WriteRefusedError):
        cypher.run(reader, "CREATE (n:CLASS)", LIMITS)


def test_the_graph_of_an_answer_has_the_edges_between_its_nodes(reader: GraphReader) -> None:
    result = reader.query("MATCH (n:CLASS) RETURN n, n.name")
    near = cypher.graph_of(reader, result)
    assert {symbol.name for symbol in near.nodes} == {"Shape", "Square", "UnitSquare", "Helper"}
    text = draw_graph(near).text()
    assert "C Square  pkg/shapes.py:23\n  └── INHERITS Shape" in text
    assert cypher.graph_of(reader, reader.query("RETURN 1 AS one")).nodes == ()


@pytest.mark.parametrize(
    ("columns", "row", "column", "expected"),
    [
        (("n",), ({"_labels": ["CLASS"], "file_path": "a.py", "start_line": 3},), 0, ("a.py", 3)),
        (("name", "file", "line"), ("x", "a.py", 7), 0, ("a.py", 7)),
        (("n.file_path",), ("a.py",), 0, ("a.py", 1)),
        (("count",), (3,), 0, None),
    ],
)
def test_rows_lead_to_places(
    columns: tuple[str, ...], row: tuple[object, ...], column: int, expected: tuple[str, int] | None
) -> None:
    found = place_of_cell(QueryResult(columns, (row,)), 0, column)
    assert found == (Place(*expected) if expected else None)


def test_cells_are_one_line() -> None:
    node = {"_labels": ["CLASS"], "full_name": "a.B", "code": "x\ny"}
    assert cell_text(node) == "CLASS a.B"
    assert cell_text([node, {"_type": "CALLS"}, None]) == "[CLASS a.B, [CALLS], null]"
    assert cell_text("a\n  b") == "a b"
    assert (cell_text(True), cell_text(2.5)) == ("true", "2.5")


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    widths = column_widths(("name", "n"), [("x" * 500, 1), ("日本", 22)])
    assert widths == [MAX_WIDTH, 2]
    assert column_starts(widths) == [0, MAX_WIDTH + 2, MAX_WIDTH + 6]


def test_export(tmp_path: Path) -> None:
    result = QueryResult(("a", "b"), ((1, "x,y"), (None, ["z"])))
    path = tmp_path / "rows.csv"
    assert "2 rows written" in cypher.export(result, str(path))
    assert path.read_text() == 'a,b\n1,"x,y"\n,"[""z""]"\n'
    with pytest.raises(CodexGraphError, match="is there already"):
        cypher.export(result, str(path))
    cypher.export(result, str(tmp_path / "rows.json"))
    assert json.loads((tmp_path / "rows.json").read_text())["rows"] == [[1, "x,y"], [None, ["z"]]]


def test_saved_queries(tmp_path: Path) -> None:
    saved = SavedQueries(tmp_path)
    saved.keep(" mine ", "RETURN 1")
    saved.keep("all", "RETURN 2")
    assert list(SavedQueries(tmp_path).all().items()) == [("all", "RETURN 2"), ("mine", "RETURN 1")]
    saved.drop("all")
    assert list(saved.all()) == ["mine"]
    with pytest.raises(CodexGraphError, match="needs a name"):
        saved.keep(" ", "RETURN 1")
    (tmp_path / "queries.json").write_text("[]")
    with pytest.raises(CodexGraphError, match="damaged"):
        saved.all()
