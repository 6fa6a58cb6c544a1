"""Whole applications with their call graphs by dotted names (Jarvis macro).

Callees are functions of the repository. The truth has implicit calls (properties, operators,
decorators) only in part, so the main figures leave out those that it lacks; both are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.calls import (
    CALLABLE,
    call_edges,
    listed_calls,
    module_name,
    place,
    python_names,
    surest,
)
from benchmarks.accuracy.graph import link_files, read_tree
from benchmarks.accuracy.lambdas import Lambdas
from benchmarks.accuracy.outcome import Outcome, run_each
from benchmarks.accuracy.records import read_call_graph
from benchmarks.accuracy.score import Case, Prediction, Wanted
from benchmarks.accuracy.sources import find_repository

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph


def run(data: list[Path], repos: Path) -> Outcome:
    """A case for each file of data."""
    return run_each(data, repos, _case)


def _case(data: Path, repos: Path) -> Case:
    truth = read_call_graph(data)
    root = find_repository(repos, data, _module_files(truth))
    files = read_tree(root)
    return compare(link_files(files), Lambdas(files), truth, root.name)


def _module_files(truth: dict[str, list[str]]) -> set[str]:
    """Paths that the truth's dotted names may be modules at."""
    names = {name.replace(".", "/") for name in truth if "<" not in name}
    return {f"{name}.py" for name in names} | {f"{name}/__init__.py" for name in names}


def compare(graph: LinkedGraph, lambdas: Lambdas, truth: dict[str, list[str]], name: str) -> Case:
    """A graph against a call graph; the category of an edge is the application."""
    names = python_names(graph)
    functions = {names[node.uid] for node in graph.nodes.values() if node.kind in CALLABLE}
    wanted = {
        (caller, callee): Wanted((caller, callee), name, caller)
        for caller, callees in truth.items()
        for callee in callees
        if callee in functions
    }
    predictions: list[Prediction] = []
    for use in call_edges(graph):
        if use.target.kind not in CALLABLE:
            continue
        module = module_name(use.path, names)
        for caller in lambdas.callers(use, names[use.source.uid], module, truth):
            pair = caller, names[use.target.uid]
            if caller in truth:
                said = (use.tier, use.kind, use.reason, name, place(use))
                predictions.append(Prediction(pair, *said, pair in wanted))
    return Case(name, tuple(wanted.values()), surest(predictions), listed_calls(graph, names))
