"""The source beside the conversation: one file, read-only, coloured, with the line in question."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from graphdb.errors import CodexGraphError
from graphdb.queries.names import innermost_at
from tui.background import error_line, in_thread
from tui.messages import Copy, OpenPlace, ShowGraph
from tui.models.places import Place
from tui.models.source import read_source, source_marks
from tui.widgets.colored_area import ColoredArea

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widget import Widget

    from tui.desk import Desk
    from tui.models.source import Source


class SourcePane(Vertical):
    """Shows one place at a time; escape closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="source.close"),
        Binding("o", "open", "Editor", id="source.open"),
        Binding("y", "copy", "Copy", id="source.copy"),
        Binding("ctrl+g", "graph", "Graph", id="source.graph"),
        Binding("j", "move(1)", show=False),
        Binding("k", "move(-1)", show=False),
    ]

    class Toggled(Message):
        """It is shown, or hidden, which was not so before."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="source")
        self._desk = desk
        self._path = ""
        self._before: Widget | None = None
        self.display = False

    def compose(self) -> ComposeResult:
        """Where it is, and the text."""
        yield Static(id="source-title", markup=False)
        yield ColoredArea(
            id="source-text", read_only=True, show_line_numbers=True, compact=True, soft_wrap=False
        )

    @work(exclusive=True)
    async def show(self, place: Place) -> None:
        """Read a file and go to the line."""
        root = self._desk.ports.root
        try:
            source = await in_thread(lambda: read_source(root, place.path))
        except CodexGraphError as error:
            self.notify(error_line(error), severity="error", markup=False)
            return
        self._put(source, place)
        marks = await in_thread(lambda: source_marks(source))
        self.query_one(ColoredArea).color(marks)

    def _put(self, source: Source, place: Place) -> None:
        area = self.query_one(ColoredArea)
        self._path = source.path
        note = f"  {source.note}" if source.note else ""
        self.query_one("#source-title", Static).update(f"{place}{note}")
        area.load_text(source.text)
        area.color(())
        if not self.has_focus_within:
            self._before = self.screen.focused
        self.display = True
        self.post_message(self.Toggled())
        area.focus()
        line = min(max(place.line, 1), area.document.line_count) - 1
        self.call_after_refresh(self._go_to, line)

    def _go_to(self, line: int) -> None:
        area = self.query_one(ColoredArea)
        area.move_cursor((line, 0), center=True)

    def action_move(self, lines: int) -> None:
        """Move the cursor by lines."""
        area = self.query_one(ColoredArea)
        row, column = area.cursor_location
        area.move_cursor((min(max(row + lines, 0), area.document.line_count - 1), column))

    def action_close(self) -> None:
        """Hide the pane."""
        self.display = False
        self.post_message(self.Toggled())
        if self._before is not None and self._before.is_mounted:
            self._before.focus()

    def action_open(self) -> None:
        """Open the line under the cursor in the user's editor."""
        self.post_message(OpenPlace(self._place(), in_editor=True))

    def action_copy(self) -> None:
        """Copy what is selected, else the place."""
        selected = self.query_one(ColoredArea).selected_text
        self.post_message(Copy(selected or str(self._place()), "text" if selected else "place"))

    @work(exclusive=True, group="graph")
    async def action_graph(self) -> None:
        """Show the neighbourhood of the symbol at the cursor."""
        place = self._place()
        try:
            symbol = await self._desk.ask(lambda r: innermost_at(r, place.path, place.line))
        except CodexGraphError as error:
            self.notify(error_line(error), severity="warning", markup=False)
            return
        if symbol is not None:
            self.post_message(ShowGraph(symbol))

    def _place(self) -> Place:
        return Place(self._path, self.query_one(ColoredArea).cursor_location[0] + 1)
