"""Python: from a file's facts to its edges.

Name rules (`lookup`), the hierarchy and values say what each use denotes (`uses`); `structure` adds
what definitions alone imply.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphdb.schema import ExtraLabel
from indexer.facts import NONE
from indexer.languages.python.aliases import Aliases
from indexer.languages.python.callers import CALLEE, DERIVED, FOLLOWED, Callers
from indexer.languages.python.flow import FLOW, FlowEvaluator, FlowVariables
from indexer.languages.python.flow_cells import Lasting, flow_variable
from indexer.languages.python.hierarchy import ENUMS, Hierarchy
from indexer.languages.python.lookup import Names
from indexer.languages.python.modules import Modules
from indexer.languages.python.overrides import OVER, Overrides
from indexer.languages.python.structure import Structure
from indexer.languages.python.uses import Uses
from indexer.languages.python.values import Evaluator
from indexer.languages.python.variables import Variables
from indexer.links import FileLinks, Symbol
from indexer.solver import BODY, Solver

if TYPE_CHECKING:
    from indexer.facts import Definition
    from indexer.missing import Around, MissingUse
    from indexer.project import Project
    from indexer.remembered import Remembered, Said
    from indexer.solver import Cell, Reads, Values, Variable


_REMEMBERED = frozenset({FLOW, OVER, DERIVED})


class PythonLinker:
    """Links Python files; memoises across files, so link all files with one instance."""

    def __init__(self, project: Project, *, inherited: bool = True, imported: bool = True) -> None:
        paths = [p for p, f in project.files.items() if f.language == "python"]
        self._solver = Solver(self._rule, self._owner, self._recall)
        self._remembered: Remembered | None = None
        self.modules = Modules(paths)
        self.names = Names(project, self.modules, self._solver)
        self.aliases = Aliases(self.names, self._solver)
        self.hierarchy = Hierarchy(self.names, self._solver)
        self.values = Evaluator(self.names, self.hierarchy, self._solver)
        self._variables = Variables(self.values)
        self.flow = FlowEvaluator(self.names, self.hierarchy, self._solver)
        self._flow_variables = FlowVariables(self.flow, self.values)
        self.callers = Callers(project, self.values, self.flow, self._solver)
        self._flow_variables.callers = self.callers
        self.overrides = Overrides(self.names, self.callers, self.hierarchy, self._solver)
        self._project = project
        self._structure = Structure(self.names, self.hierarchy, self.values, inherited=inherited)
        self._imported = imported
        self._lasting = Lasting(self.names.titles, self._hash_of)

    def _rule(self, variable: Variable) -> Values:
        if variable[0] == CALLEE:
            return self.callers.callee(variable[1], variable[2])
        if variable[0] == FOLLOWED:
            return self.callers.followed(variable[1], variable[2])
        if variable[0] == DERIVED:
            return self.callers.directly_derived((variable[1], variable[2]))
        if variable[0] == OVER:
            return self.overrides.find((variable[1], variable[2]), variable[3], self.values)
        rules = self._flow_variables if variable[0] == FLOW else self._variables
        return rules.rule(variable)

    def _owner(self, variable: Variable) -> Cell:
        if variable[0] in {CALLEE, FOLLOWED}:
            return variable[1], f"{variable[0]}(@{variable[2]}"
        if variable[0] in {OVER, DERIVED}:
            definition = self.names.definition(variable[1], variable[2])
            name = variable[3] if variable[0] == OVER else ""
            return variable[1], f"<({definition.qualified_name}#{definition.ordinal}:{name}"
        rules = self._flow_variables if variable[0] == FLOW else self._variables
        return rules.owner(variable)

    def _recall(self, variable: Variable, cell: Cell) -> Values | None:
        if self._remembered is None or variable[0] not in _REMEMBERED:
            return None
        said = self._remembered.get(cell)
        return None if said is None else self._lasting.values(said)

    def _hash_of(self, path: str) -> str:
        file = self._project.files.get(path)
        return "" if file is None else file.content_hash

    def recall(self, remembered: Remembered) -> None:
        """Take what value flow said before as known."""
        self._remembered = remembered

    def said(self) -> dict[Cell, Said]:
        """What value flow says, where its variables have names that last."""
        return {
            cell: self._lasting.said(values)
            for variable, cell, values in self._solver.computed()
            if variable[0] in _REMEMBERED and "(@" not in cell[1]
        }

    def reads(self) -> Reads:
        """Which cell's answers were used for which."""
        return self._solver.reads()

    def close(self) -> None:
        """Let go of everything that was computed: no collector runs that would find the cycles."""
        self._solver.close()
        self.names.close()
        self.hierarchy.close()

    def settled(self, cell: Cell) -> object | None:
        """What a flow variable holds, without the numbers that edits shift."""
        path, name = cell
        variable = flow_variable(self.names.file(path).facts, name)
        if variable is None:
            return None
        self._solver.begin((path, BODY))
        values = self._solver.get((FLOW, *variable))
        return frozenset(self._lasting.said(values))

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
        self.values.begin(path)
        self.flow.begin(path)
        links = FileLinks()
        self._structure.add(path, links)
        Uses(self, path, links, imported=self._imported).add(self._project.sites(path))
        return links

    def missing(self, path: str, text: bytes, around: Around) -> list[MissingUse]:
        """Uses in a file's text that denote nothing."""
        from indexer.languages.python.missing import MissingUses

        self._solver.begin((path, BODY))
        uses = MissingUses(self, self._project, (path, text), around)
        return uses.find(self._project.sites(path))
