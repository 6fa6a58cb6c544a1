"""The rows of a query as a grid that draws only the lines in sight, whatever their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.models.cypher import cell_text
from tui.models.grid import GAP, column_starts, column_widths, is_number

if TYPE_CHECKING:
    from textual import events

    from graphdb.store import QueryResult


class ResultGrid(ScrollView, can_focus=True):
    """A grid with a cursor on one cell; the first line, the columns' names, stays."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--head", "grid--cursor", "grid--row", "grid--odd"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1, 0)", show=False),
        Binding("down,j", "move(1, 0)", show=False),
        Binding("left,h", "move(0, -1)", show=False),
        Binding("right,l", "move(0, 1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter", "choose(False)", "Show", id="grid.show"),
        Binding("o", "choose(True)", "Editor", id="grid.open"),
        Binding("y", "copy", "Copy", id="grid.copy"),
        Binding("e", "export", "Export", id="grid.export"),
    ]

    class Chosen(Message):
        """A cell was chosen, to be opened."""

        def __init__(self, row: int, column: int, *, in_editor: bool) -> None:
            super().__init__()
            self.row = row
            self.column = column
            self.in_editor = in_editor

    class CopyCell(Message):
        """A cell's text is to be copied."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Export(Message):
        """The rows are to be written to a file."""

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id)
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[tuple[Any, ...], ...] = ()
        self._widths: list[int] = []
        self._starts: list[int] = [0]
        self._at = (0, 0)

    def show(self, result: QueryResult) -> None:
        """Show other rows."""
        self._columns, self._rows = result.columns, result.rows
        self._widths = column_widths(result.columns, result.rows)
        self._starts = column_starts(self._widths)
        self._at = (0, 0)
        self.virtual_size = Size(self._starts[-1], len(self._rows) + 1)
        self.scroll_to(0, 0, animate=False)
        self.refresh()

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column of the cursor."""
        return self._at

    def render_line(self, y: int) -> Strip:
        """One line of what is in sight."""
        left, top = self.scroll_offset
        width = self.size.width
        if not self._columns:
            return Strip.blank(width, self.rich_style)
        row = top + y
        if y == 0:
            strip = self._head()
        elif row <= len(self._rows):
            strip = self._row(row - 1)
        else:
            return Strip.blank(width, self.rich_style)
        fill = self.get_component_rich_style("grid--head") if y == 0 else self.rich_style
        return strip.crop_extend(left, left + width, fill)

    def _head(self) -> Strip:
        style = self.get_component_rich_style("grid--head")
        cells = zip(self._columns, self._widths, strict=True)
        texts = [set_cell_size(name, width) + " " * GAP for name, width in cells]
        return Strip([Segment("".join(texts), style)])

    def _row(self, number: int) -> Strip:
        row, column = self._at
        plain = self.get_component_rich_style("grid--odd" if number % 2 else "grid--row")
        segments: list[Segment] = []
        for at, (value, width) in enumerate(zip(self._rows[number], self._widths, strict=True)):
            text = _cell(value, width)
            is_here = number == row and at == column
            style = self.get_component_rich_style("grid--cursor") if is_here else plain
            segments += [Segment(text, style), Segment(" " * GAP, plain)]
        return Strip(segments)

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cursor."""
        row, column = self._at
        self._go(row + rows, column + columns)

    def action_page(self, way: int) -> None:
        """Move by what is in sight."""
        self._go(self._at[0] + way * max(1, self.size.height - 2), self._at[1])

    def action_edge(self, way: int) -> None:
        """Go to the first or last row."""
        self._go(0 if way < 0 else len(self._rows) - 1, self._at[1])

    def action_choose(self, in_editor: bool) -> None:
        """Open what the cell leads to."""
        if self._rows:
            self.post_message(self.Chosen(*self._at, in_editor=in_editor))

    def action_copy(self) -> None:
        """Copy the cell."""
        if self._rows:
            value = self._rows[self._at[0]][self._at[1]]
            self.post_message(self.CopyCell(value if isinstance(value, str) else cell_text(value)))

    def action_export(self) -> None:
        """Write the rows to a file."""
        self.post_message(self.Export())

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where somebody clicked; twice opens."""
        at = event.get_content_offset(self)
        if at is None or at.y == 0 or not self._rows:
            return
        left, top = self.scroll_offset
        column = sum(1 for start in self._starts[1:-1] if start <= at.x + left)
        self._go(top + at.y - 1, column)
        if event.chain == 2:
            self.action_choose(False)

    def _go(self, row: int, column: int) -> None:
        if not self._rows:
            return
        row = min(max(row, 0), len(self._rows) - 1)
        column = min(max(column, 0), len(self._columns) - 1)
        self._at = (row, column)
        left, top = self.scroll_offset
        height = self.size.height - 1
        if row < top:
            top = row
        elif row >= top + height:
            top = row - height + 1
        self.scroll_to(self._left_for(column, left), top, animate=False)
        self.refresh()

    def _left_for(self, column: int, left: int) -> int:
        start, end = self._starts[column], self._starts[column] + self._widths[column]
        if start < left:
            return start
        return max(left, end - self.size.width) if end > left + self.size.width else left

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The first line stays, so all lines are drawn anew."""
        super().watch_scroll_y(old_value, new_value)
        self.refresh(Region(0, 0, *self.size))


def _cell(value: Any, width: int) -> str:
    text = cell_text(value)
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, width - 1) + "…"
    return " " * (width - length) + text if is_number(value) else text + " " * (width - length)
