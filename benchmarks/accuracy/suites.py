"""The accuracy suites by name: where each finds its truth, and what comes of running it.

A suite whose data or sources are missing is skipped with a reason, never scored as zero.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from benchmarks.accuracy import DATA_VARIABLE, REPOS_VARIABLE
from benchmarks.accuracy.score import score
from benchmarks.accuracy.steps import ablation, misses
from graphdb.errors import CodexGraphError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from benchmarks.accuracy.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Suite:
    """One suite.

    run: `module:function` of (data files, folder of repositories) -> Outcome. data: where its files
    are below a data folder. source: where data come from. sources: where the repositories come
    from; "" when the data hold all sources. implicit_apart: as in `score.score`.
    """

    run: str
    data: tuple[str, ...]
    source: str
    sources: str = ""
    implicit_apart: bool = False


SUITES: dict[str, Suite] = {
    "pycg-micro": Suite(
        "benchmarks.accuracy.micro:run_python",
        ("pycg-micro/*.jsonl*",),
        "micro-benchmark/snippets of github.com/vitsalis/PyCG as JSONL",
    ),
    "jarvis-micro": Suite(
        "benchmarks.accuracy.micro:run_python",
        ("callgraph/jarvis-micro*.jsonl*",),
        "the micro-benchmark of github.com/pythonJaRvis/pythonJaRvis.github.io as JSONL",
    ),
    "macro": Suite(
        "benchmarks.accuracy.macro:run",
        ("callgraph/macro/*.json*",),
        "call graphs NAME.json of the same repository's macro-benchmark",
        "sqlparse at 9f44d54, furl at 7748462, sshtunnel at d2167a2, as --repos DIR/NAME",
        implicit_apart=True,
    ),
    "dynamic": Suite(
        "benchmarks.accuracy.dynamic:run",
        ("callgraph/dynamic-*.jsonl*",),
        "dynamic-NAME.jsonl, written by `codexgraph bench trace`",
        "the traced repository (flask at 2ac89889) as --repos DIR/NAME",
    ),
    "definitions": Suite(
        "benchmarks.accuracy.definitions:run",
        ("callgraph/scip-*.jsonl*",),
        "scip-NAME.jsonl, written by `codexgraph bench scip` from an index of scip-python",
        "the indexed repository (flask at 2ac89889) as --repos DIR/NAME",
    ),
    "swarm-java": Suite(
        "benchmarks.accuracy.swarm_java:run",
        ("callgraph/swarm-java.jsonl*", "callgraph/swarm-java-*.jsonl*"),
        "the CATS programs of github.com/secure-software-engineering/SWARM-CG as JSONL",
    ),
    "javac": Suite(
        "benchmarks.accuracy.javac:run",
        ("callgraph/javac-*.tsv*",),
        "javac-NAME.tsv, written by `codexgraph bench javac`",
        "the sources (commons-lang at d15939ef4) as --repos DIR/NAME",
    ),
    "dependeval": Suite(
        "benchmarks.accuracy.dependeval:run",
        ("dependeval/dr_python*.jsonl*", "dependeval/dr_java_*.jsonl*"),
        "task 2 (DR) of github.com/ink7-sudo/DependEval as JSONL",
    ),
}


@dataclass(frozen=True, slots=True)
class Result:
    """One suite's figures, or why there are none.

    n: programs or records, of whole repositories the edges that their truths ask for. seconds: wall
    time of linking and comparing.
    """

    suite: str
    n: int
    skipped: list[str]
    seconds: float
    metrics: dict[str, Any]
    misses: list[dict[str, Any]]

    def to_json(self, *, with_misses: bool) -> dict[str, Any]:
        """The object that `--json` prints; `skipped` counts what `skipped_why` names."""
        found: dict[str, Any] = {
            "suite": self.suite,
            "n": self.n,
            "skipped": len(self.skipped),
            "skipped_why": self.skipped,
            "seconds": round(self.seconds, 2),
            "metrics": self.metrics,
        }
        return found | {"misses": self.misses} if with_misses else found


def run_suites(names: Sequence[str], data: Path | None, repos: Path | None) -> list[Result]:
    """Run some suites, or all; arguments and errors as in `run_suite`.

    Raises CodexGraphError also when one data file is given for several suites.
    """
    if data is not None and data.is_file() and len(names) != 1:
        raise CodexGraphError(f"{data} is of one suite: name it with --suite, or give a folder")
    return [run_suite(name, data, repos) for name in names or SUITES]


def run_suite(name: str, data: Path | None, repos: Path | None) -> Result:
    """Run one suite.

    data: a file in the suite's format, or a folder that holds it where `Suite.data` says. Raises
    CodexGraphError for a name that is no suite's, and for a data file that is none.
    """
    suite = SUITES.get(name)
    if suite is None:
        raise CodexGraphError(f"{name} is no suite: choose among {', '.join(SUITES)}")
    start = time.monotonic()
    files = _data_files(suite, data)
    missing = _missing(suite, files, data, repos)
    if missing:
        return Result(name, 0, [missing], 0.0, {}, [])
    module, _, function = suite.run.partition(":")
    run = cast(
        "Callable[[list[Path], Path | None], Outcome]", getattr(import_module(module), function)
    )
    outcome = run(files, repos)
    if not outcome.cases:
        return Result(name, 0, outcome.skipped, time.monotonic() - start, {}, [])
    apart = suite.implicit_apart
    metrics = score(outcome.cases, implicit_apart=apart).to_json()
    metrics["ablation"] = ablation(outcome.cases, implicit_apart=apart)
    metrics |= outcome.extra
    whole = metrics["all"]["wanted"]
    return Result(
        name,
        whole if suite.sources else len(outcome.cases),
        outcome.skipped,
        time.monotonic() - start,
        metrics,
        misses(outcome.cases),
    )


def _data_files(suite: Suite, data: Path | None) -> list[Path]:
    if data is None:
        return []
    if data.is_dir():
        return sorted(path for pattern in suite.data for path in data.glob(pattern))
    return [data]


def _missing(suite: Suite, files: list[Path], data: Path | None, repos: Path | None) -> str:
    """Why a suite cannot run, and what to give; "" when it can."""
    if not files:
        where = f"{data} has none" if data else f"give --data or set {DATA_VARIABLE}"
        return f"no data ({where}): {' '.join(suite.data)} are {suite.source}"
    absent = [str(path) for path in files if not path.is_file()]
    if absent:
        return f"no data ({', '.join(absent)} is not there): {suite.source}"
    if suite.sources and repos is None:
        return f"no sources (give --repos or set {REPOS_VARIABLE}): {suite.sources}"
    return ""
