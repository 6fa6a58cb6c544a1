"""A model whose every call is bounded, counted and told, whoever makes it: the loop or a tool.

One run has one: a tool that asks a model too spends from the same budget and is in the same trace.
Calls are made one after the other, because two at once could overrun the budget together.
"""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING

from agent.events import ModelAnswered, Phase, TextCame
from graphdb.errors import ModelUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.budget import Budget
    from agent.events import Observer
    from agent.messages import Reply, Request
    from agent.model import Capabilities, Model


class Metered:
    """The port `agent.model.Model` over another one. Threads may share it.

    phase: the part of the loop that its calls belong to.
    """

    def __init__(self, model: Model, budget: Budget, observer: Observer) -> None:
        self.name = model.name
        self.budget = budget
        self.phase = Phase.RETRIEVE
        self._model = model
        self._tell = observer
        self._lock = RLock()

    @property
    def capabilities(self) -> Capabilities:
        """What the model understands, which may be learned from its first refusals."""
        return self._model.capabilities

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Ask within the budget. Raises OutOfBudgetError, beside what the model raises."""
        with self._lock:
            request = self.budget.bounded(request)
            try:
                reply = self._model.complete(request, on_text)
            except ModelUnavailableError as error:
                self._tell(ModelAnswered(self.phase, request, None, str(error)))
                raise
            self.budget.spend(request, reply.usage)
            self._tell(ModelAnswered(self.phase, request, reply))
            return reply

    def stream(self, phase: Phase, request: Request) -> Reply:
        """Ask for a part of the loop, each piece of the reply told as it comes."""
        self.phase = phase
        return self.complete(request, lambda text: self._tell(TextCame(phase, text)))

    def close(self) -> None:
        """The model is another's to close."""
