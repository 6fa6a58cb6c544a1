"""What the expressions of one file are: the types of values, and what names and accesses denote.

Types of fields and results are declared, so nothing here looks into the body of another method; a
lambda's parameters get their types from the call that the lambda is given to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, Op
from indexer.languages.java.contexts import DECLARED, STORED, Contexts
from indexer.languages.java.operations import arithmetic, join
from indexer.languages.java.types import (
    ARRAY,
    CLASS,
    FUNCTION,
    INT,
    NULL_TYPE,
    OBJECT,
    PRIMITIVE,
    STRING,
    ext,
    upper,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.languages.java.calls import Calls, Resolved
    from indexer.languages.java.rules import Rules
    from indexer.languages.java.types import FieldOf, Key, Type

_MAX_DEPTH = 150


class Place(NamedTuple):
    """What a name or access denotes: a value, a type, or the beginning of a qualified name.

    kind: "value", "type" or "package"; field: the field that holds the value; reason: the step that
    found it.
    """

    kind: str
    type_: Type | None
    field: FieldOf | None
    reason: str
    dotted: str = ""


class Evaluator:
    """Types of one file's expressions, memoised."""

    def __init__(self, rules: Rules, path: str, calls: Calls) -> None:
        self.rules = rules
        self.path = path
        self.index = rules.names.file(path)
        self.exprs = self.index.facts.exprs
        self._calls_of = calls
        self._types: dict[int, Type | None] = {}
        self._written: dict[int, Type | None] = {}
        self._places: dict[int, Place | None] = {}
        self._calls: dict[int, Resolved | None] = {}
        self._followed: dict[int, bool] = {}
        self._contexts: Contexts | None = None
        self._declared: dict[int, Type | None] = {}
        self._depth = 0

    # Types

    def type_(self, expr: int) -> Type | None:
        """The type of an expression's value; None when it is not known."""
        if expr == NONE:
            return None
        if expr in self._types:
            return self._types[expr]
        if self._depth > _MAX_DEPTH:
            return None
        self._types[expr] = None
        self._depth += 1
        row = self.exprs[expr]
        rule = _RULES.get(row[0])
        found = self._types[expr] = rule(self, expr, row) if rule is not None else None
        self._depth -= 1
        return found

    def written(self, expr: int) -> Type | None:
        """The type that an expression stands for, in the place of a type."""
        if expr not in self._written:
            self._written[expr] = self.rules.reader.of(self.path, expr)
        return self._written[expr]

    def given(self, expr: int) -> Type | None:
        """The type of an argument; a lambda or method reference waits for its parameter."""
        if expr != NONE and self.exprs[expr][0] in {Op.ARROW, Op.METHOD_REF}:
            return (FUNCTION, expr)
        return self.type_(expr)

    def const_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """A literal."""
        name = row[1]
        if name == "String":
            return STRING
        return NULL_TYPE if name == "null" else (PRIMITIVE, name)

    def named_rule(self, expr: int, _row: tuple[Any, ...]) -> Type | None:
        """A name or an access that holds a value."""
        place = self.place(expr)
        return place.type_ if place is not None and place.kind == "value" else None

    def called_rule(self, expr: int, _row: tuple[Any, ...]) -> Type | None:
        """What a call gives."""
        return self._calls_of.type_of(self, expr)

    def local_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """A local variable: as declared, else as initialised."""
        return self.written(row[2]) if row[2] != NONE else self.type_(row[3])

    def cast_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """The type that is written."""
        return self.written(row[1])

    def item_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """An element of an array."""
        owner = self.type_(row[1])
        return owner[1] if owner is not None and owner[0] == ARRAY else None

    def iter_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """What a loop goes through."""
        owner = self.rules.conversions.bounded(self.type_(row[1]))
        if owner is None or owner[0] == ARRAY:
            return None if owner is None else owner[1]
        if owner[0] != CLASS:
            return None
        seen = self.rules.classes.as_super(owner, ("ext", "java.lang.Iterable"))
        if seen is None or len(seen[2]) != 1:
            return OBJECT if seen is not None and not owner[2] else None
        return upper(seen[2][0]) or OBJECT

    def union_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """A conditional: of numbers the wider one, of references what all of them are."""
        return self.joined(row[1])

    def joined(self, exprs: tuple[int, ...]) -> Type | None:
        """What several alternatives are together."""
        found: Type | None = None
        for number, part in enumerate(exprs):
            type_ = self.type_(part)
            found = type_ if number == 0 else join(self.rules.conversions, found, type_)
            if found is None:
                return None
        return found

    def operator_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """Arithmetic and concatenation."""
        left = self.type_(row[2])
        return arithmetic(row[1], left, left if row[3] == NONE else self.type_(row[3]))

    def argument_rule(self, _expr: int, row: tuple[Any, ...]) -> Type | None:
        """A lambda's parameter."""
        wanted = self.target(row[1])
        function = self.rules.inference.function(wanted)
        position = int(row[2])
        if function is None or position >= len(function[0]):
            return None
        return upper(function[0][position])

    # Lambdas

    def target(self, number: str) -> Type | None:
        """The functional interface that a lambda is for."""
        if self._contexts is None:
            self._contexts = Contexts(self.index.facts)
        expr = self._contexts.arrows.get(number, NONE)
        return self.wanted(expr) if expr != NONE else None

    def wanted(self, expr: int) -> Type | None:
        """The type that is declared where an expression stands."""
        if expr not in self._declared:
            self._declared[expr] = None
            self._declared[expr] = self._wanted(expr)
        return self._declared[expr]

    def _wanted(self, expr: int) -> Type | None:
        if self._contexts is None:
            self._contexts = Contexts(self.index.facts)
        parent, position = self._contexts.of(expr)
        if parent == NONE:
            return None
        if position == DECLARED:
            return self.written(parent)
        if position == STORED:
            return self.type_(parent)
        row = self.exprs[parent]
        if row[0] in {Op.LOCAL, Op.CAST}:
            return self.written(row[2] if row[0] == Op.LOCAL else row[1])
        if row[0] == Op.UNION:
            return self.wanted(parent)
        if row[0] == Op.ARROW:
            function = self.rules.inference.function(self.wanted(parent))
            return function[1] if function is not None else None
        resolved = self.call(parent)
        return resolved.wanted(position) if resolved is not None else None

    # Names

    def place(self, expr: int) -> Place | None:
        """What a name or access denotes; None when nothing known has the name."""
        if expr not in self._places:
            row = self.exprs[expr]
            self._places[expr] = None
            if row[0] == Op.NAME:
                self._places[expr] = self._name(row)
            elif row[0] == Op.ATTR:
                self._places[expr] = self._access(row)
        return self._places[expr]

    def class_at(self, scope: int) -> Key | None:
        """The innermost class around a scope."""
        number = self.index.class_at(scope)
        return None if number == NONE else ("cls", self.path, number)

    def _name(self, row: tuple[Any, ...]) -> Place | None:
        scope, name = row[1], row[2]
        key = self.class_at(scope)
        if name == "this" or name == "super":
            if key is None:
                return None
            own = self.rules.classes.own_type(key)
            return Place("value", own if name == "this" else self.superclass(key), None, name)
        reason = "self"
        while key is not None:
            found = self.rules.classes.field(key, name)
            if found is not None:
                own = self.rules.classes.own_type(key)
                return Place("value", self.rules.field_type(found, own), found, reason)
            key, reason = self.rules.names.enclosing(key), "scope"
        return self._imported_field(name) or self._type_or_package(row, name)

    def superclass(self, key: Key) -> Type | None:
        """What `super` is: the superclass, in an interface nothing."""
        supers = self.rules.classes.declared(key).supers
        for base in supers:
            if not self.rules.classes.declared(base[1]).is_interface:
                return base
        return OBJECT

    def _imported_field(self, name: str) -> Place | None:
        for owner, is_named in self.rules.static_owners(self.path, name):
            found = self.rules.classes.field(owner, name)
            if found is not None:
                return Place("value", found.type_, found, "import")
            if is_named and not self.rules.classes.declared(owner).is_known and owner[0] == "ext":
                return None
        return None

    def _type_or_package(self, row: tuple[Any, ...], name: str) -> Place:
        type_ = self.rules.reader.of_row(self.path, row)
        if type_ is not None:
            reason = "import" if name in self.index.imports else "scope"
            return Place("type", type_, None, reason)
        return Place("package", None, None, "import", name)

    def _access(self, row: tuple[Any, ...]) -> Place | None:
        if row[1] == NONE:
            return None
        name = row[2]
        outer = self.exprs[row[1]]
        if name == "class":
            return Place("value", ext("java.lang.Class", self.written(row[1])), None, "type")
        owner = self.place(row[1]) if outer[0] in {Op.NAME, Op.ATTR} else None
        if owner is not None and owner.kind == "package":
            return self._qualified(f"{owner.dotted}.{name}")
        if owner is not None and owner.kind == "type":
            return self._of_type(owner, name)
        type_ = self.rules.conversions.bounded(self.type_(row[1]))
        if type_ is None:
            return None
        if type_[0] == ARRAY:
            return Place("value", INT, None, "type") if name == "length" else None
        if type_[0] != CLASS:
            return None
        found = self.rules.classes.field(type_[1], name)
        if found is None:
            return None
        reason = self.reason(row[1])
        return Place("value", self.rules.field_type(found, type_), found, reason)

    def reason(self, owner: int) -> str:
        """Why a member of an expression's value is meant."""
        row = self.exprs[owner]
        if row[0] == Op.NAME and row[2] in {"this", "super"}:
            return "self" if row[2] == "this" else "super"
        return "type"

    def _qualified(self, dotted: str) -> Place:
        found = self.rules.names.qualified(self.path, dotted)
        if found is not None:
            return Place("type", (CLASS, found, ()), None, "import")
        last = dotted.rpartition(".")[2]
        if last[:1].isupper() and dotted[:1].islower():
            return Place("type", (CLASS, ("ext", dotted), ()), None, "import")
        return Place("package", None, None, "import", dotted)

    def _of_type(self, owner: Place, name: str) -> Place | None:
        type_ = owner.type_
        if type_ is None or type_[0] != CLASS:
            return None
        if name in {"this", "super"}:
            own = self.rules.classes.own_type(type_[1])
            return Place("value", own, None, "scope" if name == "this" else "super")
        found = self.rules.classes.field(type_[1], name)
        if found is not None:
            return Place("value", found.type_, found, "class")
        inner = self.rules.names.member(type_[1], name)
        return None if inner is None else Place("type", (CLASS, inner, ()), None, owner.reason)

    # Calls

    def call(self, expr: int) -> Resolved | None:
        """What a call, a creation or a method reference leads to."""
        if expr not in self._calls:
            self._calls[expr] = None
            self._calls[expr] = self._calls_of.resolve(self, expr)
        return self._calls[expr]

    def is_outside(self, expr: int) -> bool:
        """True when a value of unknown type was made outside the repository."""
        if expr == NONE:
            return False
        row = self.exprs[expr]
        if row[0] in {Op.CALL, Op.NEW}:
            resolved = self.call(expr)
            return resolved is not None and self._gives_unknown(resolved)
        if row[0] in {Op.ATTR, Op.ITEM, Op.ITER}:
            type_ = self.type_(row[1]) if row[0] == Op.ATTR else None
            is_unknown = type_ is not None and type_[0] == CLASS and type_[1][0] == "ext"
            return is_unknown or self.is_outside(row[1])
        return row[0] == Op.LOCAL and row[2] == NONE and self.is_outside(row[3])

    def _gives_unknown(self, resolved: Resolved) -> bool:
        if resolved.outside is not None:
            return True
        symbols = [method.symbol for method in resolved.methods]
        return bool(symbols) and all(s is not None and s[0] == "ext" for s in symbols)

    def is_followed(self, expr: int) -> bool:
        """True when a value's type was inferred through a lambda or an open choice."""
        if expr == NONE:
            return False
        known = self._followed.get(expr)
        if known is None:
            self._followed[expr] = False
            known = self._followed[expr] = self._follows(expr)
        return known

    def _follows(self, expr: int) -> bool:
        row = self.exprs[expr]
        if row[0] == Op.ARGUMENT:
            return True
        if row[0] == Op.LOCAL:
            return row[2] == NONE and self.is_followed(row[3])
        if row[0] in {Op.ATTR, Op.ITEM, Op.ITER}:
            return self.is_followed(row[1])
        if row[0] == Op.CALL:
            resolved = self.call(expr)
            return (resolved is not None and not resolved.is_sure) or self.is_followed(row[1])
        return False


_RULES: dict[int, Callable[[Evaluator, int, tuple[Any, ...]], Type | None]] = {
    Op.CONST: Evaluator.const_rule,
    Op.NAME: Evaluator.named_rule,
    Op.ATTR: Evaluator.named_rule,
    Op.CALL: Evaluator.called_rule,
    Op.NEW: Evaluator.called_rule,
    Op.LOCAL: Evaluator.local_rule,
    Op.CAST: Evaluator.cast_rule,
    Op.ITEM: Evaluator.item_rule,
    Op.ITER: Evaluator.iter_rule,
    Op.UNION: Evaluator.union_rule,
    Op.OPERATOR: Evaluator.operator_rule,
    Op.ARGUMENT: Evaluator.argument_rule,
}
