"""Everything that one file says: its symbols and each place in it that names a symbol.

A decorator stands in the file of what it decorates, so DECORATES edges are read from their target;
all other edges have their sites in the file of their source.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphdb.queries.names import symbols_of_file
from graphdb.queries.rows import SYMBOL_WIDTH, per_kind, symbol_columns, symbol_of
from graphdb.schema import CODE_KINDS, EdgeKind, NodeKind, Site, Tier, parse_sites

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from graphdb.delta import Edge, Value
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_IMPLIED = "operator"
_DECORATED = (NodeKind.CLASS, NodeKind.FUNCTION, NodeKind.METHOD)
_TIER_ORDER = {tier: rank for rank, tier in enumerate(Tier)}


@dataclass(frozen=True, slots=True)
class Mention:
    """A place that names a symbol.

    source: uid of the symbol whose text it is part of. target: what is named there. kind and access
    are those of the edge.
    """

    site: Site
    source: str
    target: Symbol
    edge: EdgeKind
    tier: Tier
    kind: str | None = None
    access: str | None = None


@dataclass(frozen=True, slots=True)
class FileContent:
    """One file: its symbols, outermost first, and its mentions in order of position.

    content_hash: of the text that it speaks of, or None when the file is not in the graph.
    """

    path: str
    content_hash: str | None
    symbols: tuple[Symbol, ...] = ()
    mentions: tuple[Mention, ...] = ()


def file_content(reader: GraphReader, path: str) -> FileContent:
    """What the graph holds of a file, by its path relative to the root."""
    files = reader.query(
        "MATCH (f:FILE) WHERE f.repo = $repo AND f.file_path = $path "
        "RETURN f.content_hash AS content_hash",
        {"path": path},
        max_rows=None,
    ).rows
    if not files:
        return FileContent(path, None)
    symbols = tuple(symbols_of_file(reader, path))
    return FileContent(path, files[0][0], symbols, in_order(_mentions(reader, path)))


def in_order(mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """Mentions by position, the surest first where several stand on one."""
    return tuple(
        sorted(mentions, key=lambda m: (m.site, _TIER_ORDER[m.tier], m.target.uid, m.edge))
    )


def _mentions(reader: GraphReader, path: str) -> list[Mention]:
    head = "e.sites AS sites, type(e) AS edge, e.tier AS tier, e.kind AS kind, e.access AS access"
    own = (
        "MATCH (n:%s)-[e]->(m) WHERE n.repo = $repo AND n.file_path = $path "
        f"AND e.sites IS NOT NULL AND type(e) <> '{EdgeKind.DECORATES}' "
        f"RETURN n.uid AS source, {head}, {symbol_columns('m')}"
    )
    decorators = (
        f"MATCH (n:%s)<-[e:{EdgeKind.DECORATES}]-(m) WHERE n.repo = $repo "
        "AND n.file_path = $path AND e.sites IS NOT NULL "
        f"RETURN n.uid AS source, {head}, {symbol_columns('m')}"
    )
    cypher = " UNION ALL ".join((per_kind(CODE_KINDS, own), per_kind(_DECORATED, decorators)))
    rows = reader.query(cypher, {"path": path}, max_rows=None).rows
    return [mention for row in rows for mention in _of_row(row)]


def _of_row(row: Sequence[Any]) -> list[Mention]:
    source, sites, edge, tier, kind, access = row[:-SYMBOL_WIDTH]
    target = symbol_of(row, len(row) - SYMBOL_WIDTH)
    sure = Tier(tier) if tier else Tier.EXACT
    return [
        Mention(site, source, target, EdgeKind(edge), sure, kind, access)
        for site in parse_sites(sites)
    ]


def mentions_of(
    edge: Edge, known: Callable[[str], Symbol | None], line: int | None = None
) -> list[Mention]:
    """The mentions that an edge's sites are, as far as what they name is known.

    known: gives a symbol by its uid. line: the only one to look at (from 1).
    """
    key, said = edge
    sites = parse_sites(_text(said.get("sites")))
    if line is not None:
        sites = tuple(site for site in sites if site.line == line)
    source, target = key.source, key.target
    if key.kind == EdgeKind.DECORATES:
        source, target = target, source
    symbol = known(target) if sites else None
    if symbol is None:
        return []
    tier = Tier(_text(said.get("tier")) or Tier.EXACT)
    kind, access = _text(said.get("kind")), _text(said.get("access"))
    return [Mention(site, source, symbol, key.kind, tier, kind, access) for site in sites]


def _text(value: Value) -> str | None:
    return str(value) if value else None


def mentions_at(
    content: FileContent, line: int, column: int, *, are_implied: bool = False
) -> list[Mention]:
    """Mentions at a position (1-based line, 0-based UTF-8 byte column), the best first.

    are_implied: those of operators, whose expression has no name for them, instead of all others.

    The place right behind a name counts as the name's, unless another one begins there. Left out:
    the constructor where its class is named too, and the modules that a name is imported from.
    """
    start = bisect_left(content.mentions, (line, 0, 0), key=lambda m: m.site)
    found: list[Mention] = []
    for mention in content.mentions[start:]:
        if mention.site.line != line or mention.site.column > column:
            break
        is_around = column <= mention.site.column + mention.site.length
        if is_around and (mention.kind == _IMPLIED) == are_implied:
            found.append(mention)
    if not found:
        return []
    # Of two that begin together the shorter one is the name, as in `with Lock(name):`.
    last = max((m.site for m in found), key=lambda site: (site.column, -site.length))
    return _leading([m for m in found if m.site == last])


def _leading(found: list[Mention]) -> list[Mention]:
    """Of the mentions on one site those that a reader means, each target once."""
    if any(m.edge == EdgeKind.INSTANTIATES for m in found):
        found = [m for m in found if m.target.kind != NodeKind.METHOD]
    if any(m.target.kind != NodeKind.MODULE for m in found):
        found = [m for m in found if m.target.kind != NodeKind.MODULE]
    names = [m.target.full_name for m in found]
    found = [
        m for m in found if m.target.kind != NodeKind.MODULE or not _is_around(m.target, names)
    ]
    if any(m.tier != Tier.CANDIDATE for m in found):
        found = [m for m in found if m.tier != Tier.CANDIDATE]
    return list({m.target.uid: m for m in reversed(found)}.values())[::-1]


def _is_around(package: Symbol, names: Iterable[str]) -> bool:
    return any(name.startswith(f"{package.full_name}.") for name in names)


def symbol_named_at(content: FileContent, line: int, column: int) -> Symbol | None:
    """The symbol whose own name stands at a position."""
    for symbol in content.symbols:
        if symbol.name_line != line or symbol.kind == NodeKind.MODULE:
            continue
        start = symbol.name_column or 0
        if start <= column <= start + len(symbol.name.encode()):
            return symbol
    return None


def named_at(content: FileContent, line: int, column: int) -> list[Symbol]:
    """What is defined at a position, else what is mentioned there."""
    if named := symbol_named_at(content, line, column):
        return [named]
    return [mention.target for mention in mentions_at(content, line, column)]
