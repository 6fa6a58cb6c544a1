"""The loop against a script: every way a run goes on and every way it ends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import pytest

from agent.budget import Budget, OutOfBudgetError
from agent.draft import CheckResult, Draft, Problem, Status
from agent.events import (
    Ended,
    Event,
    Interrupted,
    ModelAnswered,
    Phase,
    PhaseBegan,
    TextCame,
    ToolAnswered,
)
from agent.loop import Agent
from agent.messages import Message, Request, Role, ToolCall, Usage
from agent.model import Capabilities
from agent.models.scripted import ScriptedModel, ScriptedReply
from agent.replies import read_calls
from agent.task import Brief, Limits, UnreadableReplyError
from agent.tool import Item, Parameter, ToolResult
from agent.toolbox import Toolbox
from agent.trajectory import Recorder, Replay, TrajectoryError, begin, load
from graphdb.errors import CodexGraphError, ModelTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agent.draft import Check
    from agent.models.scripted import Answer
    from agent.task import Outcome


class Says:
    """Passes a draft that has a word."""

    name = "says"

    def __init__(self, word: str) -> None:
        self._word = word

    def run(self, draft: Draft) -> CheckResult:
        if self._word in draft.text:
            return CheckResult(self.name, Status.PASSED)
        score = 0.5 if "near" in draft.text else 0.0
        problem = Problem(f"no {self._word} in {draft.text!r}", "a.py", 3)
        return CheckResult(self.name, Status.FAILED, (problem,), score=score)


@dataclass(frozen=True)
class Puzzle:
    """To say the word `gold`."""

    limits: ClassVar[Limits] = Limits(tokens=20_000)
    name: ClassVar[str] = "puzzle"

    def brief(self) -> Brief:
        return Brief("You guess.", "Say the word.")

    def read(self, reply: str) -> Draft:
        if not reply.strip():
            raise UnreadableReplyError("there was no word: say one")
        return Draft(reply)

    def checks(self) -> tuple[Check, ...]:
        return (Says("gold"),)


class Echo:
    """A tool that gives back what it is given, and fails on request."""

    name = "echo"
    description = "gives back"
    parameters = (Parameter("text", "string", "anything", is_required=True),)
    budget = 100

    def run(self, arguments: Mapping[str, object]) -> ToolResult:
        if arguments["text"] == "fail":
            raise CodexGraphError("the echo is gone")
        return ToolResult((Item(f"<{arguments['text']}>"),), 1)


class Loud(Echo):
    """A tool that has changed since."""

    def run(self, arguments: Mapping[str, object]) -> ToolResult:
        return ToolResult((Item(str(arguments["text"]).upper()),), 1)


@dataclass
class Seen:
    events: list[Event] = field(default_factory=list)
    stop_at: type | None = None

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.stop_at is not None and isinstance(event, self.stop_at):
            raise Interrupted

    def phases(self) -> list[tuple[Phase, int]]:
        return [(e.phase, e.round) for e in self.events if isinstance(e, PhaseBegan)]


def play(
    *replies: Answer,
    limits: Limits | None = None,
    seen: Seen | None = None,
    can: Capabilities | None = None,
) -> tuple[Outcome, Seen, ScriptedModel]:
    model = ScriptedModel(replies, capabilities=can, sleep=lambda _: None)
    seen = seen or Seen()
    return Agent(model, Toolbox([Echo()]), seen).run(Puzzle(), limits), seen, model


def test_it_retrieves_before_it_drafts_and_stops_when_the_checks_pass() -> None:
    outcome, seen, model = play('TOOL echo {"text": "hint"}', "gold")
    assert (outcome.is_passed, outcome.why, outcome.rounds) == (True, "passed", 0)
    assert seen.phases() == [(Phase.RETRIEVE, 0), (Phase.DRAFT, 0), (Phase.CHECK, 0)]
    assert "<hint>" in model.requests[1].messages[-1].content
    assert outcome.usage["calls"] == 2


def test_it_reflects_runs_tools_and_improves() -> None:
    outcome, seen, model = play("", "tin", 'It was tin.\nTOOL echo {"text": "more"}', "gold")
    assert (outcome.is_passed, outcome.rounds) == (True, 1)
    assert [phase for phase, _ in seen.phases()][3:] == [Phase.REFLECT, Phase.IMPROVE, Phase.CHECK]
    last = model.requests[-1].messages[-1].content
    for part in ("It was tin.", "<more>", "no gold in 'tin'", "a.py:3"):
        assert part in last


def test_it_stops_on_unchanged_feedback() -> None:
    outcome, _, model = play("", "tin", "thinking", "tin")
    assert (outcome.is_passed, outcome.why) == (False, "unchanged")
    assert not model.unused


def test_it_stops_after_its_rounds_with_the_best_draft() -> None:
    replies = ("", "near tin", "a", "lead", "b", "iron")
    outcome, _, _ = play(*replies, limits=Limits(rounds=2, tokens=50_000))
    assert (outcome.why, outcome.rounds) == ("rounds", 2)
    assert outcome.draft is not None
    assert outcome.draft.text == "near tin"


def test_of_several_candidates_the_checks_choose() -> None:
    limits = Limits(candidates=3, tokens=50_000)
    outcome, _, _ = play("", "tin", "gold", "lead", limits=limits)
    assert outcome.draft == Draft("gold")


def test_a_reply_that_is_no_draft_is_told_so() -> None:
    outcome, _, model = play("", " ", "what?", "gold")
    assert outcome.is_passed
    assert "there was no word" in model.requests[2].messages[-1].content


def test_only_so_many_tools_run() -> None:
    calls = "\n".join(f'TOOL echo {{"text": "{n}"}}' for n in range(9))
    _, seen, model = play(calls, "gold", limits=Limits(calls=2, tokens=50_000))
    assert sum(isinstance(event, ToolAnswered) for event in seen.events) == 2
    assert "7 further calls" in model.requests[1].messages[-1].content


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('TOOL ecko {"text": "x"}', "echo"),
        ("TOOL echo {}", "text"),
        ('TOOL echo {"text": "fail"}', "the echo is gone"),
        ("TOOL echo {not json", "echo"),
        ('{"thoughts": "t", "calls": [{"name": "echo", "arguments": {"text": "j"}}]}', "<j>"),
        ('```json\n[{"name": "echo", "arguments": {"text": "l"}}]\n```', "<l>"),
    ],
)
def test_whatever_is_wrong_with_a_call_is_its_answer(call: str, said: str) -> None:
    outcome, _, model = play(call, "gold")
    assert outcome.is_passed
    assert said in model.requests[1].messages[-1].content


def test_native_calls_and_a_schema_are_used_where_the_endpoint_has_them() -> None:
    native = ToolCall("echo", {"text": "n"})
    _, _, model = play(native, "gold", can=Capabilities(tools=True))
    assert model.requests[0].tools
    assert "<n>" in model.requests[1].messages[-1].content
    _, _, model = play("{}", "gold", can=Capabilities(schema=True))
    assert model.requests[0].schema is not None


def test_the_token_budget_is_never_overrun() -> None:
    limits = Limits(rounds=20, tokens=2_500, reply_tokens=300)
    words = [f"tin {number} " + "word " * 200 for number in range(60)]
    outcome, _, _ = play(*words, limits=limits)
    assert outcome.why == "tokens"
    spent = outcome.usage["prompt_tokens"] + outcome.usage["completion_tokens"]
    assert 0 < spent <= 2_500


def test_an_estimate_that_was_too_low_is_raised() -> None:
    budget = Budget(Limits(tokens=1_000), lambda: 0.0)
    request = Request((Message(Role.USER, "x" * 300),), 900)
    before = budget.estimate(request)
    budget.spend(request, Usage(400, 10))
    assert budget.estimate(request) > 3 * before
    with pytest.raises(OutOfBudgetError):
        budget.bounded(replace(request, messages=(Message(Role.USER, "x" * 3_000),)))


def test_time_is_a_limit() -> None:
    now = iter(range(0, 10_000, 40))
    model = ScriptedModel(["", "tin", "a", "lead"], sleep=lambda _: None)
    agent = Agent(model, Toolbox([Echo()]), Seen(), clock=lambda: float(next(now)))
    assert agent.run(Puzzle(), Limits(seconds=100, tokens=50_000)).why == "time"


def test_a_model_that_fails_leaves_what_there_is() -> None:
    failure = ScriptedReply(error=ModelTimeoutError("the model sent nothing in 5 s"))
    outcome, seen, _ = play("", "tin", failure)
    assert (outcome.why, outcome.draft) == ("error", Draft("tin"))
    assert "sent nothing" in outcome.detail
    assert any(isinstance(e, ModelAnswered) and e.error for e in seen.events)
    assert isinstance(seen.events[-1], Ended)


@pytest.mark.parametrize("moment", [TextCame, PhaseBegan, ModelAnswered])
def test_it_can_be_stopped_at_any_time(moment: type) -> None:
    outcome, _, _ = play("", "gold", seen=Seen(stop_at=moment))
    assert outcome.why == "interrupted"


def test_a_trajectory_is_run_again_without_a_model(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "t.json"
    replies = ('TOOL echo {"text": "hint"}', "tin", "hm", "gold")
    model = ScriptedModel(replies)
    start = begin("puzzle", "text", model, Puzzle.limits)
    recorder = Recorder(path, start, Seen())
    outcome = Agent(model, Toolbox([Echo()]), recorder).run(Puzzle())
    recorder.end(outcome)
    record = load(path)
    assert (record["version"], record["task"]) == (1, "puzzle")
    assert record["outcome"]["is_passed"] is True
    said: list[str] = []
    again = Agent(Replay(record, said.append), Toolbox([Echo()]), Seen()).run(Puzzle())
    assert (again.draft, again.is_passed, again.rounds) == (outcome.draft, True, 1)
    assert said == []


def test_a_replay_tells_that_something_has_changed(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    model = ScriptedModel(['TOOL echo {"text": "hint"}', "gold"])
    start = begin("puzzle", "", model, Puzzle.limits)
    Agent(model, Toolbox([Echo()]), Recorder(path, start, Seen())).run(Puzzle())
    said: list[str] = []
    other = Toolbox([Loud()])
    assert Agent(Replay(load(path), said.append), other, Seen()).run(Puzzle()).is_passed
    assert len(said) == 1


def test_a_run_that_dies_leaves_its_trajectory(tmp_path: Path) -> None:
    path = tmp_path / "t.json"

    def die(event: Event) -> None:
        if isinstance(event, ToolAnswered):
            raise RuntimeError("the machine is gone")

    model = ScriptedModel(['TOOL echo {"text": "hint"}', "gold"])
    start = begin("puzzle", "", model, Puzzle.limits)
    with pytest.raises(RuntimeError):
        Agent(model, Toolbox([Echo()]), Recorder(path, start, die)).run(Puzzle())
    kinds = [event["event"] for event in load(path)["events"]]
    assert kinds == ["PhaseBegan", "ModelAnswered", "ToolAnswered"]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 9, "events": []}'])
def test_what_is_no_trajectory_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "t.json"
    path.write_text(text)
    with pytest.raises(TrajectoryError, match=r"t\.json"):
        load(path)


@pytest.mark.parametrize("text", ["", "TOOL", "[1, 2]", '{"calls": 3}', "null", "TOOL x [1]"])
def test_any_text_is_read(text: str) -> None:
    from agent.messages import Reply

    said, calls = read_calls(Reply(text))
    assert isinstance(said, str)
    assert all(call.name for call in calls)


def test_json_that_was_cut_is_told_and_not_taken_for_thoughts() -> None:
    from agent.messages import Reply

    cut = '{"thoughts": "It is very clean.", "calls": [{"name": "echo", "arguments": {"text": "so'
    for text in (cut, f"```json\n{cut}"):
        said, calls = read_calls(Reply(text))
        assert (said, calls) == (
            "(a choice of tools that cannot be read as JSON: nothing was run)",
            (),
        )
