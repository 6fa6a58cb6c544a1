"""Values and types to call Java code with: typed locals, so that overloads are told apart.

Type arguments that name type variables are left out, and a variable becomes its bound, as the
compiler's own erasure has it (JLS 4.6). What nothing tells how to make is `null`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agent.answers.signatures import Signature, java_signature, type_variables
from graphdb.queries.implementing import abstract_members, constructors
from graphdb.queries.rows import Follow, fetch_symbols, step
from graphdb.queries.traits import Traits, traits_of
from graphdb.queries.type_hierarchy import subtypes
from graphdb.schema import EdgeKind, NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.answers.ground import Ground
    from graphdb.symbols import Symbol

NULL = "null"
_IMPORT = re.compile(r"^import\s+(static\s+)?([\w.]+?)\.(\w+|\*)\s*;", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*")
_MAX_DEPTH = 2
_SIMPLE = {
    "boolean": "true",
    "byte": "1",
    "short": "1",
    "int": "1",
    "long": "1L",
    "char": "'a'",
    "float": "1.0f",
    "double": "1.0",
    "Boolean": "true",
    "Integer": "1",
    "Long": "1L",
    "Double": "1.0",
    "Float": "1.0f",
    "Character": "'a'",
    "Object": "new Object()",
    "Number": "1",
    "Comparable": '"a"',
    "Runnable": "() -> { }",
    "StringBuilder": "new StringBuilder()",
    "StringBuffer": "new StringBuffer()",
    "Throwable": "new Exception()",
    "Exception": "new Exception()",
    "List": "java.util.Collections.emptyList()",
    "Collection": "java.util.Collections.emptyList()",
    "Iterable": "java.util.Collections.emptyList()",
    "Set": "java.util.Collections.emptySet()",
    "Map": "java.util.Collections.emptyMap()",
}
_TEXTS = ("String", "CharSequence")
_PRIMITIVES = ("boolean", "byte", "short", "int", "long", "char", "float", "double", "void")


class JavaValues:
    """Types and values for a new file, as the file of one class names them.

    package: of the new file, the class's own where none is given. imports: what it must import.
    """

    def __init__(self, ground: Ground, owner: Symbol, package: str | None = None) -> None:
        self._ground = ground
        self._package = _package(owner) if package is None else package
        self._owner = owner
        text = ground.read_file(owner.file_path or "") or ""
        found = _IMPORT.findall(text)
        self._known = {name: f"{head}.{name}" for is_static, head, name in found if not is_static}
        self._wildcards = [
            f"{h}.*" for is_static, h, name in found if name == "*" and not is_static
        ]
        self.imports: set[str] = set()

    def local_type(self, written: str, variables: Mapping[str, str]) -> str:
        """A parameter's type as a local variable's, with its imports noted."""
        erased = erasure(written, variables)
        for name in _NAME.findall(erased):
            self._import(name.partition(".")[0])
        return erased

    def value(self, erased: str, name: str, depth: int = 0) -> str:
        """A value of an erased type."""
        if erased.endswith("[]"):
            element = re.sub(r"<.*>", "", erased[:-2])
            return f"new {element}[0]" if not element.endswith("]") else NULL
        head = erased.partition("<")[0].strip()
        if head in _TEXTS:
            return f'"{name}"'
        if head == "Class":
            inner = re.sub(r"^\?( (extends|super) )?", "", erased[6:-1].partition("<")[0]).strip()
            return f"{inner or 'Object'}.class"
        if head in _SIMPLE:
            return _SIMPLE[head]
        symbol = self._class_called(head)
        if symbol is None or depth >= _MAX_DEPTH:
            return NULL
        return self.instance(symbol, depth + 1) or NULL

    def instance(self, owner: Symbol, depth: int = 0) -> str | None:
        """An expression that makes an object of a class; None where the graph shows none."""
        name = self.reference(owner)
        if "ENUM" in owner.labels:
            return f"{name}.values()[0]"
        traits = traits_of(self._ground.reader, [owner]).get(owner.uid, Traits())
        if traits.visibility == "private":
            return None
        is_abstract = "abstract" in traits.modifiers or "INTERFACE" in owner.labels
        if is_abstract or abstract_members(self._ground.reader, owner):
            return self._subclass(owner, depth)
        own = [
            maker
            for maker in constructors(self._ground.reader, owner)
            if maker.full_name.rpartition(".")[0] == owner.full_name
        ]
        if not own:
            return f"new {name}()" if self._is_plain(owner, traits) else None
        if not self._is_plain(owner, traits):
            return None
        visible = self._visible(own)
        for maker in sorted(visible, key=lambda m: len(m.signature or "")):
            arguments = self._arguments(owner, maker, depth)
            if arguments is not None:
                return f"new {name}({arguments})"
        return self._factory(owner, name, depth)

    def reference(self, symbol: Symbol) -> str:
        """How a test names a class."""
        inside = symbol.full_name.removeprefix(f"{_package(symbol)}.")
        outer = inside.partition(".")[0]
        if _package(symbol) != self._package:
            self.imports.add(f"{_package(symbol)}.{outer}")
        return inside

    def _is_plain(self, owner: Symbol, traits: Traits) -> bool:
        """It can be made without an object around it."""
        is_inner = "." in owner.full_name.removeprefix(f"{_package(owner)}.")
        return (not is_inner or "static" in traits.modifiers) and "RECORD" not in owner.labels

    def _subclass(self, owner: Symbol, depth: int) -> str | None:
        """An object of the nearest class below that can be made."""
        found = [row.symbol for row in subtypes(self._ground.reader, owner).items]
        traits = traits_of(self._ground.reader, found)
        for below in found:
            is_open = "abstract" in traits[below.uid].modifiers or "INTERFACE" in below.labels
            if is_open or below.is_test or ".$" in below.full_name:
                continue
            if not abstract_members(self._ground.reader, below):
                return self.instance(below, depth)
        return None

    def _visible(self, members: list[Symbol]) -> list[Symbol]:
        traits = traits_of(self._ground.reader, members)
        seen = ("public", "package", "protected", None)
        is_near = bool(members) and _package(members[0]) == self._package
        allowed = seen if is_near else ("public",)
        return [m for m in members if traits[m.uid].visibility in allowed]

    def _factory(self, owner: Symbol, name: str, depth: int) -> str | None:
        """A static method of the class that returns one."""
        rows = step(self._ground.reader, [owner], Follow((EdgeKind.RETURNS_TYPE,), incoming=True))
        found = [
            r.symbol
            for r in rows
            if r.symbol.full_name.rpartition(".")[0] == owner.full_name
            and " static " in f" {r.symbol.signature or ''}"
        ]
        for method in sorted(self._visible(found), key=lambda m: len(m.signature or "")):
            arguments = self._arguments(owner, method, depth)
            if arguments is not None:
                return f"{name}.{method.name}({arguments})"
        return None

    def _arguments(self, owner: Symbol, maker: Symbol, depth: int) -> str | None:
        """Arguments of a constructor; None where one of them cannot be made."""
        signature = java_signature(maker.signature or "") or Signature(maker.name)
        variables = {**type_variables(owner.signature or ""), **signature.variables}
        found: list[str] = []
        for parameter in signature.parameters:
            erased = erasure(parameter.type, variables)
            value = self.value(erased, parameter.name, depth + 1)
            if value == NULL:
                return None
            found.append(f"({erased}) 1" if erased in ("byte", "short") else value)
        return ", ".join(found)

    def _import(self, simple: str) -> None:
        """Import the first part of a type's name, where it needs one."""
        if simple in _PRIMITIVES or not simple[:1].isupper():
            return
        if simple in self._known:
            self.imports.add(self._known[simple])
            return
        symbol = self._class_called(simple)
        if symbol is None:
            self.imports.update(self._wildcards)
        elif symbol.full_name != f"{self._package}.{simple}":
            self.imports.add(symbol.full_name)

    def _class_called(self, name: str) -> Symbol | None:
        """The repository's class that a name means in the file of the class under test."""
        head, _, rest = name.partition(".")
        full = self._known.get(head, "")
        tail = f".{rest}" if rest else ""
        names = [
            f"{self._owner.full_name}.{name}",
            f"{full}{tail}" if full else "",
            ".".join(filter(None, [_package(self._owner), name])),
        ]
        wanted = [n for n in names if n]
        found = fetch_symbols(
            self._ground.reader, "n.full_name IN $names", {"names": wanted}, (NodeKind.CLASS,)
        )
        return min(found, key=lambda s: wanted.index(s.full_name), default=None)


def erasure(written: str, variables: Mapping[str, str]) -> str:
    """A type without what only a type variable tells."""
    text = " ".join(re.sub(r"@\w+(?:\([^)]*\))?\s*", "", written).split())
    suffix = "[]" * text.count("[]") if text.endswith("[]") else ""
    text = text[: len(text) - len(suffix)].strip() if suffix else text
    head, angle, arguments = text.partition("<")
    head = head.strip()
    if head in variables:
        bound = variables[head].partition("<")[0].strip()
        known = variables.get(bound, "Object") if bound in variables else bound
        return f"{known.partition('<')[0].strip()}{suffix}"
    named = set(_NAME.findall(arguments))
    if angle and (suffix or not named.isdisjoint(variables)):
        return f"{head}{suffix}"
    return f"{text}{suffix}"


def _package(symbol: Symbol) -> str:
    """The package of a class or of a member of one: what stands before its name in its file."""
    parts = symbol.full_name.split(".")
    inside = symbol.uid.split(":", 2)[-1].partition("#")[0].count(".") + 1
    return ".".join(parts[: len(parts) - inside])
