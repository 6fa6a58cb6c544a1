"""Parts of a proposal are accepted one by one; what is written of it belongs to the agent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.draft import Edit
from tui.models.review import review_of

BEFORE = "".join(f"line {n}\n" for n in range(40))
AFTER = BEFORE.replace("line 3\n", "LINE 3\n").replace("line 30\n", "LINE 30\nand more\n")


def test_one_hunk_of_two() -> None:
    review = review_of([Edit("b.py", None, "x\n"), Edit("a.py", BEFORE, AFTER)])
    assert [(part.path, part.line) for part in review.parts] == [
        ("b.py", 1),
        ("a.py", 1),
        ("a.py", 28),
    ]
    assert "+LINE 3\n" in review.parts[1].text
    assert review.chosen == ()
    after = BEFORE.replace("line 30\n", "LINE 30\nand more\n")
    assert review.toggled(2).chosen == (Edit("a.py", BEFORE, after),)
    assert review.toggled(2).toggled(2).chosen == ()


def test_an_empty_new_file_is_accepted_like_any_other() -> None:
    edit = Edit("pkg/__init__.py", None, "")
    review = review_of([edit])
    assert review.parts[0].text == "a new file, empty\n"
    assert review.chosen == ()
    assert review.toggled(0).chosen == (edit,)


_TEXTS = st.lists(st.sampled_from(["a\n", "b\n", "c\r\n", "d\n", "\n"]), max_size=30).map("".join)


@given(_TEXTS, _TEXTS)
def test_all_parts_give_the_proposal_and_none_nothing(before: str, after: str) -> None:
    edit = Edit("a.py", before, after)
    review = review_of([edit])
    assert review.chosen == ()
    whole = review.with_all(is_accepted=True).chosen
    assert whole == ((edit,) if before != after else ())
