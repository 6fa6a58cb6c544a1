"""The side bar: a filter over a tree of folders, files and symbols; a file is read when opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Tree

from graphdb.errors import CodexGraphError
from tui.background import error_line
from tui.messages import Copy, OpenPlace, ShowContext, ShowGraph
from tui.models.explorer import Entry, symbol_entries
from tui.models.places import Place

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.widgets.tree import TreeNode

    from graphdb.symbols import Symbol
    from tui.desk import Desk


class EntryTree(Tree[Entry]):
    """The tree; letters move as in an editor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("h", "fold", show=False),
        Binding("l", "unfold", show=False),
        Binding("g,home", "scroll_home_row", show=False),
        Binding("G,end", "scroll_end_row", show=False),
    ]

    def action_fold(self) -> None:
        """Close this row, or go to the one above it."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.allow_expand:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    def action_unfold(self) -> None:
        """Open this row."""
        if self.cursor_node is not None:
            self.cursor_node.expand()

    def action_scroll_home_row(self) -> None:
        """Go to the first row."""
        self.cursor_line = 0

    def action_scroll_end_row(self) -> None:
        """Go to the last row."""
        self.cursor_line = self.last_line


class ExplorerPane(Vertical):
    """Files and symbols of the index."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", id="explorer.filter"),
        Binding("o", "open", "Open", id="explorer.open"),
        Binding("ctrl+g", "graph", "Graph", id="explorer.graph"),
        Binding("y", "copy", "Copy", id="explorer.copy"),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__(id="explorer")
        self._desk = desk

    def compose(self) -> ComposeResult:
        """The filter and the tree."""
        yield Input(placeholder="/ filter files", id="explorer-filter", compact=True)
        tree = EntryTree("", id="explorer-tree")
        tree.show_root = False
        tree.guide_depth = 2
        yield tree

    def refill(self) -> None:
        """Show the files that the graph has now, filtered as before."""
        tree = self.query_one(EntryTree)
        text = self.query_one(Input).value.strip()
        tree.clear()
        explorer = self._desk.explorer
        for entry in explorer.matching(text) if text else explorer.entries():
            self._add(tree.root, entry)
        if not explorer.paths:
            tree.root.add_leaf("nothing is indexed: F6")

    def focus_tree(self) -> None:
        """Put the cursor into the tree."""
        self.query_one(EntryTree).focus()

    @property
    def chosen(self) -> Symbol | None:
        """The symbol under the cursor."""
        node = self.query_one(EntryTree).cursor_node
        return node.data.symbol if node is not None and node.data is not None else None

    def action_filter(self) -> None:
        """Go to the filter."""
        self.query_one(Input).focus()

    def action_open(self) -> None:
        """Open what is under the cursor in the user's editor."""
        if place := self._place():
            self.post_message(OpenPlace(place, in_editor=True))

    def action_graph(self) -> None:
        """Show the neighbourhood of the symbol under the cursor."""
        if self.chosen is not None:
            self.post_message(ShowGraph(self.chosen))

    def action_copy(self) -> None:
        """Copy the full name or path under the cursor."""
        node = self.query_one(EntryTree).cursor_node
        if node is not None and node.data is not None:
            entry = node.data
            name = entry.symbol.full_name if entry.symbol else entry.path
            self.post_message(Copy(name, "name"))

    @on(Input.Changed, "#explorer-filter")
    def _filter_changed(self) -> None:
        self.refill()

    @on(Input.Submitted, "#explorer-filter")
    def _filter_done(self) -> None:
        self.focus_tree()

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Entry]) -> None:
        event.stop()
        entry = event.node.data
        if entry is None or event.node.children:
            return
        if entry.is_folder:
            for child in self._desk.explorer.entries(entry.path):
                self._add(event.node, child)
        elif entry.symbol is None:
            self._read_symbols(event.node, entry.path)

    @on(Tree.NodeHighlighted)
    def _highlighted(self, event: Tree.NodeHighlighted[Entry]) -> None:
        event.stop()
        if event.node.data is not None and event.node.data.symbol is not None:
            self.post_message(ShowContext(event.node.data.symbol))

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Entry]) -> None:
        event.stop()
        entry = event.node.data
        if entry is not None and not entry.is_folder and (place := self._place()):
            self.post_message(OpenPlace(place))

    @work
    async def _read_symbols(self, node: TreeNode[Entry], path: str) -> None:
        try:
            entries = await self._desk.ask(lambda reader: symbol_entries(reader, path))
        except CodexGraphError as error:
            node.add_leaf(Text(error_line(error), style="italic"))
            return
        for entry in entries:
            self._add(node, entry)
        if not entries:
            node.add_leaf(Text("no symbols", style="italic"))

    def _add(self, node: TreeNode[Entry], entry: Entry) -> None:
        # A Text, because a name may hold what markup would read.
        label = Text(entry.label + ("/" if entry.is_folder else ""))
        if not entry.may_open:
            node.add_leaf(label, entry)
            return
        child = node.add(label, entry)
        for inner in entry.children:
            self._add(child, inner)

    def _place(self) -> Place | None:
        node = self.query_one(EntryTree).cursor_node
        if node is None or node.data is None or node.data.is_folder:
            return None
        symbol = node.data.symbol
        line = (symbol.name_line or symbol.start_line or 1) if symbol else 1
        return Place(node.data.path, line)
