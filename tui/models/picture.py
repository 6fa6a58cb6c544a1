"""A neighbourhood as one HTML page with a drawing in it: no script, nothing from the network.

Columns are distances from the centre against and along the edges; within one, nodes stand near
those that they are joined to.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind, Tier
from tui.models.drawing import cut, short_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphdb.queries.neighbourhood import DrawnEdge, Neighbourhood
    from graphdb.symbols import Symbol

_WIDTH, _HEIGHT, _COLUMN, _ROW, _MARGIN = 220, 36, 330, 54, 40
_ROUNDS = 6
_COLORS = {
    EdgeKind.CALLS: "#2563eb",
    EdgeKind.INSTANTIATES: "#0891b2",
    EdgeKind.USES: "#64748b",
    EdgeKind.INHERITS: "#16a34a",
    EdgeKind.IMPLEMENTS: "#16a34a",
    EdgeKind.OVERRIDES: "#65a30d",
    EdgeKind.TESTS: "#c026d3",
    EdgeKind.IMPORTS: "#d97706",
    EdgeKind.EXPORTS: "#d97706",
}
_OTHER = "#94a3b8"
_DASHES = {Tier.EXACT: "", Tier.INFERRED: "6 4", Tier.CANDIDATE: "2 4"}
_STYLE = """
:root{color-scheme:light dark}
body{font:14px system-ui,sans-serif;margin:1rem;background:Canvas;color:CanvasText}
svg{max-width:none}
rect{fill:Canvas;stroke:CanvasText;stroke-width:1}
.centre rect{stroke-width:3}
text{font:12px ui-monospace,monospace;fill:CanvasText}
.kind{opacity:.65;font-size:10px}
path{fill:none;stroke-width:1.4}
g.edge:hover path{stroke-width:4}
li{display:inline-block;margin-right:1.2rem}
"""


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float


def html_page(near: Neighbourhood, title: str) -> str:
    """The page. Every text of the repository in it is escaped."""
    drawing = _svg(near)
    kinds = sorted({edge.edge for edge in near.edges})
    legend = "".join(
        f'<li><span style="color:{_COLORS.get(kind, _OTHER)}">━</span> {kind.value}</li>'
        for kind in kinds
    )
    note = "<p>Only a part is shown: there are more neighbours.</p>" if near.truncated else ""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(title)}</h1><ul>{legend}"
        f"<li>solid: exact</li><li>dashed: inferred</li><li>dotted: candidate</li></ul>{note}"
        f"{drawing}</body></html>\n"
    )


def _svg(near: Neighbourhood) -> str:
    places = _places(near)
    width = max((box.x for box in places.values()), default=0) + _WIDTH + _MARGIN
    height = max((box.y for box in places.values()), default=0) + _HEIGHT + _MARGIN
    edges = "".join(_edge(edge, near, places) for edge in near.edges)
    centre = near.nodes[0].uid if near.nodes else ""
    nodes = "".join(_node(symbol, places[symbol.uid], centre) for symbol in near.nodes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img">'
        '<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" style="fill:context-stroke"/>'
        f"</marker></defs>{edges}{nodes}</svg>"
    )


def _node(symbol: Symbol, box: _Box, centre: str) -> str:
    mark = ' class="centre"' if symbol.uid == centre else ""
    tip = escape(f"{symbol.full_name}\n{symbol.location}")
    name = escape(cut(short_name(symbol), 28))
    return (
        f"<g{mark}><title>{tip}</title>"
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{_WIDTH}" height="{_HEIGHT}" rx="5"/>'
        f'<text x="{box.x + 8:.0f}" y="{box.y + 15:.0f}">{name}</text>'
        f'<text class="kind" x="{box.x + 8:.0f}" y="{box.y + 29:.0f}">'
        f"{escape(cut(f'{symbol.kind.value}  {symbol.location}', 34))}</text></g>"
    )


def _edge(edge: DrawnEdge, near: Neighbourhood, places: Mapping[str, _Box]) -> str:
    source, target = places[edge.source], places[edge.target]
    start, end = source.x + _WIDTH, target.x
    if target.x <= source.x:
        start, end = (source.x, target.x + _WIDTH) if target.x < source.x else (start, start)
    y1, y2 = source.y + _HEIGHT / 2, target.y + _HEIGHT / 2
    bend = 70 if end >= start else -70
    back = bend if start == end else -bend
    names = {symbol.uid: symbol.full_name for symbol in near.nodes}
    tip = escape(f"{names[edge.source]} {edge.edge.value} {names[edge.target]} ({edge.tier.value})")
    dash = f' stroke-dasharray="{_DASHES[edge.tier]}"' if _DASHES[edge.tier] else ""
    return (
        f'<g class="edge"><title>{tip}</title>'
        f'<path d="M{start:.0f} {y1:.0f}C{start + bend:.0f} {y1:.0f} {end + back:.0f} {y2:.0f} '
        f'{end:.0f} {y2:.0f}" stroke="{_COLORS.get(edge.edge, _OTHER)}"{dash} '
        'marker-end="url(#to)"/></g>'
    )


def _places(near: Neighbourhood) -> dict[str, _Box]:
    columns = _columns(near.nodes, near.edges)
    order = _ordered(columns, near.edges)
    tallest = max((len(column) for column in order.values()), default=0)
    first = min(order, default=0)
    return {
        uid: _Box(
            _MARGIN + (number - first) * _COLUMN,
            _MARGIN + (row + (tallest - len(column)) / 2) * _ROW,
        )
        for number, column in order.items()
        for row, uid in enumerate(column)
    }


def _columns(nodes: Sequence[Symbol], edges: Sequence[DrawnEdge]) -> dict[int, list[str]]:
    """Column -> uids; the centre is column 0, what leads to it stands to the left."""
    along: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for edge in edges:
        along[edge.source].append((edge.target, 1))
        along[edge.target].append((edge.source, -1))
    at: dict[str, int] = {}
    for symbol in nodes:
        if symbol.uid in at:
            continue
        at[symbol.uid] = 0
        waiting = deque([symbol.uid])
        while waiting:
            uid = waiting.popleft()
            for other, way in along[uid]:
                if other not in at:
                    side = 1 if at[uid] > 0 else -1 if at[uid] < 0 else way
                    at[other] = at[uid] + side
                    waiting.append(other)
    columns: dict[int, list[str]] = defaultdict(list)
    for symbol in nodes:
        columns[at[symbol.uid]].append(symbol.uid)
    return dict(sorted(columns.items()))


def _ordered(columns: dict[int, list[str]], edges: Sequence[DrawnEdge]) -> dict[int, list[str]]:
    """Nodes moved next to the mean place of those that they are joined to."""
    joined: dict[str, list[str]] = defaultdict(list)
    for edge in edges:
        joined[edge.source].append(edge.target)
        joined[edge.target].append(edge.source)
    place = {
        uid: row - len(column) / 2 for column in columns.values() for row, uid in enumerate(column)
    }
    for _ in range(_ROUNDS):
        for column in columns.values():
            means = {
                uid: sum(place[other] for other in joined[uid]) / (len(joined[uid]) or 1)
                for uid in column
            }
            column.sort(key=lambda uid: (means[uid], uid))
            place |= {uid: row - len(column) / 2 for row, uid in enumerate(column)}
    return columns
