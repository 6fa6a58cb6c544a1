"""Takes the measures of a generated test, whatever its language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.draft import Edit
from agent.sandbox.java_projects import find_java_project
from agent.sandbox.projects import Tools
from agent.testing.java_measures import JavaSetup, measure_java
from agent.testing.java_tools import java_tools
from agent.testing.measures import AFTER_SYNTAX, Bounds, Measures, Tally, read_text
from agent.testing.python_measures import interpreter_of, measure_python
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from pathlib import Path

    from agent.sandbox.local import LocalSandbox
    from agent.testing.measures import Target


@dataclass(frozen=True, slots=True)
class Setup:
    """What measuring needs. root: the repository that the sandbox has a copy of.

    cache: folder for the jars of Java's tools. tools: what a person has set.
    """

    root: Path
    cache: Path
    tools: Tools = field(default_factory=Tools)
    bounds: Bounds = field(default_factory=Bounds)


def measure(sandbox: LocalSandbox, target: Target, path: str, text: str, setup: Setup) -> Measures:
    """The five measures of a test that is written into the sandbox's copy first.

    path, text: the test's file. What tools are missing is told by the measures and not raised.
    """
    sandbox.apply([Edit(path, read_text(sandbox, path), text)])
    try:
        if not path.endswith(".java"):
            interpreter = interpreter_of(setup.root, setup.tools)
            return measure_python(sandbox, interpreter, target, path, setup.bounds)
        project = find_java_project(setup.root, target.path, setup.tools)
        java = JavaSetup(java_tools(setup.cache), project, setup.bounds)
        return measure_java(sandbox, java, target, path)
    except CodexGraphError as error:
        tally = Tally()
        tally.skip(str(error), "syntax", *AFTER_SYNTAX)
        return tally.measures
