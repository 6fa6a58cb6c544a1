"""Which file declares a type, by its qualified name, and which classes name a type as their base.

Both tables are made of what files offer by themselves, so nothing is decoded for them. A package
may lie in several folders: a look-up prefers the importer's own source root, then the root that
shares most of its path, so that modules with classes of the same name do not mix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TYPE, DERIVED, DECLARED = ".", "<", "#"
"""What an offer says: `.p.C` a type, `.p.` a package, `<C` a class with a base of that name, `#m` a
class whose method `m` stands in for one of `Object`."""

OVERRIDDEN = {"toString": 0, "hashCode": 0, "equals": 1, "finalize": 0, "clone": 0}
"""Methods of `Object` that classes stand in for, with the number of their parameters."""

Offer = tuple[str, str]


class Packages:
    """The declared types of a repository. offers: what each file declares, by path."""

    def __init__(self, offers: Mapping[str, Iterable[Offer]]) -> None:
        self.name_of: dict[str, str] = {}
        self.known: set[str] = set()
        self._files: dict[str, list[str]] = {}
        self._groups: dict[str, list[tuple[str, str]]] = {}
        self._roots: dict[str, str] = {}
        for path in sorted(offers):
            for name, who in offers[path]:
                if name[0] == TYPE and name[-1] == TYPE:
                    self._enter(path, name[1:-1])
                elif name[0] == TYPE:
                    self._files.setdefault(name[1:], []).append(path)
                else:
                    self._groups.setdefault(name, []).append((path, who))

    def _enter(self, path: str, package: str) -> None:
        self.known.add(package)
        self._roots[path] = _root(path, package)
        stem = path.rpartition("/")[2].rpartition(".")[0]
        self.name_of[path] = f"{package}.{stem}" if package else stem

    def find(self, importer: str, name: str) -> str | None:
        """The file that declares the top-level type of a qualified name, else None."""
        paths = self._files.get(name)
        if paths is None:
            return None
        if len(paths) == 1:
            return paths[0]
        own = self._roots[importer]
        return max(paths, key=lambda p: (self._roots[p] == own, _shared(p, importer), _order(p)))

    def group(self, name: str) -> list[tuple[str, str]]:
        """The classes, as path and qualified name, that offer `<C` or `#m`."""
        return self._groups.get(name, [])


def _order(path: str) -> tuple[int, ...]:
    """Turns `max` into the first of equals by name."""
    return tuple(-ord(c) for c in path)


def _shared(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one.split("/"), other.split("/"), strict=False):
        if a != b:
            break
        count += 1
    return count


def _root(path: str, package: str) -> str:
    """The source root of a file: its folder without the part that its package names."""
    folder = path.rpartition("/")[0]
    tail = package.replace(".", "/")
    if tail and (folder == tail or folder.endswith(f"/{tail}")):
        return folder[: len(folder) - len(tail)].rstrip("/")
    return folder
