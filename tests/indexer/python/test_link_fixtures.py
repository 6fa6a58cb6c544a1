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


NARROWED = """
#file: kinds.py
class Base:
    def close(self): pass
class View(Base):
    def close(self): pass
#file: held.py
class Holder:
    def __init__(self): self.held = None
holder = Holder()
holder.held.close()
#file: setting.py
from kinds import Base, View
from held import holder
def keep(flag):
    kept = View() if flag else holder.held
    if isinstance(kept, Base):
        holder.held = kept
    kept.close()
"""


@pytest.mark.xfail(
    strict=True, reason="a narrowed value is its class until values are found: not monotone"
)
def test_a_narrowed_value_that_flows_back_to_itself(tmp_path: Path) -> None:
    files = read_case(NARROWED)
    straight, back = (Linked(files, tmp_path, order) for order in (None, sorted(files)[::-1]))
    assert back.facts() == straight.facts()


def test_the_comparison_reports_what_is_missing_and_what_is_extra(tmp_path: Path) -> None:
    text = "#file: a.py\ndef f(): pass\nf()\nf()  #: call a.g\n"
    assert compare(Linked(read_case(text), tmp_path)) == [
        "extra   a.py:2 call a.f call exact scope",
        "extra   a.py:3 call a.f call exact scope",
        "missing a.py:3 call a.g ",
    ]
