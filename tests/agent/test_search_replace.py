"""Search-and-replace blocks: whole ones only, in the place that they name and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.search_replace import Change, changed, changes
from agent.task import UnreadableReplyError

ONE = "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
CHANGE = Change("src/a.py", "x = 1\n", "x = 2\n")


@pytest.mark.parametrize(
    "reply",
    [
        f"src/a.py\n{ONE}",
        f"Because of that:\n\nsrc/a.py\n{ONE}Done.",
        f"### `src/a.py`\n{ONE}",
        f"**src/a.py**\n```python\n{ONE}```\n",
        f"```\nsrc/a.py\n{ONE}```\n",
        f"src/a.py\n{ONE}".replace("\n", "\r\n"),
    ],
)
def test_a_block_after_its_path(reply: str) -> None:
    assert changes(reply) == [CHANGE]


def test_several_blocks() -> None:
    reply = f"src/a.py\n{ONE}\nsrc/b.py\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n"
    assert changes(reply) == [CHANGE, Change("src/b.py", "", "new\n")]


def test_prose_has_none() -> None:
    assert changes("Nothing is to be changed in src/a.py.") == []


@pytest.mark.parametrize(
    "reply",
    [
        ONE,
        f"src/a.py\n{ONE}".replace("=======\n", ""),
        f"src/a.py\n{ONE}".replace(">>>>>>> REPLACE", ""),
        f"src/a.py\n{ONE}src/b.py\n<<<<<<< SEARCH\ny\n",
    ],
)
def test_half_a_block_is_refused(reply: str) -> None:
    with pytest.raises(UnreadableReplyError, match="a SEARCH block is not whole"):
        changes(reply)


@pytest.mark.parametrize(
    ("text", "search", "replace", "expected"),
    [
        ("x = 1\ny = 1\n", "x = 1\n", "x = 2\n", "x = 2\ny = 1\n"),
        ("x = 1\r\ny = 1\r\n", "x = 1\n", "x = 2\nz\n", "x = 2\r\nz\r\ny = 1\r\n"),
        ("y\nx = 1", "x = 1\n", "x = 2\n", "y\nx = 2"),
        ("  x = 1\nx = 1\n", "x = 1\n", "", "  x = 1\n"),
        ("a\n\x0c\nb\n", "\x0c\nb\n", "c\n", "a\nc\n"),
    ],
)
def test_lines_are_replaced(text: str, search: str, replace: str, expected: str) -> None:
    assert changed(text, Change("a.py", search, replace)) == expected


@pytest.mark.parametrize(
    ("text", "search", "said"),
    [
        ("x = 1\nx = 1\n", "x = 1\n", "stands 2 times in a.py"),
        ("  x = 1\n", "x = 1\n", "does not stand in a.py"),
        ("max = 1\n", "x = 1\n", "does not stand in a.py"),
        ("x = 1\n", "", "does not stand in a.py"),
        ("", "x\n", "does not stand in a.py"),
    ],
)
def test_what_does_not_fit_once_is_refused(text: str, search: str, said: str) -> None:
    with pytest.raises(UnreadableReplyError, match=said):
        changed(text, Change("a.py", search, "y\n"))


@given(st.text(alphabet="<>=SEARCHPL \na./", max_size=200))
def test_any_reply_is_read_or_refused(reply: str) -> None:
    try:
        found = changes(reply)
    except UnreadableReplyError:
        return
    assert all(change.path for change in found)
