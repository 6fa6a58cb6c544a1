"""What a run has spent, and what it may still spend; whoever asks for more is stopped.

Tokens of a prompt are estimated before it is sent, three characters each, and the estimate is
raised to what the endpoint reports: a budget must hold for tokenizers that nobody here has.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable

    from agent.messages import Request, Usage
    from agent.task import Limits

_CHARACTERS_PER_TOKEN = 3
_LEAST_REPLY = 64
"""A reply of fewer tokens is not worth its prompt."""


class OutOfBudgetError(CodexGraphError):
    """A limit is reached; `why` is tokens or time."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


class Budget:
    """Counts one run against its limits."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._began = clock()
        self._ratio = 1.0
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.calls = 0
        self.cost: float | None = None

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return self._clock() - self._began

    @property
    def seconds_left(self) -> float:
        """Until the time limit. Raises OutOfBudgetError when there are none."""
        left = self._limits.seconds - self.seconds
        if left <= 0:
            raise OutOfBudgetError("time", f"{self._limits.seconds:g} s are over")
        return left

    @property
    def tokens_left(self) -> int:
        """Of prompts and replies together."""
        return self._limits.tokens - self.prompt_tokens - self.completion_tokens

    def bounded(self, request: Request) -> Request:
        """A request whose reply fits into what is left. Raises OutOfBudgetError."""
        seconds = self.seconds_left
        room = self.tokens_left - self.estimate(request)
        if room < _LEAST_REPLY:
            detail = f"{self._limits.tokens} tokens do not hold another call"
            raise OutOfBudgetError("tokens", detail)
        return replace(
            request,
            max_tokens=min(request.max_tokens, room),
            timeout_s=min(request.timeout_s, seconds),
        )

    @property
    def characters_per_token(self) -> float:
        """Of the prompts so far, at most."""
        return _CHARACTERS_PER_TOKEN / self._ratio

    def estimate(self, request: Request) -> int:
        """Tokens of a prompt."""
        characters = sum(len(message.content) + 8 for message in request.messages)
        characters += len(request.suffix or "")
        for tool in request.tools:
            characters += len(tool.name) + len(tool.description)
            characters += len(json.dumps(dict(tool.parameters)))
        return int(characters / _CHARACTERS_PER_TOKEN * self._ratio) + 1

    def spend(self, request: Request, usage: Usage) -> None:
        """Count a call."""
        if usage.prompt_tokens and not usage.counted:
            expected = self.estimate(request) / self._ratio
            self._ratio = max(self._ratio, usage.prompt_tokens / max(1.0, expected))
        self.calls += 1
        self.prompt_tokens += usage.prompt_tokens
        self.completion_tokens += usage.completion_tokens
        if usage.cost is not None:
            self.cost = (self.cost or 0.0) + usage.cost

    def spent(self) -> dict[str, float]:
        """As the outcome of a run shows it; `cost` in US dollars where it is known."""
        found: dict[str, float] = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "calls": self.calls,
            "seconds": round(self.seconds, 3),
        }
        return found | ({"cost": self.cost} if self.cost is not None else {})
