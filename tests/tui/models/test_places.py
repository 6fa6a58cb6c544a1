"""Places in texts become links, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.models.blocks import Blocks
from tui.models.places import KnownFiles, LinkStream, Place, linked, place_of, places_in

KNOWN = KnownFiles(["pkg/area.py", "pkg/shapes.py", "other/area.py", "a b.py", "src/Main.java"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see pkg/area.py:12.", "see [pkg/area.py:12](place:pkg/area.py:12)."),
        ("`shapes.py:3` and on", "[`shapes.py:3`](place:pkg/shapes.py:3) and on"),
        ("pkg/shapes.py:3-9", "[pkg/shapes.py:3-9](place:pkg/shapes.py:3)"),
        ("area.py:3 fits two files", "area.py:3 fits two files"),
        ("http://x.py:80 and host.com:80", "http://x.py:80 and host.com:80"),
        ("[pkg/area.py:1](http://x)", "[pkg/area.py:1](http://x)"),
        ("```\npkg/area.py:1\n```", "```\npkg/area.py:1\n```"),
        ("`x = pkg/area.py:1`", "`x = pkg/area.py:1`"),
        ("| a | pkg/area.py:1 |", "| a | [pkg/area.py:1](place:pkg/area.py:1) |"),
    ],
)
def test_links(text: str, expected: str) -> None:
    assert linked(text, KNOWN) == expected


def test_a_link_leads_back_to_its_place() -> None:
    assert place_of("place:pkg/area.py:12") == Place("pkg/area.py", 12)
    assert place_of("http://x:12") is None
    assert place_of("place:nothing") is None


def test_frames_of_a_trace_are_places() -> None:
    trace = 'File "/home/me/repo/pkg/area.py", line 7, in f\n  x\nMain.java:3'
    assert places_in(trace, KNOWN) == [Place("pkg/area.py", 7), Place("src/Main.java", 3)]


_PIECES = st.lists(
    st.sampled_from(
        ["see ", "pkg/area.py:12", "\n", "```", "\n\n", "- item ", "`x`", "word " * 30]
    ),
    max_size=30,
)


@given(_PIECES, st.lists(st.integers(1, 9), min_size=1))
def test_links_do_not_depend_on_how_a_text_comes(pieces: list[str], sizes: list[int]) -> None:
    text = "".join(pieces)
    # A line that is cut before its end may hold half of a code span; those are made of short lines.
    whole = linked(text, KNOWN)
    stream, found, at = LinkStream(KNOWN), "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        found += stream.feed(text[at : at + size])
        at += size
    assert found + stream.waiting == whole


@given(_PIECES)
def test_blocks_put_together_are_the_text(pieces: list[str]) -> None:
    blocks = Blocks()
    for piece in pieces:
        blocks.grow(piece)
    assert "".join(blocks.settled) + blocks.tail == "".join(pieces)


def test_a_fence_and_an_indented_list_are_not_cut() -> None:
    blocks = Blocks()
    blocks.grow("one\n\n```py\na\n\nb\n```\n\n- x\n\n  more of x\n\nlast\n")
    assert blocks.settled == ["one\n\n", "```py\na\n\nb\n```\n\n", "- x\n\n  more of x\n\n"]
    assert blocks.tail == "last\n"
