"""What is wrong with the shape of a repository: only a graph of all of it can tell.

A name that leads outside is wrong only where the repository itself has the package that it names:
what is installed beside it the graph does not know.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from graphdb.queries.rows import fetch_symbols, per_kind, symbol_columns, symbol_of
from graphdb.schema import EdgeKind, NodeKind, Site, parse_sites

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

MAX_CYCLE = 8
"""Longer import cycles are not told: in a large one every module is on thousands of them."""

_UNUSED_KINDS = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
_USES = "|".join(
    edge.value
    for edge in EdgeKind
    if edge not in (EdgeKind.CONTAINS, EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD)
)


class ProblemKind(StrEnum):
    """What is wrong."""

    UNRESOLVED_IMPORT = "unresolved-import"
    IMPORT_CYCLE = "import-cycle"
    CYCLIC_INHERITANCE = "cyclic-inheritance"
    DEAD_CODE = "dead-code"


@dataclass(frozen=True, slots=True)
class GraphProblem:
    """A problem of one file. symbol: that has it, where no `site` does."""

    kind: ProblemKind
    message: str
    site: Site | None = None
    symbol: Symbol | None = None


@dataclass(frozen=True, slots=True)
class _Import:
    source: str
    target: str
    name: str
    sites: tuple[Site, ...]


def unresolved_imports(reader: GraphReader, path: str) -> list[GraphProblem]:
    """Imports of a file that name a package of the repository and something it does not have."""
    cypher = (
        "MATCH (n:MODULE)-[e:IMPORTS]->(m:EXTERNAL) WHERE n.repo = $repo AND n.file_path = $path "
        "RETURN m.full_name AS name, e.sites AS sites"
    )
    rows = reader.query(cypher, {"path": path}, max_rows=None).rows
    owners = {name: _owners(name) for name, _ in rows}
    asked = sorted({owner for each in owners.values() for owner in each})
    modules = fetch_symbols(reader, "n.full_name IN $names", {"names": asked}, (NodeKind.MODULE,))
    known = {module.full_name for module in modules}
    found: list[GraphProblem] = []
    for name, sites in rows:
        owner = next((owner for owner in owners[name] if owner in known), None)
        if owner is not None:
            rest = name.removeprefix(owner + ".")
            text = f"{owner} is in this repository and has no {rest}"
            kind = ProblemKind.UNRESOLVED_IMPORT
            found += [GraphProblem(kind, text, site) for site in parse_sites(sites)]
    return found


def _owners(name: str) -> list[str]:
    """The dotted names around a dotted name, the longest first."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]


def import_graph(reader: GraphReader) -> dict[str, dict[str, str]]:
    """Which module imports which, by uid, and where; a package does not import its own parts.

    The sites are as the graph has them (`parse_sites`): few of so many are ever looked at.
    """
    cypher = (
        "MATCH (n:MODULE)-[e:IMPORTS]->(m:MODULE) WHERE n.repo = $repo "
        "RETURN n.uid AS source, m.uid AS target, e.sites AS sites"
    )
    found: dict[str, dict[str, str]] = {}
    for source, target, sites in reader.query(cypher, max_rows=None).rows:
        if source != target:
            found.setdefault(source, {})[target] = sites or ""
    return found


def import_cycles(imports: Mapping[str, Mapping[str, str]], module: Symbol) -> list[GraphProblem]:
    """For each import of a module the shortest way back to it, where there is one."""
    found: list[GraphProblem] = []
    for target, sites in imports.get(module.uid, {}).items():
        way = _way(imports, target, module.uid)
        if way and sites:
            names = [uid.partition(":")[2] for uid in (module.uid, *way)]
            text = f"import cycle: {' → '.join(names)}"
            found.append(GraphProblem(ProblemKind.IMPORT_CYCLE, text, parse_sites(sites)[0]))
    return found


def _way(graph: Mapping[str, Collection[str]], start: str, goal: str) -> list[str] | None:
    """The shortest way between two nodes, both included; None when there is none so short."""
    before: dict[str, str | None] = {start: None}
    waiting = deque([(start, 1)])
    while waiting:
        node, length = waiting.popleft()
        if node == goal:
            way: list[str] = []
            at: str | None = node
            while at is not None:
                way.append(at)
                at = before[at]
            return way[::-1]
        if length < MAX_CYCLE:
            for other in sorted(graph.get(node, ())):
                if other not in before:
                    before[other] = node
                    waiting.append((other, length + 1))
    return None


def inheritance_graph(reader: GraphReader) -> dict[str, list[str]]:
    """The bases of each class, by uid."""
    edges = f"{EdgeKind.INHERITS}|{EdgeKind.IMPLEMENTS}"
    cypher = (
        f"MATCH (n:CLASS)-[:{edges}]->(m:CLASS) WHERE n.repo = $repo "
        "RETURN n.uid AS source, m.uid AS target"
    )
    found: dict[str, list[str]] = {}
    for source, target in reader.query(cypher, max_rows=None).rows:
        found.setdefault(source, []).append(target)
    return found


def cyclic_inheritance(
    bases: Mapping[str, Collection[str]], classes: Iterable[Symbol]
) -> list[GraphProblem]:
    """Those of some classes that are, in the end, their own base. bases: `inheritance_graph`."""
    found: list[GraphProblem] = []
    for symbol in classes:
        ways = (_way(bases, base, symbol.uid) for base in bases.get(symbol.uid, ()))
        way = next((way for way in ways if way), None)
        if way:
            names = " → ".join(uid.rpartition(":")[2] for uid in (symbol.uid, *way))
            text = f"{symbol.name} inherits from itself: {names}"
            found.append(GraphProblem(ProblemKind.CYCLIC_INHERITANCE, text, symbol=symbol))
    return found


def unused_symbols(reader: GraphReader, path: str) -> list[GraphProblem]:
    """Classes, functions and methods of a file that nothing in the repository names.

    Left out: tests, what is decorated or overrides something (a framework may call it), and names
    between underscores.
    """
    part = (
        "MATCH (n:%s) WHERE n.repo = $repo AND n.file_path = $path AND n.decorators IS NULL "
        f"RETURN {symbol_columns('n')}"
    )
    rows = reader.query(per_kind(_UNUSED_KINDS, part), {"path": path}, max_rows=None).rows
    symbols = [symbol_of(row) for row in rows]
    asked = [s for s in symbols if not s.is_test and not s.name.startswith("__")]
    used = _used(reader, asked)
    return [
        GraphProblem(ProblemKind.DEAD_CODE, f"nothing here uses {s.name}", symbol=s)
        for s in asked
        if s.uid not in used
    ]


def _used(reader: GraphReader, symbols: Sequence[Symbol]) -> set[str]:
    uids = [symbol.uid for symbol in symbols]
    incoming = (
        f"MATCH (n:%s)<-[e:{_USES}]-(m) WHERE n.repo = $repo AND n.uid IN $uids "
        "AND m.uid <> n.uid RETURN DISTINCT n.uid AS uid"
    )
    overriding = (
        f"MATCH (n:METHOD)-[:{EdgeKind.OVERRIDES}]->(m) WHERE n.repo = $repo AND n.uid IN $uids "
        "RETURN DISTINCT n.uid AS uid"
    )
    cypher = " UNION ALL ".join((per_kind(_UNUSED_KINDS, incoming), overriding))
    return {row[0] for row in reader.query(cypher, {"uids": uids}, max_rows=None).rows}
