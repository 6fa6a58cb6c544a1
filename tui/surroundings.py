"""What the terminal around the application says: its colours, and that it is gone."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.app import GraphApp

_SIGNALS = (signal.SIGHUP, signal.SIGTERM)


def hear_signals(leave: Callable[[], None]) -> None:
    """Call `leave` on the loop when the terminal goes; nothing outside the main thread."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        with suppress(ValueError, NotImplementedError, RuntimeError):
            loop.add_signal_handler(number, leave)


def choose_theme(app: GraphApp) -> None:
    """The colours of before; else those of the terminal itself where it has only sixteen."""
    theme = app.desk.preference("theme")
    if theme in app.available_themes:
        app.theme = theme
    elif app.console.color_system == "standard":
        app.theme = "ansi-dark"
