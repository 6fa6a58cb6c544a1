"""A text with coloured parts; whoever owns it says which parts are what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import TextArea

from tui.models.marks import Hue

if TYPE_CHECKING:
    from rich.text import Text

    from tui.models.marks import Marks

_STYLES = {
    Hue.KEYWORD: "bold magenta",
    Hue.NAME: "cyan",
    Hue.FUNCTION: "blue",
    Hue.STRING: "green",
    Hue.NUMBER: "yellow",
    Hue.PARAMETER: "yellow",
    Hue.COMMENT: "italic dim",
}
"""The sixteen colours of a terminal, which every theme and terminal shows in its own way."""


class ColoredArea(TextArea):
    """A text area; its colours are not found by Textual's own parsers."""

    marks: Marks = ()

    def color(self, marks: Marks) -> None:
        """Show other colours."""
        self.marks = marks
        self.notify_style_update()  # forgets the lines that were drawn without them
        self.refresh()

    def get_line(self, line_index: int) -> Text:
        """A line in its colours."""
        line = super().get_line(line_index)
        for mark in self.marks[line_index] if line_index < len(self.marks) else ():
            line.stylize(_STYLES[mark.hue], mark.start, mark.end)
        return line
