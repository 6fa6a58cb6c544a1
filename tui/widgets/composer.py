"""The input of a conversation: enter sends, marks open a picker, up and down leaf in history."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import TextArea

from tui.models.cursor import location_of, offset_of
from tui.models.named import word_at
from tui.models.picker import accepted, wanted_at

if TYPE_CHECKING:
    from textual import events

    from tui.models.history import History
    from tui.models.picker import Wanted
    from tui.widgets.popup import Popup

_NEWLINE = frozenset(("shift+enter", "ctrl+j", "alt+enter"))


class Composer(TextArea):
    """A text of some lines."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+o", "edit_outside", "Editor", id="composer.editor", show=False),
        Binding("ctrl+r", "search_history", "History", id="composer.history"),
        Binding("ctrl+g", "graph", "Graph", id="composer.graph"),
        Binding("pageup", "scroll(-1)", "Page up, above", show=False, id="composer.up"),
        Binding("pagedown", "scroll(1)", "Page down, above", show=False, id="composer.down"),
    ]

    class Sent(Message):
        """Somebody pressed enter."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Wants(Message):
        """A picker is wanted, or no longer (None)."""

        def __init__(self, wanted: Wanted | None) -> None:
            super().__init__()
            self.wanted = wanted

    class EditOutside(Message):
        """Edit the text in the user's editor."""

    class SearchHistory(Message):
        """Look for something typed before."""

    class WantsGraph(Message):
        """The graph of a name in the text is wanted; "" for one of the last answer."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class Scrolls(Message):
        """What stands above is to be scrolled by a page."""

        def __init__(self, pages: int) -> None:
            super().__init__()
            self.pages = pages

    def __init__(self, history: History, popup: Popup, placeholder: str) -> None:
        super().__init__(
            classes="composer",
            placeholder=placeholder,
            show_line_numbers=False,
            tab_behavior="focus",
            soft_wrap=True,
            highlight_cursor_line=False,
            compact=True,
        )
        self._history = history
        self._popup = popup
        self._back = 0
        self._own = ""

    def put(self, text: str) -> None:
        """Another text, the cursor at its end."""
        self.text = text
        self.move_cursor(self.document.end)

    def put_choice(self) -> bool:
        """Put the picker's choice in; False when there is none."""
        choice, wanted = self._popup.choice(), self.wanted()
        if not self._popup.is_open or choice is None or wanted is None:
            return False
        text, cursor = accepted(self.text, wanted, choice)
        self.text = text
        self.move_cursor(location_of(text, cursor))
        self._popup.offer(())
        return True

    def wanted(self) -> Wanted | None:
        """What a picker is wanted for at the cursor."""
        return wanted_at(self.text, self._offset())

    def _offset(self) -> int:
        return offset_of(self.text, self.cursor_location)

    async def _on_key(self, event: events.Key) -> None:
        if self._handles(event.key):
            event.stop()
            event.prevent_default()
            return
        await super()._on_key(event)

    def _handles(self, key: str) -> bool:
        if self._popup.is_open and self._handles_in_popup(key):
            return True
        if key == "enter":
            if text := self.text.strip():
                self._back = 0
                self.post_message(self.Sent(text))
            return True
        if key in _NEWLINE:
            self.insert("\n")
            return True
        return self._leafs(key)

    def _handles_in_popup(self, key: str) -> bool:
        match key:
            case "up" | "down":
                self._popup.move(1 if key == "down" else -1)
            case "enter" | "tab":
                choice = self._popup.choice()
                is_whole = choice is not None and choice.insert == self.text.strip()
                return not is_whole and self.put_choice()
            case "escape":
                self._popup.offer(())
            case _:
                return False
        return True

    def _leafs(self, key: str) -> bool:
        """Up on the first line and down on the last one lead through the history."""
        row = self.cursor_location[0]
        is_up = key == "up" and row == 0
        is_down = key == "down" and row == self.document.line_count - 1 and self._back > 0
        if not is_up and not is_down:
            return False
        items = self._history.search("")
        if self._back == 0:
            self._own = self.text
        self._back = min(max(self._back + (1 if is_up else -1), 0), len(items))
        self.put(items[self._back - 1] if self._back else self._own)
        return True

    def on_text_area_changed(self) -> None:
        """Tell which picker is wanted now."""
        self.post_message(self.Wants(self.wanted()))

    def action_edit_outside(self) -> None:
        """Edit the text in the user's editor."""
        self.post_message(self.EditOutside())

    def action_graph(self) -> None:
        """Show the graph of the name at the cursor, else of one in the last answer."""
        self.post_message(self.WantsGraph(word_at(self.text, self._offset())))

    def action_scroll(self, pages: int) -> None:
        """Scroll what stands above: the text itself is a few lines."""
        self.post_message(self.Scrolls(pages))

    def action_search_history(self) -> None:
        """Look for something typed before."""
        self.post_message(self.SearchHistory())
