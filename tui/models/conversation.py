"""A conversation: turns with their steps, as frozen values that a file can hold.

A run of the agent is folded into its turn by `tui.models.reduce`, so that what is on the screen,
what is saved and what is exported are the same value.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from agent.messages import Usage

if TYPE_CHECKING:
    from agent.draft import Edit


OWN_LABEL = "codexgraph"
"""Of turns that the application answers itself, such as `/status`."""


class TurnState(StrEnum):
    """How far a turn is, told in words."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class StepKind(StrEnum):
    """What a step was."""

    PHASE = "phase"
    TOOL = "tool"
    MODEL = "model"
    DRAFT = "draft"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that the agent did. title: one line. body: the whole of it, plain text.

    seconds: that it took, None where nothing was measured. has_failed: it gave an error.
    """

    kind: StepKind
    title: str
    body: str = ""
    seconds: float | None = None
    has_failed: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what came of it.

    job: the mode that asked. label: where the answer is from. answer: Markdown. error: one line.
    edits: proposed changes. usage: of all model calls together; calls: how many. files: that the
    answer speaks of; stale: those of them that have changed since they were indexed.
    """

    question: str
    job: str
    at: str
    state: TurnState = TurnState.RUNNING
    label: str = ""
    answer: str = ""
    error: str = ""
    steps: tuple[Step, ...] = ()
    edits: tuple[Edit, ...] = ()
    usage: Usage = field(default_factory=Usage)
    calls: int = 0
    seconds: float = 0.0
    files: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """All turns. id: names its file. repo: what it is about. unsent: what stands in the input."""

    id: str
    repo: str
    began_at: str
    turns: tuple[Turn, ...] = ()
    unsent: str = ""
    name: str = ""

    def with_turn(self, turn: Turn) -> Conversation:
        """With one more turn."""
        return replace(self, turns=(*self.turns, turn))

    def with_turn_at(self, number: int, turn: Turn) -> Conversation:
        """With another turn in the place of one."""
        return replace(self, turns=(*self.turns[:number], turn, *self.turns[number + 1 :]))

    @property
    def title(self) -> str:
        """Its name, else how its first question begins."""
        first = self.turns[0].question.strip().splitlines()[0] if self.turns else "empty"
        return self.name or (first if len(first) <= 60 else first[:59] + "…")


@dataclass(frozen=True, slots=True)
class Spent:
    """What turns took together. cost: None where no price is known."""

    tokens: int = 0
    calls: int = 0
    seconds: float = 0.0
    cost: float | None = None

    def line(self) -> str:
        """In a few words."""
        money = "no price known" if self.cost is None else f"${self.cost:.4f}"
        calls = counted(self.calls, "call")
        return f"{self.tokens:,} tokens · {calls} · {money} · {duration(self.seconds)}"


def duration(seconds: float) -> str:
    """`40 ms`, `1.5 s`."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def counted(number: int, noun: str) -> str:
    """`1 call`, `2,000 calls`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def spent(*turns: Turn) -> Spent:
    """What some turns took."""
    costs = [turn.usage.cost for turn in turns if turn.usage.cost is not None]
    return Spent(
        tokens=sum(turn.usage.total for turn in turns),
        calls=sum(turn.calls for turn in turns),
        seconds=sum(turn.seconds for turn in turns),
        cost=sum(costs) if costs else None,
    )


def turn_line(turn: Turn) -> str:
    """What stands under an answer: state, where it is from, and what it took."""
    parts = [turn.label] if turn.label else []
    if turn.state != TurnState.DONE:
        parts.insert(0, turn.state.value + (f" ({turn.phase})" if turn.phase else ""))
    parts.append(spent(turn).line() if turn.calls else duration(turn.seconds))
    return " · ".join(parts)


def stale_line(turn: Turn) -> str:
    """A warning that the answer speaks of files that are no longer as indexed; "" for none."""
    if not turn.stale:
        return ""
    shown = ", ".join(turn.stale[:3])
    more = len(turn.stale) - 3
    return f"changed since they were indexed: {shown}{f' and {more} more' if more > 0 else ''}"
