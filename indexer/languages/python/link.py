"""Python: from a file's facts to its edges.

Name rules (`lookup`), the hierarchy and values say what each use denotes (`uses`); `structure` adds
what definitions alone imply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import ExtraLabel
from indexer.facts import NONE
from indexer.languages.python.hierarchy import ENUMS, Hierarchy
from indexer.languages.python.lookup import Names
from indexer.languages.python.modules import Modules
from indexer.languages.python.structure import Structure
from indexer.languages.python.uses import Uses
from indexer.languages.python.values import Evaluator
from indexer.languages.python.variables import Variables
from indexer.links import FileLinks, Symbol
from indexer.solver import BODY, Solver

if TYPE_CHECKING:
    from indexer.facts import Definition
    from indexer.project import Project
    from indexer.solver import Cell, Values, Variable


class PythonLinker:
    """Links Python files; memoises across files, so link all files with one instance."""

    def __init__(self, project: Project, *, inherited: bool = True, imported: bool = True) -> None:
        paths = [p for p, f in project.files.items() if f.language == "python"]
        self._solver = Solver(self._rule, self._owner)
        self.modules = Modules(paths)
        self.names = Names(project, self.modules, self._solver)
        self.hierarchy = Hierarchy(self.names, self._solver)
        self.values = Evaluator(self.names, self.hierarchy, self._solver)
        self._variables = Variables(self.values)
        self._project = project
        self._structure = Structure(self.names, self.hierarchy, self.values, inherited=inherited)
        self._imported = imported

    def _rule(self, variable: Variable) -> Values:
        return self._variables.rule(variable)

    def _owner(self, variable: Variable) -> Cell:
        return self._variables.owner(variable)

    def reads(self) -> dict[Cell, set[Cell]]:
        """Which cell's answers were used for which."""
        return self._solver.reads

    def close(self) -> None:
        """Let go of everything that was computed: no collector runs that would find the cycles."""
        self._solver.close()
        self.names.close()
        self.hierarchy.close()

    def module_name(self, path: str) -> str:
        """The file's dotted module name."""
        return self.modules.name_of[path]

    def variables(self, path: str) -> list[Symbol]:
        """Global variables, then fields class by class."""
        self._solver.begin((path, BODY))
        found: list[Symbol] = [("var", path, 0, name) for name in self._structure.globals(path)]
        for number, definition in enumerate(self.names.file(path).facts.definitions):
            if definition.is_class:
                for members in self.hierarchy.members((path, number)).values():
                    found += [m for m in members if m[0] == "field"]
        return list(dict.fromkeys(found))

    def class_labels(self, path: str, definition: Definition) -> tuple[str, ...]:
        """ENUM and INTERFACE by the names of the written bases."""
        exprs = self.names.file(path).facts.exprs
        bases = {exprs[base][-1] for base in definition.bases if base != NONE}
        if bases & ENUMS:
            return (ExtraLabel.ENUM.value,)
        return (ExtraLabel.INTERFACE.value,) if "Protocol" in bases else ()

    def link(self, path: str) -> FileLinks:
        """Resolve everything that one file says."""
        self._solver.begin((path, BODY))
        links = FileLinks()
        self.names.tick()
        self._structure.add(path, links)
        Uses(self, path, links, imported=self._imported).add(self._project.sites(path))
        return links
