"""Names that a Python file makes as it runs: global names, its own module, members of its classes.

Told from the facts alone. A member set by a literal name is left to whoever searches for the text
of it (`Around.may_be_set`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from indexer.facts import NONE, Op, ScopeKind

if TYPE_CHECKING:
    from indexer.languages.python.file_index import FileIndex

_IMPORTERS = frozenset({"import_module", "__import__", "getmodule", "reload"})
_FRAMES = frozenset({"f_globals", "f_locals"})
_PATHS = frozenset({"__path__", "meta_path", "path_hooks"})
_WITH_NAMESPACE = 2
_SETTER_ARGUMENTS = 3


class Computed(NamedTuple):
    """What a file adds that its text does not name.

    has_globals: global names of its own. is_open: attributes of the module as others see it.
    classes: numbers of the definitions that get members; None for all in the file.
    """

    has_globals: bool
    is_open: bool
    classes: frozenset[int] | None


def computed(index: FileIndex) -> Computed:
    """Look through the expressions of one file."""
    looking = _Looking(index)
    for row in index.facts.exprs:
        looking.look(row)
    for target, _ in index.facts.stores:
        looking.is_open |= looking.is_modules_item(index.expr(target))
    return looking.result()


class _Looking:
    def __init__(self, index: FileIndex) -> None:
        self._index = index
        self._has_globals = False
        self.is_open = False
        self._reaches_modules = False
        self._sets_any = False
        self._classes: set[int] = set()

    def result(self) -> Computed:
        # What is set on some object may be set on a module that was looked up.
        has_globals = self._has_globals or (self._sets_any and self._reaches_modules)
        classes = None if self._sets_any else frozenset(self._classes)
        return Computed(has_globals, has_globals or self.is_open, classes)

    def look(self, row: tuple[Any, ...]) -> None:
        """One expression."""
        if row[0] == Op.NAME:
            self._has_globals |= row[2] in {"globals", "execfile"}
            self.is_open |= row[2] in _PATHS
        elif row[0] == Op.ATTR and row[1] != NONE:
            self._attribute(row)
        elif row[0] == Op.ITEM:
            is_own = self._is_name(row[2], "__name__")
            self._has_globals |= is_own and self.is_modules_item(row)
        elif row[0] == Op.IMPORT_FROM:
            self._reaches_modules |= row[2:] == ("sys", "modules")
        elif row[0] == Op.CALL and row[1] != NONE:
            self._call(self._index.expr(row[1]), row[2])

    def _attribute(self, row: tuple[Any, ...]) -> None:
        name: str = row[2]
        self._has_globals |= name in _FRAMES
        self.is_open |= name in _PATHS
        self._reaches_modules |= name == "modules"
        if name == "__dict__":
            self._sets(row[1])

    def is_modules_item(self, row: tuple[Any, ...]) -> bool:
        """True for `sys.modules[…]`."""
        outer = self._index.expr(row[1]) if row[0] == Op.ITEM else row
        return row[0] == Op.ITEM and outer[-1] == "modules"

    def _is_name(self, expr: int, name: str) -> bool:
        row = self._index.expr(expr)
        return row[0] == Op.NAME and row[2] == name

    def _call(self, callee: tuple[Any, ...], arguments: tuple[int, ...]) -> None:
        if callee[0] not in {Op.NAME, Op.ATTR}:
            return
        name: str = callee[2]
        if name in _IMPORTERS:
            self._reaches_modules = True
            self._has_globals |= any(self._is_name(a, "__name__") for a in arguments)
        elif callee[0] == Op.ATTR:
            if name == "__setattr__" and len(arguments) == _SETTER_ARGUMENTS:
                self._set(arguments)
        elif name == "setattr":
            self._set(arguments)
        elif name in {"vars", "locals"} and not arguments:
            self._fills(callee[1])
        elif name == "vars":
            self._sets(arguments[0])
        elif name == "exec" and len(arguments) < _WITH_NAMESPACE:
            self._fills(callee[1])

    def _fills(self, scope: int) -> None:
        """The namespace of a scope is given away; that of a function takes no new names."""
        row = self._index.facts.scopes[scope]
        self._has_globals |= row.kind == ScopeKind.MODULE
        if row.kind == ScopeKind.CLASS:
            self._classes.add(row.definition)

    def _set(self, arguments: tuple[int, ...]) -> None:
        """`setattr(x, name, value)`; with stars among the arguments nothing is told."""
        if len(arguments) != _SETTER_ARGUMENTS:
            self._sets_any = True
        elif self._index.expr(arguments[1])[0] != Op.CONST:
            self._sets(arguments[0])

    def _sets(self, target: int) -> None:
        """Attributes of an object are set under names that are computed."""
        row = self._index.expr(target)
        cls = self._class_of_receiver(row[1], row[2]) if row[0] == Op.NAME else NONE
        if cls == NONE:
            self._sets_any = True
        else:
            self._classes.add(cls)

    def _class_of_receiver(self, scope: int, name: str) -> int:
        """The class of the method whose first parameter a name is; else `NONE`."""
        facts = self._index.facts
        while scope > 0:
            region = facts.scopes[scope]
            if self._index.binds(scope, name):
                if region.kind != ScopeKind.FUNCTION or self._index.scopes.get(scope, {}).get(name):
                    return NONE
                definition = facts.definitions[region.definition]
                is_first = self._index.parameters[scope].get(name) == 0
                is_static = "staticmethod" in definition.decorator_names
                return (
                    self._index.class_of(region.definition) if is_first and not is_static else NONE
                )
            scope = region.parent
        return NONE
