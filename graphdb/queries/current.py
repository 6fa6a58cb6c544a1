"""What is computed from a whole graph, kept until the graph is another."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.store import GraphReader

T = TypeVar("T")


class Current(Generic[T]):
    """Something of a graph as it is now, computed once for each state; threads may share it."""

    def __init__(self, compute: Callable[[GraphReader], T]) -> None:
        self._compute = compute
        self._lock = Lock()
        self._kept: tuple[str, T] | None = None

    def of(self, reader: GraphReader) -> T:
        """What is true of the graph now. Raises what the reader raises."""
        generation = reader.meta().generation
        with self._lock:
            if self._kept is None or self._kept[0] != generation:
                self._kept = (generation, self._compute(reader))
            return self._kept[1]

    def renew(self, reader: GraphReader) -> None:
        """Compute it of a new graph, where that of one before was asked for."""
        if self._kept is not None:
            self.of(reader)
