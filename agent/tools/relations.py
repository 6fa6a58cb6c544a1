"""`get_usages` and `get_neighbors`: where something is used, and what it is joined to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.tool import Item, Parameter, ToolResult
from agent.tools.code import NAME, OFFSET
from agent.tools.lookup import UnknownNameError, item_of, paged, symbol_called, symbols_called
from agent.tools.texts import Sources
from graphdb.queries.neighbourhood import neighbourhood
from graphdb.queries.references import find_references, occurrences
from graphdb.queries.traits import files_of_tests
from graphdb.schema import EdgeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.tools.texts import Lines, ReadFile
    from graphdb.queries.neighbourhood import DrawnEdge
    from graphdb.store import GraphReader
    from graphdb.symbols import Occurrence, Symbol

_CALLS = frozenset({EdgeKind.CALLS, EdgeKind.INSTANTIATES})
_MAX_NODES = 400


class GetUsages:
    """Where something is used."""

    name = "get_usages"
    description = (
        "Places that call or use a symbol, each with three lines of source, calls first and one "
        "of each caller before further ones; tests are left out."
    )
    parameters = (
        NAME,
        Parameter("k", "integer", "how many places", default=5, maximum=50),
        OFFSET,
    )
    budget = 600

    def __init__(self, reader: GraphReader, read_file: ReadFile | None = None) -> None:
        self._reader = reader
        self._sources = Sources(reader, read_file)

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a place."""
        try:
            found = symbols_called(self._reader, arguments["name"])
        except UnknownNameError as error:
            return error.result
        references = [row for s in found for row in find_references(self._reader, s).items]
        wanted = [row for row in references if row.edge is not EdgeKind.IMPORTS]
        tests = files_of_tests(self._reader, {row.file_path for row in wanted if row.file_path})
        tests |= {row.file_path or "" for row in wanted if row.symbol.is_test}
        every = occurrences(wanted)
        own = {symbol.uid for symbol in found}
        places = _in_turn([place for place in every if place.file_path not in tests], own)
        left = len(every) - len(places)
        notes = [f"{left} more in tests"] if left else []
        offset, k = arguments["offset"], max(1, arguments["k"])
        texts = self._sources.of(place.symbol for place in places[offset : offset + k])
        items = [_usage(place, texts) for place in places[offset : offset + k]]
        end = offset + len(items)
        rest = end if items and end < len(places) else None
        return ToolResult(tuple(items), len(places), rest, tuple(notes))


def _in_turn(places: Sequence[Occurrence], own: set[str]) -> list[Occurrence]:
    """Calls first, and one place of each user before the second of any; its own uses last."""
    seen: dict[str, int] = {}
    order: list[tuple[bool, bool, int, int]] = []
    for number, place in enumerate(places):
        user = place.symbol.uid
        nth = seen[user] = seen.get(user, 0) + 1
        order.append((user in own, _CALLS.isdisjoint(place.edges), nth, number))
    return [places[key[3]] for key in sorted(order)]


def _usage(place: Occurrence, texts: Mapping[str, Lines]) -> Item:
    lines = texts.get(place.symbol.uid)
    text = lines.around(place.site.line) if lines else ""
    edges = ", ".join(edge.value for edge in place.edges)
    item = item_of(place.symbol, text or edges, place.site.line)
    return Item(item.text, item.uid, item.qname, item.kind, place.file_path, item.line)


class GetNeighbors:
    """What something is joined to."""

    name = "get_neighbors"
    description = (
        "The graph around a symbol: one line an edge, '->' for its own, '<-' for those that lead "
        "to it; all types but ownership and imports unless `edge` names one."
    )
    parameters = (
        NAME,
        Parameter("edge", "string", "one type of edge", choices=tuple(EdgeKind)),
        Parameter("depth", "integer", "how many steps, 1 or 2", default=1, maximum=2),
        OFFSET,
    )
    budget = 400

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item an edge, its other end as the item's symbol."""
        try:
            symbol = symbol_called(self._reader, arguments["name"])
        except UnknownNameError as error:
            return error.result
        edges = (EdgeKind(arguments["edge"]),) if arguments["edge"] else _TOLD
        depth = max(1, arguments["depth"])
        found = neighbourhood(self._reader, [symbol], depth=depth, edges=edges, limit=_MAX_NODES)
        nodes = {node.uid: node for node in found.nodes}
        drawn = sorted(found.edges, key=lambda edge: _order(edge, symbol))
        items = [_edge(edge, symbol, nodes) for edge in drawn]
        notes = [f"only the nearest {_MAX_NODES} symbols"] if found.truncated else []
        return paged(items, arguments["offset"], notes=notes)


_OWNERSHIP = (EdgeKind.CONTAINS, EdgeKind.HAS_METHOD, EdgeKind.HAS_FIELD)
_TOLD = tuple(e for e in EdgeKind if e not in (*_OWNERSHIP, EdgeKind.IMPORTS, EdgeKind.EXPORTS))


def _order(edge: DrawnEdge, symbol: Symbol) -> tuple[bool, str, bool, str, str]:
    """The symbol's own edges, then those into it, then the rest; by type."""
    is_far = symbol.uid not in (edge.source, edge.target)
    return is_far, edge.edge, edge.source != symbol.uid, edge.source, edge.target


def _edge(edge: DrawnEdge, symbol: Symbol, nodes: Mapping[str, Symbol]) -> Item:
    source, target = nodes[edge.source], nodes[edge.target]
    sure = "" if edge.tier == "exact" else f" ({edge.tier.value})"
    if edge.source == symbol.uid:
        other, text = target, f"-{edge.edge}-> {target.full_name}"
    elif edge.target == symbol.uid:
        other, text = source, f"<-{edge.edge}- {source.full_name}"
    else:
        other, text = target, f"{source.full_name} -{edge.edge}-> {target.full_name}"
    return item_of(other, f"{text}{sure}")
