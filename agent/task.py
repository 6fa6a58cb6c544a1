"""What the loop works on: a task says what is asked, how a reply is read and what it must pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.draft import Check, Draft


@dataclass(frozen=True, slots=True)
class Gap:
    """A place that is to be filled: the text before and after it, the context as comments first."""

    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What a model is told. role: who it is and how it answers. question: the task itself.

    context: what the graph has on it before anything was asked, packed to a budget. gap: for models
    that fill in the middle, which are given it in the place of the question.
    """

    role: str
    question: str
    context: str = ""
    gap: Gap | None = None


class UnreadableReplyError(Exception):
    """A reply that is no draft; the message tells the model what was expected."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may take, enforced by the loop.

    rounds: of check and improvement. calls: tool calls a round. tokens: prompts and replies of all
    calls together. seconds: for the run. reply_tokens: of one reply. candidates: first drafts that
    are ranked by the checks. temperature: of every reply.
    """

    rounds: int = 4
    calls: int = 4
    tokens: int = 11_000
    seconds: float = 600.0
    reply_tokens: int = 1_500
    candidates: int = 1
    temperature: float = 0.0


class Task(Protocol):
    """One job. limits: its defaults."""

    name: ClassVar[str]
    limits: ClassVar[Limits]

    def brief(self) -> Brief:
        """The job as a model is told it. Raises CodexGraphError for what cannot be found."""
        ...

    def read(self, reply: str) -> Draft:
        """The draft in a reply. Raises UnreadableReplyError."""
        ...

    def checks(self) -> tuple[Check, ...]:
        """What a draft must pass, cheapest first; the rest is not run after a failure."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. draft: the best one, None when there was none. why: as in `Ended`.

    exit_code: of the error that ended it, as graphdb/errors.py has it; 0 where none did. skipped:
    checks of the draft that could not run, with their reasons.
    """

    task: str
    draft: Draft | None
    is_passed: bool
    why: str
    detail: str = ""
    rounds: int = 0
    usage: Mapping[str, float] = field(default_factory=dict[str, float])
    exit_code: int = 0
    skipped: tuple[str, ...] = ()
