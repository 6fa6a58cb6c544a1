"""What widgets tell the application, whichever of them it is that tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from graphdb.symbols import Symbol
    from tui.models.places import Place
    from tui.models.slash import SlashCommand


class OpenPlace(Message):
    """Show a place of the source; in the user's editor where that is asked for."""

    def __init__(self, place: Place, *, in_editor: bool = False) -> None:
        super().__init__()
        self.place = place
        self.in_editor = in_editor


class ShowGraph(Message):
    """Show the neighbourhood of a symbol."""

    def __init__(self, symbol: Symbol) -> None:
        super().__init__()
        self.symbol = symbol


class GraphOf(Message):
    """Show the neighbourhood of a symbol that a text names."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class ShowContext(Message):
    """Show what a symbol is joined to, where there is room for that."""

    def __init__(self, symbol: Symbol) -> None:
        super().__init__()
        self.symbol = symbol


class RunCommand(Message):
    """Somebody gave a command."""

    def __init__(self, command: SlashCommand, argument: str) -> None:
        super().__init__()
        self.command = command
        self.argument = argument


class Copy(Message):
    """Put a text on the clipboard. what: it is, for the line that says so."""

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text = text
        self.what = what
