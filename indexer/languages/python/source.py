"""A Python file's bytes, where its lines start, and a copy of the bytes in which only code stands.

In the copy strings, comments and imports are blanks of the same length, so that every use of a name
is found at its place without a look at the tree for each of them.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate, count
from operator import add, attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_start_byte = attrgetter("start_byte")
_BLANK = ("string", "comment", "format")
_IMPORTS = ("import", "import_from", "future")


class Source:
    """One file's text; `code` is the copy without strings, comments and imports."""

    def __init__(self, text: bytes, found: dict[str, list[Node]]) -> None:
        self.text = text
        self.comments = found.get("comment", [])
        ends = accumulate(map(len, text.split(b"\n")))
        # The last one lies past the text's end, so that each line has an end.
        self.line_starts = [0, *map(add, ends, count(1))]
        self.code = bytearray(text)
        self._blank_texts(found)
        for name in _IMPORTS:
            self.blank(found.get(name, ()))

    def _blank_texts(self, found: dict[str, list[Node]]) -> None:
        """Blank strings but not the expressions in them, which may hold strings in their turn."""
        interpolations = found.get("interpolation")
        if not interpolations:
            for name in _BLANK:
                self.blank(found.get(name, ()))
            return
        nodes = interpolations.copy()
        for name in _BLANK:
            nodes += found.get(name, ())
        nodes.sort(key=_start_byte)
        shown = {node.id for node in interpolations}
        for node in nodes:
            if node.id in shown:
                self.show(node)
            else:
                start, end = node.start_byte, node.end_byte
                self.code[start:end] = b" " * (end - start)

    def blank(self, nodes: Iterable[Node]) -> None:
        """Take nodes out of the code."""
        code = self.code
        for node in nodes:
            start, end = node.start_byte, node.end_byte
            code[start:end] = b" " * (end - start)

    def show(self, node: Node) -> None:
        """Put a node's text back into the code."""
        start, end = node.start_byte, node.end_byte
        self.code[start:end] = self.text[start:end]

    def slice(self, node: Node) -> str:
        """A node's text."""
        return self.text[node.start_byte : node.end_byte].decode()

    def position(self, byte: int) -> tuple[int, int]:
        """1-based line and 0-based column of a byte."""
        line = bisect_right(self.line_starts, byte)
        return line, byte - self.line_starts[line - 1]

    def without_comments(self, start: int, end: int) -> bytes:
        """A part of the text, its comments left out."""
        part = self.text[start:end]
        if b"#" not in part:
            return part
        first = bisect_right(self.comments, start, key=_start_byte)
        pieces: list[bytes] = []
        for comment in self.comments[first:]:
            if comment.start_byte >= end:
                break
            pieces.append(self.text[start : comment.start_byte])
            start = comment.end_byte
        return b"".join((*pieces, self.text[start:end]))
