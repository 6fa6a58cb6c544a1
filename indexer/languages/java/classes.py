"""Classes: declarations, lines of ancestors, and members with what type arguments make of them.

Classes of the repository and those of the JDK look the same from here. Bases are resolved by names
alone. A class that is among its own ancestors (in a broken file) is followed once; what was found
inside such a cycle is not kept, so that no answer depends on which class was asked for first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, Binding
from indexer.languages.java.types import (
    ARRAY,
    CLASS,
    OBJECT,
    OBJECT_KEY,
    STRING,
    VARIABLE,
    WILDCARD,
    Ancestor,
    FieldOf,
    Method,
    Parameterized,
    ext,
    substitute,
)

if TYPE_CHECKING:
    from indexer.languages.java.jdk import Jdk
    from indexer.languages.java.names import Denotation, Names
    from indexer.languages.java.typereader import TypeReader
    from indexer.languages.java.types import Bindings, Key, Symbol, Type
    from indexer.solver import Cell, ReadLog

_UNKNOWN = Parameterized((), (), (), is_interface=False, is_final=False, is_known=False)
_IMPLICIT = {
    "enum": "java.lang.Enum",
    "record": "java.lang.Record",
    "annotation": "java.lang.annotation.Annotation",
}


class Classes:
    """Declarations, ancestors and members, memoised."""

    def __init__(self, names: Names, reader: TypeReader, jdk: Jdk, log: ReadLog) -> None:
        self._names = names
        self._reader = reader
        self._jdk = jdk
        self._log = log
        self._declared: dict[Key, Parameterized] = {}
        self._lines: dict[Key, tuple[Ancestor, ...]] = {}
        self._open: dict[Key, bool] = {}
        self._outside: dict[Key, bool] = {}
        self._types: dict[tuple[Key, str], Denotation | None] = {}
        self._own: dict[tuple[Key, str], tuple[Method, ...]] = {}
        self._signatures: dict[Key, Method] = {}
        self._cyclic: dict[Key, Parameterized] = {}
        self._active: set[Key] = set()
        self._cut = False
        self._bounds: dict[tuple[Key, str], Type | None] = {}

    def close(self) -> None:
        """Forget everything."""
        self._declared, self._cyclic, self._lines, self._open, self._own = {}, {}, {}, {}, {}
        self._signatures, self._bounds, self._outside, self._types = {}, {}, {}, {}

    def is_settled(self) -> bool:
        """True when no class's ancestors are being found."""
        return not self._active

    def note(self, key: Key) -> None:
        """Say that the answer under way depends on a class of the repository."""
        if key[0] == "cls":
            self._log.note(self._names.cell(key))

    # Declarations

    def declared(self, key: Key) -> Parameterized:
        """What a class's head says."""
        known = self._declared.get(key)
        if key[0] != "cls":
            if known is None:
                found = self._jdk.find(key[1]) if key[0] == "ext" else None
                known = self._declared[key] = found.declared if found else _UNKNOWN
            return known
        cell = self._names.cell(key)
        self._log.note(cell)
        if known is None and not self._active:
            known = self._cyclic.get(key)
        return known or self._declare(key, cell)

    def _declare(self, key: Key, cell: Cell) -> Parameterized:
        if key in self._active:
            self._cut = True
            return _UNKNOWN
        outer_cut, self._cut = self._cut, False
        self._active.add(key)
        outer = self._log.enter(cell)
        found = self._head(key)
        self._log.leave(outer)
        self._active.discard(key)
        if not self._cut:
            self._declared[key] = found
        elif not self._active:
            self._cyclic[key] = found
        self._cut = bool(self._active) and (self._cut or outer_cut)
        return found

    def _head(self, key: Key) -> Parameterized:
        definition = self._names.definition(key)
        names, bounds = self._variables(key)
        supers = [self._reader.of(key[1], base, key[2]) for base in definition.bases]
        flags = definition.flags
        known = [t for t in supers if t is not None and t[0] == CLASS and t[1] != key]
        for flag, name in _IMPLICIT.items():
            if flag in flags:
                own: tuple[Type, ...] = ((CLASS, key, ()),) if flag == "enum" else ()
                known.insert(0, ext(name, *own))
        return Parameterized(
            names,
            bounds,
            tuple(known),
            is_interface="interface" in flags or "annotation" in flags,
            is_final="final" in flags or "record" in flags or definition.name.startswith("$"),
            is_known=len(supers) == sum(t is not None for t in supers),
        )

    def _variables(self, key: Key) -> tuple[tuple[str, ...], tuple[Type | None, ...]]:
        rows = [p for p in self._names.definition(key).parameters if p.kind == "<"]
        head = key[2] if key[0] == "cls" else NONE
        bounds = [self._reader.of(key[1], p.annotation, head) for p in rows]
        return tuple(p.name for p in rows), tuple(bounds)

    def own_type(self, key: Key) -> Type:
        """A class's type inside itself: its type parameters are the arguments."""
        names = self.declared(key).variables
        return (CLASS, key, tuple((VARIABLE, key, name) for name in names))

    def bound(self, variable: Type) -> Type:
        """What is surely true of a type variable: its bound, else Object."""
        owner, name = variable[1], variable[2]
        if owner[0] == "ext":
            found = self._jdk.bounds.get((owner, name))
            if found is None and len(owner) == 2:
                declared = self.declared(owner)
                found = dict(zip(declared.variables, declared.bounds, strict=True)).get(name)
        elif owner[0] == "cls":
            declared = self.declared(owner)
            found = dict(zip(declared.variables, declared.bounds, strict=True)).get(name)
        else:
            self.signature(owner)
            found = self._bounds.get((owner, name))
        return OBJECT if found is None or found == variable else found

    # Ancestors

    def line(self, key: Key) -> tuple[Ancestor, ...]:
        """All ancestors, superclasses before interfaces, nearest first; Object last."""
        known = self._lines.get(key) if not self._active else None
        self.note(key)
        if known is None:
            outer = self._log.enter(self._names.cell(key)) if key[0] == "cls" else None
            found: dict[Key, Ancestor] = {}
            self._ancestors(key, {}, found, (key,))
            found.pop(OBJECT_KEY, None)
            rows = [*found.values()]
            rows.sort(key=lambda a: self.declared(a.key).is_interface)
            if key != OBJECT_KEY:
                rows.append(Ancestor(OBJECT_KEY, OBJECT))
            known = tuple(rows)
            if not self._active:
                self._lines[key] = known
            if outer is not None:
                self._log.leave(outer)
        return known

    def _ancestors(
        self, key: Key, bindings: Bindings, found: dict[Key, Ancestor], below: tuple[Key, ...]
    ) -> None:
        direct: list[tuple[Key, Bindings]] = []
        for base in self.declared(key).supers:
            type_ = substitute(base, bindings)
            if type_ is None or type_[1] in below:
                continue
            if type_[1] not in found:
                found[type_[1]] = Ancestor(type_[1], type_)
                direct.append((type_[1], self.bindings(type_)))
        for ancestor, inner in direct:
            self._ancestors(ancestor, inner, found, (*below, ancestor))

    def bindings(self, type_: Type) -> Bindings:
        """What a class type's arguments say of its type parameters; nothing where it is raw."""
        arguments = type_[2]
        if not arguments:
            return {}
        declared = self.declared(type_[1])
        if len(arguments) != len(declared.variables):
            return {}
        return {(type_[1], n): a for n, a in zip(declared.variables, arguments, strict=True)}

    def captured(self, type_: Type) -> Bindings:
        """The same for the members of an object of that type: a wildcard is what it surely is."""
        found = self.bindings(type_)
        for (key, name), argument in found.items():
            if argument is not None and argument[0] == WILDCARD:
                has_bound = argument[1] == "extends"
                found[key, name] = argument[2] if has_bound else self.bound((VARIABLE, key, name))
        return found

    def as_super(self, type_: Type, key: Key) -> Type | None:
        """A class type seen as one of its ancestors."""
        if type_[1] == key:
            return type_
        for ancestor in self.line(type_[1]):
            if ancestor.key == key:
                return substitute(ancestor.type_, self.bindings(type_))
        return None

    def is_open(self, key: Key) -> bool:
        """True when a class may have ancestors unheard of.

        What the JDK's classes extend beyond the table is the JDK's own affair.
        """
        known = self._open.get(key)
        self.note(key)
        if known is None:
            known = any(self._is_unknown(k) for k in (key, *(a.key for a in self.line(key))))
            self._open[key] = known
        return known

    def _is_unknown(self, key: Key) -> bool:
        if key[0] == "ext" and str(key[1]).startswith("java."):
            return False
        return not self.declared(key).is_known

    def outside(self, key: Key) -> bool:
        """True when an ancestor lies outside and nothing is known of it."""
        known = self._outside.get(key)
        self.note(key)
        if known is None:
            keys = [key, *(a.key for a in self.line(key))]
            known = any(k[0] == "ext" and not self.declared(k).is_known for k in keys)
            self._outside[key] = known
        return known

    # Members

    def own(self, key: Key, name: str) -> tuple[Method, ...]:
        """The methods of a name that a class itself declares."""
        if key[0] != "cls":
            found = self._jdk.find(key[1])
            known = self._own.get((key, name))
            if known is None:
                known = self._own[key, name] = found.read(name) if found else ()
            return known
        known = self._own.get((key, name))
        self.note(key)
        if known is None:
            outer = self._log.enter(self._names.cell(key))
            known = self._own[key, name] = self._declared_methods(key, name)
            self._log.leave(outer)
        return known

    def abstract_names(self, key: Key) -> list[str]:
        """The names of the abstract methods that an interface itself declares."""
        if key[0] != "cls":
            found = self._jdk.find(key[1])
            names = found.methods if found else {}
            return [n for n, rows in names.items() if any(r.startswith("abstract ") for r in rows)]
        self.note(key)
        index = self._names.file(key[1])
        definitions = index.facts.definitions
        table = index.methods.get(self._names.definition(key).body, {})
        return [
            n for n, rows in table.items() if any("abstract" in definitions[r].flags for r in rows)
        ]

    def _declared_methods(self, key: Key, name: str) -> tuple[Method, ...]:
        index = self._names.file(key[1])
        definition = self._names.definition(key)
        numbers = index.methods.get(definition.body, {}).get(name, ())
        rows = [self.signature(("fn", key[1], number)) for number in numbers]
        if "enum" in definition.flags and name in {"values", "valueOf"}:
            rows.append(_of_enum(key, name))
        if "record" in definition.flags and not any(not r.parameters for r in rows):
            field = index.fields.get(definition.body, {}).get(name)
            if field is not None and (definition.body, name) not in index.static:
                rows.append(self._accessor(key, field))
        return tuple(rows)

    def _accessor(self, key: Key, field: Binding) -> Method:
        type_ = self._reader.of(key[1], field.annotation)
        symbol = ("field", key[1], key[2], field.name)
        return Method(symbol, key, field.name, (), (), False, type_, False, False, is_fixed=True)

    def signature(self, symbol: Symbol) -> Method:
        """A method or constructor of the repository."""
        known = self._signatures.get(symbol)
        self._log.note(self._names.cell(symbol))
        if known is None:
            outer = self._log.enter(self._names.cell(symbol))
            known = self._signatures[symbol] = self._signature(symbol)
            self._log.leave(outer)
        return known

    def _signature(self, symbol: Symbol) -> Method:
        path = symbol[1]
        index = self._names.file(path)
        d = self._names.definition(symbol)
        owner: Key = ("cls", path, index.facts.scopes[d.scope].definition)
        names, bounds = self._variables(symbol)
        self._bounds.update({(symbol, n): b for n, b in zip(names, bounds, strict=True)})
        rows = [p for p in d.parameters if p.kind != "<"]
        is_constructor = "constructor" in d.flags
        record = self._names.definition(owner) if is_constructor else d
        if "compact" in d.flags:
            rows = [p for p in record.parameters if p.kind != "<"]
        parameters = tuple(self._reader.of(path, p.annotation) for p in rows)
        return Method(
            symbol,
            owner,
            d.name,
            names,
            parameters,
            bool(rows) and rows[-1].kind == "*",
            self.own_type(owner) if is_constructor else self._reader.of(path, d.annotation),
            "static" in d.flags,
            "abstract" in d.flags,
            "private" in d.flags,
            not {"private", "final", "static", "constructor"}.isdisjoint(d.flags),
            symbol,
        )

    def constructors(self, key: Key) -> tuple[Method, ...]:
        """The constructors that a class of the repository declares."""
        self.note(key)
        index = self._names.file(key[1])
        body = self._names.definition(key).body
        return tuple(self.signature(("fn", key[1], n)) for n in index.constructors.get(body, ()))

    def own_field(self, key: Key, name: str) -> FieldOf | None:
        """A field that a class itself declares."""
        if key[0] != "cls":
            found = self._jdk.find(key[1])
            if found is None or name not in found.fields:
                return None
            return FieldOf(("ext", f"{key[1]}.{name}"), found.field(name), key)
        self.note(key)
        index = self._names.file(key[1])
        row = index.fields.get(self._names.definition(key).body, {}).get(name)
        if row is None:
            return None
        outer = self._log.enter(self._names.cell(key))
        type_ = self._reader.of(key[1], row.annotation)
        self._log.leave(outer)
        return FieldOf(("field", key[1], key[2], name), type_, key)

    def field(self, key: Key, name: str) -> FieldOf | None:
        """A field of a class or of its ancestors."""
        found = self.own_field(key, name)
        if found is not None:
            return found
        for ancestor in self.line(key):
            found = self.own_field(ancestor.key, name)
            if found is not None:
                return found
        return None

    def member_type(self, key: Key, name: str) -> Denotation | None:
        """A member type that a class inherits."""
        is_settled = not self._active
        if is_settled and (key, name) in self._types:
            self.note(key)
            return self._types[key, name]
        outer = self._log.enter(self._names.cell(key)) if key[0] == "cls" else None
        owners = (a.key for a in self.line(key))
        found = next(filter(None, (self._names.own_member(k, name) for k in owners)), None)
        if outer is not None:
            self._log.leave(outer)
        if is_settled:
            self._types[key, name] = found
        return found


def _of_enum(key: Key, name: str) -> Method:
    """`values` and `valueOf`, which every enum has and none declares."""
    own: Type = (CLASS, key, ())
    if name == "values":
        return Method(None, key, name, (), (), False, (ARRAY, own), True, False)
    return Method(None, key, name, (), (STRING,), False, own, True, False)
