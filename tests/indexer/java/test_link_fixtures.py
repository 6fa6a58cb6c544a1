"""Annotated Java sources: what the linker finds is compared with their comments, both ways."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.indexer.java.linked import Linked, read_case
from tests.indexer.python.linked import compare, expected

CASES = Path(__file__).parents[2] / "fixtures" / "java" / "link"
DONE = sorted(CASES.glob("*.java"))
LATER = sorted((CASES / "later").glob("*.java"))


def test_there_are_cases() -> None:
    assert len(DONE) >= 10


@pytest.mark.parametrize("case", DONE, ids=lambda p: p.stem)
def test_links_are_those_that_the_comments_name(case: Path, tmp_path: Path) -> None:
    linked = Linked(read_case(case.read_text()), tmp_path)
    assert expected(linked.files)[0], "a case without expectations proves nothing"
    assert compare(linked) == []


@pytest.mark.xfail(reason="not followed: values of lambdas, reflection by literals", strict=True)
@pytest.mark.parametrize("case", LATER, ids=lambda p: p.stem)
def test_links_that_need_more_than_declared_types(case: Path, tmp_path: Path) -> None:
    assert compare(Linked(read_case(case.read_text()), tmp_path)) == []


@pytest.mark.parametrize("case", DONE, ids=lambda p: p.stem)
def test_links_do_not_depend_on_the_order_of_files(case: Path, tmp_path: Path) -> None:
    files = read_case(case.read_text())
    straight = Linked(files, tmp_path).facts()
    order = sorted(files)
    for seed in range(3):
        random.Random(seed).shuffle(order)
        assert Linked(files, tmp_path, list(order)).facts() == straight
