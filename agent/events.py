"""What a run tells while it goes on: to a terminal, an application, a trajectory file.

An observer that raises `Interrupted` ends the run at once, also in the middle of a reply.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from agent.draft import CheckResult, Draft
    from agent.messages import Reply, Request, ToolCall
    from agent.tool import ToolResult


class Phase(StrEnum):
    """The parts of the loop, as the paper calls them."""

    RETRIEVE = "retrieve"
    DRAFT = "draft"
    CHECK = "check"
    REFLECT = "reflect"
    IMPROVE = "improve"


class Interrupted(Exception):  # noqa: N818 - not an error: somebody wants the run to end
    """The run is to end now; what it has is kept."""


@dataclass(frozen=True, slots=True)
class PhaseBegan:
    """A part of the loop begins. round: 0 before the first check."""

    phase: Phase
    round: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class TextCame:
    """A piece of a reply, as it streams."""

    phase: Phase
    text: str


@dataclass(frozen=True, slots=True)
class ModelAnswered:
    """A whole reply. error: one line, when there is none."""

    phase: Phase
    request: Request
    reply: Reply | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ToolAnswered:
    """A tool's answer. tokens: what of it went into the evidence."""

    call: ToolCall
    result: ToolResult
    text: str
    tokens: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DraftMade:
    """A draft, or why the reply could not be read as one."""

    draft: Draft | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """The checks of a draft."""

    results: tuple[CheckResult, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The run is over. why: passed, unchanged, rounds, tokens, time, interrupted or error."""

    why: str
    detail: str = ""


Event = PhaseBegan | TextCame | ModelAnswered | ToolAnswered | DraftMade | Checked | Ended


class Observer(Protocol):
    """Whoever looks on."""

    def __call__(self, event: Event) -> None:
        """Take notice. May raise Interrupted."""
        ...
