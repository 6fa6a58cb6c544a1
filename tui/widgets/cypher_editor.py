"""The query editor: colours by our own scanner, completion from the schema, F5 runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from tui.models.completion import complete
from tui.models.cursor import location_of, offset_of
from tui.models.cypher_colors import cypher_marks
from tui.models.picker import Option
from tui.widgets.colored_area import ColoredArea

if TYPE_CHECKING:
    from rich.text import Text
    from textual import events

    from tui.widgets.popup import Popup


class CypherEditor(ColoredArea):
    """A text of some lines, in Cypher."""

    BINDINGS: ClassVar = []

    class Run(Message):
        """Somebody wants the text run."""

    def __init__(self, popup: Popup, text: str) -> None:
        super().__init__(
            text,
            id="cypher-editor",
            show_line_numbers=False,
            tab_behavior="focus",
            soft_wrap=True,
            highlight_cursor_line=False,
            compact=True,
            placeholder="MATCH (n:CLASS) RETURN n.name LIMIT 20",
        )
        self._popup = popup
        self._colored = ""
        self._is_typing = False

    def get_line(self, line_index: int) -> Text:
        """A line in its colours, which change with the text."""
        if self._colored != self.text:
            self._colored = self.text
            self.marks = cypher_marks(self.text)
        return super().get_line(line_index)

    def offer(self, *, is_asked: bool = False) -> None:
        """Open the completion where a word has begun, or where somebody asks for it."""
        offset = offset_of(self.text, self.cursor_location)
        found = complete(self.text, offset)
        has_begun = offset > found.start or self.text[offset - 1 : offset] in (":", ".", "|")
        options = found.options if has_begun or is_asked else ()
        self._popup.offer([Option(word, word, found.what) for word in options[:12]])

    def put_choice(self) -> bool:
        """Put the choice in; False when there is none."""
        choice = self._popup.choice()
        if not self._popup.is_open or choice is None:
            return False
        offset = offset_of(self.text, self.cursor_location)
        start = location_of(self.text, complete(self.text, offset).start)
        self._is_typing = False
        self.replace(choice.insert, start, self.cursor_location)
        self._popup.offer(())
        return True

    async def _on_key(self, event: events.Key) -> None:
        if self._handles(event.key):
            event.stop()
            event.prevent_default()
            return
        self._is_typing = event.is_printable or event.key == "backspace"
        await super()._on_key(event)

    def _handles(self, key: str) -> bool:
        if key == "ctrl+enter":
            self.post_message(self.Run())
        elif key in ("ctrl+space", "ctrl+@"):
            self.offer(is_asked=True)
        elif not self._popup.is_open:
            return False
        elif key in ("up", "down"):
            self._popup.move(1 if key == "down" else -1)
        elif key == "tab":
            return self.put_choice()
        elif key == "escape":
            self._popup.offer(())
        else:
            return False
        return True

    def on_text_area_changed(self) -> None:
        """Offer what may follow while somebody types."""
        if self._is_typing:
            self.offer()
        else:
            self._popup.offer(())
