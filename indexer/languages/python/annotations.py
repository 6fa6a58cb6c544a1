"""What a type annotation says a value is.

`Optional`, `Union`, `|`, `Annotated`, `ClassVar`, `type[...]`, `Self`, type variables and aliases
are seen through; a generic from outside keeps the instances of its last argument as its elements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.facts import NONE, BindKind, Op
from indexer.languages.python import outside
from indexer.solver import NOTHING

if TYPE_CHECKING:
    from indexer.facts import Definition
    from indexer.languages.python.hierarchy import Class, Hierarchy
    from indexer.languages.python.lookup import Denotation, Denotations, Names
    from indexer.solver import Values

_TRANSPARENT = frozenset(
    {
        "Annotated",
        "ClassVar",
        "Final",
        "Required",
        "NotRequired",
        "ReadOnly",
        "InitVar",
        "TypeGuard",
    }
    | {"Awaitable", "Coroutine"}
)
_SAYS_NOTHING = frozenset({"Any", "None", "object", "TypeAlias", "Optional", "Union"})
_UNIONS = frozenset({"Optional", "Union"})
_TYPES = ((("ext", "builtins.type"),), (("ext", "typing.Type"),))
_TYPE_VARIABLES = ((("ext", "typing.TypeVar"),), (("ext", "typing_extensions.TypeVar"),))
_MAX_DEPTH = 12


class Annotations:
    """Reads annotations of all files; pure look-ups by name."""

    def __init__(self, names: Names, hierarchy: Hierarchy) -> None:
        self._names = names
        self._hierarchy = hierarchy

    def of(self, path: str, expr: int, own: Class | None, depth: int = 0) -> Values:
        """Instances that the annotation admits; `own` is the class that `Self` means."""
        if expr == NONE or depth > _MAX_DEPTH:
            return NOTHING
        row = self._names.file(path).facts.exprs[expr]
        if row[0] in {Op.NAME, Op.ATTR}:
            return self._named(path, expr, own, depth)
        if row[0] == Op.UNION:
            return self._all(path, row[1], own, depth)
        if row[0] == Op.ITEM:
            return self._generic(path, row, own, depth)
        if row[0] == Op.CONST and len(row) > len(("op", "type")):
            return self._quoted(path, row[2], own, depth)
        return NOTHING

    def _quoted(self, path: str, text: str, own: Class | None, depth: int) -> Values:
        """A name in quotes, as aliases and the bounds of type variables have it."""
        first, *names = text.strip('"').split(".")
        found = self._names.lookup(path, 0, first)
        for name in names:
            found = self._names.attributes(found, name)
        return frozenset(v for d in found for v in self._instance(d, own, depth + 1))

    def is_self(self, path: str, definition: Definition) -> bool:
        """True for a method that says that it gives its receiver's class.

        By `Self`, or by the type variable that its first parameter has.
        """
        row = self._names.file(path).expr(definition.annotation)
        if row[0] not in {Op.NAME, Op.ATTR}:
            return False
        said = self._names.static(path, definition.annotation)
        if any(d[0] == "ext" and d[1].endswith(".Self") for d in said):
            return True
        return bool(said) and said == self.variable_of_receiver(path, definition)

    def variable_of_receiver(self, path: str, definition: Definition) -> Denotations:
        """The type variable of a method's first parameter, `T` of `self: T` or `cls: type[T]`."""
        expr = definition.parameters[0].annotation if definition.parameters else NONE
        row = self._names.file(path).expr(expr)
        if row[0] == Op.ITEM and self._names.static(path, row[1]) in _TYPES:
            expr = row[2]
            row = self._names.file(path).expr(expr)
        if row[0] not in {Op.NAME, Op.ATTR}:
            return ()
        found = self._names.static(path, expr)
        return found if found and all(self._is_type_variable(d) for d in found) else ()

    def _is_type_variable(self, denotation: Denotation) -> bool:
        if denotation[0] != "var":
            return False
        path, scope, name = denotation[1], denotation[2], denotation[3]
        index = self._names.file(path)
        rows = (index.expr(row.value) for row in index.bindings(scope, name))
        return any(
            row[0] == Op.CALL and self._names.static(path, row[1]) in _TYPE_VARIABLES
            for row in rows
        )

    def _all(self, path: str, parts: tuple[int, ...], own: Class | None, depth: int) -> Values:
        found = NOTHING
        for part in parts:
            found |= self.of(path, part, own, depth + 1)
        return found

    def _named(self, path: str, expr: int, own: Class | None, depth: int) -> Values:
        found = NOTHING
        for denotation in self._names.static(path, expr):
            found |= self._instance(denotation, own, depth)
        return found

    def _instance(self, denotation: Denotation, own: Class | None, depth: int) -> Values:
        kind = denotation[0]
        if kind == "cls":
            return frozenset({("inst", denotation[1], denotation[2])})
        if kind == "ext":
            last = denotation[1].rpartition(".")[2]
            if last == "Self" and own is not None:
                return frozenset({("inst", *own)})
            if last in _TRANSPARENT or last in _SAYS_NOTHING:
                return NOTHING
            return frozenset({outside.instance(denotation[1])})
        if kind == "var":
            return self._alias(denotation, own, depth)
        return NOTHING

    def _alias(self, variable: Denotation, own: Class | None, depth: int) -> Values:
        """A type alias stands for its value; a type variable for its bound or constraints."""
        path, scope, name = variable[1], variable[2], variable[3]
        found = NOTHING
        facts = self._names.file(path).facts
        for row in self._names.file(path).scopes.get(scope, {}).get(name, []):
            if row.kind != BindKind.ASSIGN or row.value == NONE:
                continue
            value = facts.exprs[row.value]
            if value[0] == Op.CALL:
                found |= self._type_variable(path, value, own, depth)
            else:
                found |= self.of(path, row.value, own, depth + 1)
        return found

    def _type_variable(
        self, path: str, call: tuple[Any, ...], own: Class | None, depth: int
    ) -> Values:
        made = self._names.static(path, call[1])
        last = {d[1].rpartition(".")[2] for d in made if d[0] == "ext"}
        if "NewType" in last and len(call[2]) > 1:
            return self.of(path, call[2][1], own, depth + 1)
        if "TypeVar" not in last:
            return NOTHING
        bounds = tuple(value for key, value in call[3] if key == "bound")
        return self._all(path, bounds or call[2][1:], own, depth)

    def _generic(self, path: str, row: tuple[Any, ...], own: Class | None, depth: int) -> Values:
        argument = self._names.file(path).expr(row[2])
        parts: tuple[int, ...] = (row[2],)
        if argument[0] == Op.LIST and argument[1] == "tuple":
            parts = argument[2]
        found = NOTHING
        for base in self._names.static(path, row[1]):
            if base[0] == "cls":
                found |= {("inst", base[1], base[2])}
            elif base[0] == "ext":
                found |= self._external_generic(base[1], path, parts, own, depth)
            elif base[0] == "var":
                found |= self._alias(base, own, depth + 1)
        return found

    def _external_generic(
        self, name: str, path: str, parts: tuple[int, ...], own: Class | None, depth: int
    ) -> Values:
        last = name.rpartition(".")[2]
        if last in _UNIONS:
            return self._all(path, parts, own, depth)
        if last in _TRANSPARENT:
            position = -1 if last == "Coroutine" else 0
            return self.of(path, parts[position], own, depth + 1)
        if last in {"type", "Type"}:
            instances = self.of(path, parts[0], own, depth + 1)
            return frozenset(("cls", v[1], v[2]) for v in instances if v[0] == "inst")
        if last == "Callable":
            made = self.of(path, parts[-1], own, depth + 1)
            return frozenset({("xcall", None), *(("xcall", v) for v in made if v[0] != "xinst")})
        if last == "Literal":
            return NOTHING
        said = [self.of(path, p, own, depth + 1) if p != NONE else None for p in parts]
        return outside.generic(name, said)
