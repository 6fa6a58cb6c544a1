"""Draws a symbol and its neighbours as text: callers to the left, callees to the right.

A list with joined lines, not a general graph layout: boxes that are spread over a plane need more
columns than a terminal has as soon as a symbol has ten callers. In a narrow terminal the left side
stands above and the right side below.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from graphdb.schema import NodeKind, Tier
from tui.models.neighbours import Side

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.symbols import Symbol
    from tui.models.neighbours import Ego, Neighbour

WIDE = 84
"""Columns from which both sides stand beside the centre."""
MOST_CUT = 4
"""They do not where more than one of so many names would have to be cut."""

LEGEND = "── exact   ╌╌ inferred   ·· candidate"
DASHES = {Tier.EXACT: "─", Tier.INFERRED: "╌", Tier.CANDIDATE: "·"}


class Ink(StrEnum):
    """What a piece of a line is, for whoever colours it."""

    PLAIN = "plain"
    NAME = "name"
    EDGE = "edge"
    LINE = "line"
    CENTRE = "centre"
    MORE = "more"


class Piece(NamedTuple):
    """Text of one kind."""

    text: str
    ink: Ink


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something that can be chosen stands: a neighbour, or the centre (`side` is None)."""

    row: int
    start: int
    end: int
    symbol: Symbol
    side: Side | None = None
    neighbour: Neighbour | None = None


@dataclass(frozen=True, slots=True)
class Drawing:
    """Lines, and what can be chosen in them, from top to bottom."""

    lines: tuple[tuple[Piece, ...], ...]
    spots: tuple[Spot, ...]

    def text(self) -> str:
        """Without colours."""
        return "\n".join("".join(piece.text for piece in line).rstrip() for line in self.lines)


class _Row(NamedTuple):
    """A neighbour in its column. guide: for each level below the first, whether it is the last."""

    neighbour: Neighbour
    guide: tuple[bool, ...] = ()


def draw(ego: Ego, width: int) -> Drawing:
    """A drawing that is at most `width` columns wide, where names allow it."""
    left, right = _rows(ego.incoming), _rows(ego.outgoing)
    if width >= WIDE:
        box = _centre_lines(ego.centre, max(16, width // 3))
        rooms = _rooms(left, right, width - len(box[0]))
        parts = zip((left, right), rooms, strict=True)
        cuts = sum(_wanted(row) > room for part, room in parts for row in part)
        if cuts * MOST_CUT <= len(left) + len(right):
            return _beside(ego.centre, left, right, (box, rooms))
    return _stacked(ego.centre, left, right, width)


def short_name(symbol: Symbol) -> str:
    """A member with its class, anything else by its name."""
    if symbol.kind in (NodeKind.METHOD, NodeKind.FIELD):
        return ".".join(symbol.full_name.split(".")[-2:])
    return symbol.full_name if symbol.kind == NodeKind.EXTERNAL else symbol.name


def cut(text: str, width: int, *, is_end_kept: bool = False) -> str:
    """A text in at most `width` columns."""
    if len(text) <= width:
        return text
    if width < 2:
        return text[:width]
    return "…" + text[1 - width :] if is_end_kept else text[: width - 1] + "…"


def _rows(neighbours: Sequence[Neighbour], guide: tuple[bool, ...] | None = None) -> list[_Row]:
    found: list[_Row] = []
    for number, neighbour in enumerate(neighbours):
        own = () if guide is None else (*guide, number == len(neighbours) - 1)
        found += [_Row(neighbour, own), *_rows(neighbour.children, own)]
    return found


def _guide(row: _Row, side: Side) -> str:
    """The lines between the side's bar and a row, read from the bar outwards."""
    dash = DASHES[row.neighbour.tier] * 2
    if not row.guide:
        return dash
    *outer, is_last = row.guide
    corners = "└├" if side is Side.OUT else "┘┤"
    above = "".join("    " if ended else "│   " for ended in outer)
    return f"   {above}{corners[not is_last]}{dash}"


def _label(row: _Row) -> tuple[str, str]:
    """A row's name and edges."""
    neighbour = row.neighbour
    edges = " ".join(kind.value for kind in neighbour.edges)
    if neighbour.more:
        return f"… {neighbour.more} more", edges
    return short_name(neighbour.symbol), edges


def _centre_lines(symbol: Symbol, width: int) -> list[str]:
    name = cut(short_name(symbol), width)
    place = cut(symbol.location, width, is_end_kept=True)
    texts = [name, symbol.kind.value.lower().replace("_", " "), place]
    inner = max(len(text) for text in texts)
    body = [f"┃ {text.ljust(inner)} ┃" for text in texts]
    return [f"┏{'━' * (inner + 2)}┓", *body, f"┗{'━' * (inner + 2)}┛"]


def _rooms(left: Sequence[_Row], right: Sequence[_Row], width: int) -> tuple[int, int]:
    """The columns of each side, of those that the centre leaves."""
    space = width - 2 * len(_joint(None, False, Side.IN)[0].text)
    wants = [max((_wanted(row) for row in part), default=0) for part in (left, right)]
    near = min(wants[0], max(space - wants[1], space // 2))
    return near, min(wants[1], space - near)


def _beside(
    centre: Symbol,
    left: Sequence[_Row],
    right: Sequence[_Row],
    measures: tuple[Sequence[str], tuple[int, int]],
) -> Drawing:
    """measures: the lines of the centre, and the columns of each side."""
    box, (near, far) = measures
    height = max(len(left), len(right), len(box))
    middle = height // 2
    tops = [middle - len(part) // 2 for part in (left, box, right)]
    bars = [_bar(left, tops[0], middle), _bar(right, tops[2], middle)]
    lines: list[tuple[Piece, ...]] = []
    spots: list[Spot] = []
    for y in range(height):
        pieces: list[Piece] = []
        _draw_left(pieces, spots, _at(left, y - tops[0]), near, y)
        pieces += _joint(bars[0].get(y), y == middle and bool(left), Side.IN)
        _draw_box(pieces, spots, centre, box, y - tops[1], y)
        pieces += _joint(bars[1].get(y), y == middle and bool(right), Side.OUT)
        _draw_right(pieces, spots, _at(right, y - tops[2]), far, y)
        lines.append(tuple(pieces))
    return Drawing(tuple(lines), tuple(spots))


def _wanted(row: _Row) -> int:
    """The columns that a row would take."""
    name, edges = _label(row)
    return len(name) + len(edges) + len(_guide(row, Side.IN)) + 3


def _at(rows: Sequence[_Row], number: int) -> _Row | None:
    return rows[number] if 0 <= number < len(rows) else None


def _bar(rows: Sequence[_Row], top: int, middle: int) -> dict[int, str]:
    """Line number -> where the vertical line beside a side leads there.

    u: up. d: down. r: to a row.
    """
    entries = {top + number for number, row in enumerate(rows) if not row.guide}
    if not entries:
        return {}
    first, last = min(*entries, middle), max(*entries, middle)
    return {
        y: "u" * (y > first) + "d" * (y < last) + "r" * (y in entries)
        for y in range(first, last + 1)
    }


_JOINTS = {
    Side.IN: {"r": "─", "ur": "┘", "dr": "┐", "udr": "┤", "ud": "│"},
    Side.OUT: {"r": "─", "ur": "└", "dr": "┌", "udr": "├", "ud": "│"},
}
_CROSSES = {
    Side.IN: {"r": "─", "ur": "┴", "dr": "┬", "udr": "┼", "ud": "├", "u": "└", "d": "┌"},
    Side.OUT: {"r": "─", "ur": "┴", "dr": "┬", "udr": "┼", "ud": "┤", "u": "┘", "d": "┐"},
}


def _joint(bar: str | None, is_middle: bool, side: Side) -> list[Piece]:
    """The vertical line and what leads from it to the centre."""
    if bar is None:
        return [Piece("     ", Ink.LINE)]
    if is_middle:
        cross = _CROSSES[side][bar]
        text = f"{cross}──▶ " if side is Side.IN else f" ───{cross}"
    else:
        cross = _JOINTS[side][bar]
        text = f"{cross}    " if side is Side.IN else f"    {cross}"
    return [Piece(text, Ink.LINE)]


def _draw_left(
    pieces: list[Piece], spots: list[Spot], row: _Row | None, width: int, y: int
) -> None:
    if row is None:
        pieces.append(Piece(" " * width, Ink.PLAIN))
        return
    tail = " " + _guide(row, Side.IN)[::-1]
    name, edges = _label(row)
    name = cut(name, width - len(tail) - len(edges) - 2)
    gap = width - len(name) - len(edges) - len(tail) - 1
    pieces.append(Piece(" " * max(0, gap), Ink.PLAIN))
    _draw_name(pieces, spots, row, name, Side.IN, (max(0, gap), y))
    pieces += [Piece(f" {edges}", Ink.EDGE), Piece(tail, Ink.LINE)]


def _draw_right(
    pieces: list[Piece], spots: list[Spot], row: _Row | None, width: int, y: int
) -> None:
    if row is None:
        return
    head = _guide(row, Side.OUT) + " "
    name, edges = _label(row)
    name = cut(name, max(8, width - len(head) - len(edges) - 1))
    pieces += [Piece(head, Ink.LINE), Piece(f"{edges} ", Ink.EDGE)]
    at = sum(len(piece.text) for piece in pieces)
    _draw_name(pieces, spots, row, name, Side.OUT, (at, y))


def _draw_name(
    pieces: list[Piece],
    spots: list[Spot],
    row: _Row,
    name: str,
    side: Side,
    at: tuple[int, int],
) -> None:
    neighbour = row.neighbour
    pieces.append(Piece(name, Ink.MORE if neighbour.more else Ink.NAME))
    spots.append(Spot(at[1], at[0], at[0] + len(name), neighbour.symbol, side, neighbour))


def _draw_box(
    pieces: list[Piece], spots: list[Spot], centre: Symbol, box: Sequence[str], number: int, y: int
) -> None:
    inside = 0 <= number < len(box)
    text = box[number] if inside else " " * len(box[0])
    if inside and number == 1:
        at = sum(len(piece.text) for piece in pieces)
        spots.append(Spot(y, at, at + len(text), centre))
    pieces.append(Piece(text, Ink.CENTRE if inside else Ink.PLAIN))


def _stacked(centre: Symbol, left: Sequence[_Row], right: Sequence[_Row], width: int) -> Drawing:
    lines: list[tuple[Piece, ...]] = []
    spots: list[Spot] = []
    for number, row in enumerate(left):
        corner = "┌" if number == 0 else "│" if row.guide else "├"
        lines.append(_stacked_row(spots, row, corner, Side.IN, (len(lines), width)))
    if left:
        lines.append((Piece(" ▼", Ink.LINE),))
    for number, text in enumerate(_centre_lines(centre, width - 6)):
        if number == 1:
            spots.append(Spot(len(lines), 0, len(text), centre))
        lines.append((Piece(text, Ink.CENTRE),))
    last = max((number for number, row in enumerate(right) if not row.guide), default=0)
    for number, row in enumerate(right):
        corner = "└" if number == last else " " if number > last else "│" if row.guide else "├"
        lines.append(_stacked_row(spots, row, corner, Side.OUT, (len(lines), width)))
    return Drawing(tuple(lines), tuple(spots))


def _stacked_row(
    spots: list[Spot], row: _Row, corner: str, side: Side, at: tuple[int, int]
) -> tuple[Piece, ...]:
    """A row of the narrow drawing; `at` is its line number and the width."""
    y, width = at
    head = f" {corner}{_guide(row, Side.OUT)} "
    name, edges = _label(row)
    pieces = [Piece(head, Ink.LINE), Piece(f"{edges} ", Ink.EDGE)]
    start = len(head) + len(edges) + 1
    _draw_name(pieces, spots, row, cut(name, max(8, width - start - 1)), side, (start, y))
    return tuple(pieces)
