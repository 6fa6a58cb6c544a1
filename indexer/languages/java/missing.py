"""What a Java text uses and the repository, by the language's rules, does not have.

Types, variables, methods and members are declared, so that what no scope, class, package or import
declares is not there, as long as every class that is looked through is known whole. Code that a
build generates is told by other files that use it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op, ScopeKind, SiteKind
from indexer.languages.java.evaluator import Evaluator
from indexer.languages.java.known_classes import KnownClasses
from indexer.languages.java.standing import Standing
from indexer.languages.java.types import CLASS
from indexer.missing import MissingKind, MissingUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.facts import Site
    from indexer.languages.java.calls import Calls
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import Type
    from indexer.missing import Around

_TYPES = frozenset({SiteKind.TYPE, SiteKind.BASE, SiteKind.IMPLEMENTS, SiteKind.DECORATOR})
_HEADS = _TYPES - {SiteKind.TYPE}
_THIS = frozenset({"this", "super"})


class MissingUses:
    """Looks through one text."""

    def __init__(self, rules: Rules, calls: Calls, path: str, text: bytes, around: Around) -> None:
        self._rules = rules
        self._path = path
        self._at = Evaluator(rules, path, calls)
        self._facts = self._at.index.facts
        self._around = around
        self._known = KnownClasses(rules, path)
        self._standing = Standing(text)

    def find(self, sites: Iterable[Site]) -> list[MissingUse]:
        """All of them in order of lines; none for a text that does not parse."""
        if self._facts.troubles:
            return []
        found: dict[MissingUse, None] = {}
        for site in sites:
            use = self._use(site)
            if use is not None:
                found[use] = None
        return sorted(found, key=lambda use: (use.line, use.name))

    def _use(self, site: Site) -> MissingUse | None:
        if site.kind == SiteKind.IMPORT:
            return self._import(site)
        row = self._facts.exprs[site.expr]
        if site.kind in _TYPES:
            return self._type(row, site)
        if site.kind == SiteKind.CALL:
            return self._call(row, site)
        if row[0] == Op.NAME:
            return self._variable(row, site)
        return self._access(row, site) if row[0] == Op.ATTR and row[1] != NONE else None

    # Imports

    def _import(self, site: Site) -> MissingUse | None:
        row = self._facts.exprs[site.expr]
        dotted: str = row[2]
        names = self._rules.names
        found = names.qualified(self._path, dotted)
        if found is None:
            if not self._is_ours(dotted) or self._is_generated(dotted):
                return None
            return MissingUse(dotted, MissingKind.IMPORT, site.line)
        if row[0] != Op.IMPORT_FROM or self._known.may_have(found, row[3]):
            return None
        return MissingUse(f"{dotted}.{row[3]}", MissingKind.IMPORT, site.line)

    def _is_generated(self, dotted: str) -> bool:
        """True for what a build makes, as other files or the sources of such code tell."""
        name = dotted.rpartition(".")[2]
        return self._around.is_outside_elsewhere(dotted) or self._around.is_in_schema(name)

    def _is_ours(self, dotted: str) -> bool:
        """True for what would be a type of a package, or in a class, of this repository."""
        names = self._rules.names
        owner, _, name = dotted.rpartition(".")
        outer = names.qualified(self._path, owner) if owner else None
        if outer is not None:
            return outer[0] == "cls" and not self._known.may_have(outer, name)
        if owner not in names.packages.known or not name[:1].isupper():
            return False
        return not self._around.has_in_package(owner, name)

    # Types

    def _type(self, row: tuple[Any, ...], site: Site) -> MissingUse | None:
        """A type by its simple name; of a qualified one the member of a known class."""
        while row[0] in {Op.ITEM, Op.ARRAY}:
            row = self._facts.exprs[row[1]]
        if row[0] != Op.NAME:
            return None
        return self._simple_type(row[1], row[2], site)

    def _scope_around(self, scope: int, site: Site) -> int:
        """The scope whose classes may have a type: a class's members are not seen in its head."""
        row = self._facts.scopes[scope]
        is_head = site.kind in _HEADS and row.kind == ScopeKind.CLASS
        return row.parent if is_head else scope

    def _simple_type(self, scope: int, name: str, site: Site) -> MissingUse | None:
        if self._rules.names.simple(self._path, scope, name) is not None:
            return None
        # The facts keep names with a dollar in front for classes without a name.
        if name.startswith("$") or self._known.is_type_parameter(name, site.line):
            return None
        around = self._scope_around(scope, site)
        if not self._known.could_see(around) or self._is_elsewhere(name):
            return None
        if self._standing.begins_type(site.line, site.column):
            return None
        return MissingUse(name, MissingKind.NAME, site.line)

    def _is_elsewhere(self, name: str) -> bool:
        """True for a name that may come from an import, or from a generated file beside."""
        return (
            name in self._at.index.imports
            or self._known.has_unknown_imports()
            or self._around.is_used_beside(name)
            or self._around.is_in_schema(name)
        )

    # Variables

    def _variable(self, row: tuple[Any, ...], site: Site) -> MissingUse | None:
        scope, name = row[1], row[2]
        place = self._at.place(site.expr)
        if name in _THIS or place is None or place.kind != "package":
            return None
        if not self._standing.is_value(site.line, site.column):
            return None
        if not self._known.could_see(scope) or self._is_elsewhere(name):
            return None
        if self._known.has_static(name):
            return None
        return MissingUse(name, MissingKind.NAME, site.line)

    # Methods and fields

    def _call(self, row: tuple[Any, ...], site: Site) -> MissingUse | None:
        if row[0] == Op.NEW:
            return self._type(self._facts.exprs[row[1]], site) if row[3] == NONE else None
        if row[0] != Op.CALL or row[1] == NONE:
            return None
        callee = self._facts.exprs[row[1]]
        if callee[0] == Op.NAME:
            return self._method(callee, site)
        if callee[0] != Op.ATTR or callee[1] == NONE:
            return None
        return self._member(callee, site, is_method=True)

    def _method(self, callee: tuple[Any, ...], site: Site) -> MissingUse | None:
        scope, name = callee[1], callee[2]
        if name in _THIS or name in self._at.index.imports:
            return None
        is_seen = self._known.could_see(scope, has_methods=True)
        if self._known.has_method(scope, name) or not is_seen:
            return None
        if self._known.has_unknown_imports() or self._known.has_static(name):
            return None
        return MissingUse(name, MissingKind.NAME, site.line)

    def _access(self, row: tuple[Any, ...], site: Site) -> MissingUse | None:
        if row[2] in _THIS or row[2] in {"class", "length"}:
            return None
        return self._member(row, site, is_method=False)

    def _member(self, row: tuple[Any, ...], site: Site, *, is_method: bool) -> MissingUse | None:
        """A method or field of an object or class whose type is known whole."""
        name: str = row[2]
        outer = self._facts.exprs[row[1]]
        place = self._at.place(row[1]) if outer[0] in {Op.NAME, Op.ATTR} else None
        if place is not None and place.kind == "package":
            return None
        if outer[0] in {Op.NAME, Op.ATTR} and outer[2] == "super":
            return None
        owner = place.type_ if place is not None and place.kind == "type" else None
        owner = owner or self._rules.conversions.bounded(self._at.type_(row[1]))
        if not self._is_lacking(owner, name, is_method=is_method):
            return None
        return MissingUse(name, MissingKind.MEMBER, site.line, self._known.title(owner))

    def _is_lacking(self, owner: Type | None, name: str, *, is_method: bool) -> bool:
        if owner is None or owner[0] != CLASS or owner[1][0] != "cls":
            return False
        if is_method:
            is_whole = self._known.is_whole(owner[1])
            return is_whole and not self._rules.members.find(owner[1], name)
        return not self._known.has_field(owner[1], name)
