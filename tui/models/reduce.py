"""Folds the events of an agent run into its turn: a pure function, one event at a time.

While a reply streams it is the answer. A reply that only chose tools becomes a step, and a draft
that was improved becomes one too, so that the last draft is what stays.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.draft import Status
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
from agent.messages import Usage
from tui.models.conversation import Step, StepKind, TurnState

if TYPE_CHECKING:
    from agent.draft import CheckResult
    from agent.events import Event
    from agent.messages import ToolCall
    from tui.models.conversation import Turn

MODEL_LABEL = "answer of the model"
_ENDS = {"interrupted": TurnState.CANCELLED, "error": TurnState.FAILED}
_WRITING = (Phase.DRAFT, Phase.IMPROVE)


def observed(turn: Turn, event: Event) -> Turn:
    """The turn after an event."""
    match event:
        case PhaseBegan():
            return _phase_began(turn, event)
        case TextCame():
            return replace(turn, answer=turn.answer + event.text)
        case ModelAnswered():
            return _answered(turn, event)
        case ToolAnswered():
            return _with_step(turn, _tool_step(event))
        case DraftMade():
            return _drafted(turn, event)
        case Checked():
            return _with_step(turn, *(_check_step(result) for result in event.results))
        case Ended():
            return _ended(turn, event)


def _phase_began(turn: Turn, event: PhaseBegan) -> Turn:
    """A new draft begins empty; what stood there stays as a step."""
    name = f"{event.phase.value} {event.round}" if event.round else event.phase.value
    if event.phase in _WRITING and turn.answer:
        title = f"draft before {name}"
        turn = _with_step(turn, Step(StepKind.DRAFT, title, turn.answer))
        turn = replace(turn, answer="")
    detail = f": {event.label}" if event.label else ""
    return replace(turn, phase=f"{name}{detail}")


def _answered(turn: Turn, event: ModelAnswered) -> Turn:
    if event.reply is None:
        step = Step(StepKind.MODEL, f"{event.phase.value}: no reply", event.error or "", None, True)
        return replace(_with_step(turn, step), error=event.error or "")
    reply = event.reply
    turn = replace(turn, usage=_sum(turn.usage, reply.usage), calls=turn.calls + 1)
    if event.phase in _WRITING:
        return replace(turn, answer=reply.text or turn.answer)
    title = f"{event.phase.value} · {_calls_text(len(reply.calls))} · {reply.usage.total} tokens"
    step = Step(StepKind.MODEL, title, _said(reply.text, reply.calls), reply.seconds)
    return replace(_with_step(turn, step), answer=turn.answer.removesuffix(reply.text))


def _said(text: str, calls: tuple[ToolCall, ...]) -> str:
    return "\n".join([*([text] if text else []), *(_call_text(call) for call in calls)])


def _calls_text(count: int) -> str:
    return "1 question" if count == 1 else f"{count} questions"


def _tool_step(event: ToolAnswered) -> Step:
    result, arguments = event.result, event.call.arguments
    query = arguments.get("query") if not isinstance(arguments, str) else None
    asked = str(query) if isinstance(query, str) else _call_text(event.call)
    if result.error:
        title = f"{event.call.name} · no answer: {result.error}"
    else:
        cut = " (cut)" if result.is_truncated else ""
        title = f"{event.call.name} · {result.total} rows{cut} · {event.tokens} tokens"
    body = f"{asked}\n\n{event.text}".rstrip()
    return Step(StepKind.TOOL, title, body, event.seconds, bool(result.error))


def _call_text(call: ToolCall) -> str:
    if isinstance(call.arguments, str):
        return f"{call.name} {call.arguments}"
    return f"{call.name} {json.dumps(dict(call.arguments), ensure_ascii=False, default=str)}"


def _drafted(turn: Turn, event: DraftMade) -> Turn:
    if event.draft is None:
        step = Step(StepKind.DRAFT, "the reply is no draft", event.error or "", None, True)
        return _with_step(turn, step)
    return replace(turn, answer=event.draft.text, edits=event.draft.edits)


def _check_step(result: CheckResult) -> Step:
    reason = f" · {result.reason}" if result.reason else ""
    title = f"{result.check} {result.status.value}{reason}"
    body = "\n".join([*map(str, result.problems), *result.notes])
    return Step(StepKind.CHECK, title, body, result.seconds, result.status is Status.FAILED)


def _ended(turn: Turn, event: Ended) -> Turn:
    state = _ENDS.get(event.why, TurnState.DONE)
    why = event.why + (f": {event.detail}" if event.detail else "")
    error = turn.error
    if state is TurnState.FAILED:
        error = event.detail or error or event.why
    elif state is TurnState.DONE:
        error = ""
    return replace(turn, state=state, error=error, label=f"{MODEL_LABEL} ({why})", phase="")


def _with_step(turn: Turn, *steps: Step) -> Turn:
    return replace(turn, steps=(*turn.steps, *steps))


def _sum(first: Usage, second: Usage) -> Usage:
    costs = [usage.cost for usage in (first, second) if usage.cost is not None]
    return Usage(
        first.prompt_tokens + second.prompt_tokens,
        first.completion_tokens + second.completion_tokens,
        sum(costs) if costs else None,
        first.counted or second.counted,
    )
