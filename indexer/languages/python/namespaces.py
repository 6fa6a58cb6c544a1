"""What the modules of a repository surely offer, and what they may offer beyond what is written.

The other way round from `lookup`, which says what a name denotes: here a name is given up only when
no rule of the language could give it a meaning.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from indexer.languages.python.computed import computed

if TYPE_CHECKING:
    from indexer.languages.python.computed import Computed
    from indexer.languages.python.link import PythonLinker
    from indexer.languages.python.lookup import Denotation
    from indexer.missing import Around


class Namespaces:
    """Answers about scopes and modules, for one draft."""

    def __init__(self, linker: PythonLinker, around: Around) -> None:
        self._names = linker.names
        self._modules = linker.modules
        self._around = around
        self._computed: dict[str, Computed] = {}

    # Scopes

    def gives(self, path: str, scope: int, name: str) -> bool:
        """True when a scope, or one around it, binds a name."""
        found = self._names.scope_of(path, scope, name)
        return found > 0 or (found == 0 and self._names.file(path).binds(0, name))

    def computed(self, path: str) -> Computed:
        """What a file adds as it runs."""
        known = self._computed.get(path)
        if known is None:
            known = self._computed[path] = computed(self._names.file(path))
        return known

    def star_may_give(self, path: str, name: str) -> bool:
        """True when a star import brings a name in, or comes from where nobody knows."""
        return self._stars(path, name, {path})

    def _stars(self, path: str, name: str, seen: set[str]) -> bool:
        for star in self._names.file(path).facts.stars:
            target = self._names.module(path, star.level, star.module)
            if target is None or target[0] != "mod":
                return True
            if target[1] not in seen:
                seen.add(target[1])
                if self._binds(target[1], name) or self._stars(target[1], name, seen):
                    return True
        return False

    def _binds(self, path: str, name: str) -> bool:
        return self._names.file(path).binds(0, name) or self.computed(path).has_globals

    # Modules

    def may_have(self, module: Denotation, name: str) -> bool:
        """True when a module has an attribute, or nobody can tell that it has not."""
        if module[0] != "mod" or name.startswith("__"):
            return True
        path = module[1]
        index = self._names.file(path)
        return (
            index.binds(0, name)
            or index.binds(0, "__getattr__")
            or self.computed(path).is_open
            or bool(self._modules.submodule(("mod", path), name))
            or self.star_may_give(path, name)
            or self._is_other_file(path, name)
            or self._around.may_be_set(name)
        )

    def _is_other_file(self, path: str, name: str) -> bool:
        """True for what a stub, its source or an unindexed file beside it may offer."""
        folder, _, file = path.rpartition("/")
        stem, _, suffix = file.rpartition(".")
        twin = f"{folder}/{stem}" if folder else stem
        other = f"{twin}.{'py' if suffix == 'pyi' else 'pyi'}"
        if other in self._modules.name_of and self._names.file(other).binds(0, name):
            return True
        return self._modules.is_package(path) and self._around.has_beside(folder, name)

    def missing_module(self, importer: str, level: int, dotted: str) -> bool:
        """True when a module is surely not there: the repository has the package, and not it."""
        if not dotted or self._names.module(importer, level, dotted) is not None:
            return False
        parts = dotted.split(".")
        if not level and (parts[0] in sys.stdlib_module_names or len(parts) == 1):
            return False
        for count in range(len(parts) - 1, -1, -1):
            parent = self._package(importer, level, ".".join(parts[:count]))
            if parent is not None:
                return self._lacks(parent, parts[count], is_last=count == len(parts) - 1)
        return False

    def _package(self, importer: str, level: int, dotted: str) -> str | None:
        """The file of an existing parent; of a package, for relative imports without a name."""
        if dotted:
            found = self._names.module(importer, level, dotted)
            return found[1] if found is not None and found[0] == "mod" else None
        folder = "/".join(importer.split("/")[:-level]) if level else None
        own = f"{folder}/__init__.py" if folder else "__init__.py"
        return own if level and own in self._modules.name_of else None

    def _lacks(self, parent: str, name: str, *, is_last: bool) -> bool:
        folder = parent.rpartition("/")[0]
        if self.computed(parent).is_open or (
            self._modules.is_package(parent) and self._around.has_beside(folder, name)
        ):
            return False
        # A name that a package binds may stand for a module, as `six.moves` does.
        return is_last or not self._names.file(parent).binds(0, name)

    def absolute(self, importer: str, written: str) -> str:
        """A module's name as it is from anywhere, for one that may begin with dots."""
        name = written.lstrip(".")
        up = len(written) - len(name) - self._modules.is_package(importer)
        if written == name:
            return name
        parts = self._modules.name_of[importer].split(".")
        return ".".join([*parts[: len(parts) - up], name])

    def title(self, module: Denotation) -> str:
        """The dotted name of a module."""
        return self._modules.name_of[module[1]]
