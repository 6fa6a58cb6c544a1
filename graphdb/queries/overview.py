"""The shape of a repository or of one folder of it.

Sizes count what a class or module defines itself: inherited members and re-exported names are edges
too, and would make the smallest subclass look large.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdb.queries.call_hierarchy import OWN
from graphdb.queries.names import normal_path
from graphdb.queries.rows import (
    TIER_FILTER,
    fetch_symbols,
    per_kind,
    symbols_by_uid,
)
from graphdb.schema import CODE_KINDS, DEFAULT_TIERS, NodeKind
from graphdb.symbols import Overview, Ranked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_CALLED_KINDS = (NodeKind.FUNCTION, NodeKind.METHOD, NodeKind.CLASS)
_ENTRY_NAMES = ("main", "__main__", "cli", "app", "run", "application", "create_app")


def overview(reader: GraphReader, path: str = "", top: int = 10) -> Overview:
    """Counts and the most important symbols below a folder, or of one file; "" is everything."""
    folder = normal_path(reader, path).rstrip("/")
    folder = "" if folder == "." else folder
    scope = _scope(folder)
    params = {"path": folder, "below": folder + "/"}
    return Overview(
        path=folder or ".",
        files=_files(reader, scope, params),
        symbols=_counts(reader, scope, params),
        largest_modules=_largest(reader, scope, params, NodeKind.MODULE, top),
        largest_classes=_largest(reader, scope, params, NodeKind.CLASS, top),
        most_called=_most_called(reader, scope, params, top),
        entry_points=_entry_points(reader, scope, params, top),
    )


def _scope(folder: str) -> str:
    return "(n.file_path = $path OR n.file_path STARTS WITH $below)" if folder else "true"


def _files(reader: GraphReader, scope: str, params: dict[str, Any]) -> int:
    cypher = f"MATCH (n:FILE) WHERE n.repo = $repo AND {scope} RETURN count(n) AS files"
    rows = reader.query(cypher, params, max_rows=None).rows
    return int(rows[0][0]) if rows else 0


def _counts(reader: GraphReader, scope: str, params: dict[str, Any]) -> dict[str, int]:
    part = f"MATCH (n:%s) WHERE n.repo = $repo AND {scope} RETURN '%s' AS kind, count(n) AS n"
    rows = reader.query(per_kind(CODE_KINDS, part), params, max_rows=None).rows
    return {row[0]: int(row[1]) for row in rows if row[1]}


def _largest(
    reader: GraphReader, scope: str, params: dict[str, Any], kind: NodeKind, top: int
) -> tuple[Ranked, ...]:
    """Modules and classes with the most own members."""
    edges = "CONTAINS" if kind == NodeKind.MODULE else "HAS_METHOD|HAS_FIELD"
    own = "(e.via IS NULL OR e.via = 'definition')" if kind == NodeKind.MODULE else OWN
    cypher = (
        f"MATCH (n:{kind.value})-[e:{edges}]->(m) WHERE n.repo = $repo AND {scope} AND {own} "
        "RETURN n.uid AS uid, count(m) AS members ORDER BY members DESC, uid LIMIT $top"
    )
    rows = reader.query(cypher, {**params, "top": top}, max_rows=None).rows
    return _ranked(reader, rows, (kind,))


def _most_called(
    reader: GraphReader, scope: str, params: dict[str, Any], top: int
) -> tuple[Ranked, ...]:
    part = (
        f"MATCH (m)-[e:CALLS]->(n:%s) WHERE n.repo = $repo AND {scope} AND {TIER_FILTER} "
        "RETURN n.uid AS uid, count(m) AS callers ORDER BY callers DESC, uid LIMIT $top"
    )
    tiers = [tier.value for tier in DEFAULT_TIERS]
    rows = reader.query(
        per_kind(_CALLED_KINDS, part), {**params, "top": top, "tiers": tiers}, max_rows=None
    ).rows
    best = sorted(rows, key=lambda row: (-row[1], row[0]))[:top]
    return _ranked(reader, best, _CALLED_KINDS)


def _entry_points(
    reader: GraphReader, scope: str, params: dict[str, Any], top: int
) -> tuple[Symbol, ...]:
    """Functions and modules that by their name are where a program starts, shallow paths first."""
    functions = f"{scope} AND n.name IN $names"
    found = fetch_symbols(
        reader, functions, {**params, "names": list(_ENTRY_NAMES)}, (NodeKind.FUNCTION,)
    )
    modules = f"{scope} AND n.file_path ENDS WITH '__main__.py'"
    found += fetch_symbols(reader, modules, params, (NodeKind.MODULE,))
    return tuple(
        sorted(found, key=lambda s: ((s.file_path or "").count("/"), s.file_path or "", s.name))
    )[:top]


def _ranked(
    reader: GraphReader, rows: Sequence[Sequence[Any]], kinds: Sequence[NodeKind]
) -> tuple[Ranked, ...]:
    symbols = symbols_by_uid(reader, [row[0] for row in rows], kinds)
    return tuple(Ranked(symbols[row[0]], int(row[1])) for row in rows if row[0] in symbols)
