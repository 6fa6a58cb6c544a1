"""References resolved to definitions, against a SCIP index (scip-python, and others of the format).

A reference is right when an edge with a site at its position leads to the symbol that the index
names; fields are compared at class and name, because indexers differ in which assignment of an
attribute they call its definition. Parameters and locals are no nodes of the graph.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.accuracy.calls import surest
from benchmarks.accuracy.graph import link_files, read_tree, text
from benchmarks.accuracy.outcome import Outcome, run_each
from benchmarks.accuracy.records import read_jsonl
from benchmarks.accuracy.scip_calls import Resolved, compare_calls
from benchmarks.accuracy.score import Case, Prediction, Wanted, levels
from benchmarks.accuracy.sources import find_repository, truth_root
from graphdb.schema import EdgeKind, NodeKind, Tier

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.accuracy.graph import LinkedGraph, Use
    from graphdb.delta import Node
    from graphdb.schema import Site

KEYS = ("path", "line", "col", "kind", "symbol", "target")
_DESCRIPTORS = re.compile(r"(`[^`]*`|[\w$+-]+)(\([^)]*\)\.|[/#.:!]|$)|\[[^]]*\]|(\()")
_MODULE = "__init__:"


class Named(NamedTuple):
    """A symbol of the graph: its own name, and `path:qualified name`."""

    short: str
    full: str


class Written:
    """What stands at a site in the sources."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._lines: dict[str, list[bytes]] = {}

    def at(self, path: str, site: Site) -> str:
        """The text of a site."""
        if path not in self._lines:
            self._lines[path] = self._files[path].split(b"\n")
        line = self._lines[path][site.line - 1]
        return line[site.column : site.column + site.length].decode("utf-8", "replace")


class Reference(NamedTuple):
    """A reference of the index: at `path:line:column`, and to which symbol; "" when outside."""

    position: str
    symbol: str
    category: str


class Index(NamedTuple):
    """An index: its references, and where each symbol is defined (`path:line:column`, name)."""

    references: list[Reference]
    definitions: dict[str, set[tuple[str, str]]]


def run(data: list[Path], repos: Path) -> Outcome:
    """A case for each file of data; the calls that an index implies are pooled beside them."""
    calls: list[Case] = []

    def case(path: Path, folder: Path) -> Case:
        rows = read_jsonl(path, KEYS)
        paths = {row["path"] for row in rows}
        root = find_repository(folder, path, paths)
        files = read_tree(root)
        prefix = truth_root(files, paths)
        graph, index = link_files(files), read_index(rows)
        sources = {name: files[prefix + name] for name in sorted(paths) if prefix + name in files}
        calls.append(compare_calls(graph, prefix, sources, _resolved(graph, prefix, index)))
        return compare(graph, prefix, index, Written(files), root.name)

    outcome = run_each(data, repos, case)
    if calls:
        outcome.extra["calls"] = levels(calls)
    return outcome


def _resolved(graph: LinkedGraph, prefix: str, index: Index) -> Resolved:
    return Resolved(
        {row.position: (row.symbol, row.category) for row in index.references},
        {
            name: symbol
            for symbol, names in _accepted(graph, prefix, index).items()
            for name in names
        },
    )


def read_index(rows: list[dict[str, Any]]) -> Index:
    """References and definitions, without what the graph has no node for."""
    references: list[Reference] = []
    definitions: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        symbol: str = row["symbol"]
        if symbol.startswith("local ") or symbol.endswith((")", _MODULE)):
            continue
        position, target = [row["path"], row["line"], row["col"]], row["target"]
        name, category = names_of(symbol)
        for place in (position if row["kind"] == "def" else None, target):
            if place is not None:
                definitions[symbol].add((_joined(place), f"{place[0]}:{name}"))
        if row["kind"] == "ref" and target != position:
            kept = (symbol, category) if target is not None else ("", "outside")
            references.append(Reference(_joined(position), *kept))
    return Index(references, definitions)


def _joined(place: list[Any]) -> str:
    return ":".join(map(str, place))


def names_of(symbol: str) -> tuple[str, str]:
    """The qualified name within its file, and the kind, of a SCIP symbol's descriptors.

    `scheme manager package version descriptors`; see scip.proto, message Symbol.
    """
    descriptors = symbol.split(" ", 4)[-1]
    parts: list[str] = []
    suffix = ""
    for match in _DESCRIPTORS.finditer(descriptors):
        name, suffix = (match[1] or "").strip("`"), match[2] or ""
        if suffix not in {"/", ":"} and name:
            parts.append(name)
    kind = "function" if suffix.startswith("(") else "class" if suffix == "#" else "variable"
    if kind == "variable" and len(parts) > 1:
        kind = "field"
    return ".".join(parts), kind


def compare(graph: LinkedGraph, prefix: str, index: Index, written: Written, name: str) -> Case:
    """The sites of a graph's edges against the references of an index."""
    named_at = _names_by_position(graph, prefix)
    accepted = _accepted(graph, prefix, index)
    # Where an overload or a setter is defined once more, nothing is referred to.
    references = {
        row.position: row
        for row in index.references
        if named_at.get(row.position) not in accepted.get(row.symbol, ())
    }
    wanted = tuple(
        Wanted((row.position, row.symbol), row.category, row.position)
        for row in references.values()
        if row.symbol
    )
    predictions = [
        _judge(use, target, references[where], accepted)
        for where, uses in _uses_by_position(graph, prefix, written).items()
        if where in references
        for use, target in uses
    ]
    return Case(name, wanted, surest(predictions))


def _accepted(graph: LinkedGraph, prefix: str, index: Index) -> dict[str, set[str]]:
    """The graph's names for each symbol.

    Nested functions of one name are one symbol to some indexers: any of them will do.
    """
    named_at = _names_by_position(graph, prefix)
    return {
        symbol: {named_at.get(place, otherwise) for place, otherwise in places}
        for symbol, places in index.definitions.items()
    }


def _uses_by_position(
    graph: LinkedGraph, prefix: str, written: Written
) -> dict[str, list[tuple[Use, Named]]]:
    """The edges at each `path:line:column` with the names of what they lead to.

    Where one of them leads to what is written there, the others (what a class runs when it is
    called, what a variable holds) say more than what the name refers to, and are left out.
    """
    found: dict[str, list[tuple[Use, Named]]] = defaultdict(list)
    texts: dict[str, str] = {}
    for use in graph.uses:
        target = use.source if use.edge == EdgeKind.DECORATES else use.target
        if use.edge == EdgeKind.CONTAINS or target.kind == NodeKind.MODULE:
            continue
        row = use, Named(text(target, "name"), _name(target, prefix))
        for site in use.sites:
            where = f"{use.path.removeprefix(prefix)}:{site.line}:{site.column}"
            found[where].append(row)
            texts[where] = written.at(use.path, site)
    return {where: _referring(uses, texts[where]) for where, uses in found.items()}


def _referring(uses: list[tuple[Use, Named]], written: str) -> list[tuple[Use, Named]]:
    """The edges of a site that lead to what its name refers to."""
    exactly = [row for row in uses if row[1].short == written]
    if exactly:
        return exactly
    # Imported under another name, or a variable's value: what is used comes before what runs.
    named = {names.short for use, names in uses if use.edge in {EdgeKind.USES, EdgeKind.IMPORTS}}
    return [row for row in uses if row[1].short in named] if named else uses


def _judge(
    use: Use, target: Named, reference: Reference, accepted: dict[str, set[str]]
) -> Prediction:
    is_right = target.full in accepted.get(reference.symbol, ())
    pair = reference.position, reference.symbol if is_right else target.full
    # What may run instead of what is named is no claim about the name.
    judged = is_right or (None if use.tier == Tier.CANDIDATE else False)
    kind = use.kind or use.edge.value.lower()
    where = reference.position
    return Prediction(pair, use.tier, kind, use.reason, reference.category, where, judged)


def _names_by_position(graph: LinkedGraph, prefix: str) -> dict[str, str]:
    """The graph's name for what is defined at each `path:line:column`.

    An index gives nested functions and overloads names of its own, so positions are compared first.
    """
    return {
        _name(node, prefix).partition(":")[0]
        + f":{node.properties.get('name_line')}:{node.properties.get('name_column')}": _name(
            node, prefix
        )
        for node in graph.nodes.values()
        if node.kind not in {NodeKind.MODULE, NodeKind.FILE}
    }


def _name(node: Node, prefix: str) -> str:
    path = text(node, "file_path").removeprefix(prefix)
    return f"{path}:{text(node, 'qualified_name')}"
