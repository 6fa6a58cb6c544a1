"""`get_class` and `get_siblings`: what a class has, and which classes were written like it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.tool import Parameter, ToolResult
from agent.tools.code import NAME, OFFSET, signature
from agent.tools.lookup import UnknownNameError, item_of, look, paged, symbol_called
from graphdb.queries.implementing import abstract_members, constructors
from graphdb.queries.members import members_of, owners_of
from graphdb.queries.siblings import classes_in, siblings
from graphdb.queries.source import sources_of
from graphdb.queries.traits import Traits, traits_of
from graphdb.queries.type_hierarchy import supertypes
from graphdb.retrieval.words import terms
from graphdb.schema import NodeKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.tool import Item
    from graphdb.store import GraphReader
    from graphdb.symbols import Symbol

_CLASSES = (NodeKind.CLASS,)
_VISIBLE = {"public": ("public",), "protected": ("public", "protected", "package"), "all": ()}
_MEMBER_NAMES = 12
"""How many member names of a sibling are shown."""


class GetClass:
    """The face of a class."""

    name = "get_class"
    description = (
        "What a class has: its constructors, the abstract members that a subclass must still "
        "implement (marked 'to implement'), its members, then inherited ones below the class that "
        "they come from. With a query, the members that fit it best come first."
    )
    parameters = (
        NAME,
        Parameter("query", "string", "what the members are wanted for"),
        Parameter(
            "include", "string", "how visible members must be", default="protected",
            choices=tuple(_VISIBLE),
        ),
        OFFSET,
    )  # fmt: skip
    budget = 800

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """The class's own line, then one item a member."""
        try:
            owner = symbol_called(self._reader, arguments["name"], _CLASSES)
        except UnknownNameError as error:
            return error.result
        if owner.kind is not NodeKind.CLASS:
            around = owners_of(self._reader, [owner])
            near = tuple(s.full_name for s in around)
            error = f"{owner.full_name} is a {owner.kind.value.lower()}, no class"
            return ToolResult(error=error, near=near)
        first = constructors(self._reader, owner)
        missing = abstract_members(self._reader, owner)
        members = members_of(self._reader, [owner])
        traits = traits_of(self._reader, [owner, *first, *missing, *members])
        wanted = _VISIBLE[arguments["include"]]

        def is_wanted(symbol: Symbol) -> bool:
            return not wanted or traits[symbol.uid].visibility in (*wanted, None)

        leading = {s.uid: s for s in (*filter(is_wanted, first), *missing)}
        rest = [s for s in members if is_wanted(s) and s.uid not in leading]
        rest = self._ordered(owner, rest, str(arguments["query"] or ""))
        to_implement = {s.uid for s in missing}
        shown = [owner, *leading.values(), *(s for s in rest if s.kind in _MEMBERS)]
        items = self._items(shown, traits, to_implement)
        return paged(items, arguments["offset"], notes=self._notes(owner))

    def _ordered(self, owner: Symbol, members: Sequence[Symbol], query: str) -> list[Symbol]:
        """By fit to the query; else own ones before inherited ones, methods before fields."""
        if query:
            asked = set(terms(query))
            return sorted(members, key=lambda s: (-_fit(s, asked), s.name))
        bases = [row.symbol.full_name for row in supertypes(self._reader, owner).items]
        rank = {name: number for number, name in enumerate([owner.full_name, *bases])}

        def order(symbol: Symbol) -> tuple[int, str, bool, int]:
            of = symbol.full_name.rpartition(".")[0]
            line = symbol.start_line or 0
            return rank.get(of, len(rank)), of, symbol.kind is NodeKind.FIELD, line

        return sorted(members, key=order)

    def _items(
        self, shown: Sequence[Symbol], traits: Mapping[str, Traits], missing: set[str]
    ) -> list[Item]:
        fields = [s for s in shown if s.kind is NodeKind.FIELD]
        codes = {s.symbol.uid: s.code or "" for s in sources_of(self._reader, fields)}
        items: list[Item] = []
        for symbol in shown:
            if symbol.uid in codes:
                text = look(symbol, codes[symbol.uid])
            else:
                text = signature(symbol, traits[symbol.uid])
            mark = "to implement: " if symbol.uid in missing else ""
            items.append(item_of(symbol, mark + text))
        return items

    def _notes(self, owner: Symbol) -> list[str]:
        bases = [row.symbol for row in supertypes(self._reader, owner).items]
        outside = [s.full_name for s in bases if s.kind is NodeKind.EXTERNAL]
        if not outside:
            return []
        return [f"bases outside the repository, whose members are not known: {', '.join(outside)}"]


_MEMBERS = (NodeKind.METHOD, NodeKind.FIELD, NodeKind.CLASS)


def _fit(symbol: Symbol, asked: set[str]) -> int:
    """How many of the wanted words a member has, those of its name threefold."""
    name, other = set(terms(symbol.name)), f"{symbol.signature or ''} {symbol.docstring or ''}"
    return 3 * len(asked & name) + len(asked & set(terms(other)))


class GetSiblings:
    """Classes to write another one by."""

    name = "get_siblings"
    description = (
        "Classes made for the same purpose, to see how such a class is written here: the "
        "subclasses of a base class, the classes beside a class, or those of a package; those "
        "whose member names are nearest come first."
    )
    parameters = (
        Parameter("name", "string", "a base class, class, module or package", is_required=True),
        Parameter("like", "strings", "member names that the wanted class has"),
        Parameter("k", "integer", "how many", default=8, maximum=50),
        OFFSET,
    )
    budget = 500

    def __init__(self, reader: GraphReader) -> None:
        self._reader = reader

    def run(self, arguments: Mapping[str, Any]) -> ToolResult:
        """One item a class, with the names of its members."""
        like = tuple(arguments["like"] or ())
        try:
            symbol = symbol_called(self._reader, arguments["name"], (*_CLASSES, NodeKind.MODULE))
        except UnknownNameError as error:
            found = classes_in(self._reader, arguments["name"].strip(), like)
            if not found:
                return error.result
        else:
            if symbol.kind not in (*_CLASSES, NodeKind.MODULE, NodeKind.EXTERNAL):
                error = f"{symbol.full_name} is a {symbol.kind.value.lower()}: name a class"
                return ToolResult(error=error)
            found = siblings(self._reader, symbol, like)
        items: list[Item] = []
        for sibling in found:
            names = [*sibling.shared, *(n for n in sibling.members if n not in sibling.shared)]
            shown = ", ".join(names[:_MEMBER_NAMES])
            more = f" and {len(names) - _MEMBER_NAMES} more" if len(names) > _MEMBER_NAMES else ""
            text = look(sibling.symbol)
            items.append(item_of(sibling.symbol, f"{text}: {shown}{more}" if names else text))
        return paged(items, arguments["offset"], max(1, arguments["k"]))
