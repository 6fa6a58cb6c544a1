"""A tree over one kind of relation, such as callers of callers; a level is read when opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Tree

from graphdb.errors import CodexGraphError
from graphdb.schema import DEFAULT_TIERS, Tier
from tui.background import error_line
from tui.models.drawing import short_name
from tui.models.explorer import MARKS
from tui.models.trees import children

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from graphdb.symbols import Relation, Symbol
    from tui.desk import Desk

MAX_ROWS = 200


class RelationTree(Tree["Symbol"]):
    """The tree; its first row is the symbol that was asked about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("c", "centre", "Centre", id="tree.centre"),
    ]

    class Chosen(Message):
        """A symbol is to be the centre."""

        def __init__(self, symbol: Symbol) -> None:
            super().__init__()
            self.symbol = symbol

    def __init__(self, desk: Desk, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__("", id=id)
        self._desk = desk
        self._kind = "callers"
        self._tiers: tuple[Tier, ...] = DEFAULT_TIERS
        self.guide_depth = 3

    def show(self, symbol: Symbol, kind: str, tiers: tuple[Tier, ...]) -> None:
        """Show the tree of another symbol or kind."""
        self._kind, self._tiers = kind, tiers
        self.clear()
        self.root.data = symbol
        self.root.set_label(_symbol_text(symbol))
        self.root.expand()
        self._read(self.root, symbol)

    @property
    def chosen(self) -> Symbol | None:
        """The symbol under the cursor."""
        return self.cursor_node.data if self.cursor_node is not None else None

    def action_centre(self) -> None:
        """Make the symbol under the cursor the centre."""
        if self.chosen is not None:
            self.post_message(self.Chosen(self.chosen))

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Symbol]) -> None:
        event.stop()
        node = event.node
        if node.data is not None and not node.children and node is not self.root:
            self._read(node, node.data)

    @work
    async def _read(self, node: TreeNode[Symbol], symbol: Symbol) -> None:
        kind, tiers = self._kind, self._tiers
        try:
            rows = await self._desk.ask(lambda reader: children(reader, kind, symbol, tiers))
        except CodexGraphError as error:
            node.add_leaf(Text(error_line(error), style="italic"))
            return
        above = _above(node)
        for row in rows[:MAX_ROWS]:
            # A symbol that stands above itself is not opened once more.
            is_again = row.symbol.uid in above
            node.add(_row_text(row, is_again), row.symbol, allow_expand=not is_again)
        if len(rows) > MAX_ROWS:
            node.add_leaf(Text(f"… {len(rows) - MAX_ROWS} more", style="italic"))
        if not rows and node is self.root:
            node.add_leaf(Text(f"no {kind}", style="italic"))
        if not rows:
            node.allow_expand = node is self.root


def _symbol_text(symbol: Symbol) -> Text:
    return Text.assemble(
        f"{MARKS[symbol.kind]} ", short_name(symbol), (f"  {symbol.location}", "dim")
    )


def _row_text(row: Relation, is_again: bool) -> Text:
    sure = "" if row.tier is Tier.EXACT else f"  {row.tier.value}"
    again = "  (again)" if is_again else ""
    return Text.assemble(
        f"{MARKS[row.symbol.kind]} ",
        short_name(row.symbol),
        (f"  {row.location}{sure}{again}", "dim"),
    )


def _above(node: TreeNode[Symbol]) -> set[str]:
    found: set[str] = set()
    at: TreeNode[Symbol] | None = node
    while at is not None:
        if at.data is not None:
            found.add(at.data.uid)
        at = at.parent
    return found
