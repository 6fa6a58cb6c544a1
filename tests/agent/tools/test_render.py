"""Answers as text: their budget, their fence, what is invisible in them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.tool import Item, ToolResult
from agent.tools.render import render, visible
from graphdb.retrieval.packing import tokens_of

TEXT = st.text(st.sampled_from("ab `~#\n\r\t\0\u202e\u200b\U000e0041é日😀"), max_size=80)
ITEMS = st.builds(
    Item,
    text=TEXT,
    uid=st.none() | st.sampled_from(["u1", "u2"]),
    qname=st.none() | TEXT,
    kind=st.none() | st.just("CLASS"),
    file=st.none() | TEXT,
    line=st.none() | st.integers(1, 10**6),
)


@st.composite
def results(draw: st.DrawFn) -> ToolResult:
    items = tuple(draw(st.lists(ITEMS, max_size=8)))
    before, after = draw(st.integers(0, 10**6)), draw(st.integers(0, 10**6))
    return ToolResult(
        items,
        total=before + len(items) + after,
        next=before + len(items) if after else None,
        notes=tuple(draw(st.lists(TEXT, max_size=3))),
        error=draw(st.none() | TEXT),
        near=tuple(draw(st.lists(TEXT, max_size=3))),
    )


@given(results(), st.integers(0, 400))
def test_no_answer_is_longer_than_its_budget(result: ToolResult, tokens: int) -> None:
    assert tokens_of(render(result, tokens)) <= tokens


@given(results(), st.integers(0, 2_000))
def test_no_text_can_end_its_fence(result: ToolResult, tokens: int) -> None:
    status, _, rest = render(result, tokens).partition("\n")
    assert "`" not in status
    if rest:
        lines = rest.split("\n")
        assert re.fullmatch("```+", lines[0])
        assert lines[-1] == lines[0]
        assert lines[0] not in "\n".join(lines[1:-1])


@given(results())
def test_nothing_invisible_is_left(result: ToolResult) -> None:
    assert not re.search("[\r\0\u202e\u200b\U000e0041]", render(result, 2_000))


def many(count: int, offset: int = 0, total: int | None = None) -> ToolResult:
    items = tuple(
        Item("x" * 40, f"u{n}", f"a.f{n}", "FUNCTION", "a.py", n + 1)
        for n in range(offset, offset + count)
    )
    total = count if total is None else total
    end = offset + count
    return ToolResult(items, total, end if end < total else None)


def test_whole_items_and_how_to_get_the_rest() -> None:
    text = render(many(50), 200)
    first, *lines = text.split("\n")
    shown = sum(line.endswith("x" * 40) for line in lines)
    assert 5 < shown < 50
    assert first == f"results 1-{shown} of 50; more with offset={shown}"


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (many(0), "no results"),
        (many(1), "1 result"),
        (many(3), "3 results"),
        (many(3, offset=4, total=9), "results 5-7 of 9; more with offset=7"),
        (many(2, offset=7, total=9), "results 8-9 of 9"),
        (ToolResult(error="bad"), "error"),
    ],
)
def test_the_first_line_says_which_part_it_is(result: ToolResult, status: str) -> None:
    assert render(result, 500).split("\n")[0] == status


def test_an_item_that_is_too_long_shows_its_beginning() -> None:
    result = ToolResult((Item("long " * 1000), Item("second")), 2)
    text = render(result, 50)
    assert text.startswith("results 1-1 of 2; more with offset=1\n```\nlong long")
    assert "…\n```" in text


def test_files_and_owners_are_headings_paid_for_once() -> None:
    items = (
        Item("def f()", "1", "a.C.f", "METHOD", "a.py", 3),
        Item("def g()", "2", "a.C.g", "METHOD", "a.py", 5),
        Item("def h()", "3", "a.h", "FUNCTION", "a.py", 7),
        Item("def i()", "4", "b.i", "FUNCTION", "b.py", 9),
        Item("CLASS a.C", "5", "a.C", "CLASS", "a.py", 1),
    )
    assert render(ToolResult(items, 5), 500).split("\n")[1:] == [
        "```",
        "## a.py  a.C",
        "3: def f()",
        "5: def g()",
        "## in a",
        "7: def h()",
        "## b.py  b",
        "9: def i()",
        "CLASS a.C  a.py:1",
        "```",
    ]


def test_lines_of_one_symbol_stand_under_one_heading() -> None:
    items = tuple(Item(text, "1", "a.f", "FUNCTION", "a.py", 3 + n) for n, text in enumerate("xyz"))
    assert render(ToolResult(items, 3), 500).split("\n")[2:-1] == ["## a.py:3  a.f", "x", "y", "z"]


def test_near_names_and_notes_stand_in_the_fence() -> None:
    result = ToolResult(error="no `x`", near=("a\nb", "c"), notes=("n\nm",))
    assert render(result, 100) == "error\n```\nno `x`\none of:\n  a b\n  c\nnote: n m\n```"


def test_what_is_invisible_is_spelt_out() -> None:
    assert visible("a\u202eb\r\nc\rd\U000e0041") == "a\\u202eb\nc\\u000dd\\ue0041"
