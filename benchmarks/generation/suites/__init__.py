"""Suites of written code: name -> `module:factory`, a `benchmarks.generation.writing.Factory`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from benchmarks.suites import ALIASES
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from benchmarks.generation.writing import Factory, WritingSuite

WRITING_SUITES = {
    "repoclassbench": "benchmarks.generation.suites.classes:suite",
    "evocodebench": "benchmarks.generation.suites.functions:evocodebench",
    "deveval": "benchmarks.generation.suites.functions:deveval",
    "crosscodeeval": "benchmarks.generation.suites.completion:crosscodeeval",
    "execrepobench": "benchmarks.generation.suites.executed:suite",
    "swebench": "benchmarks.generation.suites.localization:suite",
    "testbench": "benchmarks.generation.suites.tests:suite",
    "javabench": "benchmarks.generation.suites.skeletons:suite",
}


def writing_suite(name: str) -> WritingSuite:
    """A new suite of that name. Raises CodexGraphError for one that does not exist."""
    name = ALIASES.get(name, name)
    if name not in WRITING_SUITES:
        known = ", ".join(WRITING_SUITES)
        raise CodexGraphError(f"suite {name!r} has nothing to be written: choose one of {known}")
    module, _, attribute = WRITING_SUITES[name].partition(":")
    return cast("Factory", getattr(import_module(module), attribute))()
