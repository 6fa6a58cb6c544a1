"""Columns in bytes, UTF-16 units and code points; edits to documents; lines that have moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp.documents import Edit, Place, opened
from lsp.linemap import compare
from lsp.text import (
    Encoding,
    byte_column,
    byte_of,
    character_of,
    client_column,
    index_of,
    index_of_byte,
    split_lines,
)

WIDE = "a\té漢😀b\r\n"
UNITS = {
    Encoding.UTF8: [0, 1, 2, 4, 7, 11, 12],
    Encoding.UTF16: [0, 1, 2, 3, 4, 6, 7],
    Encoding.UTF32: [0, 1, 2, 3, 4, 5, 6],
}
TEXTS = st.text(st.sampled_from("aé漢😀\t \r\n\x0c\u2028"), max_size=40)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_columns_of_wide_characters(encoding: Encoding) -> None:
    for index, units in enumerate(UNITS[encoding]):
        assert character_of(WIDE, index, encoding) == units
        assert index_of(WIDE, units, encoding) == index
        column = byte_column([WIDE], 0, units, encoding)
        assert column == UNITS[Encoding.UTF8][index]
        assert client_column([WIDE], 0, column, encoding) == units


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_column_behind_the_end_is_the_end(encoding: Encoding) -> None:
    assert index_of(WIDE, 99, encoding) == 6
    assert byte_column([WIDE], 0, 99, encoding) == 12
    assert byte_column([WIDE], 5, 1, encoding) == 0


def test_a_column_inside_of_a_surrogate_pair_is_before_it() -> None:
    assert index_of("😀x", 1, Encoding.UTF16) == 0


def test_lines_end_at_line_feeds_only() -> None:
    text = "a\x0cb\u2028c\rd\n\ne"
    assert split_lines(text) == ["a\x0cb\u2028c\rd\n", "\n", "e"]
    assert split_lines("") == [""]


@given(TEXTS, st.integers(0, 40))
def test_bytes_and_indexes_are_inverse(text: str, index: int) -> None:
    for line in split_lines(text):
        at = min(index, len(line))
        assert index_of_byte(line, byte_of(line, at)) == at


@given(TEXTS, TEXTS, st.data(), st.sampled_from(list(Encoding)))
def test_an_edit_is_that_of_the_text(
    text: str, new: str, data: st.DataObject, encoding: Encoding
) -> None:
    text = text.replace("\r", "")
    lines = split_lines(text)
    ends = sorted(data.draw(st.integers(0, len(text))) for _ in range(2))
    places: list[Place] = []
    for offset in ends:
        row = text.count("\n", 0, offset)
        index = offset - sum(map(len, lines[:row]))
        places.append(Place(row, character_of(lines[row], index, encoding)))
    document = opened("x", 1, text).edited(Edit(new, *places), 2, encoding)
    expected = text[: ends[0]] + new + text[ends[1] :]
    assert "".join(document.lines) == expected
    assert document.lines == split_lines(expected)
    assert document.size == len(expected)


def test_an_edit_leaves_the_document_before_as_it_was() -> None:
    before = opened("x", 1, "a\nb\n")
    after = before.edited(Edit("c", Place(0, 0), Place(9, 9)), 2, Encoding.UTF16)
    assert (before.lines, after.lines) == (["a\n", "b\n", ""], ["c"])
    assert after.edited(Edit("whole\n"), 3, Encoding.UTF8).data == b"whole\n"


def test_an_edit_whose_end_is_before_its_start_only_inserts() -> None:
    document = opened("x", 1, "ab").edited(Edit("-", Place(0, 1), Place(0, 0)), 2, Encoding.UTF8)
    assert document.lines == ["a-b"]


def test_lines_that_moved_are_found() -> None:
    moved = compare(["a", "b", "c", "d"], ["new", "a", "b", "C", "d", "e"])
    assert [moved.now(line) for line in (1, 2, 3, 4)] == [2, 3, None, 5]
    assert [moved.is_new(line) for line in range(1, 7)] == [True, False, False, True, False, True]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_a_line_that_moved_is_the_same_line(old: list[str], new: list[str]) -> None:
    moved = compare(old, new)
    for number, line in enumerate(old, start=1):
        now = moved.now(number)
        if now is not None:
            assert new[now - 1] == line
            assert not moved.is_new(now)
