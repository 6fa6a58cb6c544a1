"""The rules that all files of a project share, made once for a linker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import Op
from indexer.languages.java.classes import Classes
from indexer.languages.java.conversions import Conversions
from indexer.languages.java.inference import Inference
from indexer.languages.java.jdk import Jdk
from indexer.languages.java.members import Members
from indexer.languages.java.names import Names
from indexer.languages.java.overloads import Overloads
from indexer.languages.java.subclasses import Subclasses
from indexer.languages.java.typereader import TypeReader
from indexer.languages.java.types import CLASS, substitute

if TYPE_CHECKING:
    from indexer.languages.java.packages import Packages
    from indexer.languages.java.types import FieldOf, Key, Type
    from indexer.project import Project
    from indexer.solver import ReadLog


class Rules:
    """Names, classes, members, conversions, overloads, inference, subclasses."""

    def __init__(self, project: Project, packages: Packages, log: ReadLog) -> None:
        jdk = Jdk()
        self._log = log
        self.names = Names(project, packages, jdk, log)
        self.reader = TypeReader(self.names)
        self.classes = Classes(self.names, self.reader, jdk, log)
        self.names.member_type = self.classes.member_type
        self.names.is_settled = self.classes.is_settled
        self.conversions = Conversions(self.classes)
        self.members = Members(self.names, self.classes, self.conversions)
        self.overloads = Overloads(self.classes, self.conversions)
        self.inference = Inference(self.classes, self.conversions, self.members)
        self.subclasses = Subclasses(self.names, self.classes, self.members, log)
        self._statics: dict[tuple[str, str], tuple[tuple[Key, bool], ...]] = {}

    def close(self) -> None:
        """Forget everything: the parts know each other, and no collector runs."""
        self.names.close()
        self.classes.close()
        self.conversions.close()
        self.members.close()
        self.subclasses.close()
        self._statics = {}

    def field_type(self, field: FieldOf, owner: Type) -> Type | None:
        """The type of a field as a member of an object of some class."""
        if field.type_ is None or owner[0] != CLASS:
            return field.type_
        view = self.classes.as_super(owner, field.owner)
        return field.type_ if view is None else substitute(field.type_, self.classes.captured(view))

    def static_owners(self, path: str, name: str) -> tuple[tuple[Key, bool], ...]:
        """Classes whose static members of a name a file imports; True where it is by name."""
        index = self.names.file(path)
        known = self._statics.get((path, name))
        cell = (path, f"static {name}")
        if known is not None:
            self._log.note(cell)
            return known
        outer = self._log.enter(cell)
        self._log.note((path, name))
        found: list[tuple[Key, bool]] = []
        for binding in index.imports.get(name, ()):
            row = index.facts.exprs[binding.value]
            if row[0] == Op.IMPORT_FROM:
                owner = self.names.qualified(path, row[2])
                found.append((owner or ("ext", row[2]), True))
        for module, owner in self.names.static_stars(path):
            found.append((owner or ("ext", module), False))
        self._log.leave(outer)
        known = self._statics[path, name] = tuple(found)
        return known
