"""Unit test: tests for a symbol."""

from __future__ import annotations

from typing import ClassVar

from tui.modes.talk import TalkMode


class UnitTestMode(TalkMode):
    """Tests for a symbol."""

    placeholder: ClassVar[str] = "name what is to be tested: @Class.method"
    welcome: ClassVar[str] = "Name a symbol: its tests, and a frame for new ones."
