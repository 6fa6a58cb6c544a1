"""Annotated sources: what the linker finds in them is compared with their comments, both ways."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.indexer.python.linked import Linked, compare, expected, read_case

CASES = Path(__file__).parents[2] / "fixtures" / "python" / "link"
DONE = sorted(CASES.glob("*.py"))


@pytest.mark.parametrize("case", DONE, ids=lambda p: p.stem)
def test_links_are_those_that_the_comments_name(case: Path, tmp_path: Path) -> None:
    files = read_case(case.read_text())
    assert expected(files)[0], "a case without expectations proves nothing"
    assert compare(Linked(files, tmp_path)) == []


@pytest.mark.parametrize("case", DONE, ids=lambda p: p.stem)
def test_links_do_not_depend_on_the_order_of_files(case: Path, tmp_path: Path) -> None:
    files = read_case(case.read_text())
    straight = Linked(files, tmp_path).facts()
    order = sorted(files)
    for seed in range(4):
        random.Random(seed).shuffle(order)
        assert Linked(files, tmp_path, list(order)).facts() == straight


def test_the_comparison_reports_what_is_missing_and_what_is_extra(tmp_path: Path) -> None:
    text = "#file: a.py\ndef f(): pass\nf()\nf()  #: call a.g\n"
    assert compare(Linked(read_case(text), tmp_path)) == [
        "extra   a.py:2 call a.f call exact scope",
        "extra   a.py:3 call a.f call exact scope",
        "missing a.py:3 call a.g ",
    ]
