"""Retrieve, draft, check, reflect, improve: RRR's loop (RepoClassBench) over the graph's tools.

Every prompt is put together anew from the task, what was found and the last feedback, so no prompt
grows with the length of the run, and limits are enforced here instead of being asked for.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.budget import Budget, OutOfBudgetError
from agent.draft import Status
from agent.events import (
    Checked,
    DraftMade,
    Ended,
    Interrupted,
    ModelAnswered,
    Phase,
    PhaseBegan,
    TextCame,
)
from agent.evidence import Evidence
from agent.messages import Message, Request, Role
from agent.prompts import prompt
from agent.replies import calls_schema, describe, read_calls
from agent.task import Outcome, UnreadableReplyError
from agent.verdict import Verdict
from graphdb.errors import CodexGraphError, ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.draft import CheckResult
    from agent.events import Event, Observer
    from agent.messages import Reply, ToolSpec
    from agent.model import Model
    from agent.task import Brief, Limits, Task
    from agent.toolbox import Toolbox

_CHOICE_TOKENS = 500


class Agent:
    """Runs tasks with one model and one set of tools, one task at a time."""

    def __init__(
        self,
        model: Model,
        toolbox: Toolbox,
        observer: Observer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._toolbox = toolbox
        self._observer = observer
        self._clock = clock

    def run(self, task: Task, limits: Limits | None = None) -> Outcome:
        """Work on a task until it passes or a limit is reached.

        A model that fails ends the run with what it has; `Outcome.why` is then error. Raises
        CodexGraphError only for a task that cannot be begun.
        """
        return _Run(self._model, self._toolbox, self._observer, task, limits, self._clock).run()


class _Run:
    def __init__(
        self,
        model: Model,
        toolbox: Toolbox,
        observer: Observer,
        task: Task,
        limits: Limits | None,
        clock: Callable[[], float],
    ) -> None:
        self._model, self._toolbox, self._tell, self._task = model, toolbox, observer, task
        self._limits = limits or task.limits
        self._budget = Budget(self._limits, clock)
        self._evidence = Evidence()
        self._brief: Brief = task.brief()
        self._best = Verdict(None, (), "")
        self._round = 0

    def run(self) -> Outcome:
        try:
            why, detail = self._work()
        except OutOfBudgetError as error:
            why, detail = error.why, str(error)
        except (Interrupted, KeyboardInterrupt):
            why, detail = "interrupted", "stopped by request"
        except CodexGraphError as error:
            why, detail = "error", str(error)
        self._tell_last(Ended(why, detail))
        spent = self._budget.spent()
        best = self._best
        return Outcome(self._task.name, best.draft, best.is_passed, why, detail, self._round, spent)

    def _work(self) -> tuple[str, str]:
        self._choose(Phase.RETRIEVE, prompt("retrieve", **self._parts()))
        drafts = [self._attempt(Phase.DRAFT, "") for _ in range(max(1, self._limits.candidates))]
        verdict = max(drafts, key=lambda each: each.rank)
        while not verdict.is_passed:
            if self._round >= self._limits.rounds:
                return "rounds", verdict.feedback
            self._round += 1
            before = verdict.feedback
            tried = verdict.draft.text if verdict.draft else ""
            parts = self._parts() | {"draft": tried or "(none)", "feedback": before}
            reflection = self._choose(Phase.REFLECT, prompt("reflect", **parts))
            verdict = self._attempt(Phase.IMPROVE, reflection, tried, before)
            if verdict.feedback == before and not verdict.is_passed:
                return "unchanged", before
        return "passed", ""

    def _parts(self) -> dict[str, str]:
        room = max(300, self._limits.tokens // 8)
        return {
            "question": self._brief.question,
            "context": self._brief.context or "(nothing)",
            "evidence": self._evidence.text(room) or "(nothing)",
            "calls": str(self._limits.calls),
        }

    def _choose(self, phase: Phase, question: str) -> str:
        """Let the model run tools; what it said beside."""
        self._tell(PhaseBegan(phase, self._round, self._task.name))
        specs = self._toolbox.specs()
        reply = self._ask(phase, self._choice(question, specs))
        thoughts, calls = read_calls(reply)
        answers = self._toolbox.run(calls[: self._limits.calls])
        for answer in answers:
            self._evidence.add(answer)
            self._tell(answer)
        left_out = len(calls) - self._limits.calls
        if left_out > 0:
            self._evidence.note(f"{left_out} further calls were not made: the limit of a round")
        return thoughts

    def _choice(self, question: str, specs: tuple[ToolSpec, ...]) -> Request:
        can = self._model.capabilities
        if can.tools:
            return self._request(question, _CHOICE_TOKENS, tools=specs)
        text = f"{question}\n{prompt('tools', tools=describe(specs))}"
        if can.schema:
            text = f"{question}\n{prompt('tools_json', tools=describe(specs))}"
            return replace(self._request(text, _CHOICE_TOKENS), schema=calls_schema(specs))
        return self._request(text, _CHOICE_TOKENS)

    def _attempt(self, phase: Phase, reflection: str, tried: str = "", before: str = "") -> Verdict:
        """A draft, checked; the best so far is kept."""
        self._tell(PhaseBegan(phase, self._round, self._task.name))
        parts = self._parts() | {"reflection": reflection or "(none)"}
        parts |= {"draft": tried or "(none)", "feedback": before or "(none)"}
        name = "draft" if phase is Phase.DRAFT else "improve"
        reply = self._ask(phase, self._request(prompt(name, **parts), self._limits.reply_tokens))
        verdict = self._judge(reply)
        if verdict.rank >= self._best.rank:
            self._best = verdict
        return verdict

    def _judge(self, reply: Reply) -> Verdict:
        try:
            draft = self._task.read(reply.text)
        except UnreadableReplyError as error:
            self._tell(DraftMade(None, str(error)))
            return Verdict(None, (), str(error))
        self._tell(DraftMade(draft))
        self._tell(PhaseBegan(Phase.CHECK, self._round, self._task.name))
        results: list[CheckResult] = []
        for check in self._task.checks():
            results.append(check.run(draft))
            if results[-1].status is Status.FAILED:
                break
        self._tell(Checked(tuple(results)))
        return Verdict(draft, tuple(results), "")

    def _request(self, text: str, tokens: int, tools: tuple[ToolSpec, ...] = ()) -> Request:
        messages = (Message(Role.SYSTEM, self._brief.role), Message(Role.USER, text))
        return Request(messages, tokens, tools, temperature=self._limits.temperature)

    def _ask(self, phase: Phase, request: Request) -> Reply:
        left = self._budget.seconds_left
        request = replace(
            request,
            max_tokens=self._budget.reply_tokens(request),
            timeout_s=min(request.timeout_s, left),
        )
        try:
            reply = self._model.complete(request, lambda text: self._tell(TextCame(phase, text)))
        except ModelUnavailableError as error:
            self._tell(ModelAnswered(phase, request, None, str(error)))
            raise
        self._budget.spend(request, reply.usage)
        self._tell(ModelAnswered(phase, request, reply))
        return reply

    def _tell_last(self, event: Event) -> None:
        try:
            self._tell(event)
        except Interrupted:
            return
