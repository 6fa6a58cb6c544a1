"""Cross-file dependency order (DependEval DR): which file builds on which, from the graph alone.

A chain edge is right when the order of the truth has the used file first. Edges that go both ways
between two files say nothing about order; they still count as found.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from benchmarks.accuracy.graph import link_files
from benchmarks.accuracy.outcome import Outcome
from benchmarks.accuracy.records import read_jsonl
from benchmarks.accuracy.score import TIERS, Case, Pair, Prediction, Wanted
from graphdb.schema import EdgeKind, Tier
from indexer.languages import SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph, Use

KEYS = ("files", "content", "gt")


def run(data: list[Path], _repos: Path | None) -> Outcome:
    """A case a record; one that lacks the content of a file is skipped."""
    outcome = Outcome([])
    orders: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for path in data:
        for number, row in enumerate(read_jsonl(path, KEYS), 1):
            contents = split_content(row["content"], list(map(_path, row["files"])))
            # The first part of a path is the repository's name.
            gold = [_in_repository(_path(name)) for name in row["gt"]]
            files = {_in_repository(name): text for name, text in contents.items()}
            language = SUFFIXES.get(PurePosixPath(gold[0]).suffix, "unknown") if gold else "unknown"
            lacking = [name for name in gold if name not in files]
            if lacking or language == "unknown":
                why = f"no content of {lacking[0]}" if lacking else "of no indexed language"
                outcome.skipped.append(f"{path.name} record {number}: {why}")
                continue
            graph = link_files({name: text.encode() for name, text in files.items()})
            case = compare(graph, gold, language, f"{path.name}:{number}")
            outcome.cases.append(case)
            predicted = order(list(files), _one_way(case.predictions))
            orders[language].append((_is_consistent(case), predicted == gold))
    outcome.extra["order"] = {name: _order_figures(rows) for name, rows in sorted(orders.items())}
    return outcome


def _path(quoted: str) -> str:
    return quoted.strip("'\"")


def _in_repository(path: str) -> str:
    return path.partition("/")[2] or path


def _order_figures(rows: list[tuple[bool, bool]]) -> dict[str, Any]:
    return {
        "n": len(rows),
        "order_consistency": round(sum(consistent for consistent, _ in rows) / len(rows), 4),
        "exact_order": round(sum(exact for _, exact in rows) / len(rows), 4),
    }


def split_content(content: str, names: Sequence[str]) -> dict[str, str]:
    """The files of a record's one text: each stands after its quoted path, a newline and a colon.

    A path without its text is left out.
    """
    starts: list[tuple[int, int, str]] = []
    for name in names:
        marker = f"'{name}'\n:"
        position = content.find(marker)
        if position >= 0:
            starts.append((position, position + len(marker), name))
    starts.sort()
    ends = [start for start, _, _ in starts[1:]] + [len(content)]
    return {name: content[begin:end] for (_, begin, name), end in zip(starts, ends, strict=True)}


def compare(graph: LinkedGraph, gold: list[str], language: str, name: str) -> Case:
    """Edges between files against the chain of the truth, which has what is used first."""
    wanted = tuple(Wanted((user, used), language, user) for used, user in pairwise(gold))
    best: dict[Pair, Use] = {}
    for use in graph.uses:
        pair = _files_of(use)
        if pair[0] == pair[1] or use.edge in {EdgeKind.CONTAINS, EdgeKind.TESTS}:
            continue
        known = best.get(pair)
        if known is None or TIERS.index(use.tier) < TIERS.index(known.tier):
            best[pair] = use
    rank = {path: position for position, path in enumerate(gold)}
    predictions = tuple(
        Prediction(
            pair,
            use.tier,
            use.edge.value.lower(),
            use.reason,
            language,
            pair[0],
            None if (pair[1], pair[0]) in best else rank[pair[1]] < rank[pair[0]],
        )
        for pair, use in best.items()
        if pair[0] in rank and pair[1] in rank
    )
    return Case(name, wanted, predictions)


def _files_of(use: Use) -> Pair:
    """(the file that uses, the file that is used)."""
    source, target = use.source, use.target
    if use.edge == EdgeKind.DECORATES:
        source, target = target, source
    return str(source.properties["file_path"]), str(target.properties["file_path"])


def _one_way(predictions: Sequence[Prediction]) -> set[Pair]:
    return {
        row.pair for row in predictions if row.is_right is not None and row.tier != Tier.CANDIDATE
    }


def _is_consistent(case: Case) -> bool:
    """The truth's order breaks no one-way edge of the default tiers."""
    return all(row.is_right is not False for row in case.predictions if row.tier != Tier.CANDIDATE)


def order(files: Sequence[str], depends: set[Pair]) -> list[str]:
    """Files with what they depend on first; where nothing tells, as given.

    depends: (user, used). A cycle is cut at the file with the fewest dependencies left.
    """
    left = list(files)
    done: list[str] = []
    while left:
        waiting = {
            name: sum((name, other) in depends for other in left if other != name) for name in left
        }
        chosen = min(left, key=lambda name: waiting[name])
        left.remove(chosen)
        done.append(chosen)
    return done
