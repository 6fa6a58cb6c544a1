"""Expressions whose class is told by the text around them, without following any value.

A constructor's result, a method's receiver, a parameter, variable or function's result with an
annotation, a class by its name. Everything else is left alone: what a value may be is no proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, BindKind, Op

if TYPE_CHECKING:
    from indexer.facts import Binding, Parameter
    from indexer.languages.python.hierarchy import Class
    from indexer.languages.python.link import PythonLinker
    from indexer.languages.python.lookup import Denotation

_OPTIONAL = (("ext", "typing.Optional"),)
_NONE_TYPE = (Op.CONST, "NoneType")
_ON_CLASS = frozenset({"__new__", "__init_subclass__", "__class_getitem__"})


class Receiver(NamedTuple):
    """What an expression surely is. is_class: the class itself; is_exact: no subclass of it."""

    cls: Class
    is_class: bool
    is_exact: bool


class Receivers:
    """Answers for the expressions of one file."""

    def __init__(self, linker: PythonLinker, path: str) -> None:
        self._names = linker.names
        self._path = path
        self._index = linker.names.file(path)
        self._facts = self._index.facts

    def module(self, expr: int) -> Denotation | None:
        """The module of the repository that an expression names."""
        found = self._names.static(self._path, expr)
        return found[0] if len(found) == 1 and found[0][0] == "mod" else None

    def of(self, expr: int) -> Receiver | None:
        """What an expression surely is, None where that is not told."""
        row = self._facts.exprs[expr]
        if row[0] == Op.CALL:
            return self._made(row)
        if row[0] == Op.ATTR:
            cls = self._class(expr)
            return Receiver(cls, is_class=True, is_exact=True) if cls else None
        if row[0] != Op.NAME or (len(row) > len(("op", "scope", "name")) and row[4] != NONE):
            return None
        return self._variable(row)

    def _class(self, expr: int) -> Class | None:
        found = self._names.static(self._path, expr)
        return (found[0][1], found[0][2]) if len(found) == 1 and found[0][0] == "cls" else None

    def _made(self, row: tuple[Any, ...]) -> Receiver | None:
        """A call of a class, by its name."""
        if row[1] == NONE or self._facts.exprs[row[1]][0] not in {Op.NAME, Op.ATTR}:
            return None
        cls = self._class(row[1])
        if cls is None:
            return self._returned(row[1])
        return Receiver(cls, is_class=False, is_exact=True)

    def _returned(self, callee: int) -> Receiver | None:
        """What a plain function of a module is declared to return."""
        found = self._names.static(self._path, callee)
        if len(found) != 1 or found[0][0] != "fn":
            return None
        path, number = found[0][1], found[0][2]
        definition = self._names.definition(path, number)
        is_plain = not definition.decorators and not definition.flags and definition.scope == 0
        return self._annotated(path, definition.annotation) if is_plain else None

    def _variable(self, row: tuple[Any, ...]) -> Receiver | None:
        name: str = row[2]
        scope = self._names.scope_of(self._path, row[1], name)
        if scope == NONE:
            return None
        bound = self._index.bindings(scope, name)
        position = self._index.parameters.get(scope, {}).get(name)
        if position is not None:
            return None if bound else self._parameter(scope, position)
        if len(bound) != 1:
            return None
        return self._bound(bound[0])

    def _bound(self, binding: Binding) -> Receiver | None:
        if binding.kind in {BindKind.DEFINITION, BindKind.IMPORT}:
            found = self._names.of_bindings(self._path, binding.scope, binding.name, [binding])
            if len(found) == 1 and found[0][0] == "cls":
                return Receiver((found[0][1], found[0][2]), is_class=True, is_exact=True)
            return None
        if binding.kind != BindKind.ASSIGN or binding.value == NONE or self._is_rebound(binding):
            return None
        if binding.annotation != NONE:
            return self._annotated(self._path, binding.annotation)
        value = self._facts.exprs[binding.value]
        return self._made(value) if value[0] == Op.CALL else None

    def _is_rebound(self, binding: Binding) -> bool:
        """True when another scope or file may bind the variable too."""
        return binding.scope == 0 and any(
            binding.name in scope.globals for scope in self._facts.scopes
        )

    def _parameter(self, scope: int, position: int) -> Receiver | None:
        number = self._facts.scopes[scope].definition
        definition = self._facts.definitions[number]
        parameter: Parameter = definition.parameters[position]
        owner = self._index.class_of(number)
        if parameter.kind in {"*", "**"}:
            return None
        if position == 0 and owner != NONE and "staticmethod" not in definition.decorator_names:
            is_class = definition.name in _ON_CLASS or "classmethod" in definition.decorator_names
            is_plain = is_class or not any(n != "property" for n in definition.decorator_names)
            return Receiver((self._path, owner), is_class, is_exact=False) if is_plain else None
        return self._annotated(self._path, parameter.annotation)

    def _annotated(self, path: str, annotation: int) -> Receiver | None:
        """What an annotation of a file says: a class, or a class or None."""
        index = self._names.file(path)
        row = index.expr(annotation)
        if row[0] == Op.UNION:
            # None has no member that is not every object's.
            rest: list[int] = [e for e in row[1] if index.expr(e) != _NONE_TYPE]
            annotation = rest[0] if len(rest) == 1 else NONE
        elif row[0] == Op.ITEM and self._names.static(path, row[1]) == _OPTIONAL:
            annotation = row[2]
        if index.expr(annotation)[0] not in {Op.NAME, Op.ATTR}:
            return None
        found = self._names.static(path, annotation)
        if len(found) != 1 or found[0][0] != "cls":
            return None
        return Receiver((found[0][1], found[0][2]), is_class=False, is_exact=False)
