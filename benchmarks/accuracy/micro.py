"""Micro-benchmarks: small programs, each with its whole call graph (PyCG, Jarvis).

In-repository callees only: a truth's edge counts when its callee is a function of the program's own
files, and a predicted edge when its caller is a key of the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy.call_graph import Compared, compare
from benchmarks.accuracy.graph import link_files
from benchmarks.accuracy.lambdas import Lambdas
from benchmarks.accuracy.outcome import Outcome
from benchmarks.accuracy.records import read_programs

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.records import Program
    from benchmarks.accuracy.score import Case


def run_python(data: list[Path], _repos: Path | None) -> Outcome:
    """A case a program."""
    return Outcome([python_case(p) for path in data for p in read_programs(path)])


def python_case(program: Program) -> Case:
    """Link one program and compare."""
    files = {path: text.encode() for path, text in program.files.items()}
    name = f"{program.category}/{program.name}"
    scope = Compared(program.callgraph, program.category, name, lambdas=True)
    return compare(link_files(files), Lambdas(files), scope)
