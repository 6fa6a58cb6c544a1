"""Runs of an agent, scripted: what they tell, and how they end."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from agent.draft import Draft, Edit
from agent.events import DraftMade, Ended, ModelAnswered, Phase, PhaseBegan, TextCame, ToolAnswered
from agent.messages import Message, Reply, Request, Role, ToolCall, Usage
from agent.task import Outcome
from agent.tool import ToolResult
from graphdb.errors import ModelUnavailableError

if TYPE_CHECKING:
    from agent.events import Observer
    from graphdb.store import GraphReader

REQUEST = Request((Message(Role.USER, "?"),), 100)
ANSWER = "`total_area` is called at pkg/area.py:13.\n\n- by `print_total_area`\n- by `main`\n"


def answers(reader: GraphReader, job: str, text: str, observer: Observer, earlier: str) -> Outcome:
    """Asks one tool, then answers."""
    call = ToolCall("callers", {"name": "total_area"})
    observer(PhaseBegan(Phase.RETRIEVE, 0))
    observer(
        ModelAnswered(Phase.RETRIEVE, REQUEST, Reply("", (call,), Usage(100, 10), seconds=0.2))
    )
    observer(ToolAnswered(call, ToolResult(total=2), "print_total_area\nmain", 12, 0.01))
    observer(PhaseBegan(Phase.DRAFT, 0))
    for piece in ANSWER.split(" "):
        observer(TextCame(Phase.DRAFT, piece + " "))
    observer(ModelAnswered(Phase.DRAFT, REQUEST, Reply(ANSWER, (), Usage(200, 40, 0.003))))
    observer(DraftMade(Draft(ANSWER)))
    observer(Ended("passed"))
    return Outcome(job, Draft(text), True, "passed")


def proposes(reader: GraphReader, job: str, text: str, observer: Observer, earlier: str) -> Outcome:
    """Proposes a changed file and a new one."""
    before = "".join(f"def line_{n}():  # of pkg/area.py\n" for n in range(1, 61))
    after = before.replace("line_3()", "line_three()").replace("line_40()", "line_forty()")
    draft = Draft(
        "Two changes.", (Edit("pkg/area.py", before, after), Edit("n.py", None, "x = 1\n"))
    )
    observer(DraftMade(draft))
    observer(Ended("passed"))
    return Outcome(job, draft, True, text)


def refuses(reader: GraphReader, job: str, text: str, observer: Observer, earlier: str) -> Outcome:
    """A model that cannot be reached."""
    raise ModelUnavailableError("the key was refused: set CODEXGRAPH_MODEL_KEY")


class Endless:
    """Streams until somebody raises in the observer."""

    def __init__(self) -> None:
        self.has_ended = threading.Event()

    def __call__(
        self, reader: GraphReader, job: str, text: str, observer: Observer, earlier: str
    ) -> Outcome:
        del reader, earlier
        try:
            for number in range(100_000):
                observer(TextCame(Phase.DRAFT, f"word {number} "))
                time.sleep(0.005)
        finally:
            self.has_ended.set()
        return Outcome(job, None, False, text)
