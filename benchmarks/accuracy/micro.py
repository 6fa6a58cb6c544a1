"""Micro-benchmarks: small programs, each with its whole call graph (PyCG, Jarvis).

In-repository callees only: a truth's edge counts when its callee is a function of the program's own
files, and a predicted edge when its caller is a key of the truth.
"""

from __future__ import annotations

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
from benchmarks.accuracy.graph import link_files
from benchmarks.accuracy.lambdas import Lambdas
from benchmarks.accuracy.outcome import Outcome
from benchmarks.accuracy.records import read_programs
from benchmarks.accuracy.score import Case, Prediction, Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph
    from benchmarks.accuracy.records import Program


def run_python(data: list[Path], _repos: Path | None) -> Outcome:
    """A case a program."""
    return Outcome([python_case(p) for path in data for p in read_programs(path)])


def python_case(program: Program) -> Case:
    """Link one program and compare."""
    files = {path: text.encode() for path, text in program.files.items()}
    name = f"{program.category}/{program.name}"
    return compare(link_files(files), Lambdas(files), program, name)


def compare(graph: LinkedGraph, lambdas: Lambdas, program: Program, name: str) -> Case:
    """A graph against a program's call graph by names."""
    truth, category = program.callgraph, program.category
    names = python_names(graph)
    functions = {names[n.uid] for n in graph.nodes.values() if n.kind in CALLABLE}
    wanted = {
        (caller, callee): Wanted((caller, callee), category, caller)
        for caller, callees in truth.items()
        for callee in callees
        if callee in functions or callee.rpartition(".")[2].startswith(LAMBDA)
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
    return Case(name, tuple(wanted.values()), surest(predictions), listed_calls(graph, names))
