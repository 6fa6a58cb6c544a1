"""Chat: questions about the repository."""

from __future__ import annotations

from typing import ClassVar

from tui.modes.talk import TalkMode


class ChatMode(TalkMode):
    """Questions about the repository."""

    placeholder: ClassVar[str] = "ask: what is where, who calls what, what a change breaks"
    welcome: ClassVar[str] = (
        "Ask about this repository: where is X, who calls X, what does X call, "
        "what breaks if X changes."
    )
