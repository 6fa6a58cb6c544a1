"""What the callees and attributes of one file denote, by types or by value flow.

Pure questions: a use's answer lists what runs, what is read on the way, and whether types left a
hole that value flow may fill. `uses` makes edges of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, BindKind, Op
from indexer.languages.python.outside import HOLE
from indexer.solver import OPEN

if TYPE_CHECKING:
    from indexer.languages.python.link import PythonLinker
    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.values import Evaluator
    from indexer.links import Symbol
    from indexer.solver import Values

_OBJECT = frozenset(dir(object)) | {"__subclasses__", "mro"}

FLOW = "flow"
OVERRIDE = "override"


class Read(NamedTuple):
    """A variable or member that is read: what it is, the owner it was found through, the step."""

    denotation: Denotation
    owner: Denotation | None
    reason: str


@dataclass(slots=True)
class Found:
    """What a use denotes: targets and candidates each with the step that found them."""

    targets: list[tuple[Symbol, str]] = field(default_factory=list["tuple[Symbol, str]"])
    candidates: list[Symbol] = field(default_factory=list["Symbol"])
    reads: list[Read] = field(default_factory=list[Read])
    is_open: bool = False


class Resolution:
    """Answers for one file. followed: by value flow, else by types alone."""

    def __init__(self, linker: PythonLinker, path: str, *, followed: bool) -> None:
        self.values: Evaluator = linker.flow if followed else linker.values
        self._names = linker.names
        self._hierarchy = linker.hierarchy
        self._overrides = linker.overrides
        self._path = path
        self._facts = linker.names.file(path).facts
        self._followed = followed
        self._same: dict[int, int] = {}
        self._firsts: dict[Any, int] = {}

    def same(self, expr: int) -> int:
        """The first of the expressions asked for that denote the same by names alone.

        A chain of names that is read in several scopes is several expressions; it means the same
        wherever its first name has the same binding, or is the receiver of the same class.
        """
        if expr == NONE:
            return NONE
        known = self._same.get(expr)
        if known is None:
            row = self._facts.exprs[expr]
            key: Any = expr
            if row[0] == Op.ATTR:
                key = (Op.ATTR, self.same(row[1]), row[2])
            elif row[0] == Op.NAME and len(row) == len(("op", "scope", "name")):
                key = self._meaning(row)
            known = self._same[expr] = self._firsts.setdefault(key, expr)
        return known

    def _meaning(self, row: tuple[Any, ...]) -> Denotation:
        """A name's receiver if it is one, else where it is bound."""
        index = self._names.file(self._path)
        scope, name = self._names.scope_of(self._path, row[1], row[2]), row[2]
        is_first = index.parameters.get(scope, {}).get(name) == 0
        if is_first and name not in index.scopes.get(scope, ()):
            number = self._facts.scopes[scope].definition
            receiver = index.receiver(number)
            is_told = self._facts.definitions[number].parameters[0].annotation != NONE
            if receiver is not None and not is_told:
                return receiver
        return (Op.NAME, scope, name)

    def of(self, expr: int) -> Values:
        """The values of an expression."""
        return self.values.of(self._path, expr)

    # What is called

    def callees(self, callee: int) -> Found:
        """What calling an expression may run: ("fn" | "cls" | "ext" | "outside", …)."""
        found = Found()
        row = self._facts.exprs[callee]
        if row[0] == Op.NAME:
            self._named_callees(row, found)
        elif row[0] == Op.ATTR:
            self._method_callees(row, found)
        else:
            values = self.of(callee)
            # What lies in a container may have been replaced.
            found.is_open = row[0] == Op.ITEM or HOLE in values
            self._run_all(values, "value" if row[0] == Op.ITEM else "type", found)
        if self._followed:
            found.targets = [(symbol, FLOW) for symbol, _ in found.targets]
        return found

    def _named_callees(self, row: tuple[Any, ...], found: Found) -> None:
        reason = self.name_reason(row)
        for denotation in self._names.named(self._path, row):
            if denotation[0] in {"cls", "fn", "ext"}:
                found.targets.append((denotation, reason))
                continue
            values = self.values.value_of(denotation)
            found.is_open = found.is_open or HOLE in values
            self._run_all(values, "value", found)
            found.reads.append(Read(denotation, None, reason))
            if self._is_receiver(row):
                found.candidates += self._constructors(values)

    def _method_callees(self, row: tuple[Any, ...], found: Found) -> None:
        name = row[2]
        for owner in self.of(row[1]):
            if owner == HOLE:
                found.is_open = True
                continue
            reason = self._owner_reason(owner, row[1])
            members = self.values.attribute(owner, name)
            for member, through in members:
                self._member_callees(member, through, reason, found)
            if not members and self._is_outside(owner, name):
                found.targets.append((("outside",), reason))
            elif not members:
                self._by_getattr(owner, reason, found)
            found.candidates += self._instead(owner, reason, row[1], name)

    def _constructors(self, values: Values) -> list[Symbol]:
        """What `cls(…)` may run instead: the class that the method was called on is any below."""
        return [
            each for v in values if v[0] == "cls" for each in self._overrides.constructors(v[1:])
        ]

    def _member_callees(
        self, member: Denotation, owner: Denotation, reason: str, found: Found
    ) -> None:
        """The member itself where it is what runs; else its value, which is read."""
        if member[0] in {"cls", "ext"} or (
            member[0] == "fn" and not self.is_property(member, owner)
        ):
            found.targets.append((member, reason))
            return
        found.reads.append(Read(member, owner, reason))
        values = self.values.member(member, owner)
        found.is_open = found.is_open or HOLE in values
        self._run_all(values, "value", found)

    def _by_getattr(self, owner: Denotation, reason: str, found: Found) -> None:
        """A name that an instance lacks is asked of its `__getattr__`."""
        if owner[0] == "inst":
            for member, through in self.values.attribute(owner, "__getattr__"):
                if member[0] == "fn":
                    found.reads.append(Read(member, None, reason))
                    values = self.values.returned(member[1], member[2], through)
                    self._run_all(values, "value", found)

    def _run_all(self, values: Values, reason: str, found: Found) -> None:
        """What calling each of some values runs."""
        for value in values:
            kind = value[0]
            if kind in {"fn", "cls", "ext"}:
                found.targets.append((value, reason))
            elif kind == "bound":
                found.targets.append((("fn", value[1], value[2]), reason))
            elif kind == "inst":
                members = self.values.attribute(value, "__call__")
                found.targets += [(m, "protocol") for m, _ in members if m[0] == "fn"]
            elif kind in {"xinst", "xcall", "xmeth", "lam"}:
                found.targets.append((("outside",), reason))

    def _instead(self, owner: Denotation, reason: str, expr: int, name: str) -> list[Symbol]:
        """What subclasses put in the place of a member, where the owner may be one of them."""
        if owner[0] == "cls" and reason != "self":
            return []
        return self.overriding(owner, expr, name) if owner[0] in {"cls", "inst"} else []

    def overriding(self, owner: Denotation, expr: int, name: str) -> list[Symbol]:
        """The same for what an expression is; an instance that has just been made is no other."""
        is_made = expr != NONE and self._facts.exprs[expr][0] == Op.CALL
        return [] if is_made else self._overrides.of((owner[1], owner[2]), name)

    # What is read or written

    def uses(self, expr: int) -> Found:
        """What a name or attribute that is not called denotes, as `reads`."""
        found = Found()
        row = self._facts.exprs[expr]
        if row[0] == Op.NAME:
            reason = self.name_reason(row)
            denotations = self._names.named(self._path, row)
            found.reads = [Read(denotation, None, reason) for denotation in denotations]
        elif row[0] == Op.ATTR:
            for owner in self.of(row[1]):
                found.is_open = found.is_open or owner == HOLE
                reason = FLOW if self._followed else self._owner_reason(owner, row[1])
                members = self.values.attribute(owner, row[2])
                found.reads += [Read(member, through, reason) for member, through in members]
                if any(m[0] == "fn" and self.is_property(m, owner) for m, _ in members):
                    found.candidates += self.overriding(owner, row[1], row[2])
                if not members and owner[0] == "inst" and not row[2].startswith("__"):
                    self._by_getattr(owner, reason, found)
        return found

    # Steps

    def name_reason(self, row: tuple[Any, ...]) -> str:
        """The step that resolves a name."""
        scope = self._names.scope_of(self._path, row[1], row[2])
        rows = self._names.file(self._path).scopes.get(scope, {}).get(row[2], [])
        is_import = scope == NONE or any(r.kind == BindKind.IMPORT for r in rows)
        return "import" if is_import else "scope"

    def _owner_reason(self, owner: Denotation, expr: int) -> str:
        kind = owner[0]
        if kind in {"mod", "ns", "ext"}:
            return "import"
        if kind == "super":
            return "super"
        row = self._facts.exprs[expr]
        if row[0] == Op.NAME and self._is_receiver(row):
            return "self"
        return "class" if kind == "cls" else "type"

    def _is_receiver(self, row: tuple[Any, ...]) -> bool:
        scope = self._names.scope_of(self._path, row[1], row[2])
        index = self._names.file(self._path)
        return index.parameters.get(scope, {}).get(row[2]) == 0 and (
            index.class_of(self._facts.scopes[scope].definition) != NONE
        )

    def is_property(self, member: Denotation, owner: Denotation) -> bool:
        """True for a method that is run by reading it."""
        return owner[0] == "inst" and self._hierarchy.is_property(member)

    def _is_outside(self, owner: Denotation, name: str) -> bool:
        """True when what the owner lacks can only come from outside the repository."""
        if owner[0] in {"xinst", "ext", "xmeth"} or name in _OBJECT:
            return owner != OPEN
        if owner[0] in {"inst", "cls"}:
            return bool(self._hierarchy.outside((owner[1], owner[2])))
        return owner[0] == "super" and bool(self._hierarchy.outside((owner[3], owner[4])))
