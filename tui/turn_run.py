"""Answers one question, from the graph or by the agent, and folds what happens into its turn.

The agent runs in a thread and is looked at at most five times a second: its pieces of text are
shown together, because drawing each of a thousand costs more than a model takes to make them.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import replace
from threading import Event as Flag
from typing import TYPE_CHECKING

from agent.events import Ended, Interrupted
from tui.background import error_line, in_thread
from tui.models.conversation import Turn, TurnState
from tui.models.reduce import observed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from agent.events import Event
    from tui.desk import Desk
    from tui.ports import AgentRunner, Answer

    Tell = Callable[[Turn], Awaitable[None]]

LOOK_S = 0.2
MAX_LOOK_S = 1.0
TICK_S = 1.0
"""How often the time of a run is shown anew while nothing comes."""
DRAWING_SHARE = 15
"""A look waits so many times what the one before cost, so that a slow machine draws less often."""


class TurnRun:
    """One question that is being answered."""

    def __init__(self, desk: Desk, turn: Turn, earlier: str = "") -> None:
        self.turn = turn
        self._earlier = earlier
        self._desk = desk
        self._is_cancelled = Flag()
        self._events: deque[Event] = deque()
        self._began = desk.clock()

    def cancel(self) -> None:
        """End it; what has come is kept. A thread that still works is left to itself."""
        self._is_cancelled.set()

    async def run(self, tell: Tell) -> Turn:
        """Run to the end; the turn as it is then. `tell` hears of it while it grows."""
        agent = self._desk.ports.run_agent
        try:
            await (self._ask_agent(agent, tell) if agent else self._ask_graph(tell))
        except Interrupted:
            self._cancelled()
        except Exception as error:  # noqa: BLE001 - the border of a run: a failure is its outcome
            self._set(state=TurnState.FAILED, error=error_line(error), phase="")
        self._set(seconds=self._seconds())
        await self._look_at_files()
        await tell(self.turn)
        return self.turn

    async def _ask_graph(self, tell: Tell) -> None:
        turn, answer = self.turn, self._desk.ports.answer
        self._set(phase="asking the graph")
        await tell(self.turn)
        question = self._desk.ask(lambda reader: answer(reader, turn.job, turn.question))
        found = await self._or_cancelled(asyncio.ensure_future(question))
        self._set(answer=found.text, label=found.label, files=found.files, edits=found.edits)
        self._set(state=TurnState.DONE, phase="")

    async def _ask_agent(self, agent: AgentRunner, tell: Tell) -> None:
        turn = self.turn
        running = asyncio.ensure_future(
            in_thread(
                lambda: agent(
                    self._desk.graph.opened(), turn.job, turn.question, self._observe, self._earlier
                )
            )
        )
        pause, before, told = LOOK_S, time.process_time(), -TICK_S
        while not running.done() and not self._is_cancelled.is_set():
            await asyncio.wait({running}, timeout=pause)
            now = time.process_time()
            pause = min(max(LOOK_S, DRAWING_SHARE * (now - before)), MAX_LOOK_S)
            before = now
            seconds = self._seconds()
            if self._fold() or seconds >= told + TICK_S:
                told = seconds
                self._set(seconds=seconds)
                await tell(self.turn)
        if self._is_cancelled.is_set():
            raise Interrupted
        running.result()
        self._fold()
        if self.turn.state is TurnState.RUNNING:
            self.turn = observed(self.turn, Ended("done"))

    def _seconds(self) -> float:
        return (self._desk.clock() - self._began).total_seconds()

    def _observe(self, event: Event) -> None:
        """Called in the agent's thread."""
        if self._is_cancelled.is_set():
            raise Interrupted
        self._events.append(event)

    def _fold(self) -> bool:
        """Take what has come; False when nothing has."""
        has_any = bool(self._events)
        while self._events:
            self.turn = observed(self.turn, self._events.popleft())
        return has_any

    async def _or_cancelled(self, task: asyncio.Future[Answer]) -> Answer:
        while not task.done():
            await asyncio.wait({task}, timeout=LOOK_S)
            if self._is_cancelled.is_set():
                raise Interrupted
        return task.result()

    def _cancelled(self) -> None:
        self._fold()
        self._set(state=TurnState.CANCELLED, phase="", label=self.turn.label or "cancelled")

    async def _look_at_files(self) -> None:
        """Which files of the answer have changed since they were indexed."""
        if self.turn.state is not TurnState.DONE or not self.turn.files:
            return
        state = await self._desk.freshness(self.turn.files)
        if state is not None:
            self._set(stale=state.stale)

    def _set(self, **changes: object) -> None:
        self.turn = replace(self.turn, **changes)  # type: ignore[arg-type] # its own fields
