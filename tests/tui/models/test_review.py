"""Hunks are accepted, written and taken back; nothing else is ever written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.draft import Edit
from graphdb.errors import CodexGraphError
from tui.models.review import apply, review_of, undo, unified

if TYPE_CHECKING:
    from pathlib import Path

BEFORE = "".join(f"line {n}\n" for n in range(40))
AFTER = BEFORE.replace("line 3\n", "LINE 3\n").replace("line 30\n", "LINE 30\nand more\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text(BEFORE)
    (tmp_path / "a.py").chmod(0o755)
    return tmp_path


def test_one_hunk_of_two_is_written_and_taken_back(root: Path) -> None:
    review = review_of([Edit("a.py", BEFORE, AFTER)])
    assert [hunk.old for hunk in review.hunks] == [(3, 4), (30, 31)]
    assert "+LINE 3" in review.hunks[0].lines
    applied = apply(root, review.toggled(1))
    assert (root / "a.py").read_text() == BEFORE.replace("line 30\n", "LINE 30\nand more\n")
    assert (root / "a.py").stat().st_mode & 0o777 == 0o755
    undo(root, applied)
    assert (root / "a.py").read_text() == BEFORE


def test_a_new_file_comes_and_goes(root: Path) -> None:
    review = review_of([Edit("new/b.py", None, "x = 1\n")]).with_all(is_accepted=True)
    applied = apply(root, review)
    assert (root / "new/b.py").read_text() == "x = 1\n"
    undo(root, applied)
    assert not (root / "new/b.py").exists()


@pytest.mark.parametrize("path", ["../out.py", "/etc/passwd", "a.py/../../x.py"])
def test_nothing_outside_is_written(root: Path, path: str) -> None:
    review = review_of([Edit(path, None, "x\n")]).with_all(is_accepted=True)
    with pytest.raises(CodexGraphError, match="no file of the repository"):
        apply(root, review)


def test_a_file_that_changed_meanwhile_stops_all(root: Path) -> None:
    edits = [Edit("b.py", None, "x\n"), Edit("a.py", BEFORE, AFTER)]
    (root / "a.py").write_text("mine\n")
    with pytest.raises(CodexGraphError, match="has changed meanwhile"):
        apply(root, review_of(edits).with_all(is_accepted=True))
    assert not (root / "b.py").exists()
    with pytest.raises(CodexGraphError, match="no hunk is accepted"):
        apply(root, review_of(edits))


def test_what_changed_after_it_was_applied_is_not_taken_back(root: Path) -> None:
    applied = apply(root, review_of([Edit("a.py", BEFORE, AFTER)]).with_all(is_accepted=True))
    (root / "a.py").write_text("mine\n")
    with pytest.raises(CodexGraphError, match="has changed meanwhile"):
        undo(root, applied)
    assert (root / "a.py").read_text() == "mine\n"


_TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "d\n", "\n"]), max_size=30).map("".join)


@given(_TEXTS, _TEXTS)
def test_all_hunks_give_the_proposal_and_none_the_file(before: str, after: str) -> None:
    edit = Edit("a.py", before, after)
    review = review_of([edit])
    assert review.result(edit) is None
    whole = review.with_all(is_accepted=True).result(edit)
    assert (before if whole is None else whole) == after
    assert bool(unified(edit)) == bool(review.hunks) == (before != after)
