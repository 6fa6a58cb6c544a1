"""Call edges observed while a test suite ran: what really was called, as far as the tests reach.

Recall is over direct (caller, callee) pairs. Precision is a proxy per site: of the predictions at
lines that called something of the repository, how many were seen there. What never ran is silent.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.accuracy.calls import CALLABLE, call_edges, listed_calls
from benchmarks.accuracy.frames import Frames
from benchmarks.accuracy.graph import link_files, read_tree, text
from benchmarks.accuracy.outcome import Outcome, run_each
from benchmarks.accuracy.records import read_jsonl
from benchmarks.accuracy.score import Case, Pair, Prediction, Wanted
from benchmarks.accuracy.sources import find_repository, truth_root

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph, Use
    from graphdb.delta import Node

KEYS = ("caller", "caller_file", "line", "callee", "callee_file", "indirect")


class Call(NamedTuple):
    """An observed call. caller, callee: `file:qualified name`; place: `file:line`."""

    caller: str
    callee: str
    place: str
    is_indirect: bool


def run(data: list[Path], repos: Path) -> Outcome:
    """A case for each file of data."""
    return run_each(data, repos, _case)


def _case(data: Path, repos: Path) -> Case:
    rows = read_jsonl(data, KEYS)
    paths = {row[key] for row in rows for key in ("caller_file", "callee_file")}
    root = find_repository(repos, data, paths)
    files = read_tree(root)
    prefix = truth_root(files, paths)
    sources = {path: files[prefix + path] for path in paths if prefix + path in files}
    frames = Frames(sources)
    calls = [
        Call(
            frames.name(row["caller_file"], row["caller"]),
            frames.name(row["callee_file"], row["callee"]),
            f"{row['caller_file']}:{row['line']}",
            bool(row["indirect"]),
        )
        for row in rows
        if not frames.is_silent(row["caller_file"], row["caller"])
        and not frames.is_silent(row["callee_file"], row["callee"], called=True)
    ]
    return compare(link_files(files), prefix, frames, calls, root.name)


def compare(graph: LinkedGraph, prefix: str, frames: Frames, calls: list[Call], name: str) -> Case:
    """The graph against observed calls, both below the folder `prefix`."""
    names = {
        node.uid: frames.graph_name(text(node, "file_path").removeprefix(prefix), _qualified(node))
        for node in graph.nodes.values()
        if text(node, "file_path").startswith(prefix)
    }
    wanted = {
        (call.caller, call.callee): Wanted(
            (call.caller, call.callee), frames.category(call.callee), call.place
        )
        for call in calls
        if not call.is_indirect
        and not frames.is_wrapper(call.caller)
        and not frames.is_wrapper(call.callee)
    }
    seen = _seen(calls, frames)
    predictions: list[Prediction] = []
    for use in call_edges(graph):
        if use.target.kind not in CALLABLE or not {use.source.uid, use.target.uid} <= names.keys():
            continue
        predictions += _judge(use, (names[use.source.uid], names[use.target.uid]), prefix, seen)
    listed = listed_calls(graph, {uid: names.get(uid, "") for uid in graph.nodes})
    return Case(
        name,
        tuple(wanted.values()),
        tuple(row._replace(category=frames.category(row.pair[1])) for row in predictions),
        listed,
    )


def _qualified(node: Node) -> str:
    return "" if node.kind.value == "MODULE" else text(node, "qualified_name")


def _seen(calls: list[Call], frames: Frames) -> dict[str, set[str]]:
    """What each line was seen to call; a wrapper's callees count as called where it is."""
    through: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        if frames.is_wrapper(call.caller):
            through[call.caller].add(call.callee)
    seen: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        seen[call.place] |= {call.callee} | through.get(call.callee, set())
    return seen


def _judge(use: Use, pair: Pair, prefix: str, seen: dict[str, set[str]]) -> list[Prediction]:
    """A prediction for each site of an edge."""
    path = use.path.removeprefix(prefix)
    rows: list[Prediction] = []
    for site in use.sites:
        where = f"{path}:{site.line}"
        is_right = pair[1] in seen[where] if where in seen else None
        rows.append(Prediction(pair, use.tier, use.kind, use.reason, "", where, is_right))
    return rows
