"""Edges that follow from what a file defines: containment, members, overrides, types, bases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind, Tier
from indexer.languages.java.types import ARRAY, CLASS, OBJECT_KEY
from indexer.testcode import is_test_file

if TYPE_CHECKING:
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import Key, Type
    from indexer.links import FileLinks, Symbol

IMPLICIT = frozenset({"java.lang.Enum", "java.lang.Record", "java.lang.annotation.Annotation"})
_FIXED = frozenset({"private", "static", "constructor"})


class Structure:
    """Adds the structural edges of a file."""

    def __init__(self, rules: Rules, *, inherited: bool) -> None:
        self._rules = rules
        self._inherited = inherited

    def add(self, path: str, links: FileLinks) -> None:
        """Add everything that the file's definitions imply."""
        facts = self._rules.names.file(path).facts
        for number, definition in enumerate(facts.definitions):
            self._contained(path, number, links)
            if definition.is_class:
                self._class(("cls", path, number), links)
            else:
                result = self._rules.classes.signature(("fn", path, number)).result
                if "constructor" not in definition.flags:
                    self._type(("fn", path, number), EdgeKind.RETURNS_TYPE, result, links)

    def _contained(self, path: str, number: int, links: FileLinks) -> None:
        facts = self._rules.names.file(path).facts
        definition = facts.definitions[number]
        owner: Symbol = ("mod", path)
        if definition.scope > 0:
            around = facts.scopes[definition.scope].definition
            owner = ("cls" if facts.definitions[around].is_class else "fn", path, around)
            if not definition.is_class:
                return
        symbol: Symbol = ("cls" if definition.is_class else "fn", path, number)
        links.mark((owner, EdgeKind.CONTAINS, symbol), via="definition")

    def _class(self, key: Key, links: FileLinks) -> None:
        definition = self._rules.names.definition(key)
        for base in self._rules.classes.declared(key).supers:
            # Written bases have sites of their own; these stand nowhere in the text.
            if definition.name.startswith("$") or base[1][1] in IMPLICIT:
                self._base(key, base, links)
        self._members(key, links)

    def _base(self, key: Key, base: Type, links: FileLinks) -> None:
        if base[1] == OBJECT_KEY:
            return
        links.add((key, EdgeKind.INHERITS, base[1]), Tier.EXACT, "base", "reference")
        if self._rules.classes.declared(base[1]).is_interface:
            links.add((key, EdgeKind.IMPLEMENTS, base[1]), Tier.EXACT, "base", "reference")

    def _members(self, key: Key, links: FileLinks) -> None:
        index = self._rules.names.file(key[1])
        definition = self._rules.names.definition(key)
        body = definition.body
        methods = index.methods.get(body, {})
        for number in (n for rows in methods.values() for n in rows):
            symbol = ("fn", key[1], number)
            links.mark((key, EdgeKind.HAS_METHOD, symbol), inherited=False)
            self._overrides(key, symbol, links)
        for number in index.constructors.get(body, ()):
            links.mark((key, EdgeKind.HAS_METHOD, ("fn", key[1], number)), inherited=False)
        fields = index.fields.get(body, {})
        for name in fields:
            field = ("field", key[1], key[2], name)
            links.mark((key, EdgeKind.HAS_FIELD, field), inherited=False)
            found = self._rules.classes.own_field(key, name)
            self._type(field, EdgeKind.HAS_TYPE, found.type_ if found else None, links)
        if self._inherited and not is_test_file(key[1]):
            # A test case class inherits hundreds of assertions: they would be most of the graph.
            self._inherit(key, set(fields), links)

    def _inherit(self, key: Key, fields: set[str], links: FileLinks) -> None:
        names = self._rules.names
        seen: set[str] = set()
        for ancestor in self._rules.classes.line(key):
            if ancestor.key[0] != "cls":
                continue
            depth = self._depth_of(key, ancestor.key)
            index, body = names.file(ancestor.key[1]), names.definition(ancestor.key).body
            for name in index.methods.get(body, ()):
                if name not in seen:
                    seen.add(name)
                    self._inherit_methods(key, name, links)
            for name in index.fields.get(body, ()):
                if name not in fields and (body, name) not in index.private:
                    fields.add(name)
                    field = ("field", ancestor.key[1], ancestor.key[2], name)
                    links.mark((key, EdgeKind.HAS_FIELD, field), inherited=True, depth=depth)

    def _inherit_methods(self, key: Key, name: str, links: FileLinks) -> None:
        for member in self._rules.members.find(key, name):
            method = member.method
            symbol = method.symbol
            if method.owner == key or method.is_private or symbol is None or symbol[0] != "fn":
                continue
            depth = self._depth_of(key, method.owner)
            links.mark((key, EdgeKind.HAS_METHOD, symbol), inherited=True, depth=depth)

    def _depth_of(self, key: Key, wanted: Key) -> int:
        """How many steps up an ancestor is."""
        level, depth, seen = [key], 0, {key}
        while level and wanted not in level:
            bases = [b[1] for k in level for b in self._rules.classes.declared(k).supers]
            level = [b for b in dict.fromkeys(bases) if b not in seen]
            seen.update(level)
            depth += 1
        return depth

    def _overrides(self, key: Key, symbol: Symbol, links: FileLinks) -> None:
        method = self._rules.classes.signature(symbol)
        flags = self._rules.names.definition(symbol).flags
        if not _FIXED.isdisjoint(flags):
            return
        for member in self._rules.members.after(key, method.name):
            base = member.method
            if base.symbol is None or base.symbol[0] != "fn" or base.is_fixed:
                continue
            if self._rules.members.overrides(method, key, base):
                links.add((symbol, EdgeKind.OVERRIDES, base.symbol), Tier.EXACT, "hierarchy")

    def _type(self, symbol: Symbol, kind: EdgeKind, type_: Type | None, links: FileLinks) -> None:
        while type_ is not None and type_[0] == ARRAY:
            type_ = type_[1]
        if type_ is not None and type_[0] == CLASS and type_[1][0] == "cls":
            links.add((symbol, kind, type_[1]), Tier.EXACT, "annotation")
