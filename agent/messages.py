"""What goes to a language model and what comes back, in no vendor's terms.

A request is whole by itself: the agent keeps no conversation at the endpoint, so that every prompt
can be shown, measured and replayed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants to run.

    arguments: what it wrote for them, as JSON values when it could be read, else the text as it
    came; `agent.tool.Toolbox` holds them against the tool's parameters.
    """

    name: str
    arguments: Mapping[str, Any] | str


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as a model sees it. parameters: a JSON schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One call of a model.

    tools: what it may call. schema: a JSON schema that the reply must fit, for endpoints that hold
    it. suffix: text after the gap, for endpoints that fill in the middle; the prompt's last message
    is then the text before it. max_tokens: bound of the reply. timeout_s: for the whole reply,
    within what the model is set to.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None
    suffix: str | None = None
    temperature: float = 0.0
    timeout_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one call, by the endpoint's count or, where it gives none, by ours (`counted`).

    cost: in US dollars, None where no price is known.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    counted: bool = False

    @property
    def total(self) -> int:
        """Both ways."""
        return self.prompt_tokens + self.completion_tokens


class Finish(StrEnum):
    """Why a reply ended. cut: the stream broke off, or went round in circles; what came is kept."""

    STOP = "stop"
    LENGTH = "length"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model answered. seconds: from the request to its last word, all tries together."""

    text: str
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = field(default_factory=Usage)
    finish: Finish = Finish.STOP
    seconds: float = 0.0
    tries: int = 1
