"""Opens a graph while the program that will ask it is still being loaded.

Editors start a server in the repository that they are about to ask about, and the embedded engine
reads a graph without the interpreter's lock: on two cores that costs no time at all.
"""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from graphdb.registry import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader


EMBEDDED = "embedded"
"""The one kind of store that is opened ahead: a server may be slow to answer, or gone."""


class Ahead:
    """The graph of one repository, if it can be opened; for the first one who asks."""

    def __init__(self, place_of: Callable[[], tuple[Path, StoreSettings]]) -> None:
        """Begin to open a graph.

        place_of: finds the root of a repository and where its graph is; called in another thread.
        """
        self._place_of = place_of
        self._root: Path | None = None
        self._is_there = False
        self._is_known = Event()
        self._opened: tuple[StoreSettings, GraphReader] | None = None
        self._thread = Thread(target=self._open, daemon=True)
        self._thread.start()

    def _open(self) -> None:
        from graphdb.stores.embedded_file import GRAPH_FILE

        try:
            self._root, settings = self._place_of()
            is_embedded = settings.kind == EMBEDDED
            self._is_there = is_embedded and (settings.index_dir / GRAPH_FILE).exists()
            self._is_known.set()
            if self._is_there:
                self._opened = settings, open_reader(settings)
        except (CodexGraphError, OSError):
            return  # whoever asks opens it again, and is told why
        finally:
            self._is_known.set()

    def is_there(self) -> bool:
        """True when there is a graph to open, which is known long before it is open."""
        self._is_known.wait()
        return self._is_there

    def look(self) -> tuple[Path, GraphReader] | None:
        """The root and the graph while nobody has taken it; None where it cannot be opened."""
        self._thread.join()
        root, opened = self._root, self._opened
        return (root, opened[1]) if root and opened else None

    def take(self, settings: StoreSettings) -> GraphReader:
        """The graph of a repository, opened by now or not. Raises what opening it raises."""
        self._thread.join()
        opened, self._opened = self._opened, None
        if opened is not None and opened[0] == settings:
            return opened[1]
        if opened is not None:
            opened[1].close()
        return open_reader(settings)
