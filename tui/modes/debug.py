"""Debug: from a trace or a symptom to the code behind it."""

from __future__ import annotations

from typing import ClassVar

from tui.modes.talk import TalkMode


class DebugMode(TalkMode):
    """From a trace or a symptom to the code behind it."""

    placeholder: ClassVar[str] = "paste a trace, or say what goes wrong"
    welcome: ClassVar[str] = (
        "Paste a trace: its frames are found in the graph, with what leads to them."
    )
