"""Small Java programs with the calls that each is about (SWARM-CG's CATS).

The truth names only the calls under test, so nothing else is judged wrong, unless a record says
that its call graph is `complete`. Categories about reflection are reported apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.calls import CALLABLE, call_edges, place, surest
from benchmarks.accuracy.graph import link_files
from benchmarks.accuracy.java_names import JavaNames, parse
from benchmarks.accuracy.outcome import Outcome
from benchmarks.accuracy.records import Program, read_programs
from benchmarks.accuracy.score import Case, Prediction, Wanted

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph

REFLECTIVE = frozenset(
    {
        "Classloading",
        "DynamicProxies",
        "ModernReflection",
        "Reflection",
        "SignaturePolymorphicMethods",
        "Unsafe",
    }
)


def run(data: list[Path], _repos: Path | None) -> Outcome:
    """A case a program; one whose truth has no callee among its own files is skipped."""
    outcome = Outcome([])
    for path in data:
        for program in read_programs(path):
            files = {name: text.encode() for name, text in program.files.items()}
            case = compare(link_files(files), program)
            if case.wanted or program.complete:
                outcome.cases.append(case)
            else:
                outcome.skipped.append(f"{case.name}: calls nothing of its own files")
    outcome.extra["groups"] = _groups(outcome.cases)
    return outcome


def _groups(cases: list[Case]) -> dict[str, Any]:
    """How many programs have no missing edge, those about reflection apart."""
    groups: dict[str, list[bool]] = {"not_reflective": [], "reflective": []}
    for case in cases:
        said = {row.pair for row in case.predictions}
        category = case.name.split("/")[-2]
        group = "reflective" if category in REFLECTIVE else "not_reflective"
        groups[group].append(all(row.pair in said for row in case.wanted))
    return {
        name: {"n": len(sound), "sound_share": round(sum(sound) / len(sound), 4)}
        for name, sound in groups.items()
        if sound
    }


def compare(graph: LinkedGraph, program: Program) -> Case:
    """A graph against the calls that a program is about, by uid."""
    category = program.category.rpartition("/")[2]
    names = JavaNames(graph)
    shown: dict[str, str] = {}
    wanted: dict[tuple[str, str], Wanted] = {}
    for caller, callees in program.callgraph.items():
        source = _uid(names, caller, shown)
        for callee in callees:
            target = _uid(names, callee, shown)
            if target is not None:
                pair = shown[source] if source else caller, shown[target]
                wanted[pair] = Wanted(pair, category, caller)
    predictions: list[Prediction] = []
    for use in call_edges(graph):
        source, target = use.source.uid, use.target.uid
        is_written = use.target.kind in CALLABLE
        if source not in shown or not (is_written or target in shown):
            continue
        pair = shown[source], shown.get(target, target)
        is_right = pair in wanted or (False if program.complete else None)
        row = use.tier, use.kind, use.reason, category, place(use), is_right
        predictions.append(Prediction(pair, *row))
    return Case(f"{category}/{program.name}", tuple(wanted.values()), surest(predictions))


def _uid(names: JavaNames, name: str, shown: dict[str, str]) -> str | None:
    """The uid that a truth's name means; remembers the name for it."""
    method = parse(name, ":")
    uid = names.find(method) if method else None
    if uid is not None:
        shown.setdefault(uid, name)
    return uid
