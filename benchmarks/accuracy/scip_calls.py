"""Call edges that a SCIP index implies: what the name in front of a call's parentheses refers to.

Where a call is, Python's own `ast` says. Calls of what the index does not resolve are not judged,
nor are implicit ones; creating an instance is a call of its class.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from benchmarks.accuracy.calls import surest
from benchmarks.accuracy.graph import text
from benchmarks.accuracy.score import Case, Pair, Prediction, Wanted
from graphdb.schema import EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from benchmarks.accuracy.graph import LinkedGraph, Use
    from graphdb.delta import Node

CALLED = frozenset({"function", "class"})
_HOLDERS = frozenset({"field", "variable"})


def calls_in(path: str, source: bytes) -> Iterator[tuple[str, str]]:
    """(`path:line:column` of what is called, `path:qualified name` of who calls) of each call."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, owner = waiting.pop()
        if isinstance(node, ast.Call):
            place = _name_place(node.func)
            if place is not None:
                yield f"{path}:{place[0]}:{place[1]}", f"{path}:{owner}"
        inner = owner
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{owner}.{node.name}" if owner else node.name
        outside = set(map(id, _around(node))) if inner != owner else set[int]()
        waiting += [
            (child, owner if id(child) in outside else inner)
            for child in ast.iter_child_nodes(node)
        ]


_AROUND = ("decorator_list", "args", "returns", "bases", "keywords")


def _around(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of a definition that are evaluated where it stands: decorators, defaults, bases."""
    for name in _AROUND:
        value: Any = getattr(node, name, None)
        if isinstance(value, ast.AST):
            yield value
        elif isinstance(value, list):
            yield from cast("list[ast.AST]", value)


def _name_place(called: ast.expr) -> tuple[int, int] | None:
    if isinstance(called, ast.Name):
        return called.lineno, called.col_offset
    if isinstance(called, ast.Attribute) and called.end_lineno and called.end_col_offset:
        return called.end_lineno, called.end_col_offset - len(called.attr.encode())
    return None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an index says, in its own names.

    at: `path:line:column` of a reference -> (symbol, category); symbols: `path:qualified name` of
    what the graph has -> symbol.
    """

    at: Mapping[str, tuple[str, str]]
    symbols: Mapping[str, str]


def compare_calls(
    graph: LinkedGraph, prefix: str, sources: Mapping[str, bytes], resolved: Resolved
) -> Case:
    """The graph's calls against those of an index. sources: of the files below `prefix`."""
    wanted: dict[Pair, Wanted] = {}
    for path, source in sources.items():
        for place, caller in calls_in(path, source):
            symbol, category = resolved.at.get(place, ("", ""))
            if category in CALLED:
                wanted[caller, symbol] = Wanted((caller, symbol), category, place)
    predictions: list[Prediction] = []
    for use in graph.uses:
        if not _is_call(use) or not use.path.startswith(prefix):
            continue
        path = use.path.removeprefix(prefix)
        places = [f"{path}:{site.line}:{site.column}" for site in use.sites]
        # An index that resolves what is called to a variable does not say what that holds.
        told = {resolved.at[place][1] for place in places if place in resolved.at}
        is_told = use.tier != Tier.CANDIDATE and bool(told - _HOLDERS)
        target = _name(use.target, prefix)
        pair = _caller(use.source, prefix), resolved.symbols.get(target, target)
        is_right = pair in wanted or (False if is_told else None)
        predictions.append(
            Prediction(pair, use.tier, use.kind, use.reason, "calls", places[0], is_right)
        )
    return Case("calls", tuple(wanted.values()), surest(predictions))


def _is_call(use: Use) -> bool:
    """Calls that the text shows: of functions, and of classes for what creates an instance."""
    is_class = use.target.kind == NodeKind.CLASS
    if not use.sites or use.edge != (EdgeKind.INSTANTIATES if is_class else EdgeKind.CALLS):
        return False
    return use.kind == ("construct" if is_class else "call")


def _name(node: Node, prefix: str) -> str:
    return f"{text(node, 'file_path').removeprefix(prefix)}:{text(node, 'qualified_name')}"


def _caller(node: Node, prefix: str) -> str:
    """The function around a lambda, and nothing after the colon for a module."""
    name = _name(node, prefix)
    if node.kind == NodeKind.MODULE:
        return name.partition(":")[0] + ":"
    return name.partition(".<lambda")[0]
