"""Values to call Python code with, as far as annotations and constructors in the graph tell them.

What they do not tell is `...`: a placeholder that no reader mistakes for a value.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agent.answers.signatures import python_signature
from agent.answers.units import is_top_level, qualified_name
from graphdb.queries.call_hierarchy import own_members
from graphdb.queries.implementing import abstract_members, constructors
from graphdb.queries.names import symbols_of_file
from graphdb.queries.rows import Follow, step
from graphdb.queries.source import sources_of
from graphdb.queries.traits import traits_of
from graphdb.queries.type_hierarchy import subtypes, supertypes
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from agent.answers.ground import Ground
    from agent.answers.signatures import Parameter
    from graphdb.symbols import Symbol

UNKNOWN = "..."
_MAX_DEPTH = 2
_SIMPLE = {
    "int": "1",
    "float": "1.0",
    "bool": "True",
    "bytes": 'b"data"',
    "complex": "1j",
    "list": "[]",
    "List": "[]",
    "Sequence": "[]",
    "Iterable": "[]",
    "Collection": "[]",
    "MutableSequence": "[]",
    "Iterator": "iter([])",
    "dict": "{}",
    "Dict": "{}",
    "Mapping": "{}",
    "MutableMapping": "{}",
    "set": "set()",
    "Set": "set()",
    "AbstractSet": "set()",
    "frozenset": "frozenset()",
    "FrozenSet": "frozenset()",
    "tuple": "()",
    "Tuple": "()",
    "object": "object()",
    "None": "None",
    "Callable": "lambda *args, **kwargs: None",
    "BaseException": "Exception()",
    "Exception": "Exception()",
}
_PATHS = ("Path", "PurePath", "PathLike")
_DATACLASS = "dataclass"
_FIELD = re.compile(r"^(?P<name>\w+)\s*:\s*(?P<type>[^=]+?)\s*(?:=(?P<default>.*))?$", re.DOTALL)


@dataclass(slots=True)
class Imports:
    """What a new file imports: module -> names; a module alone has the name "".

    typing: what it needs for annotations only, as the file did that they were taken from.
    """

    names: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    typing: dict[str, set[str]] = field(default_factory=dict[str, set[str]])

    def add(self, module: str, name: str = "", *, is_typing: bool = False) -> None:
        """Import a name of a module, or the module."""
        if name not in self.names.get(module, ()):
            (self.typing if is_typing else self.names).setdefault(module, set()).add(name)

    def blocks(self) -> list[str]:
        """The statements in the usual groups: the language's own, pytest, the repository's."""
        groups: dict[int, dict[str, set[str]]] = {0: {}, 1: {}, 2: {}}
        for module, names in self.names.items():
            top = module.partition(".")[0].partition(" ")[0]
            group = 0 if top in sys.stdlib_module_names else 1 if top == "pytest" else 2
            groups[group][module] = names
        return ["\n".join(_statements(group)) for group in groups.values() if group]

    def lines(self) -> list[str]:
        """All statements."""
        return _statements(self.names)

    def typing_lines(self) -> list[str]:
        """Those for annotations only."""
        return _statements(self.typing)


def _statements(wanted: Mapping[str, Collection[str]]) -> list[str]:
    whole = [f"import {module}" for module, names in wanted.items() if "" in names]
    parts = [
        f"from {module} import {', '.join(sorted({*names} - {''}))}"
        for module, names in wanted.items()
        if {*names} - {""}
    ]
    return [*sorted(whole), *sorted(parts)]


class PythonValues:
    """Makes values for one new file, noting what it must import for them."""

    def __init__(self, ground: Ground, imports: Imports) -> None:
        self._ground = ground
        self._imports = imports
        self._types: dict[str, dict[str, Symbol]] = {}

    def reference(self, symbol: Symbol) -> str | None:
        """How another file names a class or function; None for one inside a function."""
        inside = qualified_name(symbol)
        outer = symbol
        if not is_top_level(symbol):
            head = inside.partition(".")[0]
            around = symbols_of_file(self._ground.reader, symbol.file_path or "")
            found = [s for s in around if qualified_name(s) == head and s.kind is NodeKind.CLASS]
            if not found or symbol.full_name != f"{found[0].full_name}{inside[len(head) :]}":
                return None
            outer = found[0]
        self._imports.add(outer.full_name.rpartition(".")[0], outer.name)
        return inside

    def instance(self, owner: Symbol, depth: int = 0) -> str | None:
        """An expression that makes an object of a class; None where the graph shows none."""
        if abstract_members(self._ground.reader, owner):
            below = [row.symbol for row in subtypes(self._ground.reader, owner).items]
            concrete = [
                s
                for s in below
                if is_top_level(s)
                and not s.is_test
                and not abstract_members(self._ground.reader, s)
            ]
            return self.instance(concrete[0], depth) if concrete else None
        name = self.reference(owner)
        if name is None:
            return None
        makers = constructors(self._ground.reader, owner)
        if makers:
            return f"{name}({self._arguments(makers[0], depth)})"
        return f"{name}({self._fields(owner, depth)})"

    def call(self, symbol: Symbol, *, has_receiver: bool) -> tuple[list[tuple[str, str, str]], str]:
        """What a call of a function needs: (name, value, type) of each, and the arguments."""
        signature = python_signature(symbol.signature or "")
        parameters = list(signature.parameters) if signature else []
        required = [p for p in parameters[has_receiver:] if p.is_required]
        types = self._types_of(symbol)
        made = [(p.name, self.value(p.type, p.name, types), p.type) for p in required]
        return made, ", ".join(_argument(p, p.name) for p in required)

    def value(
        self, annotation: str, name: str, types: dict[str, Symbol] | None = None, depth: int = 0
    ) -> str:
        """A value of an annotated type."""
        try:
            node = ast.parse(annotation.strip("'\""), mode="eval").body
        except (SyntaxError, ValueError):
            return UNKNOWN
        return self._of_node(node, name, types or {}, depth)

    def _of_node(self, node: ast.expr, name: str, types: dict[str, Symbol], depth: int) -> str:
        if isinstance(node, ast.BinOp):
            found = [self._of_node(side, name, types, depth) for side in (node.left, node.right)]
            return next((v for v in found if v not in (UNKNOWN, "None")), found[0])
        if isinstance(node, ast.Subscript):
            return self._of_subscript(node, name, types, depth)
        last = ast.unparse(node).rpartition(".")[2]
        if last == "str":
            return f'"{name}"'
        if last in _PATHS:
            self._imports.add("pathlib", "Path")
            return f'Path("{name}")'
        if last in types and depth < _MAX_DEPTH:
            return self.instance(types[last], depth + 1) or UNKNOWN
        return _SIMPLE.get(last, UNKNOWN)

    def _of_subscript(
        self, node: ast.Subscript, name: str, types: dict[str, Symbol], depth: int
    ) -> str:
        head = ast.unparse(node.value).rpartition(".")[2]
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head in ("Optional", "Union", "Annotated", "Final", "ClassVar", "Required"):
            return self._of_node(inner[0], name, types, depth)
        if head == "Literal":
            return ast.unparse(inner[0])
        if head in ("type", "Type"):
            symbol = types.get(ast.unparse(inner[0]).rpartition(".")[2])
            return (symbol and self.reference(symbol)) or UNKNOWN
        return self._of_node(node.value, name, types, depth)

    def _arguments(self, maker: Symbol, depth: int) -> str:
        signature = python_signature(maker.signature or "")
        required = [p for p in (signature.parameters[1:] if signature else ()) if p.is_required]
        types = self._types_of(maker)
        return ", ".join(
            _argument(p, self.value(p.type, p.name, types, depth + 1)) for p in required
        )

    def _fields(self, owner: Symbol, depth: int) -> str:
        """Arguments of a dataclass or named tuple, which has no constructor in its source."""
        traits = traits_of(self._ground.reader, [owner])[owner.uid]
        bases = [r.symbol.name for r in supertypes(self._ground.reader, owner).items]
        is_data = any(_DATACLASS in name or name.endswith("define") for name in traits.decorators)
        if not is_data and "NamedTuple" not in bases:
            return ""
        fields = own_members(self._ground.reader, [owner], (EdgeKind.HAS_FIELD,))
        types = self._types_of(owner)
        arguments: list[str] = []
        for source in sources_of(self._ground.reader, fields):
            match = _FIELD.match((source.code or "").strip())
            if match and not match["default"] and "ClassVar" not in match["type"]:
                value = self.value(match["type"], match["name"], types, depth + 1)
                arguments.append(f"{match['name']}={value}")
        return ", ".join(arguments)

    def _types_of(self, symbol: Symbol) -> dict[str, Symbol]:
        """The repository's classes that the file of a symbol names, by their last names.

        An annotation is evaluated in the scope around its function, so its edge is the class's or
        module's.
        """
        path = symbol.file_path or ""
        if path not in self._types:
            in_file = symbols_of_file(self._ground.reader, path)
            scopes = [s for s in in_file if s.kind in (NodeKind.MODULE, NodeKind.CLASS)]
            edges = (EdgeKind.USES, EdgeKind.IMPORTS, EdgeKind.CONTAINS)
            rows = step(self._ground.reader, scopes, Follow(edges, incoming=False))
            found = sorted((r.symbol for r in rows), key=lambda s: s.uid)
            self._types[path] = {s.name: s for s in found if s.kind is NodeKind.CLASS}
        return self._types[path]


def _argument(parameter: Parameter, value: str) -> str:
    return f"{parameter.name}={value}" if parameter.kind == "keyword" else value
