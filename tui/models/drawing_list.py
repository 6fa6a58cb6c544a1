"""Draws symbols and the edges between them as a list: each symbol, and below it where it leads.

Used for the nodes of a query's answer, which have no centre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.models.drawing import DASHES, Drawing, Ink, Piece, Spot, short_name
from tui.models.explorer import MARKS

if TYPE_CHECKING:
    from graphdb.queries.neighbourhood import DrawnEdge, Neighbourhood


def draw_graph(near: Neighbourhood) -> Drawing:
    """The drawing; symbols in their order."""
    symbols = {symbol.uid: symbol for symbol in near.nodes}
    leads: dict[str, list[DrawnEdge]] = {uid: [] for uid in symbols}
    for edge in near.edges:
        leads[edge.source].append(edge)
    lines: list[tuple[Piece, ...]] = []
    spots: list[Spot] = []
    for symbol in near.nodes:
        mark, name = f"{MARKS[symbol.kind]} ", short_name(symbol)
        spots.append(Spot(len(lines), len(mark), len(mark) + len(name), symbol))
        place = Piece(f"  {symbol.location}", Ink.LINE)
        lines.append((Piece(mark, Ink.EDGE), Piece(name, Ink.NAME), place))
        for number, edge in enumerate(leads[symbol.uid]):
            corner = "└" if number == len(leads[symbol.uid]) - 1 else "├"
            head = f"  {corner}{DASHES[edge.tier] * 2} "
            kind, target = f"{edge.edge.value} ", symbols[edge.target]
            start, name = len(head) + len(kind), short_name(target)
            spots.append(Spot(len(lines), start, start + len(name), target))
            lines.append((Piece(head, Ink.LINE), Piece(kind, Ink.EDGE), Piece(name, Ink.NAME)))
    if near.truncated:
        lines.append((Piece(f"only the first {len(near.nodes)} are drawn", Ink.MORE),))
    return Drawing(tuple(lines), tuple(spots))
