"""A model whose every call is bounded, counted and told, whoever makes it: the loop or a tool.

One run has one: a tool that asks a model too spends from the same budget and is in the same trace.
Calls are made one after the other, because two at once could overrun the budget together.
"""

from __future__ import annotations

import math
from dataclasses import replace
from threading import RLock
from typing import TYPE_CHECKING

from agent.events import ModelAnswered, Phase, TextCame
from graphdb.errors import ModelRefusedError, ModelUnavailableError

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

    def excess(self, request: Request) -> int:
        """Characters that a prompt has too many for the window, a quarter of it for the reply."""
        window = self.capabilities.context_tokens
        reply = min(request.max_tokens, window // 4)
        over = self.budget.estimate(request) + reply - window
        return math.ceil(over * self.budget.characters_per_token) if window else 0

    def complete(self, request: Request, on_text: Callable[[str], None] | None = None) -> Reply:
        """Ask within the budget. Raises OutOfBudgetError, beside what the model raises."""
        with self._lock:
            request = self._within_window(self.budget.bounded(request))
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

    def _within_window(self, request: Request) -> Request:
        window = self.capabilities.context_tokens
        room = window - self.budget.estimate(request)
        if not window:
            return request
        if room < min(request.max_tokens, window // 8):
            raise ModelRefusedError(
                f"a prompt of about {window - room} tokens does not fit into the {window} of model "
                f"{self.name}: raise model.context_tokens or take a model that has more"
            )
        return replace(request, max_tokens=min(request.max_tokens, room))

    def close(self) -> None:
        """The model is another's to close."""
