"""Opens a graph while the program that will ask it is still being loaded.

Editors start a server in the repository that they are about to ask about, and the embedded engine
reads a graph without the interpreter's lock: on two cores that costs no time at all.
"""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING

from graphdb.errors import CodexGraphError
from graphdb.registry import open_reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphdb.registry import StoreSettings
    from graphdb.store import GraphReader


class Ahead:
    """The graph of one repository, if it can be opened; for the first one who asks."""

    def __init__(self, settings_of: Callable[[], StoreSettings]) -> None:
        """Begin to open a graph; settings_of is called in another thread."""
        self._settings_of = settings_of
        self._opened: tuple[StoreSettings, GraphReader] | None = None
        self._thread = Thread(target=self._open, daemon=True)
        self._thread.start()

    def _open(self) -> None:
        try:
            settings = self._settings_of()
            self._opened = settings, open_reader(settings)
        except (CodexGraphError, OSError):
            return  # whoever asks opens it again, and is told why

    def take(self, settings: StoreSettings) -> GraphReader:
        """The graph of a repository, opened by now or not. Raises what opening it raises."""
        self._thread.join()
        opened, self._opened = self._opened, None
        if opened is not None and opened[0] == settings:
            return opened[1]
        if opened is not None:
            opened[1].close()
        return open_reader(settings)
