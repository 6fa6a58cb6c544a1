"""Answers from what is in memory, given on the event loop itself.

To hand a question to a thread and its answer back costs several times what looking up a place in a
file that is known costs. Whatever would wait (a query, reading a file, the linker) raises
NotAtHandError here, and the question takes the long way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.queries.mentions import named_at
from lsp.documents import language_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graphdb.symbols import Symbol
    from lsp.documents import Document
    from lsp.live import LiveFile
    from lsp.project import Project


class NotAtHandError(Exception):
    """The answer is not in memory."""


class AtHand:
    """What is in memory of one state of a repository; made for one request.

    Everything raises NotAtHandError for what is not there.
    """

    def __init__(self, project: Project, documents: Mapping[str, Document]) -> None:
        self._project = project
        self._documents = documents
        self._generation = project.generation_at_hand()
        if self._generation is None:
            raise NotAtHandError

    def at(self, path: str, line: int, column: int) -> list[Symbol]:
        """What is named at a position (1-based line, byte column), where it stands now."""
        live = self._live(path)
        content = live.best if live else self._project.content_at_hand(self._generation, path)
        found = named_at(content, line, column) if content else []
        if not found:
            raise NotAtHandError
        return [self._now(symbol) for symbol in found]

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file as an editor shows them."""
        document = self._documents.get(path)
        lines = document.lines if document else self._project.lines_at_hand(path)
        if lines is None:
            raise NotAtHandError
        return lines

    def _now(self, symbol: Symbol) -> Symbol:
        live = self._live(symbol.file_path) if symbol.file_path else None
        return live.by_uid.get(symbol.uid, symbol) if live else symbol

    def _live(self, path: str) -> LiveFile | None:
        document = self._documents.get(path)
        if document is None or language_of(path) is None:
            return None
        is_known, live = self._project.live_at_hand(self._generation, path, document)
        if not is_known:
            raise NotAtHandError
        return live
