"""What a name denotes by Python's name rules alone: scopes, imports, re-exports, star imports.

Everything here is exact. Nothing follows a value: a name bound to anything but a definition, an
import or another name denotes the variable itself, and `values` takes it from there.

A denotation is a tuple: ("mod", path), ("ns", "root:dotted"), ("cls" | "fn", path, definition),
("var", path, scope, name) or ("ext", dotted name outside the repository).
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, PARAMETER, Binding, BindKind, Definition, Op, ScopeKind
from indexer.languages.python.file_index import FileIndex
from indexer.solver import STARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from indexer.facts import FileFacts
    from indexer.languages.python.modules import Modules
    from indexer.project import Project
    from indexer.solver import Solver

Denotation = tuple[Any, ...]
Denotations = tuple[Denotation, ...]

_BUILTINS = frozenset(dir(builtins))
ALIAS_OPS = frozenset({Op.NAME, Op.ATTR})


class Names:
    """Resolves names and imports over a whole project."""

    def __init__(self, project: Project, modules: Modules, solver: Solver) -> None:
        self.modules = modules
        self._project = project
        self._solver = solver
        self._path = ""
        self._file: FileIndex
        self._titles: dict[str, tuple[str, ...]] = {}
        self._global: dict[tuple[str, str], Denotations] = {}
        self._cyclic: dict[tuple[tuple[str, str], tuple[str, str]], Denotations] = {}
        self._active: dict[tuple[str, str], None] = {}
        self._cut = False

    def file(self, path: str) -> FileIndex:
        """The tables of a file."""
        # Mostly the file that was asked for the last time.
        if path != self._path:
            self._path, self._file = path, self._project.table(path, self._index)
        return self._file

    def _index(self, facts: FileFacts) -> FileIndex:
        if facts.path not in self._titles:
            titles = (f"{d.qualified_name}#{d.ordinal}" for d in facts.definitions)
            self._titles[facts.path] = tuple(titles)
        return FileIndex(facts)

    def titles(self, path: str) -> tuple[str, ...]:
        """The names of a file's definitions, told apart; empty for a file that is gone."""
        if path not in self._titles:
            if path not in self._project.files:
                return ()
            self.file(path)
        return self._titles[path]

    def close(self) -> None:
        """Forget all tables."""
        self._path, self._global, self._cyclic = "", {}, {}

    def definition(self, path: str, number: int) -> Definition:
        """A class or function of a file."""
        return self.file(path).facts.definitions[number]

    # Lexical scopes

    def scope_of(self, path: str, scope: int, name: str) -> int:
        """The scope whose binding a name read in `scope` means; `NONE` when no scope binds it."""
        index = self.file(path)
        known = index.bound_in.get((scope, name))
        if known is None:
            known = index.bound_in[scope, name] = self._scope_of(index, scope, name)
        return known

    def _scope_of(self, index: FileIndex, scope: int, name: str) -> int:
        scopes, first = index.facts.scopes, True
        while scope >= 0:
            row = scopes[scope]
            if name in row.globals:
                return 0
            visible = (first or row.kind != ScopeKind.CLASS) and name not in row.nonlocals
            if visible and index.binds(scope, name):
                return scope
            first = False
            scope = row.parent
        return NONE

    def lookup(self, path: str, scope: int, name: str) -> Denotations:
        """What a name read in a scope denotes."""
        bound = self.scope_of(path, scope, name)
        if bound == 0:
            return self.module_name(path, name)
        if bound == NONE:
            # A binding of the name at module level would be the answer, were there one.
            self._solver.note((path, name))
            found = self.star_name(path, name)
            if found:
                return found
            return (("ext", f"builtins.{name}"),) if name in _BUILTINS else ()
        return self._in_scope(path, bound, name)

    def named(self, path: str, row: tuple[Any, ...]) -> Denotations:
        """What a NAME row denotes, by the bindings that may be in force where it stands.

        A variable is then ("var", path, scope, name, ordinals of these bindings).
        """
        if len(row) == len(("op", "scope", "name")) or row[3] is None:
            return self.lookup(path, row[1], row[2])
        name: str = row[2]
        ordinals: tuple[int, ...] = row[3]
        scope = self.scope_of(path, row[1], name)
        if scope == NONE:
            return self.lookup(path, row[1], name)
        if scope == 0:
            self._solver.note((path, name))
        index = self.file(path)
        bindings = index.bindings(scope, name)
        chosen = [bindings[number] for number in ordinals if 0 <= number < len(bindings)]
        found = dict.fromkeys(self.of_bindings(path, scope, name, chosen))
        variable = ("var", path, scope, name)
        if ordinals[:1] == (PARAMETER,) and name in index.parameters.get(scope, ()):
            found[variable] = None
        return tuple((*d, ordinals) if d == variable else d for d in found)

    def _in_scope(self, path: str, scope: int, name: str) -> Denotations:
        index = self.file(path)
        if name in index.parameters.get(scope, ()):
            return (("var", path, scope, name),)
        rows = index.scopes.get(scope, {}).get(name, [])
        return self.of_bindings(path, scope, name, rows)

    def of_bindings(self, path: str, scope: int, name: str, rows: list[Binding]) -> Denotations:
        """What the bindings of one name in one scope denote, together."""
        found: dict[Denotation, None] = {}
        facts = self.file(path).facts
        for row in self.effective(path, rows):
            if row.kind == BindKind.DEFINITION:
                kind = "cls" if facts.definitions[row.definition].is_class else "fn"
                found[kind, path, row.definition] = None
            elif row.kind == BindKind.IMPORT:
                found.update(dict.fromkeys(self.imported(path, facts.exprs[row.value])))
            else:
                found.update(dict.fromkeys(self._alias(path, scope, name, row)))
        return tuple(found)

    def _alias(self, path: str, scope: int, name: str, row: Binding) -> Denotations:
        """`A = B` denotes what `B` does; any other value leaves the variable itself."""
        variable = ("var", path, scope, name)
        facts = self.file(path).facts
        if row.value == NONE or row.annotation != NONE or row.kind != BindKind.ASSIGN:
            return (variable,)
        expr = facts.exprs[row.value]
        if expr[0] not in ALIAS_OPS or (expr[0] == Op.NAME and expr[2] == name):
            return (variable,)
        key = (path, f"{scope}:{name}")
        if key in self._active:
            self._cut = True
            return ()
        self._active[key] = None
        target = self.static(path, row.value)
        del self._active[key]
        lasting = tuple(t for t in target if t[0] in {"cls", "fn", "mod"})
        return lasting if lasting and len(lasting) == len(target) else (variable,)

    def effective(self, path: str, rows: list[Binding]) -> list[Binding]:
        """The bindings that can be in force: a later unconditional definition ends earlier ones."""
        if len(rows) < 2 or not any(r.kind == BindKind.DEFINITION for r in rows):
            return rows
        definitions = self.file(path).facts.definitions
        kept: list[Binding] = []
        for row in sorted(rows, key=lambda r: (r.line, r.column)):
            if row.kind == BindKind.DEFINITION:
                definition = definitions[row.definition]
                if _is_accessor(definition):
                    continue
                if "conditional" not in definition.flags:
                    kept = [r for r in kept if r.kind != BindKind.DEFINITION]
            kept.append(row)
        return kept or rows

    # Modules

    def module_name(self, path: str, name: str) -> Denotations:
        """What `name` denotes as an attribute of the module in a file.

        On a cycle of imports that depends on the name that was asked for first, so it is kept for
        this one alone: another question has the same answer whatever was asked before it.
        """
        key = (path, name)
        first = next(iter(self._active), key)
        known = self._global.get(key)
        if known is None and (first, key) in self._cyclic:
            self._cut = True
            known = self._cyclic[first, key]
        if known is not None:
            self._solver.note(key)
            return known
        if key in self._active:
            # A package that imports its own submodule by name: the submodule is what is meant.
            self._cut = True
            self._solver.note(key)
            return self._submodule(path, name)
        outer_cut, self._cut = self._cut, False
        self._active[key] = None
        outer = self._solver.enter(key)
        found = self._module_name(path, name)
        self._solver.leave(outer)
        del self._active[key]
        if self._cut:
            self._cyclic[first, key] = found
        else:
            self._global[key] = found
        self._cut = self._cut or outer_cut if self._active else False
        return found

    def _module_name(self, path: str, name: str) -> Denotations:
        rows = self.file(path).scopes.get(0, {}).get(name)
        if rows:
            return self.of_bindings(path, 0, name, rows)
        return self.star_name(path, name) or self._submodule(path, name)

    def _submodule(self, path: str, name: str) -> Denotations:
        self._solver.note(("", f"{self.modules.name_of[path]}.{name}"))
        inside = self.modules.submodule(("mod", path), name)
        return (inside,) if inside else ()

    def star_name(self, path: str, name: str) -> Denotations:
        """What star imports bring in under a name: the last one that offers it wins."""
        for owner in self.star_owners(path, name):
            if found := self.module_name(owner, name):
                return found
        return ()

    def star_owners(self, path: str, name: str) -> Iterator[str]:
        """The files that bind a name which star imports bring in, what wins first."""
        return self._star_owners(path, name, {path})

    def _star_owners(self, path: str, name: str, seen: set[str]) -> Iterator[str]:
        # Noted also where there is none: the first star import of a file may bring the name in.
        self._solver.note((path, STARS))
        for star in reversed(self.file(path).facts.stars):
            target = self.module(path, star.level, star.module)
            if target is None or target[0] != "mod" or target[1] in seen:
                continue
            seen.add(target[1])
            if not self._offers(target[1], name):
                continue
            self._solver.note((target[1], name))
            if self.file(target[1]).scopes.get(0, {}).get(name):
                yield target[1]
            else:
                yield from self._star_owners(target[1], name, seen)

    def _offers(self, path: str, name: str) -> bool:
        exported = self.exported(path)
        return name in exported if exported is not None else not name.startswith("_")

    def exported(self, path: str, seen: frozenset[str] = frozenset()) -> frozenset[str] | None:
        """The names in a module's `__all__`, or None when it has none."""
        facts = self.file(path).facts
        self._solver.note((path, STARS))
        if facts.exported is None:
            return None
        names = set(facts.exported)
        for expr in facts.exported_from:
            for target in self.static(path, expr):
                if target[0] == "mod" and target[1] not in seen:
                    names |= self.exported(target[1], seen | {path}) or frozenset()
        return frozenset(names)

    def module(self, importer: str, level: int, dotted: str) -> Denotation | None:
        """The module that an import statement names, or None when it lies outside."""
        if level:
            self._solver.note(("", f"{importer}:{level}:{dotted}"))
            return self.modules.relative(importer, level, dotted)
        self._solver.note(("", dotted))
        return self.modules.find(importer, dotted)

    def imported(self, path: str, expr: tuple[Any, ...]) -> Denotations:
        """What an import expression denotes."""
        level, dotted = expr[1], expr[2]
        module = self.module(path, level, dotted)
        if expr[0] == Op.IMPORT:
            if module is not None:
                return (module,)
            return (("ext", dotted),) if not level else ()
        name = expr[3]
        if module is None:
            return (("ext", f"{dotted}.{name}"),) if not level else ()
        return self.attribute(module, name)

    def attribute(self, module: Denotation, name: str) -> Denotations:
        """An attribute of a module or namespace package."""
        if module[0] == "mod":
            return self.module_name(module[1], name)
        inside = self.modules.submodule((module[0], module[1]), name)
        dotted = str(module[1]).partition(":")[2]
        self._solver.note(("", f"{dotted}.{name}"))
        return (inside,) if inside else ()

    # Expressions that are names

    def static(self, path: str, expr: int) -> Denotations:
        """What a chain of names denotes; nothing for any other expression."""
        if expr == NONE:
            return ()
        row = self.file(path).facts.exprs[expr]
        if row[0] == Op.NAME:
            return self.named(path, row)
        if row[0] in {Op.IMPORT, Op.IMPORT_FROM}:
            return self.imported(path, row)
        if row[0] == Op.ITEM:
            return self.static(path, row[1])
        if row[0] != Op.ATTR:
            return ()
        return self.attributes(self.static(path, row[1]), row[2])

    def attributes(self, owners: Iterable[Denotation], name: str) -> Denotations:
        """An attribute of modules, of classes (own members only) or of what lies outside."""
        found: dict[Denotation, None] = {}
        for owner in owners:
            if owner[0] in {"mod", "ns"}:
                found.update(dict.fromkeys(self.attribute(owner, name)))
            elif owner[0] == "ext":
                found["ext", f"{owner[1]}.{name}"] = None
            elif owner[0] == "cls":
                body = self.definition(owner[1], owner[2]).body
                self._solver.note((owner[1], self.file(owner[1]).top_name(body)))
                rows = self.file(owner[1]).scopes.get(body, {}).get(name)
                if rows:
                    found.update(dict.fromkeys(self.of_bindings(owner[1], body, name, rows)))
        return tuple(found)


def _is_accessor(definition: Definition) -> bool:
    """True for `@x.setter` and its like, and for overload stubs: they do not own the name."""
    for name in definition.decorator_names:
        if name.rpartition(".")[2] in {"setter", "deleter", "overload"}:
            return True
    return False
