"""What other programs may ask of a served graph: the query functions by name, and Cypher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdb.queries.call_hierarchy import incoming_calls, outgoing_calls
from graphdb.queries.definition import find_definitions
from graphdb.queries.impact import impact
from graphdb.queries.names import resolve
from graphdb.queries.overview import overview
from graphdb.queries.references import find_references
from graphdb.queries.source import source_of
from graphdb.queries.symbols import outline, search_symbols
from graphdb.queries.type_hierarchy import type_hierarchy
from graphdb.schema import NodeKind
from graphdb.store import DEFAULT_MAX_ROWS, DEFAULT_TIMEOUT_S

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

Params = dict[str, Any]


def _symbol(reader: GraphReader, params: Params) -> Symbol:
    return resolve(reader, str(params["name"]))


def _depth(params: Params) -> int:
    return max(1, int(params.get("depth", 1)))


def _query(reader: GraphReader, params: Params) -> Any:
    return reader.query(
        str(params["cypher"]),
        params.get("params"),
        timeout_s=float(params.get("timeout_s", DEFAULT_TIMEOUT_S)),
        max_rows=params.get("max_rows", DEFAULT_MAX_ROWS),
    )


def _search_text(reader: GraphReader, params: Params) -> Any:
    kinds = [NodeKind(kind) for kind in params.get("kinds", ())]
    return reader.search_text(str(params["text"]), kinds, int(params.get("limit", 20)))


def _search_vector(reader: GraphReader, params: Params) -> Any:
    kinds = [NodeKind(kind) for kind in params.get("kinds", ())]
    vector = [float(value) for value in params["vector"]]
    return reader.search_vector(vector, kinds, int(params.get("limit", 20)))


def _search(reader: GraphReader, params: Params) -> Any:
    return search_symbols(reader, str(params["text"]), limit=int(params.get("limit", 50)))


METHODS: dict[str, Callable[[GraphReader, Params], Any]] = {
    "meta": lambda reader, _: reader.meta(),
    "counts": lambda reader, _: reader.counts(),
    "query": _query,
    "search_text": _search_text,
    "search_vector": _search_vector,
    "symbols": _search,
    "definitions": lambda reader, params: find_definitions(reader, str(params["name"])),
    "references": lambda reader, params: find_references(reader, _symbol(reader, params)),
    "callers": lambda r, params: incoming_calls(r, _symbol(r, params), _depth(params)),
    "callees": lambda r, params: outgoing_calls(r, _symbol(r, params), _depth(params)),
    "hierarchy": lambda reader, params: type_hierarchy(reader, _symbol(reader, params)),
    "impact": lambda reader, params: impact(reader, [_symbol(reader, params)]),
    "source": lambda reader, params: source_of(reader, _symbol(reader, params)),
    "overview": lambda reader, params: overview(reader, str(params.get("path", ""))),
    "outline": lambda reader, params: outline(reader, str(params["path"])),
}
"""Method -> function of the graph and the request's parameters."""
