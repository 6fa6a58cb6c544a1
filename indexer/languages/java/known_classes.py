"""Classes that are known whole, and what may be seen from a place in a Java file.

A class is known whole when it and all its ancestors are written in the repository, but for a few
types of `java.lang` that have stayed as they are; annotations of processors that add members to
the class they stand on leave it open.
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
    | {"java.io.Closeable", "java.lang.constant.Constable"}
)
"""Types of the JDK whose members are those of the table, whatever JDK a project is built with."""

_OF_OBJECT = frozenset({"clone", "finalize"})
_ADDING = ("lombok.", "groovy.", "manifold.", "org.aspectj.", "io.ebean.")
"""Packages of annotations whose processors add members to classes that are written by hand."""


class KnownClasses:
    """Answers for one file."""

    def __init__(self, rules: Rules, path: str) -> None:
        self._rules = rules
        self._path = path
        self._index = rules.names.file(path)
        self._whole: dict[Key, bool] = {}
        self._unknown: bool | None = None

    def title(self, type_: Type | None) -> str | None:
        """The full name of a class of the repository."""
        if type_ is None:
            return None
        facts = self._rules.names.file(type_[1][1]).facts
        name = self._rules.names.definition(type_[1]).qualified_name
        return f"{facts.package}.{name}" if facts.package else name

    def is_whole(self, key: Key) -> bool:
        """True when all members of a class of the repository are known."""
        known = self._whole.get(key)
        if known is None:
            line = (key, *(ancestor.key for ancestor in self._rules.classes.line(key)))
            known = self._whole[key] = all(map(self._is_settled, line))
        return known

    def _is_settled(self, key: Key) -> bool:
        if key[0] != "cls":
            return key[0] == "ext" and key[1] in _SETTLED
        declared = self._rules.classes.declared(key)
        return declared.is_known and not self._may_be_added_to(key)

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
        rules = self._rules
        return (
            rules.classes.field(owner, name) is not None
            or bool(rules.members.find(owner, name))
            or rules.names.member(owner, name) is not None
        )

    # What can be seen from a place

    def could_see(self, scope: int) -> bool:
        """True when all classes around a scope are known whole."""
        return all(map(self.is_whole, self._around(scope)))

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
