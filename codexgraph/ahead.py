"""Opens an index while the program that will ask it is still being loaded.

Editors start a server in the repository that they are about to ask about, and the embedded engine
reads a graph without the interpreter's lock: on two cores that costs no time at all. What can be
told without the graph is there at once.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from graphdb.registry import open_reader
from graphdb.stores.embedded_names import written_ns

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader
    from indexer.glance import Glance


EMBEDDED = "embedded"
"""The one kind of store that is opened ahead: a server may be slow to answer, or gone."""


class Ahead:
    """The index of one repository, if it can be opened; the graph is for the first one who asks."""

    def __init__(self, place_of: Callable[[], tuple[Path, StoreSettings]]) -> None:
        """Begin to open an index.

        place_of: finds the root of a repository and where its graph is; called in another thread.
        """
        self._place_of = place_of
        self._is_there = False
        self._is_known, self._is_seen = Event(), Event()
        self._seen: tuple[Path, Glance] | None = None
        self._opened: tuple[StoreSettings, GraphReader] | None = None
        self._thread = Thread(target=self._open, daemon=True)
        self._thread.start()

    def _open(self) -> None:
        try:
            root, settings = self._place_of()
            written = written_ns(settings.index_dir) if settings.kind == EMBEDDED else None
            self._is_there = written is not None
            self._is_known.set()
            if written is not None:
                self._seen = _glance(root, settings, written)
                self._is_seen.set()
                self._opened = settings, open_reader(settings)
        except (CodexGraphError, OSError):
            return  # whoever asks opens it again, and is told why
        finally:
            self._is_known.set()
            self._is_seen.set()

    def is_there(self) -> bool:
        """True when there is a graph to open, which is known long before it is open."""
        self._is_known.wait()
        return self._is_there

    def glance(self) -> tuple[Path, Glance] | None:
        """The root and the places of the index, known before the graph is open; None without."""
        self._is_seen.wait()
        return self._seen

    def take(self, settings: StoreSettings) -> GraphReader:
        """The graph of a repository, opened by now or not, which is asked from now on.

        Raises what opening it raises.
        """
        self._thread.join()
        if self._seen is not None:
            self._seen[1].close()
        opened, self._opened = self._opened, None
        if opened is not None and opened[0] == settings:
            return opened[1]
        if opened is not None:
            opened[1].close()
        return open_reader(settings)


def _glance(root: Path, settings: StoreSettings, written: int) -> tuple[Path, Glance] | None:
    """The places of an index, if they are those of its graph, which was written before them."""
    from indexer.glance import Glance
    from indexer.state import state_paths

    states = state_paths(settings.index_dir, settings.repo)
    if len(states) != 1 or states[0].stat().st_mtime_ns < written:
        return None
    with suppress(ValueError):
        return root, Glance(states[0])
    return None
