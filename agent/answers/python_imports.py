"""How a new Python file comes by a name that another one uses: as that one does."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.answers.ground import Ground
    from agent.answers.python_values import Imports
    from graphdb.symbols import Symbol


class FileImports:
    """What one file imports and defines at its top level."""

    def __init__(self, ground: Ground, path: str, module: str) -> None:
        self._module = module
        self._is_package = path.endswith("__init__.py")
        try:
            self._tree = ast.parse(ground.read_file(path) or "")
        except (SyntaxError, ValueError):
            self._tree = ast.Module([], [])
        self._origins = dict(self._imported(self._tree))
        self._for_types = {
            name
            for node in self._tree.body
            if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
            for name, _ in self._imported(node)
        }
        self._defined = {name for node in self._tree.body for name in _defined_by(node)}

    def add_names(self, imports: Imports, annotation: str) -> None:
        """Import the names of an annotation; what the file does not have is left."""
        try:
            tree = ast.parse(annotation, mode="eval")
        except (SyntaxError, ValueError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                self._add(imports, node.id)

    def _add(self, imports: Imports, name: str) -> None:
        if name in self._origins:
            module, there = self._origins[name]
            imports.add(module, there, is_typing=name in self._for_types)
        elif name in self._defined:
            imports.add(self._module, name)

    def _imported(self, tree: ast.AST) -> Iterator[tuple[str, tuple[str, str]]]:
        """Name here -> module and name there, with `as` where it is another."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    module = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                    yield (alias.asname or alias.name).partition(".")[0], (module, "")
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    there = f"{alias.name} as {alias.asname}" if alias.asname else alias.name
                    yield alias.asname or alias.name, (self._absolute(node), there)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self._module.split(".")
        up = node.level - 1 if self._is_package else node.level
        kept = parts[: len(parts) - up] if up else parts
        return ".".join([*kept, *([node.module] if node.module else [])])


def module_of(symbol: Symbol) -> str:
    """The full name of the module that a top-level symbol stands in."""
    if symbol.kind is NodeKind.MODULE:
        return symbol.full_name
    inside = symbol.uid.split(":", 2)[-1].partition("#")[0]
    return symbol.full_name.removesuffix(f".{inside}")


def _defined_by(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign):
        yield from (t.id for t in node.targets if isinstance(t, ast.Name))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        yield node.target.id
    elif isinstance(node, ast.If | ast.Try):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.stmt):
                yield from _defined_by(inner)
