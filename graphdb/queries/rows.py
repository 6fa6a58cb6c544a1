"""Between query rows and domain values: the columns every query returns and how they are read.

Queries are built per node kind and joined with UNION ALL, because both stores index properties by
label only: an anchor without a label would scan the graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphdb.schema import CODE_KINDS, DEFAULT_TIERS, EdgeKind, NodeKind, Tier, parse_sites
from graphdb.symbols import Relation, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphdb.store import GraphReader

NAMED_KINDS = (*CODE_KINDS, NodeKind.EXTERNAL)
"""Kinds that a name can stand for."""

ALL_TIERS = tuple(Tier)

TIER_FILTER = "(e.tier IS NULL OR e.tier IN $tiers)"

_FIELDS = (
    "uid",
    "name",
    "full_name",
    "file_path",
    "start_line",
    "end_line",
    "signature",
    "name_line",
    "name_column",
    "docstring",
)
SYMBOL_WIDTH = len(_FIELDS) + 1
_KINDS = {kind.value: kind for kind in NodeKind}
_EDGES = {kind.value: kind for kind in EdgeKind}
_TIERS = {tier.value: tier for tier in Tier}


def symbol_columns(alias: str) -> str:
    """The RETURN items of a symbol; `symbol_of` reads them."""
    items = [f"{alias}.{name} AS {alias}_{name}" for name in _FIELDS]
    return ", ".join([*items, f"labels({alias}) AS {alias}_labels"])


def symbol_of(row: Sequence[Any], offset: int = 0) -> Symbol:
    """A symbol from the columns of `symbol_columns` that start at `offset`."""
    uid, name, full_name, path, start, end, signature, line, column, doc, labels = row[
        offset : offset + SYMBOL_WIDTH
    ]
    kind, ordered = _primary_first(tuple(labels))
    return Symbol(
        uid=uid,
        kind=kind,
        name=name,
        full_name=full_name or name,
        file_path=path,
        start_line=start,
        end_line=end,
        signature=signature,
        labels=ordered,
        name_line=line,
        name_column=column,
        docstring=doc,
    )


@lru_cache(maxsize=256)
def _primary_first(labels: tuple[str, ...]) -> tuple[NodeKind, tuple[str, ...]]:
    """A node's kind, and its labels in order; all nodes of a graph have one of a few sets."""
    kind = kind_of(labels)
    return kind, (kind.value, *sorted(label for label in labels if label != kind.value))


def kind_of(labels: Iterable[str]) -> NodeKind:
    """The primary label among a node's labels; Neo4j gives them in any order."""
    return next(_KINDS[label] for label in labels if label in _KINDS)


def per_kind(kinds: Iterable[NodeKind], part: str) -> str:
    """`part` once per kind, its `%s` replaced by the label, joined with UNION ALL."""
    return " UNION ALL ".join(part.replace("%s", kind.value) for kind in kinds)


def fetch_symbols(
    reader: GraphReader,
    where: str,
    params: Mapping[str, Any],
    kinds: Sequence[NodeKind] = NAMED_KINDS,
) -> list[Symbol]:
    """Symbols `n` of the given kinds that meet a condition, in one round trip."""
    part = f"MATCH (n:%s) WHERE n.repo = $repo AND {where} RETURN {symbol_columns('n')}"
    result = reader.query(per_kind(kinds, part), dict(params), max_rows=None)
    return [symbol_of(row) for row in result.rows]


def symbols_by_uid(
    reader: GraphReader, uids: Sequence[str], kinds: Sequence[NodeKind] = NAMED_KINDS
) -> dict[str, Symbol]:
    """Symbols by their uid; those that do not exist are left out."""
    if not uids:
        return {}
    found = fetch_symbols(reader, "n.uid IN $uids", {"uids": list(uids)}, kinds)
    return {symbol.uid: symbol for symbol in found}


@dataclass(frozen=True, slots=True)
class Follow:
    """Which edges a question follows.

    edges: types. incoming: against their direction. reverse: types that an incoming walk follows
    the other way round. condition: a further Cypher condition on the edge `e` or neighbour `m`.
    """

    edges: tuple[EdgeKind, ...]
    incoming: bool
    tiers: tuple[Tier, ...] = DEFAULT_TIERS
    reverse: tuple[EdgeKind, ...] = ()
    condition: str = ""


def step(
    reader: GraphReader, frontier: Sequence[Symbol], follow: Follow, depth: int = 1
) -> list[Relation]:
    """All edges between the frontier and its neighbours, in one round trip."""
    columns = (
        "n.uid AS near, n.file_path AS near_path, type(e) AS edge, e.sites AS sites, "
        "e.tier AS tier, e.reason AS reason, e.kind AS kind, e.access AS access, "
        f"{symbol_columns('m')}"
    )
    return [_relation(row, depth) for row in edge_rows(reader, frontier, follow, columns)]


def edge_rows(
    reader: GraphReader, frontier: Sequence[Symbol], follow: Follow, columns: str
) -> Sequence[tuple[Any, ...]]:
    """`columns` of the edges `e` between the frontier `n` and its neighbours `m`.

    Before them, in each row: whether the edge leads to the frontier.
    """
    if not frontier:
        return ()
    uids = _uids_by_kind(frontier)
    parts = [per_kind(uids, _step_part(follow, follow.edges, columns, incoming=follow.incoming))]
    if follow.reverse:
        parts.append(per_kind(uids, _step_part(follow, follow.reverse, columns, incoming=False)))
    params: dict[str, Any] = {f"uids_{kind.value}": items for kind, items in uids.items()}
    params["tiers"] = [tier.value for tier in follow.tiers]
    return reader.query(" UNION ALL ".join(parts), params, max_rows=None).rows


def _step_part(follow: Follow, edges: Sequence[EdgeKind], columns: str, *, incoming: bool) -> str:
    left, right = ("<-", "-") if incoming else ("-", "->")
    more = f" AND {follow.condition}" if follow.condition else ""
    return (
        f"MATCH (n:%s){left}[e:{'|'.join(edges)}]{right}(m) "
        f"WHERE n.repo = $repo AND n.uid IN $uids_%s AND {TIER_FILTER}{more} "
        f"RETURN {str(incoming).lower()} AS incoming, {columns}"
    )


def _uids_by_kind(symbols: Sequence[Symbol]) -> dict[NodeKind, list[str]]:
    found: dict[NodeKind, list[str]] = {}
    for symbol in symbols:
        found.setdefault(symbol.kind, []).append(symbol.uid)
    return found


def _relation(row: Sequence[Any], depth: int) -> Relation:
    incoming, near, near_path, edge, sites, tier, reason, kind, access = row[:9]
    other = symbol_of(row, 9)
    # An edge's sites are in its source's file; only a decorator stands at its target.
    at_other = incoming != (edge == EdgeKind.DECORATES.value)
    return Relation(
        symbol=other,
        edge=_EDGES[edge],
        via=near,
        depth=depth,
        file_path=other.file_path if at_other else near_path,
        sites=parse_sites(sites),
        tier=_TIERS[tier] if tier else Tier.EXACT,
        reason=reason,
        kind=kind,
        access=access,
    )


def reading_order(relation: Relation) -> tuple[int, str, int, int, str]:
    """Sort key of relations: depth, then file, line and name."""
    first = relation.sites[0] if relation.sites else None
    line = first.line if first else relation.symbol.start_line or 0
    return (
        relation.depth,
        relation.file_path or "",
        line,
        first.column if first else 0,
        relation.symbol.full_name,
    )
