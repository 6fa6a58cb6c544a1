"""Asks the graph where a name that a test uses comes from; a name with several origins has none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from graphdb.queries.importable import importables
from graphdb.queries.rows import fetch_symbols
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from graphdb.queries.importable import Importable
    from graphdb.store import GraphReader


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a name is imported from. owner: full name of its module, "" for a module itself.

    full_name: of what is imported. is_own: it is of the repository.
    """

    owner: str
    full_name: str
    is_own: bool = True


class Origins(Protocol):
    """What a test of one repository may import."""

    def of(self, name: str) -> Origin | None:
        """Where a simple name comes from, None where that is not certain."""
        ...

    def has(self, full_name: str) -> bool:
        """Whether the repository has or uses something of that full name."""
        ...


class NoOrigins:
    """Nothing is known of the repository."""

    def of(self, name: str) -> Origin | None:  # noqa: ARG002 - the protocol's
        """Nothing."""
        return None

    def has(self, full_name: str) -> bool:  # noqa: ARG002 - the protocol's
        """Everything may be there."""
        return True


class GraphOrigins:
    """What files of a language import, by the graph.

    suffix: of its files. package: of the test, whose own names come first. near: uids of symbols
    that are meant where a name fits several, such as the target and what it uses.
    """

    def __init__(
        self, reader: GraphReader, suffix: str, package: str = "", near: Collection[str] = ()
    ) -> None:
        self._reader = reader
        self._suffix = suffix
        self._package = package
        self._near = frozenset(near)

    def of(self, name: str) -> Origin | None:
        """The one definition of that name outside tests, else what most files import under it."""
        found = [item for item in importables(self._reader, name, self._suffix) if self._fits(item)]
        own = [item for item in found if item.symbol.kind is not NodeKind.EXTERNAL]
        beside = [
            i for i in own if self._package and i.symbol.full_name == f"{self._package}.{name}"
        ]
        if beside:
            return self._origin(beside[0])
        if own:
            symbols = {item.symbol.uid for item in own if not item.is_test}
            chosen = symbols if len(symbols) == 1 else symbols & self._near
            best = [item for item in own if item.symbol.uid in chosen]
            return self._origin(best[0]) if len(chosen) == 1 else None
        if not found or (len(found) > 1 and found[0].importers == found[1].importers):
            return None
        return self._origin(found[0])

    def has(self, full_name: str) -> bool:
        """Whether a node of the graph has that full name."""
        return bool(fetch_symbols(self._reader, "n.full_name = $name", {"name": full_name}))

    def _fits(self, item: Importable) -> bool:
        """A Java file is no name that can be imported; its classes are."""
        return self._suffix != ".java" or item.symbol.kind is not NodeKind.MODULE

    def _origin(self, item: Importable) -> Origin:
        is_own = item.symbol.kind is not NodeKind.EXTERNAL
        return Origin(item.owner, item.symbol.full_name, is_own)
