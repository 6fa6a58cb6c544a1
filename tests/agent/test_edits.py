"""Diffs and hunks: what git makes of the patch is the text after, and any choice of hunks holds."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.draft import Edit
from agent.edits import accepted, changed_lines, hunks, line_before, lines_of, unified_diff

if TYPE_CHECKING:
    from pathlib import Path

_LINE = st.sampled_from(["a", "b", "c", "", "\tx", "d\r", "e\x0cf", "-- a/x", "@@ -1 +1 @@"])
_TEXT = st.tuples(st.lists(_LINE, max_size=30), st.booleans()).map(
    lambda parts: "\n".join(parts[0]) + ("\n" if parts[1] and parts[0] else "")
)


@given(_TEXT, _TEXT, st.data())
def test_any_choice_of_hunks_is_an_edit_and_all_or_none_are_the_two_texts(
    before: str, after: str, data: st.DataObject
) -> None:
    edit = Edit("a.py", before, after)
    numbers = [hunk.number for hunk in hunks(edit)]
    everything = accepted(edit, numbers)
    assert (everything.after if everything else before) == after
    assert accepted(edit, ()) is None
    some = data.draw(st.sets(st.sampled_from(numbers))) if numbers else set[int]()
    chosen = accepted(edit, some)
    text = chosen.after if chosen else before
    # What was chosen and what is left lead to the same text, whichever comes first.
    rest = Edit("a.py", text, after)
    left = accepted(rest, [hunk.number for hunk in hunks(rest)])
    assert (left.after if left else text) == after
    assert (chosen is None) == (not some)


@given(_TEXT, _TEXT)
def test_hunks_say_which_lines_they_are_of(before: str, after: str) -> None:
    edit = Edit("a.py", before, after)
    old, new = lines_of(before), lines_of(after)
    for hunk in hunks(edit):
        shown = hunk.text.split("\n")[1:-1]
        shown = [line for line in shown if not line.startswith("\\ No newline")]
        minus = [line[1:] for line in shown if line[0] in " -"]
        plus = [line[1:] for line in shown if line[0] in " +"]
        start = max(0, hunk.start_before - 1)
        assert minus == [line.rstrip("\n") for line in old[start : start + hunk.count_before]]
        start = max(0, hunk.start_after - 1)
        assert plus == [line.rstrip("\n") for line in new[start : start + hunk.count_after]]


@given(_TEXT, _TEXT)
def test_lines_are_changed_or_known_from_before(before: str, after: str) -> None:
    edit = Edit("a.py", before, after)
    known, old, new = line_before(edit), lines_of(before), lines_of(after)
    assert changed_lines(edit).isdisjoint(known)
    assert changed_lines(edit) | set(known) == set(range(1, len(new) + 1))
    assert all(new[now - 1] == old[was - 1] for now, was in known.items())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nB\nc\n"),
        ("a\nb", "a\nb\n"),
        ("a\nb\n", "a\nb"),
        ("", "new\n"),
        ("gone\n", ""),
        ("".join(f"{n}\n" for n in range(60)), "".join(f"{n * (n % 20 > 0)}\n" for n in range(60))),
        ("x\r\ny\r\n", "x\r\nz\r\n"),
        ("a\x0cb\nc\n", "a\x0cb\nd\n"),
        (None, "first\nsecond"),
    ],
)
@pytest.mark.parametrize("name", ["src/a.py", "with blank/ü.py"])
def test_git_applies_the_diff(tmp_path: Path, before: str | None, after: str, name: str) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True)
    if before is not None:
        file.write_bytes(before.encode())
    patch = unified_diff([Edit(name, before, after)])
    command = ["git", "apply", "--whitespace=nowarn", "--unidiff-zero", "-"]
    subprocess.run(command, input=patch.encode(), cwd=tmp_path, check=True, timeout=30)
    # Git removes a file that a patch empties.
    assert (file.read_bytes() if file.exists() else b"") == after.encode()


def test_what_does_not_change_has_no_diff() -> None:
    assert unified_diff([Edit("a.py", "a\n", "a\n")]) == ""
    assert unified_diff([Edit("a.py", "a\n", "b\n")]).startswith("--- a/a.py\n+++ b/a.py\n@@ ")


def test_a_path_forges_no_header() -> None:
    patch = unified_diff([Edit("a\n+++ b/other.py\n", "a\n", "b\n")])
    assert patch.count("\n+++ ") == 1
    assert patch.splitlines()[0] == r'--- "a/a\n+++ b/other.py\n"'


def test_an_empty_new_file_is_an_edit() -> None:
    edit = Edit("pkg/__init__.py", None, "")
    assert hunks(edit) == ()
    assert accepted(edit, ()) == edit


def test_an_unknown_hunk_is_told() -> None:
    with pytest.raises(ValueError, match=r"a\.py has no hunk 4: it has 1"):
        accepted(Edit("a.py", "a\n", "b\n"), [4])


def test_a_large_rewrite_takes_no_square_of_its_length() -> None:
    before = "".join(f"line {n % 7}\n" for n in range(20_000))
    after = "".join(f"line {n % 5}\n" for n in range(20_000))
    edit = Edit("a.py", before, after)
    everything = accepted(edit, [hunk.number for hunk in hunks(edit)])
    assert everything is not None
    assert everything.after == after
