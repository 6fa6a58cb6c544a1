"""The list that opens over an input while a person types; the input keeps the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option as ListOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tui.models.picker import Option

_LABEL_WIDTH = 34


class Popup(OptionList, can_focus=False):
    """Choices; hidden while there are none."""

    class Chosen(Message):
        """Somebody clicked a choice."""

        def __init__(self, option: Option) -> None:
            super().__init__()
            self.option = option

    def __init__(self, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, classes="popup", compact=True)
        self._choices: Sequence[Option] = ()
        self.display = False

    @property
    def is_open(self) -> bool:
        """True while there is something to choose."""
        return self.display

    def offer(self, choices: Sequence[Option]) -> None:
        """Show choices; none hide the list."""
        self._choices = choices
        self.clear_options()
        self.add_options([ListOption(_prompt(choice)) for choice in choices])
        self.display = bool(choices)
        if choices:
            self.highlighted = 0

    def move(self, rows: int) -> None:
        """Move the choice."""
        if rows > 0:
            self.action_cursor_down()
        else:
            self.action_cursor_up()

    def choice(self) -> Option | None:
        """What is highlighted."""
        at = self.highlighted
        return self._choices[at] if at is not None and at < len(self._choices) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.post_message(self.Chosen(self._choices[event.option_index]))


def _prompt(choice: Option) -> Text:
    label = choice.label.ljust(_LABEL_WIDTH)
    return Text.assemble(label, (f" {choice.detail}" if choice.detail else "", "dim"), no_wrap=True)
