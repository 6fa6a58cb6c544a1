"""A run of the agent becomes a turn."""

from __future__ import annotations

from functools import reduce

from agent.draft import CheckResult, Draft, Edit, Problem, Status
from agent.events import (
    Checked,
    DraftMade,
    Ended,
    ModelAnswered,
    Phase,
    PhaseBegan,
    TextCame,
    ToolAnswered,
)
from agent.messages import Message, Reply, Request, Role, ToolCall, Usage
from agent.tool import ToolResult
from tui.models.conversation import StepKind, Turn, TurnState, spent, stale_line, turn_line
from tui.models.reduce import observed

REQUEST = Request((Message(Role.USER, "?"),), 100)
TURN = Turn("why?", "chat", "2026-01-02T03:04:05+00:00")


def run(*events: object) -> Turn:
    return reduce(observed, events, TURN)  # type: ignore[arg-type]


def reply(text: str, calls: tuple[ToolCall, ...] = (), cost: float | None = None) -> Reply:
    return Reply(text, calls, Usage(100, 20, cost), seconds=0.5)


def test_streamed_text_is_the_answer_and_the_whole_reply_takes_its_place() -> None:
    turn = run(
        PhaseBegan(Phase.DRAFT, 0), TextCame(Phase.DRAFT, "It "), TextCame(Phase.DRAFT, "is")
    )
    assert (turn.answer, turn.state, turn.phase) == ("It is", TurnState.RUNNING, "draft")
    turn = observed(turn, ModelAnswered(Phase.DRAFT, REQUEST, reply("It is so.", cost=0.002)))
    assert turn.answer == "It is so."
    assert spent(turn).line() == "120 tokens · 1 call · $0.0020 · 0 ms"


def test_a_reply_that_only_asks_tools_is_a_step_and_no_answer() -> None:
    call = ToolCall("cypher", {"query": "MATCH (n) RETURN n"})
    turn = run(
        PhaseBegan(Phase.RETRIEVE, 0),
        TextCame(Phase.RETRIEVE, "let me look"),
        ModelAnswered(Phase.RETRIEVE, REQUEST, reply("let me look", (call,))),
        ToolAnswered(call, ToolResult(total=14), "a\nb", 30, 0.012),
    )
    assert turn.answer == ""
    assert [step.kind for step in turn.steps] == [StepKind.MODEL, StepKind.TOOL]
    assert turn.steps[0].title == "retrieve · 1 question · 120 tokens"
    assert turn.steps[1].title == "cypher MATCH (n) RETURN n · 14 rows · 30 tokens"
    assert turn.steps[1].body == "MATCH (n) RETURN n\n\na\nb"


def test_a_tool_that_fails_says_so() -> None:
    call = ToolCall("callers", "no json")
    turn = run(ToolAnswered(call, ToolResult(error="no such name"), "", 0, 0.0))
    assert turn.steps[0].has_failed
    assert "no such name" in turn.steps[0].title


def test_an_improved_draft_leaves_the_one_before_as_a_step() -> None:
    edit = Edit("a.py", None, "x = 1\n")
    failed = CheckResult("parse", Status.FAILED, (Problem("bad", "a.py", 3),), seconds=0.1)
    turn = run(
        PhaseBegan(Phase.DRAFT, 0),
        TextCame(Phase.DRAFT, "first"),
        DraftMade(Draft("first")),
        Checked((failed,)),
        PhaseBegan(Phase.IMPROVE, 1),
        TextCame(Phase.IMPROVE, "second"),
        DraftMade(Draft("second", (edit,))),
        Ended("passed"),
    )
    assert (turn.answer, turn.edits, turn.state) == ("second", (edit,), TurnState.DONE)
    assert [step.title for step in turn.steps] == ["parse failed", "draft before improve 1"]
    assert turn.steps[0].body == "a.py:3: bad"
    assert turn.label == "answer of the model (passed)"


def test_a_model_that_does_not_answer_is_one_line() -> None:
    turn = run(
        ModelAnswered(Phase.DRAFT, REQUEST, None, "no key: set OPENAI_API_KEY"), Ended("error")
    )
    assert (turn.state, turn.error) == (TurnState.FAILED, "no key: set OPENAI_API_KEY")


def test_interrupted_keeps_what_came() -> None:
    turn = run(TextCame(Phase.DRAFT, "half"), Ended("interrupted"))
    assert (turn.state, turn.answer) == (TurnState.CANCELLED, "half")
    assert turn_line(turn).startswith("cancelled · ")


def test_an_error_that_was_overcome_is_not_shown() -> None:
    turn = run(ModelAnswered(Phase.DRAFT, REQUEST, None, "busy"), Ended("passed"))
    assert turn.error == ""


def test_files_that_changed_since_are_named() -> None:
    turn = Turn("?", "chat", "", stale=("a.py", "b.py", "c.py", "d.py"))
    assert stale_line(turn) == "changed since they were indexed: a.py, b.py, c.py and 1 more"


def test_checks_that_did_not_fail_are_one_step() -> None:
    results = (
        CheckResult("parse", Status.PASSED, seconds=0.1),
        CheckResult("compile", Status.SKIPPED, reason="no compiler", seconds=0.2),
        CheckResult("names", Status.FAILED, (Problem("unknown", "a.py", 3),)),
    )
    turn = run(Checked(results))
    assert [step.title for step in turn.steps] == [
        "checks passed: parse · 1 skipped",
        "names failed",
    ]
    assert "compile skipped · no compiler" in turn.steps[0].body
    assert [step.has_failed for step in turn.steps] == [False, True]


def test_what_was_left_out_of_a_draft_is_a_step() -> None:
    turn = run(DraftMade(Draft("text", (), ("repaired: an import",))))
    assert (turn.steps[0].title, turn.steps[0].body) == ("draft · 1 note", "repaired: an import")
