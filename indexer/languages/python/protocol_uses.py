"""Special methods that syntax and built-in functions run: `with`, `for`, operators, `len(x)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdb.schema import EdgeKind, Tier
from indexer.facts import NONE, Op
from indexer.languages.python.outside import HOLE
from indexer.languages.python.resolution import OVERRIDE
from indexer.solver import NOTHING

if TYPE_CHECKING:
    from graphdb.schema import Site as GraphSite
    from indexer.languages.python.lookup import Denotation
    from indexer.languages.python.resolution import Resolution
    from indexer.links import FileLinks, Symbol

_MANAGING = ("__enter__", "__exit__", "__aenter__", "__aexit__")
_REFLECTED = frozenset(
    {"add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift"}
    | {"and", "or", "xor"}
)
_BY_FUNCTION = {
    "len": ("__len__",),
    "str": ("__str__",),
    "repr": ("__repr__",),
    "bytes": ("__bytes__",),
    "bool": ("__bool__",),
    "int": ("__int__",),
    "float": ("__float__",),
    "hash": ("__hash__",),
    "abs": ("__abs__",),
    "round": ("__round__",),
    "format": ("__format__",),
    "dir": ("__dir__",),
    "reversed": ("__reversed__",),
    "next": ("__next__",),
    "anext": ("__anext__",),
}
_ITERATING = frozenset(
    {"iter", "list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any"}
    | {"all", "enumerate", "aiter"}
)


class ProtocolUses:
    """Adds the calls of special methods of one file."""

    def __init__(self, links: FileLinks, types: Resolution, flow: Resolution) -> None:
        self._links = links
        self._types = types
        self._flow = flow

    def statement(self, row: tuple[Any, ...], place: tuple[Symbol, GraphSite]) -> None:
        """A `with`, a loop, an operator or an item."""
        if self._run_row(row, place, self._types):
            self._run_row(row, place, self._flow)

    def function(
        self, name: str, arguments: tuple[int, ...], place: tuple[Symbol, GraphSite]
    ) -> None:
        """A call of a built-in function that asks its argument."""
        if not arguments or arguments[0] == NONE:
            return
        for view in (self._types, self._flow):
            owners = view.of(arguments[0])
            for owner in owners:
                if name in _ITERATING:
                    self._iterate(owner, arguments[0], place, view)
                else:
                    self._run((owner, arguments[0]), _BY_FUNCTION.get(name, ()), place, view)
            if HOLE not in owners:
                return

    def _run_row(
        self, row: tuple[Any, ...], place: tuple[Symbol, GraphSite], view: Resolution
    ) -> bool:
        """Run one use; True where types left a hole."""
        if row[0] == Op.OPERATOR:
            return self._operated(row, place, view)
        owners = view.of(row[1])
        for owner in owners:
            if row[0] == Op.ENTER:
                self._run((owner, row[1]), _MANAGING, place, view)
            else:
                self._iterate(owner, row[1], place, view)
        return HOLE in owners

    def _iterate(
        self, owner: Denotation, expr: int, place: tuple[Symbol, GraphSite], view: Resolution
    ) -> None:
        for iterator in self._run((owner, expr), ("__iter__", "__aiter__"), place, view):
            self._run((iterator, NONE), ("__next__", "__anext__"), place, view)

    def _operated(
        self, row: tuple[Any, ...], place: tuple[Symbol, GraphSite], view: Resolution
    ) -> bool:
        """An operator runs the left operand's method, else the right one's reflected method."""
        _, name, left, right = row
        names = [f"__{name}__"]
        if name.startswith("i") and name[1:] in _REFLECTED:
            names.append(f"__{name[1:]}__")
        values = view.of(left)
        for method in names:
            owners = [owner for owner in values if _special(owner, method, view)]
            for owner in owners:
                self._run((owner, left), (method,), place, view)
            if owners:
                return HOLE in values
        others = view.of(right) if name in _REFLECTED else NOTHING
        for owner in others:
            self._run((owner, right), (f"__r{name}__",), place, view)
        return HOLE in values or HOLE in others

    def _run(
        self,
        operand: tuple[Denotation, int],
        names: tuple[str, ...],
        place: tuple[Symbol, GraphSite],
        view: Resolution,
    ) -> list[Denotation]:
        """The special methods that an instance has are called; returns what they give.

        operand: a value, and the expression that may be it, or `NONE`.
        """
        found: list[Denotation] = []
        source, where = place
        owner, expr = operand
        reason = "protocol" if view is self._types else "flow"
        for name in names:
            members = _special(owner, name, view)
            for member, through in members:
                ends = (source, EdgeKind.CALLS, member)
                self._links.add(ends, Tier.INFERRED, reason, "operator", where)
                found += view.values.returned(member[1], member[2], through)
            for symbol in view.overriding(owner, expr, name) if members else ():
                ends = (source, EdgeKind.CALLS, symbol)
                self._links.add(ends, Tier.CANDIDATE, OVERRIDE, "operator", where)
        return found


def _special(owner: Denotation, name: str, view: Resolution) -> list[tuple[Denotation, Denotation]]:
    """A special method of an instance, with the owner it was found through."""
    members = view.values.attribute(owner, name) if owner[0] == "inst" else []
    return [(member, through) for member, through in members if member[0] == "fn"]
