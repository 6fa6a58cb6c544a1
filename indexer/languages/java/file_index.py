"""Look-up tables over the facts of one Java file: what is declared where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, BindKind, class_around

if TYPE_CHECKING:
    from indexer.facts import Binding, FileFacts


class FileIndex:
    """Tables over one file's facts.

    types, methods: definitions by scope and name. constructors: by class body. fields: bindings by
    class body and name; static, private: those that are. variables: type parameters by scope, with
    their bounds. imports: by name.
    """

    def __init__(self, facts: FileFacts) -> None:
        self.facts = facts
        self.types: dict[int, dict[str, int]] = {}
        self.methods: dict[int, dict[str, list[int]]] = {}
        self.constructors: dict[int, list[int]] = {}
        self.fields: dict[int, dict[str, Binding]] = {}
        self.static: set[tuple[int, str]] = set()
        self.private: set[tuple[int, str]] = set()
        self.variables: dict[int, dict[str, int]] = {}
        self.imports: dict[str, list[Binding]] = {}
        self._top: dict[int, str] = {}
        self._parents: dict[int, tuple[int, int]] | None = None
        for number, d in enumerate(facts.definitions):
            self._define(number)
            generic = {p.name: p.annotation for p in d.parameters if p.kind == "<"}
            if generic:
                self.variables[d.body] = generic
        for row, flags in zip(facts.bindings, facts.flags, strict=True):
            if row.kind == BindKind.IMPORT:
                self.imports.setdefault(row.name, []).append(row)
            elif row.kind == BindKind.ASSIGN:
                self.fields.setdefault(row.scope, {}).setdefault(row.name, row)
                if "static" in flags:
                    self.static.add((row.scope, row.name))
                if "private" in flags:
                    self.private.add((row.scope, row.name))

    def _define(self, number: int) -> None:
        d = self.facts.definitions[number]
        if not d.is_class:
            if "constructor" in d.flags:
                self.constructors.setdefault(d.scope, []).append(number)
            else:
                self.methods.setdefault(d.scope, {}).setdefault(d.name, []).append(number)
        elif not d.name.startswith("$"):
            self.types.setdefault(d.scope, {}).setdefault(d.name, number)

    def top_name(self, scope: int) -> str:
        """The top-level class that a scope lies in; empty at module level."""
        known = self._top.get(scope)
        if known is None:
            facts, name, at = self.facts, "", scope
            while at > 0:
                definition = facts.scopes[at].definition
                name = facts.definitions[definition].name
                at = facts.scopes[at].parent
            known = self._top[scope] = name
        return known

    def class_at(self, scope: int) -> int:
        """The innermost class around a scope, else `NONE`."""
        return class_around(self.facts.scopes, scope)

    def expr(self, number: int) -> tuple[Any, ...]:
        """An expression; a row of `NONE` alone for none."""
        return self.facts.exprs[number] if number != NONE else (NONE,)
