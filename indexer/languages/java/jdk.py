"""The public interface of the JDK's commonest packages, from `jdk.txt`.

The file has a class a line: name, type parameters, kind, supertypes, members. `JdkTable.java` next
to it prints it from the classes of a running JDK, so nothing in it was written by hand. A line is
read when its class is first asked for.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.languages.java.types import (
    ARRAY,
    BOXES,
    CLASS,
    OBJECT,
    PRIMITIVE,
    VARIABLE,
    WILDCARD,
    Method,
    Parameterized,
)

if TYPE_CHECKING:
    from indexer.languages.java.types import Key, Type

_WORD = re.compile(r"\.\.\.|\[\]|[<>,?&]|[\w$.]+?(?=\.\.\.|[^\w$.]|$)")
_NO_CLASS = Parameterized((), (), (), is_interface=False, is_final=False, is_known=False)


class JdkClass:
    """One class of the table. fields: their types by name."""

    def __init__(self, name: str, line: str, table: Jdk) -> None:
        variables, kind, supers, members = line.split("\t")
        self.key: Key = ("ext", name)
        self._table = table
        self.methods: dict[str, list[str]] = {}
        self.fields: dict[str, str] = {}
        for member in members.split(";") if members else ():
            head, _, rest = member.partition("(")
            if rest:
                self.methods.setdefault(re.split(r"[ >]", head)[-1], []).append(member)
            else:
                field, _, type_ = member.partition(":")
                self.fields[field] = type_
        names, bounds = _Reader(variables, table, {}, self.key).variables()
        self.scope = dict.fromkeys(names, self.key)
        reader = _Reader(supers, table, self.scope, self.key)
        self.declared = Parameterized(
            names,
            bounds,
            tuple(t for t in reader.list() if t is not None and t != OBJECT),
            is_interface=kind in {"interface", "annotation"},
            is_final=kind in {"final", "enum"},
            is_known=True,
        )

    def read(self, name: str) -> tuple[Method, ...]:
        """The class's own methods of a name."""
        return tuple(self._method(name, n, m) for n, m in enumerate(self.methods.get(name, ())))

    def _method(self, name: str, number: int, text: str) -> Method:
        flag = ""
        for word in ("static ", "abstract "):
            if text.startswith(word):
                flag, text = word, text[len(word) :]
        owner = ("ext", f"{self.key[1]}.{name}", number)
        head, _, rest = text.partition("(")
        given, _, result = rest.rpartition(")")
        scope = self.scope
        names: tuple[str, ...] = ()
        if head.startswith("<"):
            generic = head[1 : -len(name) - 1]
            names, bounds = _Reader(generic, self._table, scope, owner).variables()
            scope = {**scope, **dict.fromkeys(names, owner)}
            self._table.bounds.update({(owner, n): b for n, b in zip(names, bounds, strict=True)})
        is_varargs = given.endswith("...")
        parameters = tuple(_Reader(given, self._table, scope, owner).list())
        kind = _Reader(result, self._table, scope, owner).type_()
        symbol = ("ext", f"{self.key[1]}.{name}")
        is_abstract = flag == "abstract "
        return Method(
            symbol,
            self.key,
            name,
            names,
            parameters,
            is_varargs,
            kind,
            flag == "static ",
            is_abstract,
            generic=owner,
        )

    def field(self, name: str) -> Type | None:
        """The type of a public field."""
        return _Reader(self.fields[name], self._table, self.scope, self.key).type_()


class Jdk:
    """All classes of the table; `bounds` are those of its methods' type parameters."""

    def __init__(self) -> None:
        self._lines = _lines()
        self.packages = _packages()
        self._known: dict[str, JdkClass | None] = {}
        self.bounds: dict[tuple[Key, str], Type | None] = {}

    def names(self) -> list[str]:
        """The qualified names of all classes."""
        return list(self._lines)

    def has(self, name: str) -> bool:
        """True for the qualified name of a class in the table."""
        return name in self._lines

    def find(self, name: str) -> JdkClass | None:
        """The class of a qualified name, else None."""
        known = self._known.get(name)
        if known is None and name in self._lines:
            known = self._known[name] = JdkClass(name, self._lines[name], self)
        return known


@cache
def _lines() -> dict[str, str]:
    text = (Path(__file__).parent / "jdk.txt").read_text()
    return dict(line.split("\t", 1) for line in text.splitlines())


@cache
def _packages() -> frozenset[str]:
    """The packages that the table has whole."""
    return frozenset(".".join(p for p in name.split(".") if p[0].islower()) for name in _lines())


@cache
def _simple() -> dict[str, str]:
    """Simple names, as the table uses them, to qualified ones."""
    return {name.rpartition(".")[2]: name for name in _lines()}


class _Reader:
    """Reads types from text."""

    def __init__(self, text: str, table: Jdk, scope: dict[str, Key], owner: Key) -> None:
        self._items = _WORD.findall(text)
        self._at = 0
        self._table = table
        self._scope = scope
        self._owner = owner

    def _next(self) -> str:
        word = self._items[self._at] if self._at < len(self._items) else ""
        self._at += 1
        return word

    def _peek(self) -> str:
        return self._items[self._at] if self._at < len(self._items) else ""

    def list(self) -> list[Type | None]:
        """Types separated by commas; a variable parameter's is an array."""
        found: list[Type | None] = []
        while self._peek():
            found.append(self.type_())
            if self._next() == "...":
                found[-1] = (ARRAY, found[-1])
                self._next()
        return found

    def variables(self) -> tuple[tuple[str, ...], tuple[Type | None, ...]]:
        """Type parameters with their bounds."""
        words = self._items
        depth = 0
        names: list[str] = []
        expects = True
        for word in words:
            depth += (word == "<") - (word == ">")
            if expects:
                names.append(word)
            expects = word == "," and depth == 0
        self._scope = {**self._scope, **dict.fromkeys(names, self._owner)}
        bounds: list[Type | None] = []
        while self._peek():
            self._next()
            bounds.append(None)
            if self._peek() == "extends":
                self._next()
                bounds[-1] = self.type_()
            self._next()
        return tuple(names), tuple(bounds)

    def type_(self) -> Type | None:
        """One type."""
        word = self._next()
        if word == "?":
            kind = self._peek() if self._peek() in {"extends", "super"} else ""
            if not kind:
                return (WILDCARD, "", None)
            self._next()
            return (WILDCARD, kind, self.type_())
        found = self._named(word)
        while self._peek() == "[]":
            self._next()
            found = (ARRAY, found)
        return found

    def _named(self, word: str) -> Type:
        if word in BOXES:
            return (PRIMITIVE, word)
        if word in self._scope:
            return (VARIABLE, self._scope[word], word)
        name = word if "." in word else _simple().get(word, word)
        arguments: list[Type | None] = []
        if self._peek() == "<":
            while self._next() in {"<", ","}:
                arguments.append(self.type_())
        return (CLASS, ("ext", name), tuple(arguments))
