"""What the graph offers for a name that denotes nothing: near names, and ways to import it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from agent.tools.imports import import_statements
from graphdb.errors import CodexGraphError
from graphdb.queries.members import members_of
from graphdb.queries.names import find, near_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphdb.store import GraphReader


class GraphHints:
    """Hints from a graph; a question that it cannot answer gets none."""

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def near(self, name: str, owner: str | None) -> Sequence[str]:
        """Near names, best first; with an owner the near members of that class or module."""
        try:
            if owner is None:
                return near_names(self._reader, name)
            members = members_of(self._reader, find(self._reader, owner))
            return get_close_matches(name, {m.name for m in members}, n=3, cutoff=0.5)
        except CodexGraphError:
            return ()

    def imports(self, name: str, path: str) -> Sequence[str]:
        """Statements that would bring a simple name into a file, best first."""
        try:
            return import_statements(self._reader, name, path)
        except CodexGraphError:
            return ()
