"""What a change of some symbols may break, and which tests reach them.

Members of a changed class or module count as changed. A module that is reached is reported and not
followed: its top-level code runs on import and nobody calls it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.call_hierarchy import own_members
from graphdb.queries.levels import MAX_RELATIONS, walk
from graphdb.queries.names import innermost
from graphdb.queries.rows import ALL_TIERS, Follow, fetch_symbols, step
from graphdb.schema import CODE_KINDS, DEFAULT_TIERS, EdgeKind, NodeKind
from graphdb.symbols import Impact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphdb.schema import Tier
    from graphdb.store import GraphReader
    from graphdb.symbols import Relation, Symbol

DEPENDENCY_EDGES = (
    EdgeKind.CALLS,
    EdgeKind.INSTANTIATES,
    EdgeKind.USES,
    EdgeKind.INHERITS,
    EdgeKind.IMPLEMENTS,
    EdgeKind.OVERRIDES,
)


def impact(
    reader: GraphReader,
    symbols: Sequence[Symbol],
    *,
    depth: int | None = None,
    tiers: tuple[Tier, ...] = DEFAULT_TIERS,
    has_members: bool = True,
    limit: int = MAX_RELATIONS,
) -> Impact:
    """All that depends on `symbols`, nearest first.

    Args:
        reader: the graph.
        symbols: what changes.
        depth: how many levels, None for all.
        tiers: of the edges that are followed.
        has_members: whether the members of a class or module change with it.
        limit: how many relations are read at most.
    """
    roots = _with_members(reader, symbols) if has_members else list(symbols)
    follow = Follow(DEPENDENCY_EDGES, True, tiers, reverse=(EdgeKind.DECORATES,))
    stop_at = (NodeKind.MODULE, NodeKind.EXTERNAL)
    reached = walk(reader, roots, follow, depth=depth, stop_at=stop_at, limit=limit)
    inside = {root.uid for root in roots}
    outside = [row for row in reached.items if row.symbol.uid not in inside]
    dependants = _nearest(outside)
    known = {s.uid: s for s in (*roots, *(row.symbol for row in dependants))}
    tests = {uid: s for uid, s in known.items() if s.is_test}
    subjects = [*roots, *(row.symbol for row in dependants)]
    found = step(reader, subjects, Follow((EdgeKind.TESTS,), True, tiers))
    tests |= {row.symbol.uid: row.symbol for row in found}
    files = {s.file_path for s in known.values() if s.file_path}
    return Impact(
        symbols=tuple(symbols),
        dependants=tuple(dependants),
        tests=tuple(sorted(tests.values(), key=lambda s: (s.file_path or "", s.start_line or 0))),
        files=tuple(sorted(files)),
        truncated=reached.truncated,
    )


def symbols_at(reader: GraphReader, lines: Mapping[str, Sequence[range]]) -> list[Symbol]:
    """The innermost symbols at line ranges of files, in order of file and line."""
    if not lines:
        return []
    found = fetch_symbols(reader, "n.file_path IN $paths", {"paths": list(lines)}, CODE_KINDS)
    by_file: dict[str, list[Symbol]] = {}
    for symbol in found:
        by_file.setdefault(symbol.file_path or "", []).append(symbol)
    touched: dict[str, Symbol] = {}
    for path, symbols in sorted(by_file.items()):
        for line in sorted({line for part in lines[path] for line in part}):
            if symbol := innermost(symbols, line):
                touched[symbol.uid] = symbol
    return list(touched.values())


def _with_members(reader: GraphReader, symbols: Sequence[Symbol]) -> list[Symbol]:
    """The symbols, what the modules among them define, and the own members of all classes."""
    found = {symbol.uid: symbol for symbol in symbols}
    modules = [s for s in symbols if s.kind == NodeKind.MODULE]
    defined = "(e.via IS NULL OR e.via = 'definition')"
    follow = Follow((EdgeKind.CONTAINS,), False, ALL_TIERS, condition=defined)
    rows = step(reader, modules, follow)
    found |= {row.symbol.uid: row.symbol for row in rows}
    classes = [s for s in found.values() if s.kind == NodeKind.CLASS]
    found |= {s.uid: s for s in own_members(reader, classes)}
    return list(found.values())


def _nearest(relations: Sequence[Relation]) -> list[Relation]:
    """One relation per symbol: the first, which is the nearest."""
    found: dict[str, Relation] = {}
    for relation in relations:
        found.setdefault(relation.symbol.uid, relation)
    return list(found.values())
