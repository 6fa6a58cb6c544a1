"""Every use in a Java file becomes an edge, or is kept apart where it denotes nothing known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdb.schema import EdgeKind, Tier
from graphdb.schema import Site as GraphSite
from indexer.facts import NONE, Op, Site, SiteKind
from indexer.languages.java.types import ARRAY, CLASS

if TYPE_CHECKING:
    from indexer.languages.java.calls import Resolved
    from indexer.languages.java.evaluator import Evaluator
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import Key, Method, Type
    from indexer.links import FileLinks, Symbol

_IMPLICIT = "java.lang."
_ACCESS = {SiteKind.READ: "read", SiteKind.WRITE: "write", SiteKind.READ_WRITE: "readwrite"}
_MAX_INFERRED = 3
"""How many overloads may be meant before they are only candidates."""

_FORMS = {
    Op.NAME: "{2}",
    Op.LOCAL: "{1}",
    Op.ATTR: ".{2}",
    Op.METHOD_REF: "::{2}",
    Op.CALL: "()",
    Op.ITEM: "[]",
}
"""How expressions are shown, behind what they begin with."""

_MAX_PARTS = 60
_CONSTRUCTOR = ".<init>"


class Uses:
    """Turns the sites of one file into edges."""

    def __init__(self, rules: Rules, at: Evaluator, links: FileLinks) -> None:
        self._rules = rules
        self._at = at
        self._path = at.path
        self._links = links
        self._facts = at.index.facts
        self._sources: dict[int, Symbol] = {}
        self._delegating: set[int] = set()

    def add(self, sites: list[Site]) -> None:
        """Add the edges of a file's sites."""
        # A table kept on the instance would be a cycle, and no collector runs meanwhile.
        by_kind = {
            SiteKind.CALL: self._call,
            SiteKind.READ: self._use,
            SiteKind.WRITE: self._use,
            SiteKind.READ_WRITE: self._use,
            SiteKind.TYPE: self._type,
            SiteKind.DECORATOR: self._decorator,
            SiteKind.BASE: self._base,
            SiteKind.IMPLEMENTS: self._base,
            SiteKind.IMPORT: self._import,
        }
        for site in sites:
            by_kind[site[0]](site)
        self._implicit_constructors()

    def _implicit_constructors(self) -> None:
        """A constructor that names no other runs the superclass's, written or not."""
        index, facts = self._at.index, self._facts
        for number, d in enumerate(facts.definitions):
            if not d.is_class or d.name.startswith("$") or "record" in d.flags:
                continue
            constructors = index.constructors.get(d.body, [])
            silent = [n for n in constructors if n not in self._delegating]
            sources: list[Symbol] = [("fn", self._path, n) for n in silent]
            if constructors and not silent:
                continue
            base = self._at.superclass(("cls", self._path, number))
            if base is None or base[1][0] != "cls":
                continue
            for source in sources or [("cls", self._path, number)]:
                self._implicit(source, base[1])

    def _implicit(self, source: Symbol, base: Key) -> None:
        number: int = source[2]
        d = self._facts.definitions[number]
        where = GraphSite(d.name_line, d.name_column, len(d.name.encode()))
        how = (Tier.EXACT, "super", "construct")
        members = [m for m in self._rules.classes.constructors(base) if _takes_nothing(m)]
        if members:
            self._run(source, members[0], how, where)
        elif not self._rules.classes.constructors(base):
            self._links.add((source, EdgeKind.CALLS, base), *how, where)

    def _source(self, scope: int) -> Symbol:
        known = self._sources.get(scope)
        if known is None:
            known = ("mod", self._path)
            if scope > 0:
                number = self._facts.scopes[scope].definition
                kind = "cls" if self._facts.definitions[number].is_class else "fn"
                known = (kind, self._path, number)
            self._sources[scope] = known
        return known

    # Calls

    def _call(self, site: Site) -> None:
        resolved = self._at.call(site.expr)
        source, row = self._source(site.scope), self._facts.exprs[site.expr]
        if row[0] == Op.CALL and self._is_delegation(row):
            self._delegating.add(source[2])
        if resolved is None:
            text = ("new " if row[0] == Op.NEW else "") + self._text(self._callee(site.expr))
            self._links.unresolved.append(f"{site.line}:{site.column} {text}")
            return
        where = GraphSite(site.line, site.column, site.length)
        tier, reason = self._how(row, resolved)
        if resolved.outside is not None:
            self._outside(source, resolved.outside, (tier, reason, "call"), where)
            return
        kind = "reference" if row[0] == Op.METHOD_REF else "call"
        if resolved.owner is not None:
            kind = kind if kind == "reference" else "construct"
            self._constructed(source, row, resolved, (tier, reason, kind), where)
            return
        for method in resolved.methods:
            self._run(source, method, (tier, reason, kind), where)
        if resolved.receiver is not None and row[1] != NONE:
            self._candidates(source, row, resolved, (kind, where))

    def _is_delegation(self, row: tuple[Any, ...]) -> bool:
        callee = self._facts.exprs[row[1]]
        return callee[0] == Op.NAME and callee[2] in {"this", "super"}

    def _callee(self, expr: int) -> int:
        row = self._facts.exprs[expr]
        return row[1] if row[0] in {Op.CALL, Op.NEW} else expr

    def _how(self, row: tuple[Any, ...], resolved: Resolved) -> tuple[Tier, str]:
        if not resolved.is_sure:
            is_open = len(resolved.methods) > _MAX_INFERRED
            return Tier.CANDIDATE if is_open else Tier.INFERRED, "overload"
        if row[0] == Op.CALL and row[1] != NONE:
            callee = self._facts.exprs[row[1]]
            if callee[0] == Op.ATTR and self._at.is_followed(callee[1]):
                return Tier.INFERRED, "value"
        return Tier.EXACT, resolved.reason

    def _run(
        self, source: Symbol, method: Method, how: tuple[Tier, str, str], where: GraphSite
    ) -> None:
        symbol = method.symbol
        if symbol is None:
            return
        if symbol[0] == "ext":
            self._outside(source, symbol[1], how, where)
        elif symbol[0] == "field":
            ends = (source, EdgeKind.USES, symbol)
            self._links.add(ends, how[0], how[1], "property", where)
            self._links.access(ends, "read")
        else:
            self._links.add((source, EdgeKind.CALLS, symbol), *how, where)

    def _outside(
        self, source: Symbol, name: str, how: tuple[Tier, str, str], where: GraphSite
    ) -> None:
        name = name.removesuffix(_CONSTRUCTOR)
        if name and not name.startswith(_IMPLICIT):
            self._links.add((source, EdgeKind.CALLS, ("ext", name)), *how, where)

    def _constructed(
        self,
        source: Symbol,
        row: tuple[Any, ...],
        resolved: Resolved,
        how: tuple[Tier, str, str],
        where: GraphSite,
    ) -> None:
        owner = resolved.owner
        if owner is None:
            return
        if row[0] != Op.CALL:
            self._links.add((source, EdgeKind.INSTANTIATES, owner), *how, where)
        if row[0] == Op.NEW and row[4]:
            # The class without a name has a constructor without text, which calls the one meant.
            self._links.add((source, EdgeKind.CALLS, owner), *how, where)
            source = owner
            if not resolved.methods and resolved.on is not None:
                self._base_constructor(owner, resolved.on, how, where)
        elif not resolved.methods:
            self._links.add((source, EdgeKind.CALLS, owner), *how, where)
        for method in resolved.methods:
            self._run(source, method, how, where)

    def _base_constructor(
        self, owner: Key, base: Type, how: tuple[Tier, str, str], where: GraphSite
    ) -> None:
        """A class of the repository that declares no constructor is itself what is called."""
        is_interface = self._rules.classes.declared(base[1]).is_interface
        if base[1][0] == "cls" and not is_interface:
            self._links.add((owner, EdgeKind.CALLS, base[1]), *how, where)

    def _candidates(
        self, source: Symbol, row: tuple[Any, ...], resolved: Resolved, what: tuple[str, GraphSite]
    ) -> None:
        """Methods of subclasses that may run instead."""
        receiver: Type | None = resolved.receiver
        if receiver is None or receiver[0] != CLASS or self._is_new(row):
            return
        kind, where = what
        for method in resolved.methods:
            if method.is_fixed or method.is_static:
                continue
            for other in self._rules.subclasses.overriding(receiver[1], method):
                ends = (source, EdgeKind.CALLS, other.symbol or method.owner)
                self._links.add(ends, Tier.CANDIDATE, "override", kind, where)

    def _is_new(self, row: tuple[Any, ...]) -> bool:
        """True for a call on an object that is made right there: its class is known."""
        callee = self._facts.exprs[row[1]]
        if callee[0] != Op.ATTR or callee[1] == NONE:
            return False
        return self._facts.exprs[callee[1]][0] == Op.NEW

    # Other uses

    def _use(self, site: Site) -> None:
        place = self._at.place(site.expr)
        if place is None:
            return
        source, where = self._source(site.scope), GraphSite(site.line, site.column, site.length)
        if place.kind == "type":
            self._refer(source, place.type_, place.reason, where)
        field = place.field
        if field is None or field.symbol is None or field.symbol[0] != "field":
            return
        row = self._facts.exprs[site.expr]
        followed = row[0] == Op.ATTR and self._at.is_followed(row[1])
        tier, reason = (Tier.INFERRED, "value") if followed else (Tier.EXACT, place.reason)
        ends = (source, EdgeKind.USES, field.symbol)
        self._links.add(ends, tier, reason, "reference", where)
        self._links.access(ends, _ACCESS[site.kind])

    def _type(self, site: Site) -> None:
        source, where = self._source(site.scope), GraphSite(site.line, site.column, site.length)
        row = self._facts.exprs[site.expr]
        reason = "import" if row[-1] in self._at.index.imports else "scope"
        self._refer(source, self._at.written(site.expr), reason, where)

    def _refer(self, source: Symbol, type_: Type | None, reason: str, where: GraphSite) -> None:
        while type_ is not None and type_[0] == ARRAY:
            type_ = type_[1]
        if type_ is not None and type_[0] == CLASS and type_[1][0] == "cls" and type_[1] != source:
            ends = (source, EdgeKind.USES, type_[1])
            self._links.add(ends, Tier.EXACT, reason, "reference", where)
            self._links.access(ends, "read")

    def _decorator(self, site: Site) -> None:
        number = self._facts.scopes[site.scope].definition
        kind = "cls" if self._facts.definitions[number].is_class else "fn"
        annotation = self._class(site.expr)
        if annotation is None or str(annotation[1]).startswith(_IMPLICIT):
            return
        where = GraphSite(site.line, site.column, site.length)
        ends = (annotation, EdgeKind.DECORATES, (kind, self._path, number))
        self._links.add(ends, Tier.EXACT, "scope", "decorator", where)

    def _class(self, expr: int) -> Key | None:
        type_ = self._at.written(expr)
        return type_[1] if type_ is not None and type_[0] == CLASS else None

    def _base(self, site: Site) -> None:
        number = self._facts.scopes[site.scope].definition
        derived: Symbol = ("cls", self._path, number)
        type_ = self._rules.reader.of(self._path, site.expr, number)
        if type_ is None or type_[0] != CLASS or type_[1] == derived:
            return
        where = GraphSite(site.line, site.column, site.length)
        how = (Tier.EXACT, "base", "reference")
        self._links.add((derived, EdgeKind.INHERITS, type_[1]), *how, where)
        if site.kind == SiteKind.IMPLEMENTS:
            self._links.add((derived, EdgeKind.IMPLEMENTS, type_[1]), *how, where)

    def _import(self, site: Site) -> None:
        module: Symbol = ("mod", self._path)
        where = GraphSite(site.line, site.column, site.length)
        row = self._facts.exprs[site.expr]
        how = (Tier.EXACT, "import", "reference")
        found = self._rules.names.qualified(self._path, row[2]) or ("ext", row[2])
        targets: list[Symbol] = [found]
        if row[0] == Op.IMPORT_FROM:
            targets = self._static_members(found, row[3])
        for target in targets:
            self._links.add((module, EdgeKind.IMPORTS, target), *how, where)
        if found[0] == "cls" and found[1] != self._path:
            self._links.add((module, EdgeKind.IMPORTS, ("mod", found[1])), *how, where)

    def _static_members(self, owner: Key, name: str) -> list[Symbol]:
        """What `import static C.name` brings: methods, a field, a member class."""
        methods = [m.method for m in self._rules.members.find(owner, name)]
        found: list[Symbol] = [m.symbol for m in methods if m.is_static and m.symbol is not None]
        field = self._rules.classes.field(owner, name)
        if field is not None and field.symbol is not None:
            found.append(field.symbol)
        inner = self._rules.names.member(owner, name) if owner[0] == "cls" else None
        if inner is not None:
            found.append(inner)
        return found or [("ext", f"{owner[1]}.{name}")] if owner[0] == "ext" else found

    def _text(self, expr: int) -> str:
        """An expression as text, for the list of what stayed unresolved; of a long one the end."""
        parts: list[str] = []
        while expr != NONE and len(parts) < _MAX_PARTS:
            row = self._facts.exprs[expr]
            form = _FORMS.get(row[0])
            if form is None:
                break
            parts.append(form.format(*row))
            if row[0] in {Op.NAME, Op.LOCAL}:
                return "".join(reversed(parts))
            expr = row[1]
        return "?" + "".join(reversed(parts))


def _takes_nothing(method: Method) -> bool:
    """True for a constructor that can be called without arguments."""
    return not method.parameters or (method.is_varargs and len(method.parameters) == 1)
