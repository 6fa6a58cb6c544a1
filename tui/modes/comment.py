"""Comment: a description of a symbol where it is defined."""

from __future__ import annotations

from typing import ClassVar

from tui.modes.talk import TalkMode


class CommentMode(TalkMode):
    """A description of a symbol where it is defined."""

    placeholder: ClassVar[str] = "name what is to be described: @function"
    welcome: ClassVar[str] = (
        "Name a symbol: a docstring for it, from what it takes, gives back and raises."
    )
