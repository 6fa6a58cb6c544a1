"""Every use in a file becomes an edge, or is kept apart where it denotes nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from graphdb.schema import EdgeKind, Tier
from graphdb.schema import Site as GraphSite
from indexer.facts import NONE, BindKind, FileFacts, Op, ScopeKind, Site, SiteKind
from indexer.languages.python.structure import VARIABLE_KINDS
from indexer.solver import OPEN

if TYPE_CHECKING:
    from indexer.languages.python.hierarchy import Hierarchy
    from indexer.languages.python.lookup import Denotation, Names
    from indexer.languages.python.values import Evaluator
    from indexer.links import FileLinks, Symbol
    from indexer.solver import Values

Place = tuple["Symbol", GraphSite]
"""Who uses something, and where."""

_FOLLOWED = frozenset({"type", "value", "protocol"})
"""Steps that followed a type or a value; the others are name rules."""

_MANAGING = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_OBJECT = frozenset(dir(object)) | {"__subclasses__", "mro"}
_ACCESS = {SiteKind.READ: "read", SiteKind.WRITE: "write", SiteKind.READ_WRITE: "readwrite"}


class NameLinker(Protocol):
    """What the uses need of the linker."""

    names: Names
    hierarchy: Hierarchy
    values: Evaluator


class Uses:
    """Turns the sites of one file into edges."""

    def __init__(self, linker: NameLinker, path: str, links: FileLinks, *, imported: bool) -> None:
        self._names = linker.names
        self._hierarchy = linker.hierarchy
        self._values = linker.values
        self._path = path
        self._links = links
        self._imported = imported
        self._facts: FileFacts = linker.names.file(path).facts
        self._memo: dict[int, Values] = {}
        self._sources: dict[int, Symbol] = {}
        self._descriptors: dict[Denotation, list[Denotation]] = {}

    def add(self, sites: list[Site]) -> None:
        """Add the edges of a file's sites."""
        # A table kept on the instance would be a cycle, and no collector runs meanwhile.
        by_kind = {
            SiteKind.CALL: self._call,
            SiteKind.DECORATOR: self._decorator,
            SiteKind.BASE: self._base,
            SiteKind.IMPORT: self._import,
            SiteKind.OPERATOR: self._operator,
        }
        for site in sites:
            by_kind.get(site.kind, self._use)(site)

    def _source(self, scope: int) -> Symbol:
        """The symbol whose code a scope is: the innermost function or class, else the module."""
        known = self._sources.get(scope)
        if known is None:
            known = self._sources[scope] = self._source_of(scope)
        return known

    def _source_of(self, scope: int) -> Symbol:
        while scope > 0:
            row = self._facts.scopes[scope]
            if row.definition != NONE:
                kind = "cls" if row.kind == ScopeKind.CLASS else "fn"
                return (kind, self._path, row.definition)
            scope = row.parent
        return ("mod", self._path)

    def _of(self, expr: int) -> Values:
        known = self._memo.get(expr)
        if known is None:
            known = self._memo[expr] = self._values.of(self._path, expr)
        return known

    # Calls

    def _call(self, site: Site) -> None:
        callee = self._facts.exprs[site.expr][1]
        source, where = self._source(site.scope), GraphSite(site.line, site.column, site.length)
        targets = self._callees(callee, (source, where)) if callee != NONE else []
        found = outside = False
        sure = Tier.EXACT if len({t[0][:3] for t in targets}) <= 1 else Tier.INFERRED
        for symbol, reason in targets:
            tier = Tier.INFERRED if reason in _FOLLOWED else sure
            if symbol[0] == "ext":
                outside = True
                if not symbol[1].startswith("builtins."):
                    self._edge(source, EdgeKind.CALLS, symbol, (tier, reason, "call"), where)
            elif symbol[0] == "outside":
                outside = True
            else:
                found = True
                self._called(source, symbol, (tier, reason), where)
        if not found and not outside:
            self._links.unresolved.append(f"{site.line}:{site.column} {self._text(callee)}")

    def _called(
        self, source: Symbol, symbol: Symbol, how: tuple[Tier, str], where: GraphSite
    ) -> None:
        tier, reason = how
        if symbol[0] == "fn":
            self._edge(source, EdgeKind.CALLS, symbol, (tier, reason, "call"), where)
            return
        self._edge(source, EdgeKind.INSTANTIATES, symbol, (tier, reason, "construct"), where)
        for target in self._constructors(symbol):
            self._edge(source, EdgeKind.CALLS, target, (tier, reason, "construct"), where)

    def _constructors(self, cls: Symbol) -> list[Symbol]:
        """What creating an instance runs: `__init__`, `__new__`, else the class itself."""
        found: list[Symbol] = []
        for name in ("__init__", "__new__"):
            found += [m for m in self._hierarchy.find((cls[1], cls[2]), name) if m[0] == "fn"]
        return found or [cls]

    def _edge(
        self,
        source: Symbol,
        kind: EdgeKind,
        target: Symbol,
        how: tuple[Tier, str, str],
        where: GraphSite,
    ) -> None:
        tier, reason, use = how
        self._links.add((source, kind, target), tier, reason, use, where)

    def _callees(self, callee: int, place: Place) -> list[tuple[Symbol, str]]:
        """What a call may run: ("fn" | "cls" | "ext", …) with the step that found it.

        A variable, field or property that holds what is called is read at the same place.
        """
        row = self._facts.exprs[callee]
        if row[0] == Op.NAME:
            denotations = self._names.lookup(self._path, row[1], row[2])
            reason = self._name_reason(row)
            found: list[tuple[Symbol, str]] = []
            for denotation in denotations:
                if denotation[0] in {"cls", "fn", "ext"}:
                    found.append((denotation, reason))
                else:
                    found += self._run_all(self._values.value_of(denotation), "value")
                    self._used(place, denotation, None, (SiteKind.READ, reason))
            return found
        if row[0] == Op.ATTR:
            return self._method_callees(row, place)
        return self._run_all(self._of(callee), "type")

    def _name_reason(self, row: tuple[Any, ...]) -> str:
        scope = self._names.scope_of(self._path, row[1], row[2])
        rows = self._names.file(self._path).scopes.get(scope, {}).get(row[2], [])
        is_import = scope == NONE or any(r.kind == BindKind.IMPORT for r in rows)
        return "import" if is_import else "scope"

    def _method_callees(self, row: tuple[Any, ...], place: Place) -> list[tuple[Symbol, str]]:
        found: list[tuple[Symbol, str]] = []
        for owner in self._of(row[1]):
            reason = self._owner_reason(owner, row[1])
            members = self._values.attribute(owner, row[2])
            for member, through in members:
                callees = self._member_callees(member, through, reason)
                if callees is None:
                    self._used(place, member, through, (SiteKind.READ, reason))
                    callees = self._run_all(self._values.member(member, through), "value")
                found += callees
            if not members and self._is_outside(owner, row[2]):
                found.append((("outside",), reason))
        return found

    def _member_callees(
        self, member: Denotation, owner: Denotation, reason: str
    ) -> list[tuple[Symbol, str]] | None:
        """The member itself where it is what runs; None where its value is."""
        if member[0] in {"cls", "ext"}:
            return [(member, reason)]
        if member[0] == "fn" and not self._is_property(member, owner):
            return [(member, reason)]
        return None

    def _run_all(self, values: Values, reason: str) -> list[tuple[Symbol, str]]:
        """What calling each of some values runs."""
        found: list[tuple[Symbol, str]] = []
        for value in values:
            kind = value[0]
            if kind in {"fn", "cls", "ext"}:
                found.append((value, reason))
            elif kind == "bound":
                found.append((("fn", value[1], value[2]), reason))
            elif kind == "inst":
                members = self._values.attribute(value, "__call__")
                found += [(m, "protocol") for m, _ in members if m[0] == "fn"]
            elif kind in {"xinst", "xcall", "xmeth"}:
                found.append((("outside",), reason))
        return found

    def _is_outside(self, owner: Denotation, name: str) -> bool:
        """True when what the owner lacks can only come from outside the repository."""
        if owner[0] in {"xinst", "ext", "xmeth"} or name in _OBJECT:
            return owner != OPEN
        if owner[0] in {"inst", "cls"}:
            return bool(self._hierarchy.outside((owner[1], owner[2])))
        return owner[0] == "super" and bool(self._hierarchy.outside((owner[3], owner[4])))

    def _owner_reason(self, owner: Denotation, expr: int) -> str:
        kind = owner[0]
        if kind in {"mod", "ns", "ext"}:
            return "import"
        if kind == "super":
            return "super"
        row = self._facts.exprs[expr]
        if row[0] == Op.NAME and self._is_receiver(row):
            return "self"
        return "class" if kind == "cls" else "type"

    def _is_receiver(self, row: tuple[Any, ...]) -> bool:
        scope = self._names.scope_of(self._path, row[1], row[2])
        index = self._names.file(self._path)
        return index.parameters.get(scope, {}).get(row[2]) == 0 and (
            index.class_of(self._facts.scopes[scope].definition) != NONE
        )

    def _is_property(self, member: Denotation, owner: Denotation) -> bool:
        return owner[0] == "inst" and self._hierarchy.is_property(member)

    def _operator(self, site: Site) -> None:
        """A `with` statement: its expression is what `as` would bind."""
        source, where = self._source(site.scope), GraphSite(site.line, site.column, site.length)
        row = self._facts.exprs[site.expr]
        for owner in self._of(row[1]) if row[0] == Op.ENTER else ():
            for name in _MANAGING:
                for member, _ in self._values.attribute(owner, name):
                    if member[0] == "fn":
                        how = (Tier.INFERRED, "protocol", "operator")
                        self._edge(source, EdgeKind.CALLS, member, how, where)

    # Other uses

    def _use(self, site: Site) -> None:
        source, where = self._source(site.scope), GraphSite(site.line, site.column, site.length)
        row = self._facts.exprs[site.expr]
        if row[0] == Op.NAME:
            for denotation in self._names.lookup(self._path, row[1], row[2]):
                self._used((source, where), denotation, None, (site.kind, self._name_reason(row)))
        elif row[0] == Op.ATTR:
            for owner in self._of(row[1]):
                reason = self._owner_reason(owner, row[1])
                for member, through in self._values.attribute(owner, row[2]):
                    self._used((source, where), member, through, (site.kind, reason))

    def _used(
        self, place: Place, denotation: Denotation, owner: Denotation | None, how: tuple[int, str]
    ) -> None:
        source, where = place
        site_kind, reason = how
        kind, tier = denotation[0], _tier(reason)
        if kind == "var":
            denotation = self._lasting(denotation)
            kind = denotation[0]
        if kind in {"var", "field"}:
            here = denotation[:2] == ("var", self._path) and source == ("mod", self._path)
            if here and site_kind == SiteKind.WRITE:
                return  # the module's own assignment is the definition
            self._touch(source, denotation, how, where)
            if kind == "field" and owner is not None and owner[0] == "inst":
                for accessor in self._accessors(denotation, site_kind):
                    self._edge(source, EdgeKind.CALLS, accessor, (tier, reason, "property"), where)
        elif kind == "fn" and owner is not None and self._is_property(denotation, owner):
            if site_kind == SiteKind.WRITE:
                denotation = self._hierarchy.setter(denotation)
            self._edge(source, EdgeKind.CALLS, denotation, (tier, reason, "property"), where)
        elif kind in {"fn", "cls"} and denotation != source:
            self._touch(source, denotation, how, where)

    def _touch(
        self, source: Symbol, target: Symbol, how: tuple[int, str], where: GraphSite
    ) -> None:
        site_kind, reason = how
        ends = (source, EdgeKind.USES, target)
        self._links.add(ends, _tier(reason), reason, "reference", where)
        self._links.access(ends, _ACCESS[site_kind])

    def _accessors(self, field: Denotation, site_kind: int) -> list[Denotation]:
        """`__get__` or `__set__` of the descriptors that a field holds."""
        key = (*field, site_kind == SiteKind.WRITE)
        known = self._descriptors.get(key)
        if known is None:
            name = "__set__" if key[-1] else "__get__"
            values = self._values.value_of(field)
            found = self._values.accessors(field, values, name).values()
            known = self._descriptors[key] = list(dict.fromkeys(member for member, _ in found))
        return known

    def _lasting(self, variable: Denotation) -> Symbol:
        """A class body's variable is the class's field; a local one is nothing in the graph."""
        path, name = variable[1], variable[3]
        scope: int = variable[2]
        if scope == 0:
            rows = self._names.file(path).scopes.get(0, {}).get(name, [])
            return variable if any(r.kind in VARIABLE_KINDS for r in rows) else ("local",)
        row = self._names.file(path).facts.scopes[scope]
        field = ("field", path, row.definition, name)
        if row.kind != ScopeKind.CLASS or field not in self._hierarchy.own(
            (path, row.definition), name
        ):
            return ("local",)
        return field

    def _decorator(self, site: Site) -> None:
        definition = self._facts.scopes[site.scope].definition
        decorated = self._definition_symbol(definition)
        where = GraphSite(site.line, site.column, site.length)
        row = self._names.file(self._path).expr(site.expr)
        called = row[0] == Op.CALL
        callee = row[1] if called else site.expr
        source = self._source(self._facts.definitions[definition].scope)
        for symbol, reason in self._callees(callee, (source, where)) if callee != NONE else []:
            if symbol[0] not in {"fn", "cls", "ext"} or str(symbol[1]).startswith("builtins."):
                continue
            self._edge(
                symbol, EdgeKind.DECORATES, decorated, (_tier(reason), reason, "decorator"), where
            )
            if not called and symbol[0] in {"fn", "cls"}:
                tier = _tier(reason)
                targets = [symbol]
                if symbol[0] == "cls":
                    self._edge(
                        source, EdgeKind.INSTANTIATES, symbol, (tier, reason, "decorator"), where
                    )
                    targets = self._constructors(symbol)
                for target in targets:
                    self._edge(source, EdgeKind.CALLS, target, (tier, reason, "decorator"), where)

    def _definition_symbol(self, number: int) -> Symbol:
        return ("cls" if self._facts.definitions[number].is_class else "fn", self._path, number)

    def _base(self, site: Site) -> None:
        definition = self._facts.scopes[site.scope].definition
        derived = self._definition_symbol(definition)
        where = GraphSite(site.line, site.column, site.length)
        for denotation in self._names.static(self._path, site.expr):
            if denotation[0] in {"cls", "ext"} and denotation != derived:
                if denotation[1] == "builtins.object":
                    continue
                how = (Tier.EXACT, "base", "reference")
                self._edge(derived, EdgeKind.INHERITS, denotation, how, where)

    def _import(self, site: Site) -> None:
        module: Symbol = ("mod", self._path)
        where = GraphSite(site.line, site.column, site.length)
        row = self._facts.exprs[site.expr]
        source = self._names.module(self._path, row[1], row[2])
        how = (Tier.EXACT, "import", "reference")
        if source is not None and source[0] == "mod" and source != module:
            self._edge(module, EdgeKind.IMPORTS, source, how, where)
        for denotation in self._names.imported(self._path, row):
            symbol = self._lasting(denotation) if denotation[0] == "var" else denotation
            if symbol[0] in {"ns", "local", "field"} or symbol == module:
                continue
            self._edge(module, EdgeKind.IMPORTS, symbol, how, where)
            if self._imported and site.scope == 0 and symbol[0] in {"cls", "fn", "var"}:
                self._reexport(module, symbol, row)

    def _reexport(self, module: Symbol, symbol: Symbol, row: tuple[Any, ...]) -> None:
        if row[0] == Op.IMPORT_FROM and symbol[1] != self._path:
            link = self._links.add((module, EdgeKind.CONTAINS, symbol), Tier.EXACT, "import")
            link.extra = {"via": "import"}

    def _text(self, expr: int) -> str:
        """An expression as text, for the list of what stayed unresolved."""
        if expr == NONE:
            return "?"
        row = self._facts.exprs[expr]
        if row[0] == Op.NAME:
            return str(row[2])
        if row[0] == Op.ATTR:
            return f"{self._text(row[1])}.{row[2]}"
        if row[0] == Op.CALL:
            return f"{self._text(row[1])}()"
        return f"{self._text(row[1])}[]" if row[0] == Op.ITEM else "?"


def _tier(reason: str) -> Tier:
    return Tier.INFERRED if reason in _FOLLOWED else Tier.EXACT
