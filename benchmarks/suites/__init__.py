"""The suites: name -> `module:object`, a `benchmarks.harness.suite.Suite`; one file each.

Modules are named by strings, so that listing the suites loads none of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from benchmarks.harness.suite import Suite

SUITES = {
    "evocodebench": "benchmarks.suites.evocodebench:SUITE",
    "deveval": "benchmarks.suites.deveval:SUITE",
    "swebench": "benchmarks.suites.swebench:SUITE",
    "repoclassbench": "benchmarks.suites.repoclassbench:SUITE",
    "crosscodeeval": "benchmarks.suites.completion:CROSSCODEEVAL",
    "execrepobench": "benchmarks.suites.completion:EXECREPOBENCH",
    "repobench": "benchmarks.suites.completion:REPOBENCH",
    "testbench": "benchmarks.suites.testbench:SUITE",
    "javabench": "benchmarks.suites.javabench:SUITE",
}


ALIASES = {"swebench-localization": "swebench"}


def suite(name: str) -> Suite:
    """The suite of that name. Raises CodexGraphError for one that does not exist."""
    name = ALIASES.get(name, name)
    if name not in SUITES:
        known = ", ".join(SUITES)
        raise CodexGraphError(f"unknown suite {name!r}: choose one of {known}")
    module, _, attribute = SUITES[name].partition(":")
    return cast("Suite", getattr(import_module(module), attribute))
