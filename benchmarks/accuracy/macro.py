"""Whole applications with their call graphs by dotted names (Jarvis macro).

Callees are functions of the repository. The truth has implicit calls (properties, operators,
decorators) only in part, so the main figures leave out those that it lacks; both are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.call_graph import Compared, compare
from benchmarks.accuracy.graph import link_files, read_tree
from benchmarks.accuracy.lambdas import Lambdas
from benchmarks.accuracy.outcome import Outcome, run_each
from benchmarks.accuracy.records import read_call_graph
from benchmarks.accuracy.sources import find_repository

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.score import Case


def run(data: list[Path], repos: Path) -> Outcome:
    """A case for each file of data."""
    return run_each(data, repos, _case)


def _case(data: Path, repos: Path) -> Case:
    truth = read_call_graph(data)
    root = find_repository(repos, data, _module_files(truth))
    files = read_tree(root)
    scope = Compared(truth, root.name, root.name, lambdas=False)
    return compare(link_files(files), Lambdas(files), scope)


def _module_files(truth: dict[str, list[str]]) -> set[str]:
    """Paths that the truth's dotted names may be modules at."""
    names = {name.replace(".", "/") for name in truth if "<" not in name}
    return {f"{name}.py" for name in names} | {f"{name}/__init__.py" for name in names}
