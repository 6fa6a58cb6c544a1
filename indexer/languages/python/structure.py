"""Edges that follow from what a file defines: containment, members, overrides, types, exports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind, Tier
from indexer.facts import NONE, BindKind, ScopeKind
from indexer.testcode import is_test_file

if TYPE_CHECKING:
    from indexer.languages.python.hierarchy import Class, Hierarchy
    from indexer.languages.python.lookup import Denotation, Names
    from indexer.languages.python.values import Evaluator
    from indexer.links import FileLinks, Symbol
    from indexer.solver import Values

VARIABLE_KINDS = frozenset(
    {BindKind.ASSIGN, BindKind.LOOP, BindKind.WITH, BindKind.PATTERN, BindKind.SLOT}
)
"""Bindings that make a module-level name a global variable and a class-level one a field."""


class Structure:
    """Adds the structural edges of a file."""

    def __init__(
        self, names: Names, hierarchy: Hierarchy, values: Evaluator, *, inherited: bool
    ) -> None:
        self._names = names
        self._hierarchy = hierarchy
        self._values = values
        self._inherited = inherited

    def add(self, path: str, links: FileLinks) -> None:
        """Add everything that the file's definitions imply."""
        facts = self._names.file(path).facts
        for number, definition in enumerate(facts.definitions):
            self._contained(path, number, links)
            if definition.is_class:
                self._members((path, number), links)
            elif definition.annotation != NONE:
                owner = self._names.file(path).class_of(number)
                said = self._values.annotations.of(
                    path, definition.annotation, (path, owner) if owner != NONE else None
                )
                self._types(
                    ("fn", path, number),
                    EdgeKind.RETURNS_TYPE,
                    said,
                    (Tier.EXACT, "annotation"),
                    links,
                )
        for name in self.globals(path):
            symbol = ("var", path, 0, name)
            links.mark((("mod", path), EdgeKind.CONTAINS, symbol), via="definition")
            self._variable_type(symbol, links)
        self._exports(path, links)

    def globals(self, path: str) -> list[str]:
        """Names of the file's global variables."""
        table = self._names.file(path).scopes.get(0, {})
        return [n for n, rows in table.items() if any(r.kind in VARIABLE_KINDS for r in rows)]

    def _contained(self, path: str, number: int, links: FileLinks) -> None:
        facts = self._names.file(path).facts
        definition = facts.definitions[number]
        symbol: Symbol = ("cls" if definition.is_class else "fn", path, number)
        scope = definition.scope
        while scope > 0 and facts.scopes[scope].definition == NONE:
            scope = facts.scopes[scope].parent
        row = facts.scopes[scope]
        if scope == 0:
            owner: Symbol = ("mod", path)
        elif row.kind == ScopeKind.CLASS:
            if not definition.is_class:
                return
            owner = ("cls", path, row.definition)
        else:
            owner = ("fn", path, row.definition)
        links.mark((owner, EdgeKind.CONTAINS, symbol), via="definition")

    def _members(self, cls: Class, links: FileLinks) -> None:
        source: Symbol = ("cls", *cls)
        seen = self._own_members(cls, source, links)
        if not self._inherited or is_test_file(cls[0]):
            # A test case class inherits hundreds of assertions: they would be most of the graph.
            return
        for depth, entry in enumerate(self._hierarchy.order(cls)[1:], 1):
            if entry[0] != "cls":
                continue
            base = (entry[1], entry[2])
            for name, members in self._hierarchy.members(base).items():
                if name in seen:
                    continue
                seen.add(name)
                for member in members:
                    if member[0] == "cls":
                        continue
                    kind = EdgeKind.HAS_METHOD if member[0] == "fn" else EdgeKind.HAS_FIELD
                    links.mark((source, kind, member), inherited=True, depth=depth)

    def _own_members(self, cls: Class, source: Symbol, links: FileLinks) -> set[str]:
        index = self._names.file(cls[0])
        body = index.facts.definitions[cls[1]].body
        members = self._hierarchy.members(cls)
        for number in index.functions.get(body, ()):
            # Every definition is the class's, also the accessors that do not own the name.
            links.mark((source, EdgeKind.HAS_METHOD, ("fn", cls[0], number)), inherited=False)
        for name, found in members.items():
            for member in found:
                if member[0] == "field":
                    links.mark((source, EdgeKind.HAS_FIELD, member), inherited=False)
                    self._variable_type(member, links)
            if not name.startswith("__") or name.endswith("__"):
                self._overrides(cls, name, found, links)
        return set(members)

    def _overrides(
        self, cls: Class, name: str, members: list[Denotation], links: FileLinks
    ) -> None:
        for base in self._hierarchy.find(cls, name, after=cls):
            for member in members:
                pair = {member[0], base[0]}
                if pair <= {"fn", "field"} and member != base:
                    links.add((member, EdgeKind.OVERRIDES, base), Tier.EXACT, "hierarchy")

    def _variable_type(self, symbol: Symbol, links: FileLinks) -> None:
        index = self._names.file(symbol[1])
        if symbol[0] == "var":
            rows = index.scopes.get(0, {}).get(symbol[3], [])
        else:
            rows = index.field_rows(index.body(symbol[2]), symbol[3])
        declared = any(row.annotation != NONE for row in rows)
        how = (Tier.EXACT, "annotation") if declared else (Tier.INFERRED, "value")
        self._types(symbol, EdgeKind.HAS_TYPE, self._values.value_of(symbol), how, links)

    def _types(
        self,
        symbol: Symbol,
        kind: EdgeKind,
        values: Values,
        how: tuple[Tier, str],
        links: FileLinks,
    ) -> None:
        for value in values:
            if value[0] == "inst":
                links.add((symbol, kind, ("cls", value[1], value[2])), *how)

    def _exports(self, path: str, links: FileLinks) -> None:
        exported = self._names.exported(path)
        for name in sorted(exported or ()):
            for denotation in self._names.module_name(path, name):
                if denotation[0] in {"cls", "fn", "ext", "mod"} or denotation[:3] == (
                    "var",
                    denotation[1],
                    0,
                ):
                    links.add((("mod", path), EdgeKind.EXPORTS, denotation), Tier.EXACT, "__all__")
