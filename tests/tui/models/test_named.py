"""Names in texts, what surrounds a symbol, what was said before, and the schema as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from graphdb.delta import GraphCounts
from graphdb.queries.names import resolve
from graphdb.schema import EDGE_PROPERTIES, NODE_PROPERTIES, EdgeKind, ExtraLabel, NodeKind
from tests.graphdb.queries import sample
from tui.models.context import read_context
from tui.models.conversation import OWN_LABEL, Turn, TurnState
from tui.models.earlier import MAX_ANSWER, MAX_TURNS, earlier
from tui.models.named import names_in, symbols_in, word_at
from tui.models.places import KnownFiles
from tui.models.schema_view import schema_parts

if TYPE_CHECKING:
    from graphdb.store import GraphReader

KNOWN = KnownFiles(sample.FILES)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("`Square.area` calls `total()`", ["Square.area", "total"]),
        ("`def total_area(shapes, *, unit)` pkg/area.py:4", ["total_area"]),
        ("pkg.shapes.Square is a shape. So is it.", ["pkg.shapes.Square"]),
        ("see pkg/area.py:4 and http://host.example:80/a.b", []),
        ("`a b` and `x = 1` and ``", []),
        ("the end of pkg.area.", ["pkg.area"]),
    ],
)
def test_names_of_a_text(text: str, names: list[str]) -> None:
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "offset", "word"),
    [("who calls Square.area?", 12, "Square.area"), ("who ", 4, ""), ("", 0, ""), ("a.", 2, "a")],
)
def test_the_name_at_the_cursor(text: str, offset: int, word: str) -> None:
    assert word_at(text, offset) == word


def test_symbols_of_a_text_and_of_its_places(reader: GraphReader) -> None:
    text = "`total_area` makes a `Square`, `no_such_name`; see pkg/area.py:13"
    found = [symbol.full_name for symbol in symbols_in(reader, text, KNOWN)]
    assert found == ["pkg.area.total_area", "pkg.shapes.Square", "pkg.area.print_total_area"]


def test_what_surrounds_a_symbol(reader: GraphReader) -> None:
    context = read_context(reader, resolve(reader, "total_area"))
    titles = [group.title for group in context.groups]
    assert "called by 3 in 2 files" in titles
    assert "tested by 1" in titles
    assert "calls 2" in titles
    assert context.lines[0] == "function pkg/area.py:4"
    for group in context.groups:
        assert group.title.split()[-1 if " in " not in group.title else -4] == str(
            len(group.members)
        )


def test_the_schema_has_every_word(reader: GraphReader) -> None:
    labels, edges, *properties = schema_parts(reader.counts())
    assert [part.label for part in labels.children] == [*NodeKind, *ExtraLabel]
    assert [part.label for part in edges.children] == [*EdgeKind]
    assert [part.insert for part in properties[0].children] == [f".{p}" for p in NODE_PROPERTIES]
    assert len(properties[1].children) == len(EDGE_PROPERTIES)
    assert labels.children[1].note == "4"
    assert edges.children[1].children[0].label == "from CLASS"
    assert not schema_parts(GraphCounts())[0].children[0].note


def test_what_was_said_before_is_bounded_and_leaves_out_what_was_no_answer() -> None:
    def turn(question: str, state: TurnState = TurnState.DONE, label: str = "") -> Turn:
        return Turn(question, "chat", "", state, label, "word " * 500)

    turns = [turn(f"question {n}") for n in range(6)]
    turns += [turn("failed", TurnState.FAILED), turn("/status", label=OWN_LABEL)]
    text = earlier(turns)
    assert [n for n in range(9) if f"question {n}" in text] == [3, 4, 5]
    assert "failed" not in text
    assert "/status" not in text
    assert len(text) < MAX_TURNS * (MAX_ANSWER + 50)
    assert earlier([]) == ""
