"""The text of a symbol as it was indexed.

Modules carry no text in the graph (their files do); the caller that may read files fills it in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.rows import SYMBOL_WIDTH, per_kind, symbol_columns, symbol_of
from graphdb.symbols import SourceText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphdb.schema import NodeKind
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol


def source_of(reader: GraphReader, symbol: Symbol) -> SourceText:
    """The text of one symbol."""
    return sources_of(reader, [symbol])[0]


def sources_of(reader: GraphReader, symbols: Sequence[Symbol]) -> list[SourceText]:
    """The texts of several symbols, in their order, in one round trip."""
    if not symbols:
        return []
    kinds = dict.fromkeys(symbol.kind for symbol in symbols)
    part = (
        "MATCH (n:%s) WHERE n.repo = $repo AND n.uid IN $uids RETURN n.uid AS uid, n.code AS code"
    )
    params = {"uids": [symbol.uid for symbol in symbols]}
    rows = reader.query(per_kind(kinds, part), params, max_rows=None).rows
    code = {row[0]: row[1] for row in rows}
    return [SourceText(symbol, code.get(symbol.uid)) for symbol in symbols]


def sources_by_uid(
    reader: GraphReader, uids: Mapping[NodeKind, Sequence[str]]
) -> dict[str, SourceText]:
    """Symbols with their texts by uid, in one round trip; those that do not exist are left out."""
    if not uids:
        return {}
    columns = f"{symbol_columns('n')}, n.code AS n_code"
    part = f"MATCH (n:%s) WHERE n.repo = $repo AND n.uid IN $uids_%s RETURN {columns}"
    params = {f"uids_{kind.value}": list(wanted) for kind, wanted in uids.items()}
    # In one order of kinds, because a store remembers the statements that it has read before.
    rows = reader.query(per_kind(sorted(uids), part), params, max_rows=None).rows
    found = (SourceText(symbol_of(row), row[SYMBOL_WIDTH]) for row in rows)
    return {source.symbol.uid: source for source in found}
