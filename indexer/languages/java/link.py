"""Java: from a file's facts to its edges.

Everything is declared, so nothing needs a fixpoint. Names and ancestors are found by names
(`names`, `classes`), calls by the types of their arguments (`calls`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import ExtraLabel
from indexer.facts import decode_offers
from indexer.languages.java.calls import Calls
from indexer.languages.java.evaluator import Evaluator
from indexer.languages.java.packages import Packages
from indexer.languages.java.rules import Rules
from indexer.languages.java.structure import Structure
from indexer.languages.java.uses import Uses
from indexer.links import DirectLinker, FileLinks, Symbol
from indexer.solver import BODY

if TYPE_CHECKING:
    from indexer.facts import Definition
    from indexer.missing import Around, MissingUse
    from indexer.project import Project

_LABELS = {
    "interface": ExtraLabel.INTERFACE,
    "annotation": ExtraLabel.INTERFACE,
    "enum": ExtraLabel.ENUM,
    "record": ExtraLabel.RECORD,
}


class JavaLinker(DirectLinker):
    """Links Java files; memoises across files, so link all files with one instance."""

    def __init__(self, project: Project, *, inherited: bool = True) -> None:
        super().__init__()
        self._project = project
        files = {p: f for p, f in project.files.items() if f.language == "java"}
        self._packages = Packages({p: decode_offers(f.facts) for p, f in files.items()})
        self._rules = Rules(project, self._packages, self.log)
        self._calls = Calls(self._rules)
        self._structure = Structure(self._rules, inherited=inherited)

    def close(self) -> None:
        """Let go of everything that was computed."""
        self._rules.close()

    def module_name(self, path: str) -> str:
        """The full name of the file's main type."""
        return self._packages.name_of[path]

    def variables(self, path: str) -> list[Symbol]:
        """The fields of all classes."""
        index = self._rules.names.file(path)
        return [
            ("field", path, number, name)
            for number, d in enumerate(index.facts.definitions)
            if d.is_class
            for name in index.fields.get(d.body, ())
        ]

    def class_labels(self, path: str, definition: Definition) -> tuple[str, ...]:
        """INTERFACE (also of annotations), ENUM, RECORD; the same in every file."""
        del path
        return tuple(_LABELS[flag].value for flag in definition.flags if flag in _LABELS)

    def link(self, path: str) -> FileLinks:
        """Resolve everything that one file says."""
        self.log.begin((path, BODY))
        links = FileLinks()
        self._structure.add(path, links)
        at = Evaluator(self._rules, path, self._calls)
        Uses(self._rules, at, links).add(self._project.sites(path))
        return links

    def missing(self, path: str, text: bytes, around: Around) -> list[MissingUse]:
        """Uses in a file's text that denote nothing."""
        from indexer.languages.java.missing import MissingUses

        self.log.begin((path, BODY))
        uses = MissingUses(self._rules, self._calls, path, text, around)
        return uses.find(self._project.sites(path))
