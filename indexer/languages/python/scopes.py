"""The table of names that a Python file binds, and what `global` and `nonlocal` say about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Definition, ScopeKind

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.regions import Regions
    from indexer.languages.python.source import Source


class BoundNames:
    """Rows of `Binding`, still plain tuples, and of the attributes bound through a receiver.

    used: first bytes of names that are bound and not read there. writes: what is written to, by the
    last byte of its name.
    """

    def __init__(self, source: Source, regions: Regions, definitions: list[Definition]) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.attributes: list[tuple[Any, ...]] = []
        self.globals: dict[int, list[str]] = {}
        self.nonlocals: dict[int, list[str]] = {}
        self.used: set[int] = set()
        self.writes: dict[int, int] = {}
        self.at = regions.scope_at
        self._source = source
        self._regions = regions
        self._definitions = definitions
        self._receivers: dict[tuple[int, bytes], int] = {}

    def declare(self, found: dict[str, list[Node]]) -> None:
        """Read the `global` and `nonlocal` statements."""
        for kind, table in (("global", self.globals), ("nonlocal", self.nonlocals)):
            for node in found.get(kind, []):
                names = table.setdefault(self.at(node.start_byte), [])
                for child in node.named_children:
                    self.used.add(child.start_byte)
                    names.append(self._source.slice(child))

    def bind(self, scope: int, name: str, kind: int, row: tuple[Any, ...]) -> None:
        """Add a name; `row` holds the fields of `Binding` from `value` on."""
        if self.globals and self.is_global(scope, name):
            scope = 0
        self.rows.append((scope, name, kind, *row))

    def is_global(self, scope: int, name: str) -> bool:
        """True when a scope declares a name to be the module's."""
        return name in self.globals.get(scope, ())

    def receiver(self, scope: int, name: bytes) -> int:
        """The method whose first parameter `name` is, seen from a scope; else `NONE`."""
        method = self._receivers.get((scope, name))
        if method is None:
            method = self._method_of_receiver(scope, name.decode())
            self._receivers[scope, name] = method
        return method

    def _method_of_receiver(self, scope: int, name: str) -> int:
        regions = self._regions.regions
        while scope > 0:
            region = regions[scope]
            if region.kind == ScopeKind.CLASS:
                return NONE
            if region.kind == ScopeKind.FUNCTION:
                definition = self._definitions[region.definition]
                names = [parameter.name for parameter in definition.parameters]
                if name in names:
                    in_class = regions[definition.scope].kind == ScopeKind.CLASS
                    is_first = names[0] == name and "staticmethod" not in definition.decorator_names
                    return region.definition if in_class and is_first else NONE
            scope = region.parent
        return NONE
