"""Toy: from a file's facts to its edges.

A name is a parameter or variable of the function, else what the module binds; a dotted name goes on
in the module that its first part names. Whatever another file is asked is noted, and so is what it
does not have: that is all that keeps updates exact.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import EdgeKind, Tier
from graphdb.schema import Site as GraphSite
from indexer.facts import BindKind, Op, SiteKind
from indexer.links import DirectLinker, FileLinks, Symbol
from indexer.solver import BODY

if TYPE_CHECKING:
    from indexer.facts import FileFacts, Site
    from indexer.project import Project

SUFFIX = ".toy"
LOCAL: Symbol = ("local",)
"""What lives no longer than a call: nothing in the graph."""


class ToyLinker(DirectLinker):
    """Links toy files."""

    def __init__(self, project: Project) -> None:
        super().__init__()
        self._project = project

    def module_name(self, path: str) -> str:
        """The path with dots."""
        return path.removesuffix(SUFFIX).replace("/", ".")

    def variables(self, path: str) -> list[Symbol]:
        """What `let` binds outside functions."""
        rows = self._project.facts(path).bindings
        names = [row.name for row in rows if row.scope == 0 and row.kind == BindKind.ASSIGN]
        return [("var", path, 0, name) for name in dict.fromkeys(names)]

    def link(self, path: str) -> FileLinks:
        """Resolve everything that one file says."""
        self.log.begin((path, BODY))
        links = FileLinks()
        module: Symbol = ("mod", path)
        facts = self._project.facts(path)
        own: list[Symbol] = [("fn", path, number) for number in range(len(facts.definitions))]
        for symbol in (*own, *self.variables(path)):
            links.mark((module, EdgeKind.CONTAINS, symbol), via="definition")
        for site in self._project.sites(path):
            self._use(facts, site, links)
        return links

    # What a use becomes

    def _use(self, facts: FileFacts, site: Site, links: FileLinks) -> None:
        row = facts.exprs[site.expr]
        source = _source(facts, site.scope)
        place = GraphSite(site.line, site.column, site.length)
        if site.kind == SiteKind.IMPORT:
            ends = (source, EdgeKind.IMPORTS, self._module(row[2]))
            links.add(ends, Tier.EXACT, "import", "reference", place)
            return
        is_call = site.kind == SiteKind.CALL
        names = _names(facts, row[1] if is_call else site.expr)
        target = self._resolve(facts.path, site.scope, names)
        reason = "scope" if len(names) == 1 else "import"
        if is_call and target is not None and target[0] in {"fn", "ext"}:
            links.add((source, EdgeKind.CALLS, target), Tier.EXACT, reason, "call", place)
        elif is_call:
            links.unresolved.append(f"{site.line}:{site.column} {'.'.join(names)}")
        elif target is not None and target[0] in {"fn", "var"}:
            ends = (source, EdgeKind.USES, target)
            links.add(ends, Tier.EXACT, reason, "reference", place)
            links.access(ends, "read")

    # What a name means

    def _resolve(self, path: str, scope: int, names: list[str]) -> Symbol | None:
        """What a dotted name denotes; None for nothing that is known."""
        first, *rest = names
        facts = self._project.facts(path)
        found = LOCAL if _is_local(facts, scope, first) else self._top(path, first)
        for name in rest:
            if found is None or found[0] not in {"mod", "ext"}:
                return None
            if found[0] == "ext":
                found = ("ext", f"{found[1]}.{name}")
            else:
                found = self._top(found[1], name)
        return found

    def _top(self, path: str, name: str) -> Symbol | None:
        """What a module's own name denotes; the last that binds it."""
        self.log.note((path, name))
        facts = self._project.facts(path)
        found: Symbol | None = None
        for number, definition in enumerate(facts.definitions):
            if definition.name == name:
                found = ("fn", path, number)
        if found is not None:
            return found
        for row in facts.bindings:
            if row.scope == 0 and row.name == name:
                is_import = row.kind == BindKind.IMPORT
                found = self._module(facts.exprs[row.value][2]) if is_import else None
                found = found or ("var", path, 0, name)
        return found

    def _module(self, dotted: str) -> Symbol:
        """The file that `use` means, or a name outside; both answers hang on which files exist."""
        self.log.note(("", dotted))
        path = dotted.replace(".", "/") + SUFFIX
        return ("mod", path) if path in self._project.files else ("ext", dotted)


def _source(facts: FileFacts, scope: int) -> Symbol:
    """Whose code a scope is."""
    return ("fn", facts.path, facts.scopes[scope].definition) if scope else ("mod", facts.path)


def _is_local(facts: FileFacts, scope: int, name: str) -> bool:
    if scope == 0:
        return False
    definition = facts.definitions[facts.scopes[scope].definition]
    return any(p.name == name for p in definition.parameters) or any(
        row.scope == scope and row.name == name for row in facts.bindings
    )


def _names(facts: FileFacts, expr: int) -> list[str]:
    """The parts of a dotted name."""
    row = facts.exprs[expr]
    return [row[2]] if row[0] == Op.NAME else [*_names(facts, row[1]), row[2]]
