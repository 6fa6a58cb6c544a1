"""A linked graph against a whole call graph by names: what PyCG and Jarvis publish."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.accuracy.calls import (
    CALLABLE,
    LAMBDA,
    call_edges,
    listed_calls,
    module_name,
    place,
    python_names,
    surest,
)
from benchmarks.accuracy.score import Case, Prediction, Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.accuracy.graph import LinkedGraph
    from benchmarks.accuracy.lambdas import Lambdas


@dataclass(frozen=True, slots=True)
class Compared:
    """What a graph is compared with, and under which category and name.

    truth: caller -> callees; its edges count when the callee is a function of the graph, and a
    predicted edge when its caller is a key. lambdas: edges to lambdas count as well.
    """

    truth: Mapping[str, list[str]]
    category: str
    name: str
    lambdas: bool


def compare(graph: LinkedGraph, lambdas: Lambdas, scope: Compared) -> Case:
    """The edges that the truth asks for and those that the graph has."""
    truth, category = scope.truth, scope.category
    names = python_names(graph)
    functions = {names[node.uid] for node in graph.nodes.values() if node.kind in CALLABLE}
    wanted = {
        (caller, callee): Wanted((caller, callee), category, caller)
        for caller, callees in truth.items()
        for callee in callees
        if callee in functions or (scope.lambdas and _is_lambda(callee))
    }
    predictions: list[Prediction] = []
    for use in call_edges(graph):
        if use.target.kind not in CALLABLE:
            continue
        module = module_name(use.path, names)
        for caller in lambdas.callers(use, names[use.source.uid], module, truth):
            pair = caller, names[use.target.uid]
            if caller in truth:
                said = (use.tier, use.kind, use.reason, category, place(use))
                predictions.append(Prediction(pair, *said, pair in wanted))
    listed = listed_calls(graph, names)
    return Case(scope.name, tuple(wanted.values()), surest(predictions), listed)


def _is_lambda(name: str) -> bool:
    return name.rpartition(".")[2].startswith(LAMBDA)
