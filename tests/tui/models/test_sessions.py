"""Conversations are kept whole, and damaged ones cost only themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from agent.draft import Edit
from agent.messages import Usage
from graphdb.errors import CodexGraphError, NotFoundError
from tui.models.conversation import Step, StepKind, Turn, TurnState
from tui.models.history import MAX_KEPT, History
from tui.models.sessions import Sessions
from tui.models.transcript import as_json, as_markdown, export

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
TURN = Turn(
    "who calls x\nand why",
    "chat",
    "2026-01-02T03:04:05+00:00",
    TurnState.DONE,
    "answer of the model",
    "`x` is called at a.py:3",
    steps=(Step(StepKind.TOOL, "callers · 2 rows", "MATCH …", 0.25),),
    edits=(Edit("a.py", "x = 1\n", "x = 2\n"),),
    usage=Usage(10, 5, 0.1),
    calls=1,
    files=("a.py",),
)


@pytest.fixture
def sessions(tmp_path: Path) -> Sessions:
    return Sessions(tmp_path, "a repo/of mine", lambda: NOW)


def test_what_is_saved_comes_back(sessions: Sessions) -> None:
    conversation = replace(sessions.begin().with_turn(TURN), unsent="and the \udcff rest")
    sessions.save(conversation)
    assert sessions.load(conversation.id) == conversation


def test_two_that_begin_in_one_second_are_two(sessions: Sessions) -> None:
    first = sessions.begin().with_turn(TURN)
    sessions.save(first)
    assert sessions.begin().id == f"{first.id}-2"


def test_an_empty_one_leaves_no_file(sessions: Sessions, tmp_path: Path) -> None:
    sessions.save(sessions.begin())
    assert list(tmp_path.rglob("*.json")) == []


def test_a_turn_that_was_running_was_broken_off(sessions: Sessions) -> None:
    running = replace(TURN, state=TurnState.RUNNING)
    sessions.save(sessions.begin().with_turn(running))
    turn = sessions.load(sessions.list()[0][0].id).turns[0]
    assert (turn.state, turn.error) == (TurnState.CANCELLED, "the application ended meanwhile")


def test_a_damaged_file_is_told_and_the_others_are_listed(
    sessions: Sessions, tmp_path: Path
) -> None:
    sessions.save(sessions.begin().with_turn(TURN))
    folder = next(tmp_path.rglob("*.json")).parent
    (folder / "20260101-000000.json").write_text("{")
    (folder / "20260101-000001.json").write_text(json.dumps({"version": 99}))
    found, troubles = sessions.list()
    assert [saved.title for saved in found] == ["who calls x"]
    assert sorted("later version" in line for line in troubles) == [False, True]


def test_one_is_found_by_its_name(sessions: Sessions) -> None:
    sessions.save(replace(sessions.begin().with_turn(TURN), name="mine"))
    assert sessions.load("mine").turns == (TURN,)
    with pytest.raises(NotFoundError, match="/resume lists them"):
        sessions.load("another")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sessions").write_text("in the way")
    sessions = Sessions(tmp_path, "repo", lambda: NOW)
    with pytest.raises(CodexGraphError, match="cannot be written"):
        sessions.save(sessions.begin().with_turn(TURN))


def test_exports(sessions: Sessions, tmp_path: Path) -> None:
    conversation = sessions.begin().with_turn(TURN)
    page = as_markdown(conversation)
    for part in ("> and why", "a.py:3", "callers · 2 rows · 0.25 s", "-x = 1\n+x = 2", "$0.1000"):
        assert part in page
    assert json.loads(as_json(conversation))["turns"][0]["answer"] == TURN.answer
    path = export(conversation, str(tmp_path / "out.json"))
    assert json.loads(path.read_text())["schema"] == 1
    with pytest.raises(CodexGraphError, match="is there already"):
        export(conversation, str(path))


def test_history_keeps_the_newest_and_finds_by_words(tmp_path: Path) -> None:
    history = History(tmp_path, "questions")
    for number in range(MAX_KEPT + 5):
        history.add(f"question {number}")
    history.add("who Calls x")
    history.add("question 7")
    again = History(tmp_path, "questions")
    assert len(again.items()) == MAX_KEPT
    assert again.search("calls who") == ["who Calls x"]
    assert again.search("")[0] == "question 7"
