"""Questions about the mill are answered with the right places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agent.answers.answer import LABEL, markdown
from agent.answers.intents import INTENTS, ask

if TYPE_CHECKING:
    from agent.answers.answer import GraphAnswer
    from agent.answers.ground import Ground


def section(answer: GraphAnswer, heading: str) -> list[str]:
    """The rows of a section as `text location`."""
    found = [s for s in answer.sections if s.heading.partition(" (")[0] == heading]
    assert found, [s.heading for s in answer.sections]
    return [f"{row.text} {row.location}" for row in found[0].rows]


def test_where_something_is(ground: Ground) -> None:
    answer = ask(ground, "where is Stone?")
    assert answer.title == "Where `Stone` is"
    assert answer.places == ("src/mill/stones.py:7",)
    assert answer.label == LABEL


@pytest.mark.parametrize("name", ["Stone.turn", "stone.TURN", "Stone#turn", "`Stone.turn()`"])
def test_a_name_is_found_however_it_is_written(ground: Ground, name: str) -> None:
    assert ask(ground, f"where is {name}").places[:1] == ("src/mill/stones.py:13",)


def test_callers_have_their_line_and_tests_stand_apart(ground: Ground) -> None:
    answer = ask(ground, "who calls Stone.turn")
    product = next(s for s in answer.sections if s.heading == "Callers (2)")
    assert [(r.text, r.location, r.quote) for r in product.rows] == [
        (
            "Wheat.grind",
            "src/mill/grain.py:45",
            "return stone.turn(self.weight) + self.label()",
        ),
        ("repair", "src/mill/work.py:13", "stone.turn(1)"),
    ]
    assert section(answer, "Callers in tests") == ["test_turn tests/test_stones.py:5"]


def test_helpers_in_test_files_count_as_tests(ground: Ground) -> None:
    answer = ask(ground, "who creates Stone")
    assert section(answer, "Callers") == ["main src/mill/work.py:24"]
    assert "run tests/test_stones.py:9" in section(answer, "Callers in tests")


def test_a_name_in_a_class_or_a_file(ground: Ground) -> None:
    for within in ("Stone", "src/mill/stones.py", "mill.stones"):
        answer = ask(ground, f"where is __init__ in {within}")
        assert answer.places == ("src/mill/stones.py:10",), within


def test_a_name_of_few_things_is_answered_for_each(ground: Ground) -> None:
    answer = ask(ground, "who calls grind")
    assert answer.is_found
    assert answer.title == "`grind` is the name of 2 symbols"
    headings = [s.heading for s in answer.sections]
    assert headings[0] == "Who calls `Grain.grind`"
    assert "Who calls `Wheat.grind`" in headings
    assert {"src/mill/grain.py:24", "src/mill/grain.py:42"} <= set(answer.places)


def test_a_kind_beside_a_name_tells_which_is_meant(ground: Ground) -> None:
    assert ask(ground, "where is the module mill.work").places == ("src/mill/work.py:1",)


def test_an_unknown_name_gives_near_misses_and_a_search(ground: Ground) -> None:
    answer = ask(ground, "who calls Stome")
    assert not answer.is_found
    assert answer.title == "Nothing is called `Stome`"
    assert "mill.stones.Stone src/mill/stones.py:7" in section(answer, "Spelt almost like it")


def test_overloads_are_one_subject(ground: Ground) -> None:
    answer = ask(ground, "what is Wheel.describe")
    assert answer.title == "`Wheel.describe`, overloaded"
    assert len(answer.sections) == 3
    assert ask(ground, "who calls Wheel.describe").is_found


def test_explain_shows_source_and_surroundings(ground: Ground) -> None:
    answer = ask(ground, "explain Stone.turn")
    text = markdown(answer)
    assert "raise StoneError" in text
    assert "### Called by (2)" in text
    assert "`test_turn`" in text


def test_a_class_is_explained_by_its_members(ground: Ground) -> None:
    answer = ask(ground, "what is Wheat?")
    assert section(answer, "Base classes")[0] == "Grain src/mill/grain.py:16"
    assert "mill.grain.Grain None" in section(answer, "Inherited from")


def test_a_line_of_a_file_is_explained_by_what_is_around_it(ground: Ground) -> None:
    answer = ask(ground, "src/mill/work.py:13")
    assert answer.title == "`repair`, a function"
    assert answer.sections[0].rows[0].quote == "stone.turn(1)"


def test_what_breaks(ground: Ground) -> None:
    answer = ask(ground, "what breaks if I change Stone.turn?")
    assert "repair src/mill/work.py:13" in section(answer, "Directly")
    assert "main src/mill/work.py:26" in section(answer, "Further away")
    assert "test_turn tests/test_stones.py:4" in section(answer, "Tests to run")


def test_which_tests(ground: Ground) -> None:
    answer = ask(ground, "which tests cover Stone")
    assert section(answer, "Tests that call it") == [
        "test_grind tests/test_grain.py:5",
        "test_turn tests/test_stones.py:4",
    ]


def test_the_way_from_one_to_another(ground: Ground) -> None:
    answer = ask(ground, "how do I get from main to Stone.turn")
    assert section(answer, "Steps") == [
        "main → repair src/mill/work.py:26",
        "repair → Stone.turn src/mill/work.py:13",
    ]
    back = ask(ground, "path from Stone.turn to main")
    assert not back.is_found
    assert "The other way round" in markdown(back)


def test_hierarchies(ground: Ground) -> None:
    assert section(ask(ground, "subclasses of Grain"), "Derived classes") == [
        "mill.grain.Wheat src/mill/grain.py:39"
    ]
    assert section(ask(ground, "what does Noria inherit"), "Base classes")[0].startswith(
        "com.example.mill.Wheel"
    )
    answer = ask(ground, "which classes override Grain.grind")
    assert section(answer, "Overriding members") == ["mill.grain.Wheat.grind src/mill/grain.py:42"]
    assert not ask(ground, "subclasses of Stone").is_found
    assert ask(ground, "who overrides grind").title == "Overriding members of `Grain.grind`"


def test_members_and_those_that_have_one(ground: Ground) -> None:
    assert "weight src/mill/grain.py:20" in section(ask(ground, "members of Grain"), "Fields")
    assert section(ask(ground, "which classes have a method turn"), "Classes") == [
        "com.example.mill.Noria java/src/main/java/com/example/mill/Noria.java:12",
        "com.example.mill.Wheel java/src/main/java/com/example/mill/Wheel.java:15",
        "mill.stones.Stone src/mill/stones.py:13",
    ]


def test_imports_and_cycles(ground: Ground) -> None:
    assert section(ask(ground, "what imports mill.errors"), "Importers") == [
        "mill.stones src/mill/stones.py:3",
        "mill.work src/mill/work.py:3",
    ]
    answer = ask(ground, "are there import cycles?")
    assert section(answer, "2 modules")[0] == "mill.grain src/mill/grain.py"
    assert "The shortest cycle: `src/mill/grain.py → src/mill/stones.py" in markdown(answer)


def test_the_repository_and_its_parts(ground: Ground) -> None:
    whole = ask(ground, "overview of the repository")
    assert "src/ None" in section(whole, "Folders")
    assert "mill.work.main src/mill/work.py:22" in section(whole, "Entry points by their name")
    assert " src/mill/work.py" in section(ask(ground, "what is in src/mill"), "Files")
    functions = section(ask(ground, "what is in src/mill/work.py"), "Functions")
    assert functions[-1] == "def main() -> None src/mill/work.py:22"


def test_counts(ground: Ground) -> None:
    assert ask(ground, "how many tests are there").title == "3 tests in the repository"
    assert ask(ground, "how many classes are in src/mill").title == "7 classes in `src/mill`"


def test_unused_code(ground: Ground) -> None:
    found = section(ask(ground, "unused code in src/mill/stones.py"), "Unused")
    assert found == ["mill.stones.never_used src/mill/stones.py:22"]
    assert not ask(ground, "unused code in nowhere.py").is_found
    assert "names each definition" in markdown(ask(ground, "unused code in src/mill/errors.py"))


def test_code_about_words_is_searched_for(ground: Ground) -> None:
    answer = ask(ground, 'where is the code about "what stands on the sack"')
    assert answer.title == "Search: `what stands on the sack`"
    assert "src/mill/grain.py:31" in answer.places


def test_what_is_no_known_question_is_searched_for(ground: Ground) -> None:
    answer = ask(ground, "the flour comes out too coarse when the stone is heavy")
    assert "it was searched for" in markdown(answer)
    assert any(place.startswith("src/mill/stones.py") for place in answer.places)


def test_no_question_tells_what_can_be_asked(ground: Ground) -> None:
    assert [row.text for row in ask(ground, " ").sections[0].rows] == [i.help for i in INTENTS]


def test_what_lies_outside_is_said_to(ground: Ground) -> None:
    answer = ask(ground, "what is pathlib.Path")
    assert "lies outside the repository" in markdown(answer)


@pytest.mark.parametrize(
    "question",
    [f"{intent.help}" for intent in INTENTS]
    + ["where is `", "who calls (", "what is a.b.c.d", "x" * 900],
)
def test_every_question_gets_an_answer(ground: Ground, question: str) -> None:
    answer = ask(ground, question)
    assert markdown(answer).startswith("## ")
    assert answer.label == LABEL
