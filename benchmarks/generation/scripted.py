"""Writers without a model: the gold, nothing, or something wrong. They prove what a score can tell.

A harness is right only if the gold scores full marks in it and the others none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.generation.port import Generated, InfrastructureError

if TYPE_CHECKING:
    from benchmarks.generation.port import GenerationTask

NAMES = ("truth", "empty", "wrong", "unreachable")

Gold = Mapping[str, Generated]
"""Task id -> the right answer."""


@dataclass(slots=True)
class ScriptedGenerator:
    """Answers each task by a function of the task."""

    model: str
    write: Callable[[GenerationTask], Generated]
    limits: Mapping[str, float] = field(default_factory=dict[str, float])

    def generate(self, task: GenerationTask) -> Generated:
        """The function's answer."""
        return self.write(task)


def scripted(name: str, gold: Gold) -> ScriptedGenerator:
    """The generator of that name, one of `NAMES`."""
    writers: dict[str, Callable[[GenerationTask], Generated]] = {
        "truth": lambda task: gold[task.id],
        "empty": lambda _: Generated("", why="passed"),
        "wrong": lambda _: Generated("}{ this is no code (", why="passed"),
        "unreachable": _unreachable,
    }
    return ScriptedGenerator(f"scripted:{name}", writers[name])


def _unreachable(task: GenerationTask) -> Generated:
    raise InfrastructureError(f"no model answered for {task.id}")
