"""What a Python text uses and the repository, by the language's rules, does not have.

Imports and attributes of modules, names, and members of classes. Python lets a program add members
as it runs; whatever could do so for a class or module keeps it out of the report.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op, SiteKind
from indexer.languages.python.closed_classes import ClosedClasses
from indexer.languages.python.namespaces import Namespaces
from indexer.languages.python.receivers import Receivers
from indexer.languages.python.undefined import Reading, undefined
from indexer.missing import MissingKind, MissingUse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from indexer.facts import Site
    from indexer.languages.python.link import PythonLinker
    from indexer.missing import Around
    from indexer.project import Project

_READS = frozenset(
    {SiteKind.CALL, SiteKind.READ, SiteKind.READ_WRITE, SiteKind.DECORATOR, SiteKind.BASE}
)
_COMPILED = re.compile(r"(\w+)_pb2(?:_grpc)?\b")
"""Modules that a build makes of a schema."""


class MissingUses:
    """Looks through one text. draft: its path and the text itself."""

    def __init__(
        self, linker: PythonLinker, project: Project, draft: tuple[str, bytes], around: Around
    ) -> None:
        path, text = draft
        self._linker = linker
        self._path = path
        self._text = text
        self._facts = linker.names.file(path).facts
        self._around = around
        self._namespaces = Namespaces(linker, around)
        self._classes = ClosedClasses(linker, project, self._namespaces)
        self._receivers = Receivers(linker, path)
        self._reading = Reading(text)
        self._starts = [0]
        for line in text.split(b"\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)

    def find(self, sites: Iterable[Site]) -> list[MissingUse]:
        """All of them in order of lines; none for a text that does not parse."""
        if self._facts.troubles:
            return []
        found = dict.fromkeys(undefined(self._namespaces, self._path, self._reading))
        for site in sites:
            if site.kind == SiteKind.IMPORT:
                use = self._import(site)
            else:
                use = self._member(site) if site.kind in _READS else None
            if use is not None:
                found[use] = None
        return sorted(found, key=lambda use: (use.line, use.name))

    def _is_caught(self, kind: MissingKind, site: Site) -> bool:
        byte = self._starts[site.line - 1] + site.column
        return self._reading.is_caught(kind, byte)

    def _import(self, site: Site) -> MissingUse | None:
        row = self._facts.exprs[site.expr]
        level: int = row[1]
        dotted: str = row[2]
        written = "." * level + dotted
        if self._is_caught(MissingKind.IMPORT, site):
            return None
        if self._namespaces.missing_module(self._path, level, dotted):
            return self._unless_used(written, site)
        if row[0] != Op.IMPORT_FROM:
            return None
        name: str = row[3]
        module = self._linker.names.module(self._path, level, dotted)
        if module is None or self._namespaces.may_have(module, name):
            return None
        full = f"{written}{'' if written.endswith('.') else '.'}{name}"
        return self._unless_used(full, site)

    def _unless_used(self, name: str, site: Site) -> MissingUse | None:
        """A name that other files import as well is there once the project is built."""
        full = self._namespaces.absolute(self._path, name)
        if self._around.is_outside_elsewhere(full):
            return None
        if any(map(self._around.is_in_schema, _COMPILED.findall(name))):
            return None
        return MissingUse(name, MissingKind.IMPORT, site.line)

    def _member(self, site: Site) -> MissingUse | None:
        row = self._facts.exprs[site.expr]
        if site.kind == SiteKind.CALL:
            row = self._facts.exprs[row[1]] if row[1] != NONE else row
        if row[0] != Op.ATTR or row[1] == NONE:
            return None
        name: str = row[2]
        owner = self._lacking(row)
        if owner is None or self._is_caught(MissingKind.MEMBER, site) or self._is_asked_for(name):
            return None
        if self._around.may_be_set(name):
            return None
        return MissingUse(name, MissingKind.MEMBER, site.line, owner)

    def _lacking(self, row: tuple[Any, ...]) -> str | None:
        """The full name of what surely lacks the member of an attribute row."""
        name: str = row[2]
        module = self._receivers.module(row[1])
        if module is not None:
            has = self._namespaces.may_have(module, name)
            return None if has else self._namespaces.title(module)
        receiver = self._receivers.of(row[1])
        if receiver is None or not self._classes.lacks(receiver, name):
            return None
        return self._classes.title(receiver.cls)

    def _is_asked_for(self, name: str) -> bool:
        """True when the text itself asks at run time whether something has that attribute."""
        pattern = rb"attr\([^()]*[\"']" + re.escape(name.encode()) + rb"[\"']"
        return re.search(pattern, self._text) is not None
