"""The imports of a Python file: what they bind, and where they name what they import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, BindKind, Op
from indexer.languages.python.grammar import kind_id

if TYPE_CHECKING:
    from tree_sitter import Node

    from indexer.languages.python.expressions import Expressions
    from indexer.languages.python.scopes import BoundNames
    from indexer.languages.python.source import Source


class Imports:
    """Reads import statements. sites: (scope, expression, node that names it)."""

    def __init__(self, source: Source, names: BoundNames, exprs: Expressions) -> None:
        self.sites: list[tuple[int, int, Node]] = []
        self.stars: list[tuple[Any, ...]] = []
        self._source = source
        self._names = names
        self._exprs = exprs
        self._aliased = kind_id("aliased_import")
        self._wildcard = kind_id("wildcard_import")

    def read(self, found: dict[str, list[Node]]) -> None:
        """Read all import statements of a file."""
        for node in found.get("import", []):
            self._import(node)
        for node in found.get("import_from", []):
            self._import_from(node)

    def _import(self, node: Node) -> None:
        scope = self._names.at(node.start_byte)
        for child in node.children_by_field_name("name"):
            dotted, alias = self._parts(child)
            if dotted is None:
                continue
            module = "".join(self._source.slice(dotted).split())
            whole = self._exprs.add((Op.IMPORT, 0, module))
            self.sites.append((scope, whole, dotted))
            if alias is not None:
                self._bind(scope, self._exprs.slice(alias), alias, whole)
            else:
                top = module.partition(".")[0]
                self._bind(scope, top, dotted, self._exprs.add((Op.IMPORT, 0, top)))

    def _import_from(self, node: Node) -> None:
        scope = self._names.at(node.start_byte)
        named = node.children_by_field_name("module_name")
        if not named:
            return
        written = "".join(self._source.slice(named[0]).split())
        module = written.lstrip(".")
        level = len(written) - len(module)
        for child in node.children_by_field_name("name"):
            name, alias = self._parts(child)
            if name is None:
                continue
            value = self._exprs.add((Op.IMPORT_FROM, level, module, self._exprs.slice(name)))
            self.sites.append((scope, value, name))
            self._bind(scope, self._exprs.slice(alias or name), alias or name, value)
        if node.children[-1].kind_id == self._wildcard:
            line, column = named[0].start_point
            length = named[0].end_byte - named[0].start_byte
            self.stars.append((level, module, line + 1, column, length))
            self.sites.append((scope, self._exprs.add((Op.IMPORT, level, module)), named[0]))

    def _parts(self, node: Node) -> tuple[Node | None, Node | None]:
        """The dotted name and the alias of what is imported."""
        if node.kind_id != self._aliased:
            return node, None
        return node.child_by_field_name("name"), node.child_by_field_name("alias")

    def _bind(self, scope: int, name: str, node: Node, value: int) -> None:
        line, column = node.start_point
        row = (value, NONE, None, line + 1, column, NONE, node.start_byte, node.end_byte, False)
        self._names.bind(scope, name, BindKind.IMPORT, row)
