"""Classes: their bases, their linearisation and their members.

Bases are resolved by name rules alone, so the hierarchy never depends on a value that was followed
and is the same whatever else is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.facts import NONE, Binding, BindKind, Op

if TYPE_CHECKING:
    from indexer.languages.python.lookup import Denotation, Denotations, Names
    from indexer.solver import Cell, Solver

ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum"})

_PROPERTIES = frozenset({"property", "cached_property", "lazy_property", "abstractproperty"})

_NAMED = ("ext", "typing.NamedTuple")

_MAX_MEMBERS = 32

Class = tuple[str, int]
"""A class: file and definition number."""


class Hierarchy:
    """Linearisations and members, memoised."""

    def __init__(self, names: Names, solver: Solver) -> None:
        self._names = names
        self._solver = solver
        self._bases: dict[Class, tuple[Denotations, ...]] = {}
        self._orders: dict[Class, tuple[Denotation, ...]] = {}
        self._members: dict[Class, dict[str, list[Denotation]]] = {}
        self._found: dict[tuple[Class, str, Class | None], list[Denotation]] = {}
        self._cells: dict[Class, Cell] = {}

    def close(self) -> None:
        """Forget everything."""
        self._bases, self._orders, self._members, self._found, self._cells = {}, {}, {}, {}, {}

    def bases(self, cls: Class) -> tuple[Denotations, ...]:
        """What each written base denotes, in order."""
        known = self._bases.get(cls)
        self._note(cls)
        if known is None:
            definition = self._names.definition(*cls)
            outer = self._solver.enter(self._cell(cls))
            found = tuple(self._names.static(cls[0], base) for base in definition.bases)
            self._solver.leave(outer)
            known = self._bases[cls] = found
        return known

    def order(self, cls: Class) -> tuple[Denotation, ...]:
        """The method resolution order by C3: classes, and externals where it leaves the repository.

        A hierarchy that C3 refuses (or that is cyclic) is taken depth first, each class once.
        """
        known = self._orders.get(cls)
        self._note(cls)
        if known is None:
            outer = self._solver.enter(self._cell(cls))
            known = self._linearise(cls, ())
            self._solver.leave(outer)
            self._orders[cls] = known
        return known

    def _linearise(self, cls: Class, below: tuple[Class, ...]) -> tuple[Denotation, ...]:
        own: Denotation = ("cls", *cls)
        known = self._orders.get(cls)
        if known is not None and not any(entry[1:] in below for entry in known):
            # In a cycle the order depends on where it was entered, so only its own entry counts.
            self._note(cls)
            return known
        sequences: list[list[Denotation]] = []
        direct: list[Denotation] = []
        for alternatives in self.bases(cls):
            for base in alternatives:
                if base[0] == "cls" and (base[1], base[2]) not in (*below, cls):
                    inner = self._linearise((base[1], base[2]), (*below, cls))
                    sequences.append(list(inner))
                    direct.append(base)
                elif base[0] == "ext" and base[1] != "builtins.object":
                    sequences.append([base])
                    direct.append(base)
        return (own, *_merge([*sequences, direct]))

    def members(self, cls: Class) -> dict[str, list[Denotation]]:
        """The class's own members by name: ("fn", …), ("cls", …) or ("field", …)."""
        known = self._members.get(cls)
        self._note(cls)
        if known is None:
            index = self._names.file(cls[0])
            body = index.facts.definitions[cls[1]].body
            names = dict.fromkeys((*index.scopes.get(body, {}), *index.fields.get(body, {})))
            outer = self._solver.enter(self._cell(cls))
            known = {name: self._own(cls, body, name) for name in names}
            self._solver.leave(outer)
            self._members[cls] = known
        return known

    def beginning(self, cls: Class, start: str) -> list[str]:
        """Names of the class's members, inherited ones too, that begin so; none if too many."""
        names: dict[str, None] = {}
        for entry in self.order(cls):
            if entry[0] == "cls":
                members = self.members((entry[1], entry[2]))
                names.update(dict.fromkeys(n for n in members if n.startswith(start)))
        return sorted(names) if len(names) <= _MAX_MEMBERS else []

    def own(self, cls: Class, name: str) -> list[Denotation]:
        """A member that the class itself defines, or nothing."""
        return self.members(cls).get(name, [])

    def _own(self, cls: Class, body: int, name: str) -> list[Denotation]:
        path, number = cls
        index = self._names.file(path)
        found: dict[Denotation, None] = {}
        rows = index.scopes.get(body, {}).get(name, [])
        for row in self._names.effective(path, rows):
            if row.kind == BindKind.DEFINITION:
                kind = "cls" if index.facts.definitions[row.definition].is_class else "fn"
                found[kind, path, row.definition] = None
            elif row.kind != BindKind.IMPORT:
                alias = self._method_alias(cls, row)
                found[alias or ("field", path, number, name)] = None
        if not rows and index.fields.get(body, {}).get(name):
            found["field", path, number, name] = None
        return list(found)

    def _method_alias(self, cls: Class, row: Binding) -> Denotation | None:
        """`__radd__ = __add__` in a class body is the method under a second name."""
        index = self._names.file(cls[0])
        if (
            row.value == NONE
            or row.annotation != NONE
            or index.facts.exprs[row.value][0] != Op.NAME
        ):
            return None
        targets = self._names.static(cls[0], row.value)
        same = [t for t in targets if t[0] == "fn" and t[1] == cls[0]]
        return same[0] if len(targets) == 1 and same else None

    def find(self, cls: Class, name: str, after: Class | None = None) -> list[Denotation]:
        """A member by the resolution order; `after` starts behind that class, as `super()` does."""
        known = self._found.get((cls, name, after))
        self._note(cls)
        if known is None:
            outer = self._solver.enter(self._cell(cls))
            known = self._found[cls, name, after] = self._find(cls, name, after)
            self._solver.leave(outer)
        return known

    def _find(self, cls: Class, name: str, after: Class | None) -> list[Denotation]:
        order = self.order(cls)
        if after is not None:
            position = next(
                (i for i, c in enumerate(order) if c[1:] == after and c[0] == "cls"), -1
            )
            order = order[position + 1 :]
        first: list[Denotation] = []
        for entry in order:
            if entry[0] != "cls":
                continue
            found = self.members((entry[1], entry[2])).get(name)
            if found and self._is_set_only(found):
                # `self.x = …` in a subclass runs the setter of a property x further up.
                first = first or found
            elif found:
                is_property = any(self.is_property(member) for member in found)
                return found if is_property or not first else first
        return first

    def _is_set_only(self, members: list[Denotation]) -> bool:
        return all(member[0] == "field" and not self.is_in_body(member) for member in members)

    def is_in_body(self, field: Denotation) -> bool:
        """True for a field that the class body binds, not only a method through its receiver."""
        index = self._names.file(field[1])
        return field[3] in index.scopes.get(index.body(field[2]), ())

    def declaring(self, field: Denotation) -> Denotation:
        """The field of a base that declares, with a type, what a class only sets."""
        cls = (field[1], field[2])
        if self.is_in_body(field):
            return field
        above = self.find(cls, field[3], after=cls)
        return next((m for m in above if m[0] == "field" and self._is_declared(m)), field)

    def _is_declared(self, field: Denotation) -> bool:
        index = self._names.file(field[1])
        rows = index.scopes.get(index.body(field[2]), {}).get(field[3], ())
        return any(row.annotation != NONE for row in rows)

    def is_property(self, member: Denotation) -> bool:
        """True for a method that is read like a field."""
        if member[0] != "fn":
            return False
        decorators = self._names.definition(member[1], member[2]).decorator_names
        return any(n.partition("(")[0].rpartition(".")[2] in _PROPERTIES for n in decorators)

    def is_enum(self, cls: Class) -> bool:
        """True for a class whose plain attributes are its members."""
        return any(name.rpartition(".")[2] in ENUMS for name in self.outside(cls))

    def named_fields(self, cls: Class) -> list[Denotation]:
        """The fields of a `typing.NamedTuple` in order; none for any other class."""
        for entry in self.order(cls):
            if entry[0] == "cls" and any(
                d == _NAMED for base in self.bases((entry[1], entry[2])) for d in base
            ):
                index = self._names.file(entry[1])
                rows = index.scopes.get(index.body(entry[2]), {}).items()
                names = [n for n, found in rows if any(r.annotation != NONE for r in found)]
                return [("field", entry[1], entry[2], name) for name in names]
        return []

    def setter(self, member: Denotation) -> Denotation:
        """The accessor that an assignment to a property runs; the getter when there is none."""
        facts = self._names.file(member[1]).facts
        own = self._names.definition(member[1], member[2])
        wanted = f"{own.name}.setter"
        for number, definition in enumerate(facts.definitions):
            if definition.scope == own.scope and wanted in definition.decorator_names:
                return ("fn", member[1], number)
        return member

    def outside(self, cls: Class) -> list[str]:
        """External classes in the resolution order."""
        return [entry[1] for entry in self.order(cls) if entry[0] == "ext"]

    def _cell(self, cls: Class) -> Cell:
        known = self._cells.get(cls)
        if known is None:
            index = self._names.file(cls[0])
            body = index.facts.definitions[cls[1]].body
            known = self._cells[cls] = (cls[0], index.top_name(body))
        return known

    def _note(self, cls: Class) -> None:
        self._solver.note(self._cell(cls))


def _merge(sequences: list[list[Denotation]]) -> list[Denotation]:
    """C3's merge; where it has no answer, the first head is taken."""
    result: list[Denotation] = []
    sequences = [s for s in sequences if s]
    while sequences:
        tails = {entry for s in sequences for entry in s[1:]}
        head = next((s[0] for s in sequences if s[0] not in tails), sequences[0][0])
        result.append(head)
        sequences = [[e for e in s if e != head] for s in sequences]
        sequences = [s for s in sequences if s]
    return result
