"""The modes of the application, one row each; a mode is a file of this folder.

The table holds `module:Class` strings, so that a mode is loaded when somebody goes to it. What a
mode must be is said by `tui.modes.mode.ModePane`.
"""

from __future__ import annotations

from typing import NamedTuple


class Mode(NamedTuple):
    """A mode: its id, what the mode bar calls it, where it is, and one line on it."""

    id: str
    title: str
    place: str
    help: str


MODES = (
    Mode("chat", "Chat", "tui.modes.chat:ChatMode", "ask about the repository"),
    Mode("debug", "Debug", "tui.modes.debug:DebugMode", "paste a trace, find what led there"),
    Mode("unit_test", "Unit test", "tui.modes.unit_test:UnitTestMode", "tests for a symbol"),
    Mode("generate", "Generate", "tui.modes.generate:GenerateMode", "new code that fits in"),
    Mode("comment", "Comment", "tui.modes.comment:CommentMode", "docstrings"),
    Mode("cypher", "Cypher", "tui.modes.cypher:CypherMode", "query the graph"),
    Mode("graph", "Graph", "tui.modes.graph:GraphMode", "follow what is joined to what"),
)
