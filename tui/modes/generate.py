"""Generate: new classes and functions that fit into the repository."""

from __future__ import annotations

from typing import ClassVar

from tui.modes.talk import TalkMode


class GenerateMode(TalkMode):
    """New classes and functions that fit into the repository."""

    placeholder: ClassVar[str] = "describe the code, and name what it belongs to"
    welcome: ClassVar[str] = "Describe new code: what the repository has for it is gathered first."
