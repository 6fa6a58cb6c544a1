"""One prompt, one answer: the controls that take no tools, and the way to the agent for the rest.

A control's prompt says the same task in the same words whatever stands beside it, so that only the
context differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.messages import Message, Request, Role
from benchmarks.generation.port import Control, Generated, InfrastructureError, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.model import Model
    from benchmarks.generation.port import GenerationTask, Generator

DIRECT = (Control.NONE, Control.BM25)

_ROLE = "You write code for an existing repository. Answer with code alone, in one fenced block."
_ASKS = {
    Kind.CLASS: "Write the class {name} for the file {path}, with what the file must import.",
    Kind.FUNCTION: "Write the body of the function {name} in the file {path}.",
    Kind.COMPLETION: "Write the line that comes next in the file {path}.",
    Kind.TESTS: "Write a test class for {name} of the file {path}.",
    Kind.LOCALIZATION: (
        "Name the files that must change to resolve this issue, the likeliest first, one path a "
        "line."
    ),
}
_PATH = re.compile(r"^[\s`*\-\d.)]*?([\w.\-/]+\.\w+)[`*\s]*$", re.MULTILINE)
_CODE_SHOWN = 6_000
"""Characters before and after a gap that go into a prompt, each."""


@dataclass(slots=True)
class ModelWriter:
    """A model by itself, and an agent with the same model for the controls that have tools.

    agent: None where none is wired; its controls are then an error of the infrastructure. tokens:
    of a reply at most.
    """

    source: Model
    agent: Generator | None = None
    tokens: int = 1_500
    model: str = ""
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    def __post_init__(self) -> None:
        self.model = self.source.name
        of_agent: Mapping[str, float] = self.agent.limits if self.agent else {}
        self.limits = {"reply_tokens": float(self.tokens), **of_agent}

    def generate(self, task: GenerationTask) -> Generated:
        """Write what a task asks for. Raises InfrastructureError or ModelUnavailableError."""
        if task.control not in DIRECT:
            if self.agent is None:
                raise InfrastructureError(f"control {task.control} needs the agent, none is wired")
            return self.agent.generate(task)
        messages = (Message(Role.SYSTEM, _ROLE), Message(Role.USER, prompt(task)))
        temperature = 0.0 if task.sample == 0 else 0.8
        reply = self.source.complete(Request(messages, self.tokens, temperature=temperature))
        found = {"file": _paths(reply.text)} if task.kind is Kind.LOCALIZATION else {}
        return Generated(
            reply.text,
            found=found,
            tokens=reply.usage.total,
            seconds=reply.seconds,
            why=str(reply.finish),
        )


def prompt(task: GenerationTask) -> str:
    """The task as a model is told it, what is known of the repository first."""
    parts = [_ASKS[task.kind].format(name=task.name, path=task.path), task.text]
    if task.context:
        parts.insert(0, f"From other files of the repository:\n\n{task.context}")
    if task.before.strip():
        parts.append(f"The file before it:\n\n{task.before[-_CODE_SHOWN:]}")
    if task.after.strip():
        parts.append(f"The file after it:\n\n{task.after[:_CODE_SHOWN]}")
    return "\n\n".join(part for part in parts if part)


def _paths(text: str) -> tuple[str, ...]:
    """What looks like a path, each once; list marks and quotes around it are taken away."""
    return tuple(dict.fromkeys(match[1] for match in _PATH.finditer(text)))
