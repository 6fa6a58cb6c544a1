"""What can stand at a place: certain members, the call's parameters, and names in scope."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from agent.analysis import FileAnalysis
from agent.answers.answer import GraphAnswer, markdown
from agent.answers.complete import completions
from graphdb.queries.names import symbols_of_file
from tests.agent.answers.mill import FILES

if TYPE_CHECKING:
    from agent.answers.ground import Ground

WORK, NORIA = "src/mill/work.py", "java/src/main/java/com/example/mill/Noria.java"


def at(ground: Ground, path: str, after: str, written: str) -> GraphAnswer:
    """The answer where a text is written behind the first line that has another."""
    lines = FILES[path].splitlines()
    number = next(n for n, line in enumerate(lines) if after in line) + 1
    lines.insert(number, written)
    text = "\n".join(lines)
    edited = replace(ground, read_file=lambda asked: text if asked == path else None)
    return completions(edited, f"{path}:{number + 1}")


def names(answer: GraphAnswer, heading: str) -> list[str]:
    found = [s for s in answer.sections if s.heading.startswith(heading)]
    assert found, [s.heading for s in answer.sections]
    return [row.text.partition("(")[0].split()[-1] for row in found[0].rows]


@pytest.mark.parametrize(
    ("path", "after", "written", "first"),
    [
        (WORK, "stone.turn(1)", "    stone.tu", ["turn"]),
        (WORK, "stone = Stone(10)", "    stone.tu", ["turn"]),
        (WORK, "stone = Stone(10)", "    Sack.par", ["parse"]),
        (WORK, "stone = Stone(10)", "    print(Stone.__re", ["__repr__"]),
        ("src/mill/grain.py", "if times > LIMIT", "            self.lab", ["label"]),
        ("src/mill/grain.py", "return [self.grain]", "        self.grain.gri", ["grind"]),
        (NORIA, "bucket.take(names)", "        bucket.ta", ["take"]),
        (NORIA, "return water.get(0)", "        this.getS", ["getSpokes"]),
        (NORIA, "return water.get(0)", "        Bucket.o", ["of", "orElse"]),
    ],
)
def test_members_behind_a_dot(
    ground: Ground, path: str, after: str, written: str, first: list[str]
) -> None:
    answer = at(ground, path, after, written)
    assert set(names(answer, "Members of")[: len(first)]) == set(first)


def test_what_is_not_known_is_not_guessed(ground: Ground) -> None:
    answer = at(ground, WORK, "for number, grain in", "        grain.we")
    assert "The graph cannot tell what `grain` is." in markdown(answer)


def test_parameters_of_the_call_that_is_written(ground: Ground) -> None:
    answer = at(ground, WORK, "stone = Stone(10)", "    day([Sack(1, 2)], ")
    section = next(s for s in answer.sections if s.heading.startswith("Parameters of `day`"))
    shown = [(row.text, row.note) for row in section.rows]
    assert shown[:2] == [("sacks: list[Sack]", ""), ("stone: Stone", "here")]
    answer = at(ground, WORK, "stone = Stone(10)", "    Wheat(")
    assert names(answer, "Parameters of `__init__`")


def test_names_in_scope_fit_what_is_written(ground: Ground) -> None:
    answer = at(ground, WORK, "stone.turn(1)", "    s")
    found = names(answer, "Names in scope")
    assert {"Stone", "Sack", "short"} <= set(found[:4])
    assert names(answer, "In the function") == ["stone"]


class Reader:
    """Reads a text that has remarks above what was indexed."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def analyse(self, path: str, text: str) -> FileAnalysis:
        found = symbols_of_file(self._ground.reader, path)
        lines = text.count("#\n")
        moved = [
            replace(
                s,
                start_line=(s.start_line or 0) + lines,
                end_line=(s.end_line or 0) + lines,
            )
            for s in found
        ]
        return FileAnalysis(path, tuple(moved), (), (), ())


def test_an_analyst_tells_where_definitions_are_now(ground: Ground) -> None:
    text = "#\n" * 30 + FILES["src/mill/stones.py"].replace(
        "if weight", "self.si\n        if weight"
    )
    edited = replace(ground, read_file=lambda _: text, analyst=Reader(ground))
    assert names(completions(edited, "src/mill/stones.py:44"), "Members of") == ["size"]


def test_a_column_may_be_given(ground: Ground) -> None:
    answer = completions(ground, f"{WORK}:13:13")
    assert "stone.tu▏" in markdown(answer)
    assert names(answer, "Members of") == ["turn"]


@pytest.mark.parametrize(
    "place", ["", "nowhere.py:1", WORK, f"{WORK}:0", f"{WORK}:99999:99", f"{WORK}:1:1", "a:b:c"]
)
def test_any_place_is_answered(ground: Ground, place: str) -> None:
    assert markdown(completions(ground, place))
