"""Cuts a growing Markdown text where it can no longer change, so that each part is drawn once.

A part ends at a blank line outside a fence, when the next line is not indented (which would go on
with a list).
"""

from __future__ import annotations

import re

_FENCE = re.compile(r"^\s{0,3}(`{3,}|~{3,})")


class Blocks:
    """The parts of one text. settled: those that are final. tail: the rest."""

    def __init__(self) -> None:
        self.settled: list[str] = []
        self.tail = ""
        self._fence = ""
        self._looked_at = 0
        self._is_blank = False

    def grow(self, text: str) -> None:
        """Add a piece."""
        self.tail += text
        at = self._looked_at
        while (end := self.tail.find("\n", at)) >= 0:
            line = self.tail[at:end]
            if self._is_blank and not self._fence and line.strip() and not line[0].isspace():
                self.settled.append(self.tail[:at])
                self.tail = self.tail[at:]
                at, end = 0, end - at
            self._read(line)
            at = end + 1
        self._looked_at = at

    def _read(self, line: str) -> None:
        match = _FENCE.match(line)
        if match and not self._fence:
            self._fence = match[1]
        elif match and match[1].startswith(self._fence) and not line.strip(" `~"):
            self._fence = ""
        self._is_blank = not line.strip()
