"""Look-up tables over the facts of one Python file: what is bound where, and what lies in what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, BindKind, ScopeKind, class_around
from indexer.mentions import Mentions

if TYPE_CHECKING:
    from indexer.facts import Binding, FileFacts

_ON_CLASSES = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


class FileIndex:
    """Look-up tables over one file's facts."""

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.scopes: dict[int, dict[str, list[Binding]]] = {}
        self.fields: dict[int, dict[str, list[Binding]]] = {}
        self._nonlocal = any(scope.nonlocals for scope in facts.scopes)
        for row in facts.bindings:
            scope = self._home(row) if self._nonlocal else row.scope
            self.scopes.setdefault(scope, {}).setdefault(row.name, []).append(row)
        for row in facts.attributes:
            self.fields.setdefault(row.scope, {}).setdefault(row.name, []).append(row)
        self.parameters: dict[int, dict[str, int]] = {}
        self.functions: dict[int, list[int]] = {}
        for number, d in enumerate(facts.definitions):
            if not d.is_class:
                self.functions.setdefault(d.scope, []).append(number)
                names = {p.name: i for i, p in enumerate(d.parameters)}
                self.parameters[d.body] = names
        self.top_names: dict[int, str] = {}
        self.bound_in: dict[tuple[int, str], int] = {}
        self._mentions: Mentions | None = None

    def _home(self, row: Binding) -> int:
        """The scope that a binding is for: `nonlocal` sends it to a function further out."""
        scopes, scope = self.facts.scopes, row.scope
        while row.name in scopes[scope].nonlocals and scopes[scope].parent > 0:
            scope = scopes[scope].parent
            while scopes[scope].kind != ScopeKind.FUNCTION and scopes[scope].parent > 0:
                scope = scopes[scope].parent
        return scope

    def top_name(self, scope: int) -> str:
        """The module-level definition that a scope lies in; empty at module level."""
        known = self.top_names.get(scope)
        if known is None:
            known = self.top_names[scope] = self._top_name(scope)
        return known

    def _top_name(self, scope: int) -> str:
        facts = self.facts
        name = ""
        while scope > 0:
            definition = facts.scopes[scope].definition
            if definition != NONE:
                name = facts.definitions[definition].name
                scope = facts.definitions[definition].scope
            else:
                scope = facts.scopes[scope].parent
        return name

    def mentions(self) -> Mentions:
        """What the file does with which names."""
        if self._mentions is None:
            self._mentions = Mentions(self.facts)
        return self._mentions

    def is_lambda(self, scope: int) -> bool:
        """True for the scope of a lambda."""
        return self.facts.scopes[scope].kind == ScopeKind.LAMBDA

    def lambda_parameters(self, scope: int) -> list[str]:
        """The names of a lambda's parameters, in order."""
        names = self.scopes.get(scope, {})
        rows = [r for group in names.values() for r in group if r.kind == BindKind.PARAMETER]
        return [row.name for row in sorted(rows, key=lambda r: r.start)]

    def body(self, definition: int) -> int:
        """The scope inside a class or function."""
        return self.facts.definitions[definition].body

    def expr(self, number: int) -> tuple[Any, ...]:
        """An expression; a row of `NONE` alone for none."""
        return self.facts.exprs[number] if number != NONE else (NONE,)

    def class_of(self, definition: int) -> int:
        """The class that a method belongs to, else `NONE`."""
        scope = self.facts.scopes[self.facts.definitions[definition].scope]
        return scope.definition if scope.kind == ScopeKind.CLASS else NONE

    def receiver(self, number: int) -> tuple[str, str, int] | None:
        """What a method's first parameter is: an instance of its class, or the class.

        None for a function that is no method, or is static. An annotation may tell otherwise.
        """
        definition, owner = self.facts.definitions[number], self.class_of(number)
        decorators = definition.decorator_names
        if owner == NONE or "staticmethod" in decorators:
            return None
        is_class = "classmethod" in decorators or definition.name in _ON_CLASSES
        return ("cls" if is_class else "inst", self.facts.path, owner)

    def binds(self, scope: int, name: str) -> bool:
        """True when a scope itself gives a name a meaning."""
        names, parameters = self.scopes.get(scope), self.parameters.get(scope)
        return (names is not None and name in names) or (
            parameters is not None and name in parameters
        )

    def bindings(self, scope: int, name: str) -> list[Binding]:
        """All bindings of a name in a scope, in document order."""
        rows = self.scopes.get(scope, {}).get(name, [])
        return sorted(rows, key=lambda row: (row.line, row.column))

    def field_rows(self, body: int, name: str) -> list[Binding]:
        """All bindings of a field: in the class body, then through receivers."""
        return [*self.scopes.get(body, {}).get(name, ()), *self.fields.get(body, {}).get(name, ())]

    def class_at(self, scope: int) -> int:
        """The innermost class around a scope, else `NONE`."""
        return class_around(self.facts.scopes, scope)
