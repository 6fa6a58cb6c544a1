"""What Python's frames are called at run time, and which of them a static graph has no node for.

Read from the sources with Python's own `ast`, so that the truth does not lean on the indexer.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_MODULE = "<module>"
_WRAPPING = frozenset({"wraps", "update_wrapper"})
_PROPERTY = frozenset({"property", "cached_property", "setter", "getter", "deleter"})


class Frames:
    """The functions and classes of some source files, under their names at run time.

    A name here is `file:qualified name` without `<locals>`; a module's has nothing after the colon.
    """

    def __init__(self, sources: Mapping[str, bytes]) -> None:
        self._kinds: dict[str, str] = {}
        self._wrappers: set[str] = set()
        for path, source in sources.items():
            try:
                tree = ast.parse(source)
            except (SyntaxError, ValueError):
                continue
            self._read(tree, path, "")

    def _read(self, node: ast.AST, path: str, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                name = f"{prefix}{child.name}"
                key = f"{path}:{name}"
                in_class = isinstance(node, ast.ClassDef)
                self._kinds.setdefault(key, _kind(child, in_class=in_class))
                if any(_last_name(d) in _WRAPPING for d in child.decorator_list):
                    self._wrappers.add(key)
                self._read(child, path, f"{name}.")
            else:
                if isinstance(child, ast.Call) and _last_name(child) == "update_wrapper":
                    first = child.args[0] if child.args else None
                    if isinstance(first, ast.Name):
                        self._wrappers.add(f"{path}:{prefix}{first.id}")
                self._read(child, path, prefix)

    def name(self, path: str, qualified: str) -> str:
        """The name of a frame; a comprehension's is that of the function around it."""
        parts = qualified.split(".")
        while parts and parts[-1] in _COMPREHENSIONS:
            parts.pop()
        kept = [part for part in parts if part not in {"<locals>", _MODULE}]
        return f"{path}:{'.'.join(kept)}"

    def graph_name(self, path: str, qualified: str) -> str:
        """The name of a graph's symbol as frames have it: lambdas have no number there."""
        parts = ["<lambda>" if p.startswith("<lambda") else p for p in qualified.split(".")]
        return f"{path}:{'.'.join(parts)}"

    def is_silent(self, path: str, qualified: str, *, called: bool = False) -> bool:
        """Frames that are no function's: class bodies, and comprehensions when they are called."""
        if called and qualified.rpartition(".")[2] in _COMPREHENSIONS:
            return True
        return self._kinds.get(self.name(path, qualified)) == "class"

    def is_wrapper(self, name: str) -> bool:
        """A function that stands for the one it wraps (`functools.wraps`, `update_wrapper`)."""
        return name in self._wrappers

    def category(self, name: str) -> str:
        """What kind of callee a name is: function, method, property, operator and so on."""
        if name.endswith("<lambda>"):
            return "lambda"
        return self._kinds.get(name, "function")


def _kind(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, *, in_class: bool) -> str:
    if isinstance(node, ast.ClassDef):
        return "class"
    if any(_last_name(decorator) in _PROPERTY for decorator in node.decorator_list):
        return "property"
    if node.name in {"__init__", "__new__"}:
        return "constructor"
    if node.name.startswith("__") and node.name.endswith("__"):
        return "operator"
    return "method" if in_class else "function"


def _last_name(node: ast.AST) -> str:
    """`wraps` of `@functools.wraps(f)`."""
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
