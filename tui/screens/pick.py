"""A list to pick one thing from, narrowed by typing; escape picks nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple, cast

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.messages import OpenPlace
from tui.models.explorer import MARKS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import App, ComposeResult
    from textual.widget import Widget

    from graphdb.symbols import Symbol
    from tui.models.places import Place


class Pick(NamedTuple):
    """One choice: what is given back, what is shown, and what stands beside it."""

    value: str
    label: str
    detail: str = ""


class PickScreen(ModalScreen[str | None]):
    """The list; gives the value that was picked."""

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]

    def __init__(self, title: str, picks: Sequence[Pick]) -> None:
        super().__init__()
        self._title = title
        self._picks = picks
        self._shown: list[Pick] = []

    def compose(self) -> ComposeResult:
        """Title, filter and list."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Input(placeholder="type to narrow", compact=True)
            yield OptionList(compact=True)
            yield Static("enter picks · esc closes", classes="dialog-hint")

    def on_mount(self) -> None:
        """Show all."""
        self._fill("")

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        at = self.query_one(OptionList).highlighted
        if at is not None and at < len(self._shown):
            self.dismiss(self._shown[at].value)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._shown[event.option_index].value)

    def action_leave(self) -> None:
        """Pick nothing."""
        self.dismiss(None)

    def action_move(self, rows: int) -> None:
        """Move the choice while the cursor stays in the filter."""
        options = self.query_one(OptionList)
        if rows > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _fill(self, text: str) -> None:
        words = text.lower().split()
        self._shown = [
            pick
            for pick in self._picks
            if all(word in f"{pick.label} {pick.detail}".lower() for word in words)
        ]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(_prompt(pick)) for pick in self._shown])
        if self._shown:
            options.highlighted = 0


async def pick(widget: Widget, title: str, picks: Sequence[Pick]) -> str | None:
    """Let a person pick one of some things; None for none of them. Runs in a worker."""
    app = cast("App[None]", widget.app)  # pyright: ignore[reportUnknownMemberType]
    return await app.push_screen_wait(PickScreen(title, picks))


async def pick_symbol(widget: Widget, title: str, symbols: Sequence[Symbol]) -> Symbol | None:
    """Let a person pick one of some symbols; None for none of them. Runs in a worker."""
    by_uid = {symbol.uid: symbol for symbol in symbols}
    picks = [
        Pick(symbol.uid, f"{MARKS[symbol.kind]} {symbol.full_name}", symbol.location)
        for symbol in symbols
    ]
    uid = await pick(widget, title, picks) if picks else None
    return by_uid[uid] if uid is not None else None


async def pick_place(widget: Widget, places: Sequence[Place]) -> None:
    """Let a person pick one of some places, and open it; one alone is opened at once."""
    by_text = {str(place): place for place in places}
    if len(by_text) == 1:
        chosen: str | None = next(iter(by_text))
    else:
        chosen = await pick(widget, "open a place", [Pick(text, text) for text in by_text])
    if chosen is not None:
        widget.post_message(OpenPlace(by_text[chosen]))


def _prompt(pick: Pick) -> Text:
    label = " ".join(pick.label.split())
    return Text.assemble(label, (f"  {pick.detail}" if pick.detail else "", "dim"), no_wrap=True)
