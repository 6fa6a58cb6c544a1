"""The graph as the application asks it: opened when first asked, and again when its server went.

Everything here is called from worker threads, never from the one that draws.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from graphdb.errors import StoreError
from graphdb.queries.current import Current
from graphdb.queries.name_index import NameIndex

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.store import GraphReader

T = TypeVar("T")


class Graph:
    """One repository's graph."""

    def __init__(self, open_reader: Callable[[], GraphReader]) -> None:
        self._open = open_reader
        self._lock = Lock()
        self._reader: GraphReader | None = None
        self._names = Current(NameIndex)

    def ask(self, question: Callable[[GraphReader], T]) -> T:
        """Ask; where the graph can no longer be read, it is opened anew and asked once more.

        Raises NoIndexError, StoreError, or what the question raises.
        """
        reader = self.opened()
        try:
            return question(reader)
        except StoreError:
            self._drop(reader)
            return question(self.opened())

    def names(self, reader: GraphReader) -> NameIndex:
        """All names, read once for each state of the graph."""
        return self._names.of(reader)

    def close(self) -> None:
        """Let go of the graph; a later question opens it again."""
        with self._lock:
            reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()

    def opened(self) -> GraphReader:
        """The graph, for whoever asks it much; `ask` is for one question. Raises what it raises."""
        with self._lock:
            if self._reader is None:
                self._reader = self._open()
            return self._reader

    def _drop(self, reader: GraphReader) -> None:
        with self._lock:
            if self._reader is reader:
                self._reader = None
        reader.close()
