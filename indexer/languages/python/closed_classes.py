"""Classes whose members are all written in the repository, and what these surely lack.

One unknown base, a metaclass, a decorator that may add members, `__getattr__`, or a file that sets
attributes by computed names: each leaves the question open.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from indexer.languages.python.callers import MAX_DERIVED
from indexer.mentions import EXTENDED

if TYPE_CHECKING:
    from indexer.languages.python.hierarchy import Class
    from indexer.languages.python.link import PythonLinker
    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.namespaces import Namespaces
    from indexer.languages.python.receivers import Receiver
    from indexer.project import Project

_PLAIN_BASES = frozenset(
    {"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"}
    | {"typing_extensions.Protocol", "typing_extensions.Generic"}
)
"""Bases from outside that add no member of a name without underscores."""

_PLAIN_DECORATORS = frozenset(
    {"dataclass", "final", "total_ordering", "runtime_checkable", "deprecated"}
)
_HOOKS = ("__getattr__", "__getattribute__", "__dict__", "__new__", "__class__")
"""Members by which a class answers for names that it does not have, or becomes another class."""
_METACLASS = re.compile(r"\bmetaclass\s*=\s*([\w.]+)")
_ROOT = frozenset(dir(type)) | {"register"}


class ClosedClasses:
    """Answers about classes, memoised for one draft."""

    def __init__(self, linker: PythonLinker, project: Project, namespaces: Namespaces) -> None:
        self._names = linker.names
        self._hierarchy = linker.hierarchy
        self._project = project
        self._modules = linker.modules
        self._namespaces = namespaces
        self._closed: dict[Class, bool] = {}
        self._below: dict[Class, list[Class] | None] = {}

    def title(self, cls: Class) -> str:
        """The full name of a class."""
        definition = self._names.definition(*cls)
        return f"{self._modules.name_of[cls[0]]}.{definition.qualified_name}"

    def lacks(self, receiver: Receiver, name: str) -> bool:
        """True when neither the class nor, where it may be one, a subclass has a member."""
        if name.startswith("__") or (receiver.is_class and name in _ROOT):
            return False
        if not self._has_none(receiver.cls, name):
            return False
        if receiver.is_exact:
            return True
        below = self._derived(receiver.cls)
        return below is not None and all(self._has_none(cls, name) for cls in below)

    def _has_none(self, cls: Class, name: str) -> bool:
        if not self.is_closed(cls):
            return False
        line = [e for e in self._hierarchy.order(cls) if e[0] == "cls"]
        return not any(name in self._hierarchy.members((e[1], e[2])) for e in line)

    def is_closed(self, cls: Class) -> bool:
        """True when all members of a class are known."""
        known = self._closed.get(cls)
        if known is None:
            order = self._hierarchy.order(cls)
            known = self._closed[cls] = all(map(self._is_open_book, order))
        return known

    def _is_open_book(self, entry: Denotation) -> bool:
        if entry[0] != "cls":
            return entry[1] in _PLAIN_BASES
        return self._is_plain((entry[1], entry[2]))

    def _is_plain(self, cls: Class) -> bool:
        definition = self._names.definition(*cls)
        decorators = {n.partition("(")[0].rpartition(".")[2] for n in definition.decorator_names}
        metaclass = _METACLASS.search(definition.signature)
        members = self._hierarchy.members(cls)
        return (
            decorators <= _PLAIN_DECORATORS
            and (metaclass is None or metaclass[1].rpartition(".")[2] == "ABCMeta")
            and not any(hook in members for hook in _HOOKS)
            and all(len(found) == 1 for found in self._hierarchy.bases(cls))
            and all(b[0][0] in {"cls", "ext"} for b in self._hierarchy.bases(cls))
            and "**" not in definition.signature
            and not self._is_filled(cls)
        )

    def _is_filled(self, cls: Class) -> bool:
        """True when its file sets members of the class, or of its objects, by computed names."""
        classes = self._namespaces.computed(cls[0]).classes
        return classes is None or cls[1] in classes

    def _derived(self, cls: Class) -> list[Class] | None:
        """All classes below a class, those of tests too; None where there are too many to tell."""
        if cls not in self._below:
            found: dict[Class, None] = {}
            pending = [cls]
            while pending and len(found) <= MAX_DERIVED:
                fresh = [c for c in self._directly_derived(pending.pop()) if c not in found]
                found.update(dict.fromkeys(fresh))
                pending += fresh
            self._below[cls] = list(found) if len(found) <= MAX_DERIVED else None
        return self._below[cls]

    def _directly_derived(self, cls: Class) -> list[Class]:
        own: Denotation = ("cls", *cls)
        name = self._names.definition(*cls).name
        return [
            (path, number)
            for path, _ in self._project.mentioning(name + EXTENDED)
            for number in self._names.file(path).mentions().derived.get(name, ())
            if any(own in group for group in self._hierarchy.bases((path, number)))
        ]
