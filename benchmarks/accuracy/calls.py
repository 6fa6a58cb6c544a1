"""The graph's call edges under the names that call graph truths give functions.

A truth names functions by module and qualified name; lambdas it numbers in the order of the text
within the function that holds them, as PyCG does.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.accuracy.graph import text
from benchmarks.accuracy.score import TIERS, Prediction
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from benchmarks.accuracy.graph import LinkedGraph, Use
    from graphdb.delta import Node

CALLABLE = frozenset({NodeKind.FUNCTION, NodeKind.METHOD})
LAMBDA = "<lambda"


def call_edges(graph: LinkedGraph) -> Iterator[Use]:
    """Edges that say that something runs: calls, properties, operators, decorators."""
    for use in graph.uses:
        if use.edge == EdgeKind.CALLS:
            yield use


def python_names(graph: LinkedGraph) -> dict[str, str]:
    """The truth's name of each module, class and function, by uid."""
    names: dict[str, str] = {}
    lambdas: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in graph.nodes.values():
        if node.kind == NodeKind.FILE:
            continue
        names[node.uid] = full = text(node, "full_name")
        if text(node, "name").startswith(LAMBDA):
            lambdas[text(node, "file_path"), full.rpartition(".")[0]].append(node)
    for (_, parent), nodes in lambdas.items():
        for number, node in enumerate(sorted(nodes, key=_position), 1):
            names[node.uid] = f"{parent}.<lambda{number}>"
    return names


def _position(node: Node) -> tuple[int, int]:
    line, column = node.properties.get("name_line"), node.properties.get("name_column")
    return int(str(line or 0)), int(str(column or 0))


def module_name(path: str, names: Mapping[str, str]) -> str:
    """The truth's name of the module in a file."""
    return names.get(f"python:{path}", "")


def place(use: Use) -> str:
    """Where an edge has its first site, as `path:line:column`."""
    if not use.sites:
        return use.path
    first = min(use.sites)
    return f"{use.path}:{first.line}:{first.column}"


def surest(predictions: Iterable[Prediction]) -> tuple[Prediction, ...]:
    """One prediction a pair, the surest: two definitions of one name are one in the truth."""
    best: dict[tuple[str, str], Prediction] = {}
    for row in predictions:
        known = best.get(row.pair)
        if known is None or TIERS.index(row.tier) < TIERS.index(known.tier):
            best[row.pair] = row
    return tuple(best.values())


def listed_calls(graph: LinkedGraph, names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The call sites that the graph lists as unresolved, by the truth's name of who calls."""
    spans: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for node in graph.nodes.values():
        if node.kind in CALLABLE or node.kind == NodeKind.MODULE:
            first, last = node.properties.get("start_line"), node.properties.get("end_line")
            row = int(str(first)), int(str(last)), names[node.uid]
            spans[text(node, "file_path")].append(row)
    found: dict[str, list[str]] = defaultdict(list)
    for path, rows in graph.unresolved.items():
        for row in rows:
            line = int(row.partition(":")[0])
            around = [span for span in spans[path] if span[0] <= line <= span[1]]
            if around:
                # The innermost is the shortest of those that hold the line.
                owner = min(around, key=lambda span: (span[1] - span[0], -span[0]))[2]
                found[owner].append(f"{path}:{row}")
    return {owner: tuple(rows) for owner, rows in found.items()}
