"""What the name of a type denotes by Java's rules: scopes, imports, packages.

A denotation is ("cls", path, definition), ("ext", qualified name) or, for a type parameter, ("var",
owner, name). Look-ups that another file could answer are noted, also those that find nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, Op, ScopeKind
from indexer.languages.java.file_index import FileIndex
from indexer.languages.java.imports import STATIC
from indexer.languages.java.packages import TYPE
from indexer.solver import STARS

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.facts import Definition
    from indexer.languages.java.jdk import Jdk
    from indexer.languages.java.packages import Packages
    from indexer.languages.java.types import Key
    from indexer.project import Project
    from indexer.solver import Cell, ReadLog

Denotation = tuple[Any, ...]


class Names:
    """Resolves names of types over a whole project.

    member_type finds an inherited member type; is_settled is false while ancestors are being found,
    when an answer may be cut short and must not be kept. The hierarchy supplies both.
    """

    def __init__(self, project: Project, packages: Packages, jdk: Jdk, log: ReadLog) -> None:
        self.packages = packages
        self.jdk = jdk
        self._project = project
        self._log = log
        self._path = ""
        self._file: FileIndex
        self._cells: dict[Key, Cell] = {}
        self._known: dict[Cell, Denotation | None] = {}
        self._stars: dict[str, list[tuple[str, bool, Denotation | None]]] = {}
        self.is_settled: Callable[[], bool] = _always
        self.member_type: Callable[[Key, str], Denotation | None] = _no_member

    def file(self, path: str) -> FileIndex:
        """The tables of a file."""
        # Mostly the file that was asked for the last time.
        if path != self._path:
            self._path, self._file = path, self._project.table(path, FileIndex)
        return self._file

    def close(self) -> None:
        """Forget all tables."""
        self._path = ""
        self._cells, self._known, self._stars = {}, {}, {}
        self.member_type = _no_member

    def definition(self, key: Key) -> Definition:
        """The definition of a class or method of the repository."""
        path: str = key[1]
        number: int = key[2]
        return self.file(path).facts.definitions[number]

    def cell(self, key: Key) -> Cell:
        """The cell of a class or method of the repository: its file and its top-level class."""
        known = self._cells.get(key)
        if known is None:
            path: str = key[1]
            top = self.file(path).top_name(self.definition(key).body)
            known = self._cells[key] = (path, top)
        return known

    def enclosing(self, key: Key) -> Key | None:
        """The class around a class."""
        number = self.file(key[1]).class_at(self.definition(key).scope)
        return None if number == NONE else ("cls", key[1], number)

    # Names of types

    def find(self, importer: str, name: str) -> Denotation | None:
        """A top-level type of the repository by its qualified name."""
        self._log.note(("", TYPE + name))
        path = self.packages.find(importer, name)
        if path is None:
            return None
        index = self.file(path)
        number = index.types.get(0, {}).get(name.rpartition(".")[2])
        if number is None:
            return None
        self._log.note((path, index.top_name(index.facts.definitions[number].body)))
        return ("cls", path, number)

    def simple(self, path: str, scope: int, name: str, head: int = NONE) -> Denotation | None:
        """What the simple name of a type means in a scope.

        head: the class whose bases or bounds are read, since its members are not in scope there.
        """
        index = self.file(path)
        scopes = index.facts.scopes
        while scope > 0:
            row = scopes[scope]
            if name in index.variables.get(scope, ()):
                kind = "cls" if row.kind == ScopeKind.CLASS else "fn"
                return ("var", (kind, path, row.definition), name)
            if row.definition != head:
                own = index.types.get(scope, {}).get(name)
                if own is not None:
                    return ("cls", path, own)
                if row.kind == ScopeKind.CLASS:
                    found = self.member_type(("cls", path, row.definition), name)
                    if found is not None:
                        return found
            scope = row.parent
        return self.top(path, name)

    def top(self, path: str, name: str) -> Denotation | None:
        """What the simple name of a type means outside all classes of a file."""
        cell = (path, name)
        if self.is_settled() and cell in self._known:
            self._log.note(cell)
            return self._known[cell]
        outer = self._log.enter(cell)
        found = self._in_file(path, name)
        self._log.leave(outer)
        if self.is_settled():
            self._known[cell] = found
        return found

    def _in_file(self, path: str, name: str) -> Denotation | None:
        index = self.file(path)
        own = index.types.get(0, {}).get(name)
        if own is not None:
            return ("cls", path, own)
        self._log.note((path, STARS))
        for binding in index.imports.get(name, ()):
            found = self._imported(path, index.facts.exprs[binding.value])
            if found is not None:
                return found
        package = index.facts.package
        found = self.find(path, f"{package}.{name}" if package else name)
        return found or self._on_demand(path, name)

    def _imported(self, path: str, row: tuple[Any, ...]) -> Denotation | None:
        if row[0] == Op.IMPORT:
            return self.qualified(path, row[2]) or ("ext", row[2])
        owner = self.qualified(path, row[2])
        return None if owner is None else self.member(owner, row[3])

    def _on_demand(self, path: str, name: str) -> Denotation | None:
        unknown: list[str] = []
        for module, is_static, owner in self._on_demand_owners(path):
            found = None if is_static else self.find(path, f"{module}.{name}")
            if found is None and owner is not None:
                found = self.member(owner, name)
            elif found is None and not is_static and not self._is_package(module):
                unknown.append(module)
            if found is None and self.jdk.has(f"{module}.{name}"):
                found = ("ext", f"{module}.{name}")
            if found is not None:
                return found
        if self.jdk.has(f"java.lang.{name}"):
            return ("ext", f"java.lang.{name}")
        return ("ext", f"{unknown[0]}.{name}") if len(unknown) == 1 else None

    def _on_demand_owners(self, path: str) -> list[tuple[str, bool, Denotation | None]]:
        """The on-demand imports of a file: name, whether static, and the class where it is one."""
        cell = (path, STARS)
        known = self._stars.get(path) if self.is_settled() else None
        if known is None:
            outer = self._log.enter(cell)
            stars = self.file(path).facts.stars
            known = [(s.module, s.level == STATIC, self.qualified(path, s.module)) for s in stars]
            self._log.leave(outer)
            if self.is_settled():
                self._stars[path] = known
        else:
            self._log.note(cell)
        return known

    def static_stars(self, path: str) -> list[tuple[str, Denotation | None]]:
        """The classes of which a file imports all static members."""
        return [
            (name, owner) for name, is_static, owner in self._on_demand_owners(path) if is_static
        ]

    def _is_package(self, name: str) -> bool:
        """True for a package of which all types are known."""
        self._log.note(("", f"{TYPE}{name}."))
        return name in self.packages.known or name in self.jdk.packages

    def qualified(self, path: str, dotted: str) -> Denotation | None:
        """The type of a fully qualified name, nested ones included; None for a package."""
        parts = dotted.split(".")
        for count in range(1, len(parts) + 1):
            name = ".".join(parts[:count])
            found = self.find(path, name)
            if found is None and self.jdk.has(name):
                found = ("ext", name)
            if found is not None:
                return self._members(found, parts[count:])
        return None

    def _members(self, found: Denotation | None, names: list[str]) -> Denotation | None:
        for name in names:
            found = None if found is None else self.member(found, name)
        return found

    def member(self, owner: Denotation, name: str) -> Denotation | None:
        """A member type, inherited ones included; of an unknown class any that looks like one."""
        if owner[0] == "var":
            return None
        found = self.own_member(owner, name) or self.member_type(owner, name)
        if found is None and owner[0] == "ext" and not self.jdk.has(owner[1]):
            return ("ext", f"{owner[1]}.{name}") if name[:1].isupper() else None
        return found

    def own_member(self, owner: Denotation, name: str) -> Denotation | None:
        """A member type that a class itself declares."""
        if owner[0] == "ext":
            nested = f"{owner[1]}.{name}"
            return ("ext", nested) if self.jdk.has(nested) else None
        self._log.note(self.cell(owner))
        own = self.file(owner[1]).types.get(self.definition(owner).body, {}).get(name)
        return None if own is None else ("cls", owner[1], own)


def _always() -> bool:
    return True


def _no_member(_owner: Key, _name: str) -> Denotation | None:
    return None
