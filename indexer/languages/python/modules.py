"""Which file a dotted module name means, seen from a file that imports it.

A file is importable under the folder that holds its outermost package (its root), and under the
repository's top folder. An import looks in the importer's own root and folder first, then in the
roots that an installation would put on the path, at last in the folders around it; folders of
tests, examples and documents are on nobody's path but their own.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PRIVATE = frozenset(
    {"test", "tests", "testing", "example", "examples", "sample", "samples", "doc", "docs"}
    | {"benchmark", "benchmarks", "scripts", "tutorial", "tutorials", "demo", "demos"}
)
_INITS = frozenset({"__init__.py", "__init__.pyi"})
_SOURCE_FOLDERS = frozenset({"src", "lib", "python", "source"})


class Modules:
    """The table of modules of one repository; paths are relative, with `/`."""

    def __init__(self, paths: Iterable[str]) -> None:
        paths = sorted(paths)
        self._packages = {p.rpartition("/")[0] for p in paths if p.rpartition("/")[2] in _INITS}
        self.name_of: dict[str, str] = {}
        self.root_of: dict[str, str] = {}
        self._by_root: dict[str, dict[str, str]] = {}
        self._tables: dict[str, dict[str, str]] = {}
        self._namespaces: dict[str, set[str]] = {}
        for path in paths:
            root = self._root(path)
            self.root_of[path] = root
            self.name_of[path] = _dotted(path, root) or path.rpartition("/")[2].partition(".")[0]
            for base in {root, ""}:
                self._register(base, path)
        self._public = [r for r in sorted(self._by_root) if not _PRIVATE & set(r.split("/"))]

    def _root(self, path: str) -> str:
        folder = path.rpartition("/")[0]
        if folder in self._packages:
            while folder and folder in self._packages:
                folder = folder.rpartition("/")[0]
            return folder
        parts = folder.split("/") if folder else []
        for depth in range(len(parts), 0, -1):
            if parts[depth - 1] in _SOURCE_FOLDERS:
                return "/".join(parts[:depth])
        return ""

    def _register(self, root: str, path: str) -> None:
        name = _dotted(path, root)
        if not name:
            return
        table = self._by_root.setdefault(root, {})
        if name not in table or path.endswith("/__init__.py"):
            table[name] = path
        spaces = self._namespaces.setdefault(root, set())
        parent = name.rpartition(".")[0]
        while parent and parent not in spaces:
            spaces.add(parent)
            parent = parent.rpartition(".")[0]

    def search_roots(self, importer: str) -> list[str]:
        """Folders in which an absolute import of this file looks, best first."""
        own = self.root_of[importer]
        folder = importer.rpartition("/")[0]
        order = [own, folder] if folder not in self._packages else [own]
        return list(dict.fromkeys([*order, "", *self._public]))

    def find(self, importer: str, dotted: str) -> tuple[str, str] | None:
        """What an absolute import means: ("mod", path), ("ns", "root:dotted") or None."""
        spaces: tuple[str, str] | None = None
        folder = importer.rpartition("/")[0]
        first = dotted.partition(".")[0]
        for root in self.search_roots(importer):
            table = self._beside(folder) if root == folder else self._by_root.get(root, {})
            path = table.get(dotted)
            # `a/a.py` that says `import a` means the package around it, not itself.
            if path is not None and (path != importer or root == self.root_of[importer]):
                return ("mod", path)
            if dotted in self._namespaces.get(root, ()) and spaces is None:
                spaces = ("ns", f"{root}:{dotted}")
            if self.is_package(table.get(first, "")):
                # A regular package shadows whatever has its name further down the path; a plain
                # module cannot be meant by whoever names something in it.
                return None
        return spaces or self._above(importer, dotted)

    def _above(self, importer: str, dotted: str) -> tuple[str, str] | None:
        """A module below a folder around the importer, the nearest that has it.

        Such a folder is put on the path by whatever starts the program; a module of the standard
        library is never meant.
        """
        if dotted.partition(".")[0] in sys.stdlib_module_names:
            return None
        inner = dotted.replace(".", "/")
        folder = importer.rpartition("/")[0]
        while folder:
            if folder not in self._packages:
                for end in ("/__init__.py", ".py"):
                    if f"{folder}/{inner}{end}" in self.name_of:
                        return ("mod", f"{folder}/{inner}{end}")
            folder = folder.rpartition("/")[0]
        return None

    def _beside(self, folder: str) -> dict[str, str]:
        """Modules that a script's own folder offers."""
        known = self._tables.get(folder)
        if known is None:
            known = self._tables[folder] = self._directly(folder) | self._by_root.get(folder, {})
        return known

    def _directly(self, folder: str) -> dict[str, str]:
        table: dict[str, str] = {}
        prefix = folder + "/" if folder else ""
        for path in self.name_of:
            rest = path[len(prefix) :]
            if path.startswith(prefix) and rest.count("/") <= 1:
                name = _dotted(path, folder)
                if name and ("/" not in rest or rest.endswith("/__init__.py")):
                    table[name] = path
        return table

    def relative(self, importer: str, level: int, dotted: str) -> tuple[str, str] | None:
        """What `from ..dotted import` means; level counts the dots."""
        folder = importer.rpartition("/")[0]
        for _ in range(level - 1):
            if not folder:
                return None
            folder = folder.rpartition("/")[0]
        parts = [*(folder.split("/") if folder else []), *(dotted.split(".") if dotted else [])]
        return self._at("/".join(parts))

    def submodule(self, path_or_space: tuple[str, str], name: str) -> tuple[str, str] | None:
        """The module `name` inside a package or namespace package."""
        kind, where = path_or_space
        if kind == "mod":
            folder, _, file = where.rpartition("/")
            return self._at(f"{folder}/{name}" if folder else name) if file in _INITS else None
        root, _, dotted = where.partition(":")
        folder = "/".join([*(root.split("/") if root else []), *dotted.split("."), name])
        return self._at(folder)

    def _at(self, folder: str) -> tuple[str, str] | None:
        for suffix in ("/__init__.py", ".py", "/__init__.pyi", ".pyi"):
            if folder + suffix in self.name_of:
                return ("mod", folder + suffix)
        dotted = folder.replace("/", ".")
        return ("ns", f":{dotted}") if dotted in self._namespaces.get("", ()) else None

    def is_package(self, path: str) -> bool:
        """True for a package's own file."""
        return path.rpartition("/")[2] in _INITS


def _dotted(path: str, root: str) -> str:
    """The module name of a path below a root; empty for the root's own `__init__`."""
    rest = path[len(root) + 1 :] if root else path
    stem = rest.rpartition(".")[0]
    parts = stem.split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)
