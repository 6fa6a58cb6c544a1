"""Every use in a file becomes an edge, or is kept apart where it denotes nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphdb.schema import EdgeKind, Tier
from graphdb.schema import Site as GraphSite
from indexer.facts import NONE, FileFacts, Op, ScopeKind, Site, SiteKind
from indexer.languages.python.lookup import ALIAS_OPS
from indexer.languages.python.overrides import is_abstract
from indexer.languages.python.protocol_uses import ProtocolUses
from indexer.languages.python.resolution import FLOW, OVERRIDE, Found, Read, Resolution
from indexer.languages.python.structure import VARIABLE_KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.languages.python.link import PythonLinker
    from indexer.languages.python.lookup import Denotation
    from indexer.links import FileLinks, Symbol

Place = tuple["Symbol", GraphSite]
"""Who uses something, and where."""

_FOLLOWED = frozenset({"value", "protocol", FLOW})
"""Steps that followed a value; the others are name rules and declared or constructed types."""

_ACCESS = {SiteKind.READ: "read", SiteKind.WRITE: "write", SiteKind.READ_WRITE: "readwrite"}


class _Made(NamedTuple):
    """An edge that a use makes, wherever the use stands; access: of USES alone."""

    kind: EdgeKind
    target: Symbol
    how: tuple[Tier, str, str]
    access: str | None = None


class _Called(NamedTuple):
    """What a callee makes of each of its calls; functions: built-in ones that ask an argument."""

    made: list[_Made]
    functions: list[str]
    is_resolved: bool


class Uses:
    """Turns the sites of one file into edges.

    What a use denotes is asked once for all places that say the same.
    """

    def __init__(
        self, linker: PythonLinker, path: str, links: FileLinks, *, imported: bool
    ) -> None:
        self._names = linker.names
        self._aliases = linker.aliases
        self._hierarchy = linker.hierarchy
        self._values = linker.values
        self._path = path
        self._links = links
        self._imported = imported
        self._facts: FileFacts = linker.names.file(path).facts
        self._types = Resolution(linker, path, followed=False)
        self._flow = Resolution(linker, path, followed=True)
        self._protocols = ProtocolUses(links, self._types, self._flow)
        self._sources: dict[int, Symbol] = {}
        self._descriptors: dict[Denotation, list[Denotation]] = {}
        self._by_callee: dict[int, _Called] = {}
        self._by_use: dict[tuple[int, int], list[_Made]] = {}

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

    def _place(self, site: Site) -> Place:
        return self._source(site.scope), GraphSite(site.line, site.column, site.length)

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

    def _edge(
        self, place: Place, kind: EdgeKind, target: Symbol, how: tuple[Tier, str, str]
    ) -> None:
        tier, reason, use = how
        self._links.add((place[0], kind, target), tier, reason, use, place[1])

    def _add(self, place: Place, edges: Iterable[_Made]) -> None:
        """Add what a use makes, at its place."""
        (source, where), links = place, self._links
        for kind, target, (tier, reason, use), access in edges:
            if access is None:
                links.add((source, kind, target), tier, reason, use, where)
            elif target != source:
                links.add((source, kind, target), tier, reason, use, where)
                links.access((source, kind, target), access)

    # Calls

    def _call(self, site: Site) -> None:
        call = self._facts.exprs[site.expr]
        callee, place = call[1], self._place(site)
        same = self._types.same(callee)
        called = self._by_callee.get(same)
        if called is None:
            called = self._by_callee[same] = self._called_by(same)
        self._add(place, called.made)
        for name in called.functions:
            self._protocols.function(name, call[2], place)
        if not called.is_resolved:
            self._links.unresolved.append(f"{site.line}:{site.column} {self._text(callee)}")

    def _called_by(self, callee: int) -> _Called:
        found = self._callees(callee)
        outside = [s[1] for s, _ in found.targets if s[0] == "ext"]
        functions = [n.rpartition(".")[2] for n in outside if n.startswith("builtins.")]
        is_resolved = bool(found.targets or found.candidates)
        made = [*self._run(found), *self._read_alias(callee, (s for s, _ in found.targets))]
        return _Called(made, functions, is_resolved)

    def _callees(self, callee: int) -> Found:
        """What a call may run: by types, and where they leave something open by value flow."""
        if callee == NONE:
            return Found()
        found = self._types.callees(callee)
        if found.is_open or not found.targets:
            more = self._flow.callees(callee)
            known = {symbol for symbol, _ in found.targets}
            found.targets += [each for each in dict.fromkeys(more.targets) if each[0] not in known]
            found.candidates += more.candidates
            read = {(r.denotation, r.owner) for r in found.reads}
            found.reads += [
                r._replace(reason=FLOW) for r in more.reads if (r.denotation, r.owner) not in read
            ]
        return found

    def _run(self, found: Found, kind: str | None = None) -> Iterator[_Made]:
        """What a use runs and reads; kind: how, where no call shows it."""
        for read in found.reads:
            yield from self._used(read, SiteKind.READ)
        several = len({s[:3] for s, _ in found.targets if s[0] not in {"ext", "outside"}}) > 1
        direct = {symbol for symbol, _ in found.targets}
        candidates = [symbol for symbol in dict.fromkeys(found.candidates) if symbol not in direct]
        for symbol, reason in found.targets:
            if symbol[0] == "outside" or (symbol[0] == "ext" and symbol[1].startswith("builtins.")):
                continue
            is_overridden = candidates and symbol[0] == "fn" and is_abstract(self._names, symbol)
            # One answer in all is as good as a name; several are possibilities.
            tier = Tier.INFERRED if several or is_overridden else Tier.EXACT
            yield from self._called(symbol, (tier, reason), kind)
        for symbol in candidates:
            is_made = self._names.definition(symbol[1], symbol[2]).name == "__init__"
            how = (Tier.CANDIDATE, OVERRIDE, kind or ("construct" if is_made else "call"))
            yield _Made(EdgeKind.CALLS, symbol, how)

    def _called(
        self, symbol: Symbol, how: tuple[Tier, str], kind: str | None = None
    ) -> Iterator[_Made]:
        """A function is called, or a class's instance made."""
        if symbol[0] != "cls":
            yield _Made(EdgeKind.CALLS, symbol, (*how, kind or "call"))
            return
        use = (*how, kind or "construct")
        yield _Made(EdgeKind.INSTANTIATES, symbol, use)
        for target in self._constructors(symbol):
            yield _Made(EdgeKind.CALLS, target, use)

    def _constructors(self, cls: Symbol) -> list[Symbol]:
        """What creating an instance runs: `__init__`, `__new__`, else the class itself."""
        found: list[Symbol] = []
        for name in ("__init__", "__new__"):
            found += [m for m in self._hierarchy.find((cls[1], cls[2]), name) if m[0] == "fn"]
        return found or [cls]

    def _operator(self, site: Site) -> None:
        """What a statement runs: `with`, `for` and operators by their methods, `raise` a class."""
        row = self._facts.exprs[site.expr]
        if row[0] != Op.INSTANCE:
            self._protocols.statement(row, self._place(site))
            return
        for value in self._types.of(row[1]):
            if value[0] == "cls":
                self._add(self._place(site), self._called(value, (Tier.EXACT, "class")))

    def _decorator(self, site: Site) -> None:
        """A decorator is related to what it decorates, and called with it."""
        definition = self._facts.scopes[site.scope].definition
        decorated = self._definition_symbol(definition)
        row = self._names.file(self._path).expr(site.expr)
        callee = row[1] if row[0] == Op.CALL else site.expr
        source = self._source(self._facts.definitions[definition].scope)
        place = source, GraphSite(site.line, site.column, site.length)
        named = self._callees(callee)
        self._add(place, self._read_alias(callee, (symbol for symbol, _ in named.targets)))
        for symbol, reason in named.targets:
            if symbol[0] in {"fn", "cls"} or (
                symbol[0] == "ext" and not symbol[1].startswith("builtins.")
            ):
                how = (_tier(reason), reason, "decorator")
                self._edge((symbol, place[1]), EdgeKind.DECORATES, decorated, how)
        # Of `@f(x)` the result decorates; the call itself is a site of its own.
        run = self._callees(site.expr) if row[0] == Op.CALL else named
        targets = [each for each in run.targets if each[0][0] in {"fn", "cls"}]
        self._add(place, self._run(Found(targets, reads=run.reads), "decorator"))

    # Other uses

    def _use(self, site: Site) -> None:
        place = self._place(site)
        key = (self._types.same(site.expr), site.kind)
        made = self._by_use.get(key)
        if made is None:
            made = self._by_use[key] = list(self._made_by(*key))
        if site.kind == SiteKind.WRITE and place[0] == ("mod", self._path):
            # The module's own assignment is the definition.
            made = [each for each in made if each.target[:2] != ("var", self._path)]
        self._add(place, made)

    def _made_by(self, expr: int, site_kind: int) -> Iterator[_Made]:
        found = self._types.uses(expr)
        for read in found.reads:
            yield from self._used(read, site_kind)
        if site_kind == SiteKind.READ:
            yield from self._read_alias(expr, (read.denotation for read in found.reads))
        candidates = found.candidates
        if found.is_open:
            more = self._flow.uses(expr)
            candidates = candidates + more.candidates
            for read in more.reads:
                yield from self._used(read._replace(reason=FLOW), site_kind)
        if site_kind != SiteKind.READ:
            yield from self._set(expr)
            return
        for symbol in dict.fromkeys(candidates):
            yield _Made(EdgeKind.CALLS, symbol, (Tier.CANDIDATE, OVERRIDE, "property"))

    def _read_alias(self, expr: int, denoted: Iterable[Denotation]) -> Iterator[_Made]:
        """The variable through which a definition is denoted is read, too."""
        alias = self._alias(self._facts.exprs[expr], denoted) if expr != NONE else None
        if alias is not None:
            reason = "scope" if alias[1] == self._path else "import"
            yield _touched(alias, SiteKind.READ, reason)

    def _alias(self, row: tuple[Any, ...], denoted: Iterable[Denotation]) -> Denotation | None:
        """The variable that a row names, where that is not the name of what it denotes."""
        name = row[3] if row[0] == Op.IMPORT_FROM else row[2] if row[0] in ALIAS_OPS else None
        known = (d for d in denoted if name is not None and d[0] in {"cls", "fn"})
        if any(self._names.definition(d[1], d[2]).name != name for d in known):
            return self._aliases.written(self._path, row)
        return None

    def _set(self, expr: int) -> Iterator[_Made]:
        """An attribute that is set runs the `__setattr__` of its class."""
        row = self._facts.exprs[expr]
        for owner in self._types.of(row[1]) if row[0] == Op.ATTR else ():
            if owner[0] == "inst":
                for member in self._hierarchy.find((owner[1], owner[2]), "__setattr__"):
                    if member[0] == "fn":
                        how = (Tier.INFERRED, "protocol", "property")
                        yield _Made(EdgeKind.CALLS, member, how)

    def _used(self, read: Read, site_kind: int) -> Iterator[_Made]:
        denotation, owner, reason = read
        kind, tier = denotation[0], _tier(reason)
        if kind == "var":
            denotation = self._lasting(denotation)
            kind = denotation[0]
        if kind in {"var", "field"}:
            is_field = kind == "field"
            target = self._hierarchy.declaring(denotation) if is_field else denotation
            yield _touched(target, site_kind, reason)
            if is_field and owner is not None and owner[0] == "inst":
                for accessor in self._accessors(denotation, site_kind):
                    yield _Made(EdgeKind.CALLS, accessor, (tier, reason, "property"))
        elif kind == "fn" and self._runs_by_reading(denotation, owner):
            if site_kind == SiteKind.WRITE:
                denotation = self._hierarchy.setter(denotation)
            yield _Made(EdgeKind.CALLS, denotation, (tier, reason, "property"))
        elif kind in {"fn", "cls"}:
            yield _touched(denotation, site_kind, reason)

    def _runs_by_reading(self, member: Denotation, owner: Denotation | None) -> bool:
        if owner is not None:
            return self._types.is_property(member, owner)
        return self._names.definition(member[1], member[2]).name == "__getattr__"

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
        variable = variable[:4]
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

    def _definition_symbol(self, number: int) -> Symbol:
        return ("cls" if self._facts.definitions[number].is_class else "fn", self._path, number)

    def _base(self, site: Site) -> None:
        definition = self._facts.scopes[site.scope].definition
        derived = self._definition_symbol(definition)
        where = GraphSite(site.line, site.column, site.length)
        bases = self._names.static(self._path, site.expr)
        self._add((derived, where), self._read_alias(site.expr, bases))
        for denotation in bases:
            if denotation[0] in {"cls", "ext"} and denotation != derived:
                if denotation[1] == "builtins.object":
                    continue
                how = (Tier.EXACT, "base", "reference")
                self._edge((derived, where), EdgeKind.INHERITS, denotation, how)

    def _import(self, site: Site) -> None:
        module: Symbol = ("mod", self._path)
        where = GraphSite(site.line, site.column, site.length)
        row = self._facts.exprs[site.expr]
        source = self._names.module(self._path, row[1], row[2])
        how = (Tier.EXACT, "import", "reference")
        if source is not None and source[0] == "mod" and source != module:
            self._edge((module, where), EdgeKind.IMPORTS, source, how)
        for denotation in self._names.imported(self._path, row):
            symbol = self._lasting(denotation) if denotation[0] == "var" else denotation
            if symbol[0] in {"ns", "local", "field"} or symbol == module:
                continue
            self._edge((module, where), EdgeKind.IMPORTS, symbol, how)
            if alias := self._alias(row, (symbol,)):
                self._edge((module, where), EdgeKind.IMPORTS, alias, how)
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


def _touched(target: Symbol, site_kind: int, reason: str) -> _Made:
    how = (_tier(reason), reason, "reference")
    return _Made(EdgeKind.USES, target, how, _ACCESS[site_kind])


def _tier(reason: str) -> Tier:
    return Tier.INFERRED if reason in _FOLLOWED else Tier.EXACT
