"""Any bytes become UTF-8 with the same lines, or a problem."""

from __future__ import annotations

import ast
import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.decode import Decoded, decode

CAFE = "x = 'café €'\r\ny = 2\n"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", Decoded(b"", "utf-8")),
        (b"x = 1\r\ny = 2\r\n", Decoded(b"x = 1\r\ny = 2\r\n", "utf-8")),
        (CAFE.encode(), Decoded(CAFE.encode(), "utf-8")),
        (codecs.BOM_UTF8 + CAFE.encode(), Decoded(CAFE.encode(), "utf-8")),
        (CAFE.encode("utf-16"), Decoded(CAFE.encode(), "utf-16-le")),
        (codecs.BOM_UTF16_BE + CAFE.encode("utf-16-be"), Decoded(CAFE.encode(), "utf-16-be")),
        (CAFE.encode("utf-32"), Decoded(CAFE.encode(), "utf-32-le")),
    ],
)
def test_encodings_that_need_no_comment(data: bytes, expected: Decoded) -> None:
    assert decode(data) == expected


@pytest.mark.parametrize(
    ("head", "codec"),
    [
        ("# -*- coding: latin-1 -*-\n", "latin-1"),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
        ("#!/usr/bin/python\r\n# coding: Shift_JIS\r\n", "shift_jis"),
        ("\n# coding=koi8-r\n", "koi8-r"),
        ("# coding: utf-8-unix\n", "utf-8"),
        ("# coding: Latin-1-dos\n", "latin-1"),
    ],
)
def test_the_coding_comment_counts(head: str, codec: str) -> None:
    text = head + {"koi8-r": "'да'\n", "shift_jis": "'日本'\r\n"}.get(codec, "'é'\n")
    found = decode(text.encode(codec))
    assert found.text_utf8 == text.encode()
    assert found.problem is None
    assert codecs.lookup(found.encoding) == codecs.lookup(codec)


@pytest.mark.parametrize(
    "data",
    [b"x = 1\n# coding: latin-1\n'\xc3\xa9'\n", b"\n\n# coding: latin-1\n'\xc3\xa9'\n"],
)
def test_a_comment_further_down_does_not_count(data: bytes) -> None:
    assert decode(data) == Decoded(data, "utf-8")


@pytest.mark.parametrize(
    ("data", "encoding", "problem"),
    [
        (b"a\n'\xe9'\n", "latin-1", "not UTF-8 (byte 0xe9 in line 2): read as Latin-1"),
        (b"# coding: no-such\nx\n", "utf-8", "unknown encoding 'no-such'"),
        (b"# coding: rot13\nx\n", "utf-8", "unknown encoding 'rot13'"),
        (b"# coding: unicode_escape\n'\\n'\n", "utf-8", "unknown encoding 'unicode-escape'"),
        (b"# coding: ascii\n'\xc3\xa9'\n", "utf-8", "not ascii"),
        (b"# coding: ascii\n'\xe9'\n", "latin-1", "not ascii"),
        (b"# coding: utf-16\nx = 1\n", "utf-8", "unknown encoding 'utf-16'"),
        (b"x = 1\ny\0\n", "binary", "binary file: NUL byte in line 2"),
        (codecs.BOM_UTF16_LE + b"\x00\xd8", "binary", "binary file"),
        (codecs.BOM_UTF16_LE + b"a\x00\x00\x00b\x00", "binary", "NUL character"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, encoding: str, problem: str) -> None:
    found = decode(data)
    assert found.encoding == encoding
    assert found.problem is not None
    assert problem in found.problem
    assert found.text_utf8 or encoding == "binary"


@given(st.binary(max_size=200) | st.binary(max_size=80).map(lambda tail: b"# coding: " + tail))
def test_any_bytes_give_utf8_or_a_problem(data: bytes) -> None:
    found = decode(data)
    found.text_utf8.decode()
    assert b"\0" not in found.text_utf8
    assert found.text_utf8 or found.problem or data in (b"", codecs.BOM_UTF8, *WIDE_MARKS)
    assert found.problem is None or "\n" not in found.problem


WIDE_MARKS = (
    codecs.BOM_UTF16_LE,
    codecs.BOM_UTF16_BE,
    codecs.BOM_UTF32_LE,
    codecs.BOM_UTF32_BE,
)


@given(
    text=st.text(st.characters(exclude_characters="\0\r\n\\'", exclude_categories=["Cs"])),
    codec=st.sampled_from(["utf-8", "latin-1", "cp1251", "gbk", "euc-jp"]),
)
def test_python_reads_the_same_text(text: str, codec: str) -> None:
    source = f"# coding: {codec}\nx = '{text}'\n"
    try:
        data = source.encode(codec)
    except UnicodeEncodeError:
        return
    if data.decode(codec) != source:  # some encodings write a yen sign as a backslash
        return
    module = ast.parse(data)
    assert ast.dump(ast.parse(decode(data).text_utf8.partition(b"\n")[2])) == ast.dump(module)
