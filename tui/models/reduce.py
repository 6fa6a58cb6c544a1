"""Folds the events of an agent run into its turn: a pure function, one event at a time.

While a reply streams it is the answer. A reply that only chose tools becomes a step, and a draft
that was improved becomes one too, so that the last draft is what stays.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
from tui.models.conversation import Step, StepKind, TurnState, counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.draft import CheckResult
    from agent.events import Event
    from agent.messages import ToolCall
    from tui.models.conversation import Turn

MAX_ASKED = 48
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
            return _with_step(turn, *_check_steps(event.results))
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
    asked = counted(len(reply.calls), "question")
    title = f"{event.phase.value} · {asked} · {counted(reply.usage.total, 'token')}"
    step = Step(StepKind.MODEL, title, _said(reply.text, reply.calls), reply.seconds)
    return replace(_with_step(turn, step), answer=turn.answer.removesuffix(reply.text))


def _said(text: str, calls: tuple[ToolCall, ...]) -> str:
    return "\n".join([*([text] if text else []), *(_call_text(call) for call in calls)])


def _tool_step(event: ToolAnswered) -> Step:
    result, arguments = event.result, event.call.arguments
    query = arguments.get("query") if not isinstance(arguments, str) else None
    asked = str(query) if isinstance(query, str) else _call_text(event.call)
    name = f"{event.call.name} {_brief(event.call)}".rstrip()
    if result.error:
        title = f"{name} · no answer: {result.error}"
    else:
        cut = " (cut)" if result.is_truncated else ""
        title = f"{name} · {counted(result.total, 'row')}{cut} · {counted(event.tokens, 'token')}"
    body = f"{asked}\n\n{event.text}".rstrip()
    return Step(StepKind.TOOL, title, body, event.seconds, bool(result.error))


def _brief(call: ToolCall) -> str:
    """What a tool was asked, in a few words."""
    if isinstance(call.arguments, str):
        return ""
    values = [_words(value) for value in call.arguments.values()]
    text = " ".join(" ".join(values).split())
    return text if len(text) <= MAX_ASKED else text[: MAX_ASKED - 1] + "…"


def _words(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _call_text(call: ToolCall) -> str:
    if isinstance(call.arguments, str):
        return f"{call.name} {call.arguments}"
    return f"{call.name} {json.dumps(dict(call.arguments), ensure_ascii=False, default=str)}"


def _drafted(turn: Turn, event: DraftMade) -> Turn:
    if event.draft is None:
        step = Step(StepKind.DRAFT, "the reply is no draft", event.error or "", None, True)
        return _with_step(turn, step)
    if notes := event.draft.notes:
        title = f"draft · {counted(len(notes), 'note')}"
        turn = _with_step(turn, Step(StepKind.DRAFT, title, "\n".join(notes)))
    return replace(turn, answer=event.draft.text, edits=event.draft.edits)


def _check_steps(results: Sequence[CheckResult]) -> list[Step]:
    """One step for all that did not fail, which are many, and one for each that did."""
    steps = [_check_step(result) for result in results if result.status is Status.FAILED]
    others = [result for result in results if result.status is not Status.FAILED]
    if not others:
        return steps
    passed = [result.check for result in others if result.status is Status.PASSED]
    skipped = len(others) - len(passed)
    parts = [f"passed: {', '.join(passed)}"] if passed else []
    parts += [f"{skipped} skipped"] if skipped else []
    bodies = [_check_step(result) for result in others]
    body = "\n".join(f"{step.title}\n{step.body}".rstrip() for step in bodies)
    seconds = sum(result.seconds for result in others)
    return [Step(StepKind.CHECK, f"checks {' · '.join(parts)}", body, seconds), *steps]


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
