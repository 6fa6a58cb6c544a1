"""What the harness asks of whatever writes code, and what it gets: the agent, a control, a script.

The harness knows no agent. It lays out a repository with the target taken away, builds the graph of
exactly that, and hands both over as a task; the answer is judged by the benchmark's own rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from agent.draft import Check, Edit
    from graphdb.registry import StoreSettings
    from graphdb.symbols import Symbol


class Kind(StrEnum):
    """What is to be written."""

    CLASS = "class"
    FUNCTION = "function"
    COMPLETION = "completion"
    TESTS = "tests"
    LOCALIZATION = "localization"


class Control(StrEnum):
    """What the same model gets to know, in the same loop with the same limits.

    agent: everything. no-translation: the agent writes Cypher itself. no-edges: the graph's nodes
    without any edge. empty-graph: the tools, with nothing in their graph. bm25: no graph and no
    tools, but ranked text. none: the task alone.
    """

    AGENT = "agent"
    NO_TRANSLATION = "no-translation"
    NO_EDGES = "no-edges"
    EMPTY_GRAPH = "empty-graph"
    BM25 = "bm25"
    NONE = "none"

    @property
    def has_graph(self) -> bool:
        """False for those whose store holds nothing."""
        return self not in (Control.EMPTY_GRAPH, Control.BM25, Control.NONE)

    @property
    def has_tools(self) -> bool:
        """False for those that are told all there is at once."""
        return self not in (Control.BM25, Control.NONE)


class InfrastructureError(CodexGraphError):
    """The model, the network or the environment failed, which is no answer of the model."""


@dataclass(frozen=True, slots=True)
class GenerationTask:
    """One thing to be written.

    root: the sources with the target taken away; store: their graph, already as `control` wants it.
    path: the file that is written to, relative; name: of what is written, with dots; line: where it
    stands or the gap is, from 1, 0 where that says nothing. text: the description. target: the
    definition that is written or tested, of the whole graph, so that every control is asked the
    same. before, after: the code around a gap. context: ranked text for the control that has it.
    sample: the number of this try, which differs in nothing else. checks: what the task brings for
    a draft, in the place of the agent's check of that name or after all of them.
    """

    kind: Kind
    id: str
    repository: str
    root: Path
    store: StoreSettings
    path: str
    name: str
    text: str
    line: int = 0
    target: Symbol | None = None
    before: str = ""
    after: str = ""
    context: str = ""
    control: Control = Control.AGENT
    sample: int = 0
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Generated:
    """What was written. text: the code alone; edits: whole files, where the writer made some.

    found: for localization, level (file, module, function) -> names, best first. tokens: prompts
    and replies. why: how it ended, as in `agent.events.Ended`.
    """

    text: str
    edits: tuple[Edit, ...] = ()
    found: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    tokens: int = 0
    seconds: float = 0.0
    trajectory: Path | None = None
    why: str = ""


class Generator(Protocol):
    """Writes code. model: its name, for the results. limits: what a task may take."""

    model: str
    limits: Mapping[str, float]

    def generate(self, task: GenerationTask) -> Generated:
        """Write what a task asks for; an answer that is no code is an answer.

        Raises InfrastructureError or ModelUnavailableError where there is none.
        """
        ...
