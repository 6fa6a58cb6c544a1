"""One line to fill in, such as the name of a file; escape gives nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from textual.app import App, ComposeResult
    from textual.widget import Widget


async def prompt(widget: Widget, title: str, value: str = "") -> str | None:
    """Let a person write one line; None for nothing. Runs in a worker."""
    app = cast("App[None]", widget.app)  # pyright: ignore[reportUnknownMemberType]
    return await app.push_screen_wait(PromptScreen(title, value))


class PromptScreen(ModalScreen[str | None]):
    """The line; gives what was written in it."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Close")]

    def __init__(self, title: str, value: str = "") -> None:
        super().__init__()
        self._title = title
        self._value = value

    def compose(self) -> ComposeResult:
        """Title and line."""
        with Vertical(classes="dialog -small"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Input(self._value, compact=True)
            yield Static("enter takes it · esc closes", classes="dialog-hint")

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)
