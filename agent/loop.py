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
from agent.events import Checked, DraftMade, Ended, Interrupted, Phase, PhaseBegan
from agent.evidence import Evidence
from agent.messages import Finish, Message, Request, Role
from agent.metered import Metered
from agent.prompts import prompt
from agent.replies import offered, read_calls
from agent.task import Outcome, UnreadableReplyError
from agent.verdict import CUT, Verdict
from agent.window import fitted
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agent.draft import CheckResult
    from agent.events import Event, Observer
    from agent.messages import Reply, ToolSpec
    from agent.model import Model
    from agent.task import Brief, Limits, Task
    from agent.toolbox import Toolbox

_CHOICE_TOKENS = 500
_VARIED = 0.8
"""Temperature of all first drafts but one, which would otherwise be the same."""


class Agent:
    """Runs tasks with one model and one set of tools, one task at a time.

    A model that is metered already is used as it is: its tools may ask it too, from one budget.
    """

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
        self._toolbox, self._tell, self._task = toolbox, observer, task
        self._limits = limits or task.limits
        is_metered = isinstance(model, Metered)
        self._model = model if is_metered else Metered(model, Budget(self._limits, clock), observer)
        self._evidence = Evidence()
        self._brief: Brief = task.brief()
        self._best = Verdict(None, (), "")
        self._round = 0

    def run(self) -> Outcome:
        code = 0
        try:
            why, detail = self._work()
        except OutOfBudgetError as error:
            why, detail = error.why, str(error)
        except (Interrupted, KeyboardInterrupt):
            why, detail = "interrupted", "stopped by request"
        except CodexGraphError as error:
            why, detail, code = "error", str(error), error.exit_code
        self._tell_last(Ended(why, detail))
        best, spent = self._best, self._model.budget.spent()
        came = (self._task.name, best.draft, best.is_passed, why, detail)
        return Outcome(*came, self._round, spent, code, best.skipped)

    def _work(self) -> tuple[str, str]:
        if self._toolbox.tools:
            self._choose(Phase.RETRIEVE, {})
        verdict = self._first(0)
        for number in range(1, self._limits.candidates):
            if not verdict.is_passed:
                verdict = max(verdict, self._first(number), key=lambda each: each.rank)
        while not verdict.is_passed:
            before = verdict.feedback
            if self._round >= self._limits.rounds:
                return "rounds", before
            self._round += 1
            told = {
                "draft": verdict.draft.text if verdict.draft else "(none)",
                "feedback": before or "(none)",
            }
            told["reflection"] = self._choose(Phase.REFLECT, told) or "(none)"
            verdict = self._attempt(
                Phase.IMPROVE, self._asked("improve", self._limits.reply_tokens, told)
            )
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

    def _choose(self, phase: Phase, told: Mapping[str, str]) -> str:
        """Let the model run tools; what it said beside."""
        self._tell(PhaseBegan(phase, self._round, self._task.name))
        request = self._asked(phase, _CHOICE_TOKENS, told, self._toolbox.specs())
        thoughts, calls = read_calls(self._model.stream(phase, request))
        answers = self._toolbox.run(calls[: self._limits.calls])
        for answer in answers:
            self._evidence.add(answer)
            self._tell(answer)
        left_out = len(calls) - self._limits.calls
        if left_out > 0:
            self._evidence.note(f"{left_out} further calls were not made: the limit of a round")
        return thoughts

    def _first(self, number: int) -> Verdict:
        """A first draft; the text of a gap is asked for as such where the model can do that."""
        gap = self._brief.gap
        request = self._asked("draft", self._limits.reply_tokens, {})
        if gap is not None and self._model.capabilities.infill:
            before = Message(Role.USER, gap.before)
            request = replace(request, messages=(before,), suffix=gap.after)
        varied = replace(request, temperature=_VARIED) if number else request
        return self._attempt(Phase.DRAFT, varied)

    def _attempt(self, phase: Phase, request: Request) -> Verdict:
        """A draft, checked; the best so far is kept."""
        self._tell(PhaseBegan(phase, self._round, self._task.name))
        verdict = self._judge(self._model.stream(phase, request))
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
        return Verdict(draft, tuple(results), "" if reply.finish is Finish.STOP else CUT)

    def _asked(
        self, name: str, tokens: int, told: Mapping[str, str], specs: tuple[ToolSpec, ...] = ()
    ) -> Request:
        """A prompt filled in, as far as the model's window has room."""

        def make(parts: Mapping[str, str]) -> Request:
            text, tools, schema = offered(self._model.capabilities, prompt(name, **parts), specs)
            messages = (Message(Role.SYSTEM, self._brief.role), Message(Role.USER, text))
            return Request(messages, tokens, tools, schema, temperature=self._limits.temperature)

        return fitted(make, self._parts() | dict(told), self._model.excess)

    def _tell_last(self, event: Event) -> None:
        try:
            self._tell(event)
        except Interrupted:
            return
