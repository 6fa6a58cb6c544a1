"""Shows a drawing of the graph with a cursor that goes from symbol to symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.models.drawing import Ink
from tui.models.neighbours import Side

if TYPE_CHECKING:
    from textual import events

    from tui.models.drawing import Drawing, Spot

_INKS = {ink: f"ink--{ink.value}" for ink in Ink}


class DrawingView(ScrollView, can_focus=True):
    """Lines of text with places that can be chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {*_INKS.values(), "ink--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("left,h", "across(-1)", show=False),
        Binding("right,l", "across(1)", show=False),
        Binding("g,home", "edge(0)", show=False),
        Binding("G,end", "edge(-1)", show=False),
        Binding("enter", "choose", "Centre", id="drawing.choose"),
    ]

    class Chosen(Message):
        """A symbol was chosen."""

        def __init__(self, spot: Spot) -> None:
            super().__init__()
            self.spot = spot

    class Moved(Message):
        """The cursor stands on another symbol."""

        def __init__(self, spot: Spot) -> None:
            super().__init__()
            self.spot = spot

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._drawing: Drawing | None = None
        self._note = ""
        self._at = 0

    def show(self, drawing: Drawing) -> None:
        """Show another drawing; the cursor stays on its symbol where that is in it."""
        before = self.spot.symbol.uid if self.spot else ""
        self._drawing, self._note = drawing, ""
        spots = drawing.spots
        uids = [spot.symbol.uid for spot in spots]
        centres = [number for number, spot in enumerate(spots) if spot.side is None]
        self._at = uids.index(before) if before in uids else (centres or [0])[0]
        widths = (sum(cell_len(piece.text) for piece in line) for line in drawing.lines)
        self.virtual_size = Size(max(widths, default=0), len(drawing.lines))
        self._reveal()

    def say(self, note: str) -> None:
        """Show a line in the place of a drawing."""
        self._drawing, self._note = None, note
        self.virtual_size = Size(len(note), 1)
        self.refresh()

    @property
    def spot(self) -> Spot | None:
        """What the cursor stands on."""
        spots = self._drawing.spots if self._drawing else ()
        return spots[self._at] if self._at < len(spots) else None

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight."""
        left, top = self.scroll_offset
        width = self.size.width
        strip = self._line(top + y)
        return strip.crop_extend(left, left + width, self.rich_style)

    def _line(self, number: int) -> Strip:
        drawing = self._drawing
        if drawing is None:
            note = self._note if number == 0 else ""
            return Strip([Segment(note, self.rich_style)])
        if number >= len(drawing.lines):
            return Strip([])
        pieces = drawing.lines[number]
        styled = [(p.text, self.get_component_rich_style(_INKS[p.ink])) for p in pieces]
        strip = Strip([Segment(text, style) for text, style in styled])
        spot = self.spot
        if spot is None or spot.row != number:
            return strip
        before, there, after = strip.divide([spot.start, spot.end, strip.cell_length])
        cursor = self.get_component_rich_style("ink--cursor")
        return Strip.join([before, there.apply_style(cursor), after])

    def action_move(self, rows: int) -> None:
        """Go up or down on the same side."""
        spot, drawing = self.spot, self._drawing
        if spot is None or drawing is None:
            return
        same = [n for n, other in enumerate(drawing.spots) if other.side == spot.side]
        if spot.side is None:
            same = list(range(len(drawing.spots)))
        here = same.index(self._at)
        self._go(same[min(max(here + rows, 0), len(same) - 1)])

    def action_across(self, way: int) -> None:
        """Go to the other side, by way of the centre: to what stands nearest there."""
        spot, drawing = self.spot, self._drawing
        if spot is None or drawing is None:
            return
        order = [Side.IN, None, Side.OUT]
        at = min(max(order.index(spot.side) + way, 0), 2)
        there = [n for n, other in enumerate(drawing.spots) if other.side == order[at]]
        if there:
            self._go(min(there, key=lambda n: abs(drawing.spots[n].row - spot.row)))

    def action_edge(self, number: int) -> None:
        """Go to the first or the last."""
        if self._drawing and self._drawing.spots:
            self._go(number % len(self._drawing.spots))

    def action_choose(self) -> None:
        """Choose what the cursor stands on."""
        if self.spot is not None:
            self.post_message(self.Chosen(self.spot))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where somebody clicked; twice chooses."""
        at = event.get_content_offset(self)
        if at is None or self._drawing is None:
            return
        x, y = at.x + self.scroll_offset.x, at.y + self.scroll_offset.y
        for number, spot in enumerate(self._drawing.spots):
            if spot.row == y and spot.start <= x < spot.end:
                self._go(number)
                if event.chain == 2:
                    self.action_choose()

    def _go(self, number: int) -> None:
        self._at = number
        self._reveal()

    def _reveal(self) -> None:
        spot = self.spot
        self.refresh()
        if spot is not None:
            region = Region(spot.start, spot.row, spot.end - spot.start, 1)
            self.scroll_to_region(region, animate=False)
            self.post_message(self.Moved(spot))
