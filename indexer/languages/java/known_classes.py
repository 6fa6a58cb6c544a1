"""Classes that are known whole, and what may be seen from a place in a Java file.

A class is known whole when it and all its ancestors are written in the repository, but for types of
the JDK that have stayed as they are; annotations of processors that add members to the class they
stand on leave it open. Interfaces of the JDK may get methods with a later version, but no fields.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, Op
from indexer.languages.java.types import OBJECT_KEY

if TYPE_CHECKING:
    from indexer.languages.java.names import Denotation
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import Key, Type

_SETTLED = frozenset(
    {"java.lang.Object", "java.lang.Enum", "java.lang.Record", "java.lang.Comparable"}
    | {"java.lang.annotation.Annotation", "java.lang.Cloneable", "java.lang.Runnable"}
    | {"java.lang.AutoCloseable", "java.lang.Iterable", "java.io.Serializable"}
    | {"java.io.Closeable", "java.lang.constant.Constable", "java.lang.Number"}
    | {"java.lang.Throwable", "java.util.Iterator", "java.util.ListIterator"}
    | {"java.util.Map.Entry", "java.util.concurrent.Callable"}
)
"""Types of the JDK whose members are those of the table, whatever JDK a project is built with."""

_SETTLED_PACKAGE = "java.util.function."
_FAILURES = ("Exception", "Error")

_OF_OBJECT = frozenset({"clone", "finalize"})
_ADDING = ("lombok.", "groovy.", "manifold.", "org.aspectj.", "io.ebean.")
"""Packages of annotations whose processors add members to classes that are written by hand."""


class KnownClasses:
    """Answers for one file."""

    def __init__(self, rules: Rules, path: str) -> None:
        self._rules = rules
        self._path = path
        self._index = rules.names.file(path)
        self._whole: dict[tuple[Key, bool], bool] = {}
        self._unknown: bool | None = None

    def title(self, type_: Type | None) -> str | None:
        """The full name of a class of the repository."""
        if type_ is None:
            return None
        facts = self._rules.names.file(type_[1][1]).facts
        name = self._rules.names.definition(type_[1]).qualified_name
        return f"{facts.package}.{name}" if facts.package else name

    def is_whole(self, key: Key, *, has_methods: bool = True) -> bool:
        """True when all members of a class of the repository are known.

        has_methods: false for fields and types alone.
        """
        known = self._whole.get((key, has_methods))
        if known is None:
            line = (key, *(ancestor.key for ancestor in self._rules.classes.line(key)))
            known = all(self._is_settled(each, has_methods=has_methods) for each in line)
            self._whole[key, has_methods] = known
        return known

    def _is_settled(self, key: Key, *, has_methods: bool) -> bool:
        declared = self._rules.classes.declared(key)
        if key[0] == "cls":
            return declared.is_known and not self._may_be_added_to(key)
        if key[0] != "ext":
            return False
        name: str = key[1]
        is_settled = name.startswith(_SETTLED_PACKAGE) or name.endswith(_FAILURES)
        is_settled |= declared.is_interface and not has_methods
        return name in _SETTLED or (declared.is_known and is_settled)

    def _may_be_added_to(self, key: Key) -> bool:
        """True when an annotation that is not known to be harmless stands on a class."""
        definition = self._rules.names.definition(key)
        path: str = key[1]
        for decorator in definition.decorators:
            row = self._rules.names.file(path).facts.exprs[decorator]
            found = self._rules.reader.denotation(path, row)
            if found is None or (found[0] == "ext" and str(found[1]).startswith(_ADDING)):
                return True
        return self._imports_adders(path)

    def _imports_adders(self, path: str) -> bool:
        """Annotations on fields are not in the facts, but what they are imported as is."""
        facts = self._rules.names.file(path).facts
        named = (row[2] for row in facts.exprs if row[0] in {Op.IMPORT, Op.IMPORT_FROM})
        stars = (f"{star.module}." for star in facts.stars)
        return any(str(name).startswith(_ADDING) for name in (*named, *stars))

    def may_have(self, owner: Denotation, name: str) -> bool:
        """True when a class has a field, method or type of a name, or nobody can tell."""
        if owner[0] != "cls" or not self.is_whole(owner):
            return True
        return bool(self._rules.members.find(owner, name)) or self.has_field(owner, name)

    def has_field(self, owner: Denotation, name: str) -> bool:
        """True when a class has a field or type of a name, or nobody can tell."""
        return (
            not self.is_whole(owner, has_methods=False)
            or self._rules.classes.field(owner, name) is not None
            or self._rules.names.member(owner, name) is not None
        )

    # What can be seen from a place

    def could_see(self, scope: int, *, has_methods: bool = False) -> bool:
        """True when the fields and types, or else the methods, around a scope are all known."""
        return all(self.is_whole(key, has_methods=has_methods) for key in self._around(scope))

    def _around(self, scope: int) -> list[Key]:
        found: list[Key] = []
        number = self._index.class_at(scope)
        key: Key | None = None if number == NONE else ("cls", self._path, number)
        while key is not None:
            found.append(key)
            key = self._rules.names.enclosing(key)
        return found

    def is_type_parameter(self, name: str, line: int) -> bool:
        """True when a definition that a line lies in, its head included, has such a parameter."""
        return any(
            d.start_line <= line <= d.end_line and name in self._index.variables.get(d.body, ())
            for d in self._index.facts.definitions
        )

    def has_method(self, scope: int, name: str) -> bool:
        """True when a class around a scope has a method of a name."""
        if name in _OF_OBJECT or self._rules.members.find(OBJECT_KEY, name):
            return True
        return any(self._rules.members.find(key, name) for key in self._around(scope))

    def has_static(self, name: str) -> bool:
        """True when a static import brings a name in, or may do so."""
        for owner, is_named in self._rules.static_owners(self._path, name):
            if is_named or owner[0] != "cls" or self.may_have(owner, name):
                return True
        return False

    def has_unknown_imports(self) -> bool:
        """True when a file imports all of a package or class that is not known."""
        if self._unknown is None:
            names = self._rules.names
            self._unknown = any(
                star.module not in names.packages.known
                and star.module not in names.jdk.packages
                and names.qualified(self._path, star.module) is None
                for star in self._index.facts.stars
            )
        return self._unknown
