"""What every mode is: a pane that can be gone to and handed a text."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from textual.containers import Vertical

from tui.modes import MODES

if TYPE_CHECKING:
    from textual.widgets import ContentSwitcher

    from tui.desk import Desk
    from tui.modes import Mode


class ModePane(Vertical):
    """The part of the screen between the side bar and the source pane."""

    def __init__(self, mode: Mode, desk: Desk) -> None:
        super().__init__(id=f"mode-{mode.id}", classes="mode")
        self.mode = mode
        self.desk = desk

    def focus_main(self) -> None:
        """Put the cursor where a person types first."""

    def take(self, text: str) -> None:
        """Take what a command was given, such as the name behind `/graph`."""

    def index_changed(self) -> None:
        """The graph is another one than before."""


async def shown_pane(switcher: ContentSwitcher, mode_id: str, desk: Desk) -> ModePane:
    """Show a mode, loaded and made when it is first gone to; its pane."""
    mode = next(mode for mode in MODES if mode.id == mode_id)
    pane_id = f"mode-{mode.id}"
    if not switcher.query(f"#{pane_id}"):
        module, _, name = mode.place.partition(":")
        made: ModePane = getattr(import_module(module), name)(mode, desk)
        await switcher.add_content(made)
    switcher.current = pane_id
    return switcher.get_child_by_id(pane_id, ModePane)
