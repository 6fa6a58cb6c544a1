"""TestBench with a model: tests written for a Java method, repaired, and measured five ways.

The benchmark stops at the first of its verdicts that a test does not pass, and says nothing of the
rest; we keep every measure and give its verdict beside them. Its method and package coverage are
not taken: what is measured here is the class.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from agent.testing.measures import Target
from agent.testing.measuring import measure as take_measures
from agent.testing.repair import repair
from benchmarks.harness.metrics import mean_percent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.sandbox.local import LocalSandbox
    from agent.testing.measures import Measures, Ratio
    from agent.testing.measuring import Setup
    from agent.testing.origins import Origins
    from benchmarks.harness.suite import Record

_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_TASK = (
    "Write a JUnit 5 test class called {name} in package {package} for the method "
    "{owner}.{method}. Answer with the whole Java file and nothing else."
)


class Verdict(StrEnum):
    """How the benchmark's own script calls the end of a test."""

    SYNTAX = "Syntax Error"
    COMPILE = "Compile Error"
    TEST = "Test Error"
    ACCEPT = "Accept"


@dataclass(frozen=True, slots=True)
class Extent:
    """Where a record's test goes. package: of the class, and so of its test."""

    package: str
    test: str
    name: str


@dataclass(frozen=True, slots=True)
class Judged:
    """One completion. verdict: None where the environment could not tell.

    code: after repair. repairs: what was mended. measures: as `agent.testing.measures.Measures`.
    """

    verdict: Verdict | None
    code: str
    repairs: tuple[str, ...]
    measures: Mapping[str, Any] = field(default_factory=dict[str, Any])


def extent(record: Record) -> Extent:
    """Package, path and class name of the test of a record."""
    match = _PACKAGE.search(record.fields["full_context"])
    name = f"{record.fields['class_name']}Test"
    folder = PurePosixPath(record.fields["file"]).parent
    place = str(folder).replace("src/main/java", "src/test/java", 1)
    return Extent(match[1] if match else "", f"{place}/{name}.java", name)


def prompts(record: Record, graph: str = "") -> dict[str, str]:
    """The prompt for each context, by the benchmark's names for them, and with the graph's.

    graph: a context of our own, left out when it is empty.
    """
    fields, place = record.fields, extent(record)
    task = _TASK.format(
        name=place.name,
        package=place.package or "(none)",
        owner=fields["class_name"],
        method=fields["method_name"],
    )
    source = f"The method:\n```java\n{fields['source_code'].strip()}\n```"
    around = {
        "SourceCodeOnly": "",
        "SourceCode&Simple": f"Its class in outline:\n```java\n{fields['simple_context']}\n```",
        "SourceCode&Full": f"Its whole file:\n```java\n{fields['full_context']}\n```",
        **({"SourceCode&Graph": f"What it is connected with:\n{graph}"} if graph else {}),
    }
    return {
        name: "\n\n".join(part for part in (task, source, text) if part)
        for name, text in around.items()
    }


def measure(
    record: Record,
    completion: str,
    sandbox: LocalSandbox,
    setup: Setup,
    origins: Origins | None = None,
) -> Judged:
    """Repair and measure a completion in a sandbox that has a copy of the record's project.

    origins: where names come from, for the repair.
    """
    place = extent(record)
    mended = repair(completion, place.test, package=place.package, origins=origins)
    target = Target(record.fields["file"], record.fields["class_name"])
    found = take_measures(sandbox, target, mended.path, mended.text, setup)
    sandbox.reset([mended.path])
    told = tuple(f"line {r.line}: {r.what}" if r.line else r.what for r in mended.repairs)
    return Judged(verdict(found), mended.text, told, _as_json(found))


def verdict(measures: Measures) -> Verdict | None:
    """The benchmark's word for some measures; a test file without tests is accepted there too."""
    if measures.syntax is False:
        return Verdict.SYNTAX
    if measures.compiles is False:
        return Verdict.COMPILE
    if measures.failed or (measures.compiles and measures.failed is None):
        return Verdict.TEST
    return Verdict.ACCEPT if measures.compiles else None


def score(judged: Sequence[Judged]) -> dict[str, Any]:
    """The five measures over completions, in percent, of what the environment could tell.

    syntax, compiles, passes: of all. lines, branches, mutants: means of those accepted, as the
    benchmark takes coverage and defects of nothing else.
    """
    known = [one for one in judged if one.verdict is not None]
    accepted = [one for one in known if one.verdict is Verdict.ACCEPT]
    passed = {Verdict.SYNTAX: 0, Verdict.COMPILE: 1, Verdict.TEST: 2, Verdict.ACCEPT: 3}
    steps = [passed[one.verdict] for one in known if one.verdict is not None]
    shares = {
        name: [one.measures[name] for one in accepted if one.measures.get(name) is not None]
        for name in ("lines", "branches", "mutants")
    }
    return {
        "completions": len(judged),
        "not_told": len(judged) - len(known),
        "syntax": mean_percent(float(step > 0) for step in steps),
        "compiles": mean_percent(float(step > 1) for step in steps),
        "passes": mean_percent(float(step > 2) for step in steps),
        **{name: mean_percent(values) for name, values in shares.items()},
    }


def result_row(record: Record, judged: Mapping[str, Sequence[Judged]]) -> dict[str, Any]:
    """A record's row of the benchmark's `<project>_result.json`: verdicts of each context."""
    return {
        "project_name": record.group,
        "code": record.fields["source_code"],
        "package": extent(record).package,
        "class_name": record.fields["class_name"],
        "method_name": record.fields["method_name"],
        **{name: [one.verdict for one in found] for name, found in judged.items()},
    }


def coverage_rows(record: Record, judged: Mapping[str, Sequence[Judged]]) -> list[dict[str, Any]]:
    """The rows of accepted completions in the form of the benchmark's coverage files.

    class_metric: lines of the class. -1 stands for what is not measured, as it does there.
    """
    place = extent(record)
    return [
        {
            "context": name,
            "project_name": record.group,
            "file_path": str(PurePosixPath(place.test).parent),
            "package_name": place.package,
            "class_name": record.fields["class_name"],
            "method_name": record.fields["method_name"],
            "test_code": one.code,
            "package_metric": -1,
            "class_metric": _percent(one.measures.get("lines")),
            "method_metric": -1,
            "pitest": _percent(one.measures.get("mutants")),
        }
        for name, found in judged.items()
        for one in found
        if one.verdict is Verdict.ACCEPT
    ]


def _as_json(measures: Measures) -> dict[str, Any]:
    """Measures as JSON values, ratios as shares of 1."""
    found = asdict(measures)
    ratios: dict[str, Ratio | None] = {
        "lines": measures.lines,
        "branches": measures.branches,
        "mutants": measures.mutants,
    }
    return found | {name: ratio.share if ratio else None for name, ratio in ratios.items()}


def _percent(share: float | None) -> float:
    return -1 if share is None else round(100 * share, 2)
