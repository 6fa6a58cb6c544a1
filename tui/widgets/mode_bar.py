"""The modes with their numbers; the one that is shown stands in brackets, not in colour alone."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tui.modes import MODES


class ModeBar(Widget):
    """One line of modes; each can be clicked."""

    current: reactive[str] = reactive("")

    def render(self) -> Content:
        """The line; titles that do not fit are left out, their numbers stay."""
        full = sum(len(mode.title) + 5 for mode in MODES)
        has_titles = full <= self.size.width
        pieces: list[Content] = []
        for number, mode in enumerate(MODES, start=1):
            is_here = mode.id == self.current
            title = f" {mode.title}" if has_titles or is_here else ""
            text = f"[{number}{title}]" if is_here else f" {number}{title} "
            click = f"[@click=app.mode('{mode.id}')]$text[/]"
            piece = Content.from_markup(click, text=text)
            pieces.append(piece.stylize("bold reverse") if is_here else piece)
        return Content(" ").join(pieces)
