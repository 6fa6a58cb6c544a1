"""Budgets are kept, whatever is packed, and what is needed comes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphdb.retrieval.packing import Material, pack, tokens_of
from graphdb.schema import NodeKind
from graphdb.symbols import Symbol


def material(number: int, code: str = "", *, path: str = "a.py", needed: bool = False) -> Material:
    symbol = Symbol(
        uid=f"u{number}",
        kind=NodeKind.METHOD,
        name=f"m{number}",
        full_name=f"pkg.Owner{number % 3}.m{number}",
        file_path=path,
        start_line=number + 1,
        end_line=number + 3,
        signature=f"def m{number}(self)",
    )
    return Material(symbol, code, 1.0 / (number + 1), "because", is_needed=needed)


CODES = st.lists(st.text(alphabet="ab \n(", max_size=300), max_size=30)


@given(CODES, st.integers(1, 400), st.text(max_size=200), st.booleans())
def test_a_budget_is_never_overrun(
    codes: list[str], budget: int, heading: str, bodies: bool
) -> None:
    materials = [material(i, code, path=f"{i % 4}.py") for i, code in enumerate(codes)]
    packed = pack(materials, budget, heading, bodies=bodies)
    assert tokens_of(packed.text) == packed.tokens <= budget
    assert len({item.symbol.uid for item in packed.items}) == len(packed.items)


def test_a_class_of_one_name_in_two_files_is_paid_for_twice() -> None:
    packed = pack([material(i, path=f"{i % 4}.py") for i in range(13)], 92, bodies=False)
    assert packed.text.count("in Owner0:") > 1
    assert packed.tokens <= 92


def test_what_is_needed_comes_before_what_ranks_higher() -> None:
    materials = [material(i) for i in range(20)] + [material(99, needed=True)]
    packed = pack(materials, 40)
    assert "m99" in packed.text
    assert len(packed.items) < 21


def test_bodies_are_shown_where_they_pay() -> None:
    packed = pack([material(0, "def m0(self):\n    return 1")], 200)
    assert packed.items[0].form == "body"
    assert "return 1" in packed.text
    signatures = pack([material(0, "def m0(self):\n    return 1")], 200, bodies=False)
    assert signatures.items[0].form == "signature"


def test_a_path_and_a_class_are_written_once() -> None:
    packed = pack([material(i) for i in (0, 3, 6)], 200)
    assert packed.text.count("## a.py") == 1
    assert packed.text.count("in Owner0:") == 1
    assert [item.location for item in packed.items] == ["a.py:1", "a.py:4", "a.py:7"]


def test_items_say_why() -> None:
    assert pack([material(0)], 100).items[0].why == "because"
